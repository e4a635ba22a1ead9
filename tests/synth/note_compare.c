// SPDX-License-Identifier: GPL-3.0-or-later
// One note at a time: program, note-on, hold, note-off, tail, all sound off, and then as long as it takes for the
// voices to be gone. Every note starts on a multiple of 64 frames, where FluidSynth takes note of it at once.
#include "note_compare.h"

#include "note_measure.h"
#include "note_pitch.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 64, CONTROLLER_BANK = 0, CONTROLLER_SOUND_OFF = 120, GAP_BLOCKS = 512, SETTLE_BLOCKS = 4 };

static const double PITCH_LIMIT = 1;    // cents
static const double LEVEL_LIMIT = 0.5;  // dB
static const double TIME_LIMIT = 2;     // ms
static const double TIME_PART = 0.05;   // or that part
static const double CENTROID_LIMIT = 3; // %
static const double SIDE_DB = 30;       // a side so much weaker is not heard
static const double COHERENT = 0.5;

static size_t blocks_of(double seconds)
{
    return (size_t)lround(seconds * NOTE_RATE / BLOCK);
}

static void render_blocks(struct instrument *instrument, struct note *note, size_t blocks, bool to_end)
{
    for (size_t i = 0; i < blocks && note->count + BLOCK <= NOTE_FRAMES; i++) {
        if (to_end && instrument_voices(instrument) == 0) {
            return;
        }
        instrument_render(instrument, note->left + note->count, note->right + note->count, BLOCK);
        note->count += BLOCK;
    }
}

static void render_gap(struct instrument *instrument)
{
    float left[BLOCK];
    float right[BLOCK];
    for (int i = 0; i < GAP_BLOCKS && (i < SETTLE_BLOCKS || instrument_voices(instrument) > 0); i++) {
        instrument_render(instrument, left, right, BLOCK);
    }
}

static void render_note(struct instrument *instrument, const struct note_grid *grid, const struct note_result *which,
                        struct note *note)
{
    const int channel = which->drum ? NOTE_DRUM_CHANNEL : 0;
    note_clear(note);
    instrument_note_on(instrument, channel, which->key, which->velocity);
    render_blocks(instrument, note, blocks_of(grid->hold_s), false);
    note->held = note->count;
    instrument_note_off(instrument, channel, which->key);
    render_blocks(instrument, note, blocks_of(grid->tail_s), true);
    instrument_controller(instrument, channel, CONTROLLER_SOUND_OFF, 0);
    render_gap(instrument);
}

static void set(struct note_result *result, enum note_feature feature, double reference, double tested, double limit)
{
    result->reference[feature] = reference;
    result->tested[feature] = tested;
    result->error[feature] = tested - reference;
    result->excess[feature] = fabs(tested - reference) / limit;
}

/// A time is off by how far the tested one, early or late as it may be, is from the reference's.
static void set_time(struct note_result *result, enum note_feature feature, struct note_time reference,
                     struct note_time tested)
{
    const double limit = fmax(TIME_LIMIT, TIME_PART * 1000 * reference.at);
    const double off = fmax(0, fmax(tested.early - reference.at, reference.at - tested.late));
    set(result, feature, 1000 * reference.at, 1000 * tested.at, limit);
    result->error[feature] = copysign(1000 * off, tested.at - reference.at);
    result->excess[feature] = 1000 * off / limit;
}

static void compare_levels(struct note_result *result, const struct note_features *a, const struct note_features *b)
{
    set(result, NOTE_LEVEL, a->level, b->level, LEVEL_LIMIT);
    const double sides[2][2] = {{a->left, b->left}, {a->right, b->right}};
    for (int i = 0; i < 2; i++) {
        const bool heard = fmax(sides[i][0], sides[i][1]) > fmax(a->level, b->level) - SIDE_DB;
        if (heard && fabs(sides[i][1] - sides[i][0]) > fabs(result->error[NOTE_LEVEL])) {
            set(result, NOTE_LEVEL, sides[i][0], sides[i][1], LEVEL_LIMIT);
        }
    }
}

/// By 20 dB, or as far as both fall where that is less; and by as far as both fall, to 60 dB.
static void compare_releases(struct note_result *result, const struct note_features *a, const struct note_features *b)
{
    int deepest = NOTE_FALLS - 1;
    while (deepest >= 0 && (isnan(a->falls[deepest].at) || isnan(b->falls[deepest].at))) {
        deepest--;
    }
    if (deepest < 0) {
        return;
    }
    const int near = deepest < 20 / NOTE_FALL_STEP - 1 ? deepest : 20 / NOTE_FALL_STEP - 1;
    set_time(result, NOTE_RELEASE, a->falls[near], b->falls[near]);
    const double excess = result->excess[NOTE_RELEASE];
    set_time(result, NOTE_RELEASE, a->falls[deepest], b->falls[deepest]);
    if (excess > result->excess[NOTE_RELEASE]) {
        set_time(result, NOTE_RELEASE, a->falls[near], b->falls[near]);
    }
}

static void compare(struct note_result *result, const struct note *reference, const struct note *tested)
{
    struct note_features a;
    struct note_features b;
    note_measure(reference, &a);
    note_measure(tested, &b);
    for (int i = 0; i < NOTE_FEATURES; i++) {
        result->error[i] = NAN;
    }
    compare_levels(result, &a, &b);
    if (note_silent(reference) || note_silent(tested)) {
        return;
    }
    const struct note_pitch pitch = note_pitch(reference, tested, a.onset.at);
    set(result, NOTE_PITCH, 0, pitch.cents, PITCH_LIMIT);
    result->coherence = pitch.coherence;
    if (pitch.coherence < COHERENT) {
        result->excess[NOTE_PITCH] = fmax(result->excess[NOTE_PITCH], COHERENT / fmax(pitch.coherence, 1e-3));
    }
    set_time(result, NOTE_ONSET, a.onset, b.onset);
    set_time(result, NOTE_ATTACK, a.attack, b.attack);
    compare_releases(result, &a, &b);
    set(result, NOTE_CENTROID, a.centroid, b.centroid, 0.01 * CENTROID_LIMIT * a.centroid);
    result->error[NOTE_CENTROID] *= 100 / a.centroid;
}

static struct note_result *add(struct note_results *results)
{
    if (results->count == results->room) {
        results->room = results->room ? 2 * results->room : 256;
        results->notes = realloc(results->notes, results->room * sizeof *results->notes);
        if (!results->notes) {
            abort();
        }
    }
    return &results->notes[results->count++];
}

static void choose_program(struct instrument *instrument, const struct note_grid *grid, int program)
{
    if (!grid->drums) {
        instrument_controller(instrument, 0, CONTROLLER_BANK, grid->bank);
    }
    instrument_program(instrument, grid->drums ? NOTE_DRUM_CHANNEL : 0, program);
}

static void compare_note(struct instrument *instruments[2], const struct note_grid *grid,
                         const struct note_result *which, struct note_results *results)
{
    static struct note notes[2];
    for (int i = 0; i < 2; i++) {
        render_note(instruments[i], grid, which, &notes[i]);
    }
    if (note_silent(&notes[0]) && note_silent(&notes[1])) {
        results->silent++;
        return;
    }
    struct note_result *result = add(results);
    *result = *which;
    compare(result, &notes[0], &notes[1]);
}

void note_compare(struct instrument *reference, struct instrument *tested, const struct note_grid *grid,
                  struct note_results *results)
{
    struct instrument *instruments[2] = {reference, tested};
    struct note_result which = {.drum = grid->drums};
    for (which.program = grid->program_first; which.program <= grid->program_last; which.program++) {
        choose_program(reference, grid, which.program);
        choose_program(tested, grid, which.program);
        for (which.key = grid->key_first; which.key <= grid->key_last; which.key += grid->key_step) {
            for (int i = 0; i < grid->velocity_count; i++) {
                which.velocity = grid->velocities[i];
                compare_note(instruments, grid, &which, results);
            }
        }
    }
}

void note_results_done(struct note_results *results)
{
    free(results->notes);
    *results = (struct note_results){0};
}

bool note_result_good(const struct note_result *note)
{
    for (int i = 0; i < NOTE_FEATURES; i++) {
        if (note->excess[i] > 1) {
            return false;
        }
    }
    return true;
}

double note_results_good(const struct note_results *results)
{
    size_t good = 0;
    for (size_t i = 0; i < results->count; i++) {
        good += note_result_good(&results->notes[i]);
    }
    return results->count > 0 ? (double)good / (double)results->count : 1;
}
