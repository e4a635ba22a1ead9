// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of a MIDI file are pushed at their times, step by step, as they would come from an instrument.
#include "cmd/listen.h"

#include "cmd/hearing_notes.h"
#include "cmd/hearing_print.h"
#include "cmd/input.h"
#include "cmd/interrupt.h"
#include "core/clock.h"
#include "synth/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const double NS_PER_S = 1e9;
static const double SHOWN_A_SECOND = 20;
static const double BPM_DEFAULT = 120; // of a file that says none
static const double AFTER_S = 2;       // listened to after the last message

bool listen_is_midi(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending && (strcasecmp(ending, ".mid") == 0 || strcasecmp(ending, ".midi") == 0);
}

// Pushes what comes before the end of the step, at frame `end`; how many of the events that were.
static size_t push_due(struct hear_notes *notes, const struct score *score, size_t from, struct timeline *timeline,
                       int64_t end)
{
    size_t at = from;
    for (; at < score->count; at++) {
        const struct event *event = &score->events[at];
        const int64_t frame = timeline_frame(timeline, event->tick);
        if (frame >= end) {
            break;
        }
        if (event->kind == EVENT_TEMPO) {
            timeline_turn_at_tick(timeline, event->tick, event->bpm);
        } else if (event->kind == EVENT_MIDI) {
            hear_notes_push(notes, (double)frame / HEAR_NOTES_RATE, (uint8_t)(event->midi.status | event->channel),
                            event->midi.data[0], event->midi.data[1]);
        }
    }
    return at - from;
}

static enum status listen(const struct listen_options *options, const struct score *score,
                          struct hearing_notes *hearing, struct complaint *complaint)
{
    struct timeline timeline;
    timeline_init(&timeline, HEAR_NOTES_RATE, BPM_DEFAULT);
    const int64_t start_ns = clock_now_ns();
    const double most = options->seconds > 0 ? options->seconds : HUGE_VAL;
    double now = 0;
    double last = 0;
    double shown = 0;
    size_t at = 0;
    while (!interrupt_came() && now < most && (at < score->count || now < last + AFTER_S)) {
        const int64_t end = (int64_t)atomic_load(&hearing->hearing.frames) + HEAR_NOTES_STEP;
        const size_t pushed = push_due(hearing->notes, score, at, &timeline, end);
        at += pushed;
        struct hear_event events[HEAR_NOTES_EVENTS];
        const size_t said = hearing_notes_step(hearing, events);
        now = hearing_notes_seconds(hearing);
        last = pushed > 0 ? now : last;
        for (size_t i = 0; i < said && !options->live; i++) {
            hearing_print_event(stdout, &hearing->hearing, &events[i]);
        }
        if (options->live && (shown <= 0 || now - shown >= 1 / SHOWN_A_SECOND)) {
            clock_sleep_until(start_ns + (int64_t)(now * NS_PER_S));
            hearing_print_live(stdout, &hearing->hearing, shown > 0);
            shown = now;
        }
    }
    return hearing_notes_end(hearing, (double)(clock_now_ns() - start_ns) / NS_PER_S, 0, complaint);
}

enum status listen_to_midi(const struct listen_options *options, struct complaint *complaint)
{
    struct score score = {0};
    struct hearing_notes *hearing = calloc(1, sizeof *hearing);
    if (!hearing) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = input_read_midi(options->path, &score, NULL, complaint);
    status = status ? status : hearing_notes_init(hearing, complaint);
    if (status == STATUS_OK) {
        interrupt_watch();
        status = listen(options, &score, hearing, complaint);
    }
    hearing_notes_done(hearing);
    free(hearing);
    score_done(&score);
    return status;
}
