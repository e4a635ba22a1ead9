// SPDX-License-Identifier: GPL-3.0-or-later
// The MIDI ear says what sounds and what begins; the other ears take that in place of sound, each at its own step: the
// beat's is one of ours, the chord's one and two thirds. The beat's network is shown the bands that the notes
// would fill, for it knows from sound what a beat is.
#include "hear/hear_notes.h"

#include "core/denormals.h"
#include "hear/beat.h"
#include "hear/chord_ear.h"
#include "hear/key_ear.h"
#include "hear/note_bands.h"
#include "hear/note_chroma.h"
#include "hear/tell.h"

#include <stdlib.h>

_Static_assert((int)MIDI_EAR_BANDS == (int)ONSET_BANDS, "low, mid, high");

enum { HARMONY_RATE = 12000 };

struct hear_notes {
    struct midi_ear *ear;
    struct note_bands *bands;
    struct note_chroma chroma;
    struct beat *beat;
    struct chord_ear *chord;
    struct key_ear *key;
    uint64_t steps, harmony_steps;
    struct context context;
    struct context_board board;
};

enum status hear_notes_new(struct hear_notes **out, struct complaint *complaint)
{
    struct hear_notes *notes = calloc(1, sizeof *notes);
    if (!notes) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    notes->ear = midi_ear_new();
    notes->bands = note_bands_new((double)HEAR_NOTES_STEP / HEAR_NOTES_RATE);
    enum status status =
        notes->ear && notes->bands ? STATUS_OK : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    status = status ? status : beat_new(HEAR_NOTES_RATE, &notes->beat, complaint);
    status = status ? status : chord_ear_new(HARMONY_RATE, &notes->chord, complaint);
    status = status ? status : key_ear_new(&notes->key, complaint);
    if (status != STATUS_OK) {
        hear_notes_free(notes);
        return status;
    }
    note_chroma_init(&notes->chroma, (double)chord_ear_step(notes->chord) / HARMONY_RATE);
    notes->context.rate = HEAR_NOTES_RATE;
    context_put(&notes->board, &notes->context);
    *out = notes;
    return STATUS_OK;
}

void hear_notes_free(struct hear_notes *notes)
{
    if (notes) {
        midi_ear_free(notes->ear);
        note_bands_free(notes->bands);
        beat_free(notes->beat);
        chord_ear_free(notes->chord);
        key_ear_free(notes->key);
        free(notes);
    }
}

void hear_notes_push(struct hear_notes *notes, double time, uint8_t status, uint8_t first, uint8_t second)
{
    // One that claims to come later than the step that runs would hold up all that follow it.
    const double end = (double)((notes->steps + 1) * HEAR_NOTES_STEP) / HEAR_NOTES_RATE;
    midi_ear_push(notes->ear, time > end ? end : time < 0.0 ? 0.0 : time, status, first, second);
}

static void step_onsets(struct hear_notes *notes, struct told *told) REALTIME;

static void step_onsets(struct hear_notes *notes, struct told *told)
{
    struct midi_onset onset;
    for (int i = 0; i < MIDI_EAR_ONSETS && midi_ear_onset(notes->ear, &onset); i++) {
        const struct onset_event heard = {
            .strength = onset.strength, .band = (enum onset_band)onset.band, .pitched = !onset.drum};
        tell_onset(told, &notes->context, &heard, onset.time * HEAR_NOTES_RATE);
    }
}

static void step_beat(struct hear_notes *notes, double now, struct told *told) REALTIME;

static void step_beat(struct hear_notes *notes, double now, struct told *told)
{
    struct beat_event heard;
    const bool stated = beat_push_values(notes->beat, note_bands_row(notes->bands, notes->ear, now), &heard);
    struct beat_state state;
    beat_state(notes->beat, &state);
    tell_beat_state(&notes->context, &state, state.next);
    if (stated) {
        tell_beat(told, &notes->context, &state, &heard, heard.frame);
    }
}

static void step_key(struct hear_notes *notes, struct told *told) REALTIME;

static void step_key(struct hear_notes *notes, struct told *told)
{
    struct key_event heard;
    if (key_ear_push(notes->key, chord_ear_evidence(notes->chord), &heard)) {
        tell_key(told, &notes->context, &heard, (double)notes->context.frame);
    }
    notes->context.key.confidence = key_ear_now(notes->key)->confidence;
}

static void step_harmony(struct hear_notes *notes, double time, struct told *told) REALTIME;

static void step_harmony(struct hear_notes *notes, double time, struct told *told)
{
    struct chroma_frame seen = {.frame = 0.0};
    note_chroma_look(&notes->chroma, notes->ear, time, &seen);
    const bool has_beat = notes->context.beat.tempo > 0.0;
    const struct beat_hint hint = {.frame = has_beat ? notes->context.beat.next_frame * HARMONY_RATE / HEAR_NOTES_RATE
                                                     : -1.0,
                                   .confidence = notes->context.beat.confidence};
    struct chord_event heard;
    if (chord_ear_push_frame(notes->chord, &seen, &hint, &heard)) {
        tell_chord(told, &notes->context, &heard, (double)notes->context.frame);
    }
    notes->context.chord.confidence = chord_ear_now(notes->chord)->confidence;
    step_key(notes, told);
}

static void read_dynamics(struct hear_notes *notes, double now) REALTIME;

static void read_dynamics(struct hear_notes *notes, double now)
{
    struct midi_dynamics played;
    midi_ear_dynamics(notes->ear, now, &played);
    notes->context.level.rms_db = notes->context.level.peak_db = played.level;
    notes->context.level.momentary = notes->context.level.short_term = notes->context.level.integrated = played.level;
    notes->context.level.slope_db_s = played.slope;
    notes->context.level.slope_confidence = played.slope_confidence;
    notes->context.onsets.a_second = played.density;
}

size_t hear_notes_step(struct hear_notes *notes, struct hear_event *events)
{
    const uint64_t before = denormals_flush();
    struct told told = {.events = events};
    notes->context.frame = ++notes->steps * HEAR_NOTES_STEP;
    const double now = (double)notes->context.frame / HEAR_NOTES_RATE;
    midi_ear_pass(notes->ear, now);
    step_onsets(notes, &told);
    step_beat(notes, now, &told);
    const double harmony_s = (double)chord_ear_step(notes->chord) / HARMONY_RATE;
    while ((double)(notes->harmony_steps + 1) * harmony_s <= now) {
        notes->harmony_steps++;
        step_harmony(notes, (double)notes->harmony_steps * harmony_s, &told);
    }
    read_dynamics(notes, now);
    context_put(&notes->board, &notes->context);
    denormals_restore(before);
    return told.count;
}

const struct context_board *hear_notes_board(const struct hear_notes *notes)
{
    return &notes->board;
}

const struct midi_ear_counts *hear_notes_counts(const struct hear_notes *notes)
{
    return midi_ear_counts(notes->ear);
}
