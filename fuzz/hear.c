// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Sound of any bits: a listener says only what can be, and its context holds numbers.
//
// The first four bytes choose the rate, the channels, the hop and how often the sound is repeated; the rest are floats.
#include "fuzz.h"

#include "hear/hear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 4, SAMPLES_MAX = 1 << 14, REPEATS_MAX = 8 };

static const uint32_t rates[] = {8000, 11025, 22050, 44100, 48000, 96000, 176400, 192000};

static void check(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static void check_event(const struct hear_event *event, uint64_t heard)
{
    check(event->kind < HEAR_KINDS && isfinite(event->frame) && event->emitted <= heard);
    char label[HEAR_LABEL_SIZE];
    hear_label(event, label);
    if (event->kind == HEAR_BEAT) {
        check(event->beat.tempo > 0 && isfinite(event->beat.tempo) && event->beat.number <= event->beat.beats);
        check(event->beat.confidence >= 0 && event->beat.confidence <= 1);
    } else if (event->kind == HEAR_PITCH) {
        check(event->pitch.hz >= 0 && isfinite(event->pitch.hz));
    }
}

static void check_context(const struct hear *hear)
{
    struct context context;
    context_get(hear_board(hear), &context);
    check(isfinite(context.beat.tempo) && isfinite(context.beat.phase) && isfinite(context.beat.next_frame));
    check(isfinite(context.chord.confidence) && isfinite(context.key.confidence));
    check(!isnan(context.level.rms_db) && !isnan(context.level.integrated) && isfinite(context.onsets.a_second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float samples[SAMPLES_MAX];
    if (size < HEAD) {
        return 0;
    }
    const struct hear_options options = {.rate = rates[data[0] % (sizeof rates / sizeof rates[0])],
                                         .channels = 1 + data[1] % HEAR_CHANNELS_MAX,
                                         .pitch = data[3] & 1};
    const size_t hop = 1 + data[2] % HEAR_FRAMES_MAX;
    const size_t bytes = size - HEAD < sizeof samples ? size - HEAD : sizeof samples;
    memcpy(samples, data + HEAD, bytes);
    const size_t frames = bytes / sizeof(float) / options.channels;
    struct hear *hear = NULL;
    check(hear_new(&options, &hear, NULL) == STATUS_OK);
    uint64_t heard = 0;
    for (int repeat = 0; repeat <= (data[3] >> 1) % REPEATS_MAX; repeat++) {
        for (size_t done = 0; done < frames; done += hop) {
            struct hear_event events[HEAR_EVENTS_MAX];
            const size_t some = frames - done < hop ? frames - done : hop;
            const size_t said = hear_push(hear, samples + done * options.channels, some, events);
            heard += some;
            check(said <= HEAR_EVENTS_MAX);
            for (size_t i = 0; i < said; i++) {
                check_event(&events[i], heard);
            }
        }
    }
    check_context(hear);
    hear_free(hear);
    return 0;
}
