// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The frames of a sample that one block of a voice reads, in a row, whatever loops and ends lie between. Part of
/// synth/kernel.
///
/// Nearly always that is a place in the sample itself. At the seam of a loop, at the ends, with 24 bits and at pitches
/// beyond the fast way's reach (read.h) it is a copy in the order in which the voice hears the frames: so a kernel
/// knows neither loops nor ends, and what it interpolates over a seam are the frames that meet there.
#pragma once

#include "synth/kernel/kernel.h"
#include "synth/voice.h"

#include <string.h>

enum {
    WINDOW_RATIO = 32,    ///< the highest pitch that voices are held to
    WINDOW_OVERREAD = 64, ///< frames that a kernel may load behind the last that it uses
    WINDOW_FRAMES = KERNEL_BLOCK * WINDOW_RATIO + 16 + WINDOW_OVERREAD,
};

/// Room for a copy: 16 bits, or 32 of which 24 count.
union window {
    int16_t frames[WINDOW_FRAMES];
    int32_t wide[WINDOW_FRAMES];
};

/// The frames of a sample.
struct window_source {
    const int16_t *frames;
    const uint8_t *low; ///< the low bytes of 24-bit samples, else NULL
};

/// What of a sample a voice hears.
struct window_course {
    int32_t start, end;
    int32_t loop_start, loop_end;
    bool loops, looped;
};

static inline struct window_course window_course(const struct voice_group *group, int lane)
{
    return (struct window_course){.start = group->start[lane],
                                  .end = group->end[lane],
                                  .loop_start = group->loop_start[lane],
                                  .loop_end = group->loop_end[lane],
                                  .loops = group->loops[lane] != 0,
                                  .looped = group->looped[lane] != 0};
}

/// \p position with what lies past the loop's end moved into the loop.
static inline int32_t window_wrap(const struct window_course *course, int32_t position)
{
    if (!course->loops || position < course->loop_end) {
        return position;
    }
    return course->loop_start + (position - course->loop_start) % (course->loop_end - course->loop_start);
}

static inline void window_copy(union window *window, const struct window_source *source, int32_t at, int32_t from,
                               int32_t count)
{
    if (source->low == NULL) {
        memcpy(window->frames + at, source->frames + from, (size_t)count * sizeof *window->frames);
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        const uint32_t high = (uint32_t)(uint16_t)source->frames[from + i] << 16;
        window->wide[at + i] = (int32_t)(high | (uint32_t)source->low[from + i] << 8);
    }
}

static inline void window_fill(union window *window, const struct window_source *source, int32_t at, int32_t value,
                               int32_t count)
{
    for (int32_t i = at; i < at + count; i++) {
        if (source->low == NULL) {
            window->frames[i] = (int16_t)value;
        } else {
            window->wide[i] = value * 65536;
        }
    }
}

/// Copies \p count frames from \p first on, as they are heard: before the start its first frame stands still, behind
/// the end there is silence.
static __attribute__((noinline)) void window_build(union window *window, const struct window_course *course,
                                                   const struct window_source *source, int32_t first, int32_t count)
{
    int32_t done = 0;
    while (done < count) {
        int32_t position = window_wrap(course, first + done);
        if (course->looped && position < course->loop_start) {
            const int32_t length = course->loop_end - course->loop_start;
            position = course->loop_end - 1 - (course->loop_start - 1 - position) % length;
        }
        const int32_t high = course->loops ? course->loop_end : course->end;
        int32_t part = count - done;
        if (position < course->start && !course->looped) {
            part = part < course->start - position ? part : course->start - position;
            window_fill(window, source, done, source->frames[course->start], part);
        } else if (position >= high) {
            window_fill(window, source, done, 0, part);
        } else {
            part = part < high - position ? part : high - position;
            window_copy(window, source, done, position, part);
        }
        done += part;
    }
}
