// SPDX-License-Identifier: GPL-3.0-or-later
// The front end of the ears (src/hear/chroma.h) for the tools that learn, which call it through a shared library. The
// network learns from every second step.
#include "hear/chroma.h"

#include <string.h>

enum { ROW = CHROMA_VIEWS * CHROMA_SEMITONES + 1 };

int steps_of(double rate, const float *frames, long count, float *rows);
void steps_of_notes(const float *classes, long count, float *rows);

static void write_row(const struct chroma_frame *frame, float *row)
{
    memcpy(row, frame->views, sizeof frame->views);
    row[ROW - 1] = frame->level;
}

/// Writes a row of all views and the level for every second step; returns how many, or -1 without memory.
int steps_of(double rate, const float *frames, long count, float *rows)
{
    struct chroma *chroma = chroma_new(rate);
    int steps = 0;
    bool is_second = true;
    if (!chroma) {
        return -1;
    }
    while (count > 0) {
        bool made = false;
        const size_t used = chroma_push(chroma, frames, count > 256 ? 256 : (size_t)count, &made);
        frames += used;
        count -= (long)used;
        is_second = made ? !is_second : is_second;
        if (made && is_second) {
            write_row(chroma_latest(chroma), rows + (long)ROW * steps++);
        }
    }
    chroma_free(chroma);
    return steps;
}

/// The same for notes that are known: twelve strengths of the treble and twelve of the bass for each step.
void steps_of_notes(const float *classes, long count, float *rows)
{
    for (long i = 0; i < count; i++) {
        struct chroma_frame frame;
        chroma_unfold(classes + i * 24, classes + i * 24 + 12, &frame);
        write_row(&frame, rows + i * ROW);
    }
}
