// SPDX-License-Identifier: GPL-3.0-or-later
#include "band.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int band_setup(void **state)
{
    struct complaint complaint = {""};
    struct band *band = calloc(1, sizeof *band);
    if (!band || harmony_load(&band->harmony, &complaint) != STATUS_OK ||
        presets_load(&band->presets, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", complaint.text);
        return -1;
    }
    *state = band;
    return 0;
}

int band_teardown(void **state)
{
    struct band *band = *state;
    presets_free(band->presets);
    harmony_free(band->harmony);
    free(band);
    return 0;
}

struct controls controls_at(const struct preset *preset, double intensity)
{
    struct controls controls = preset->defaults;
    controls.intensity = intensity;
    return controls;
}

int64_t minutes_ticks(const struct controls *controls, double minutes)
{
    return (int64_t)(minutes * controls->bpm * TICKS_PER_BEAT);
}

void band_play(const struct band *band, const struct preset *preset, const struct controls *controls, uint64_t seed,
               double minutes, struct score *score, struct melody_counts *counts)
{
    struct composer *composer = composer_new(band->harmony, preset, controls, seed);
    assert_non_null(composer);
    assert_int_equal(composer_advance(composer, minutes_ticks(controls, minutes), score), STATUS_OK);
    assert_int_equal(score_sort(score), STATUS_OK);
    if (counts) {
        *counts = *composer_melody_counts(composer);
    }
    composer_free(composer);
}

struct walk walk_start(const struct score *score)
{
    return (struct walk){.score = score, .chord_tick = -1};
}

const struct event *walk_note(struct walk *walk)
{
    while (walk->next < walk->score->count) {
        const struct event *event = &walk->score->events[walk->next++];
        if (event->kind == EVENT_CHORD) {
            walk->chord = event->harmony.chord;
            walk->key = event->harmony.key;
            walk->chord_tick = event->tick;
        } else if (event->kind == EVENT_NOTE) {
            return event;
        }
    }
    return NULL;
}

const struct event *walk_part(struct walk *walk, enum part part)
{
    const struct event *note = walk_note(walk);
    while (note && note->channel != part) {
        note = walk_note(walk);
    }
    return note;
}

bool event_equal(const struct event *a, const struct event *b)
{
    if (a->tick != b->tick || a->kind != b->kind || a->channel != b->channel) {
        return false;
    }
    switch (a->kind) {
    case EVENT_NOTE:
        return a->note.key == b->note.key && a->note.velocity == b->note.velocity &&
               a->note.duration == b->note.duration;
    case EVENT_MIDI:
        return a->midi.status == b->midi.status && memcmp(a->midi.data, b->midi.data, sizeof a->midi.data) == 0;
    case EVENT_CHORD:
        return chord_equal(a->harmony.chord, b->harmony.chord) && a->harmony.key.tonic == b->harmony.key.tonic &&
               a->harmony.key.mode == b->harmony.key.mode;
    case EVENT_TEMPO:
        return a->bpm == b->bpm;
    case EVENT_RESET:
        return a->reset == b->reset;
    case EVENT_CUT:
        break;
    }
    return true;
}

bool score_equal(const struct score *a, const struct score *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (!event_equal(&a->events[i], &b->events[i])) {
            return false;
        }
    }
    return a->count == b->count;
}
