// SPDX-License-Identifier: GPL-3.0-or-later
// The front end of the ears (src/hear/chroma.h) for the tools that learn, which call it through a shared library. The
// network learns from every second step.
#include "hear/chroma.h"
#include "hear/note_chroma.h"

#include <math.h>
#include <string.h>

enum { ROW = CHROMA_VIEWS * CHROMA_SEMITONES + 1, STEPS_PER_SECOND = 30 };

int steps_of(double rate, const float *frames, long count, float *rows);
void steps_of_notes(const double *strokes, long stroke_count, float *rows, long count);

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

/// The same of notes that are known: \p strokes are time, key and velocity (0 for an end) of each, in order of time. The
/// rows stay as they are without memory.
void steps_of_notes(const double *strokes, long stroke_count, float *rows, long count)
{
    struct midi_ear *ear = midi_ear_new();
    struct note_chroma chroma;
    note_chroma_init(&chroma, 1.0 / STEPS_PER_SECOND);
    for (long i = 0, next = 0; ear && i < count; i++) {
        struct chroma_frame frame;
        const double now = (double)(i + 1) / STEPS_PER_SECOND;
        for (; next < stroke_count && strokes[3 * next] < now; next++) {
            const double *stroke = strokes + 3 * next;
            midi_ear_push(ear, stroke[0], 0x90, (uint8_t)stroke[1], (uint8_t)fmin(fmax(stroke[2], 0.0), 127.0));
        }
        note_chroma_look(&chroma, ear, now, &frame);
        write_row(&frame, rows + i * ROW);
    }
    midi_ear_free(ear);
}
