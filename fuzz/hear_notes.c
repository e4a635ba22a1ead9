// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// MIDI messages of any bytes at any times: a listener to notes says only what can be, and its context holds numbers.
//
// Five bytes are a message: how long it is after the last one, and what it is.
#include "fuzz.h"

#include "hear/hear_notes.h"

#include <math.h>
#include <stdlib.h>

enum { MESSAGE = 5, STEPS_MAX = 300, END_STEPS = 20 };

static void check(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static void check_event(const struct hear_event *event, uint64_t heard)
{
    check(event->kind < HEAR_KINDS && event->frame >= 0 && isfinite(event->frame) && event->emitted <= heard);
    char label[HEAR_LABEL_SIZE];
    hear_label(event, label);
    if (event->kind == HEAR_BEAT) {
        check(event->beat.tempo > 0 && isfinite(event->beat.tempo) && event->beat.number <= event->beat.beats);
        check(event->beat.confidence >= 0 && event->beat.confidence <= 1);
    } else if (event->kind == HEAR_ONSET) {
        check(event->onset.strength >= 0 && event->onset.strength <= 1);
    }
}

static void step(struct hear_notes *notes, uint64_t *steps)
{
    struct hear_event events[HEAR_NOTES_EVENTS];
    const size_t said = hear_notes_step(notes, events);
    ++*steps;
    check(said <= HEAR_NOTES_EVENTS);
    for (size_t i = 0; i < said; i++) {
        check_event(&events[i], *steps * HEAR_NOTES_STEP);
    }
}

static void check_context(const struct hear_notes *notes)
{
    struct context context;
    context_get(hear_notes_board(notes), &context);
    check(isfinite(context.beat.tempo) && isfinite(context.beat.phase) && isfinite(context.beat.next_frame));
    check(isfinite(context.chord.confidence) && isfinite(context.key.confidence));
    check(isfinite(context.level.rms_db) && isfinite(context.onsets.a_second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hear_notes *notes = NULL;
    check(hear_notes_new(&notes, NULL) == STATUS_OK);
    uint64_t steps = 0;
    double time = 0.0;
    for (size_t at = 0; at + MESSAGE <= size && steps < STEPS_MAX; at += MESSAGE) {
        const uint8_t *message = data + at;
        // A clock that runs backwards, too.
        time += ((int8_t)message[0] * 256 + message[1]) / 32768.0;
        hear_notes_push(notes, time, message[2], message[3], message[4]);
        while ((double)(steps + 1) * HEAR_NOTES_STEP / HEAR_NOTES_RATE <= time && steps < STEPS_MAX) {
            step(notes, &steps);
        }
    }
    for (int i = 0; i < END_STEPS; i++) {
        step(notes, &steps);
    }
    check_context(notes);
    hear_notes_free(notes);
    return 0;
}
