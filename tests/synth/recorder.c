// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorder.h"

#include <assert.h>

static void record(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    struct recorder *recorder = (struct recorder *)(void *)instrument;
    assert(recorder->count < RECORDER_CALLS);
    recorder->calls[recorder->count++] = (struct recorder_call){recorder->frame, status, channel, data1, data2};
}

static void record_on(struct instrument *instrument, int channel, int key, int velocity)
{
    record(instrument, RECORDER_ON, channel, key, velocity);
}

static void record_off(struct instrument *instrument, int channel, int key)
{
    record(instrument, RECORDER_OFF, channel, key, 0);
}

static void count_expected(struct instrument *instrument, const struct instrument_note *notes, int count)
{
    struct recorder *recorder = (struct recorder *)(void *)instrument;
    recorder->announced++;
    recorder->expected += (size_t)count;
    recorder->announcement = recorder->frame;
    recorder->note = notes[count - 1];
}

static void record_reset(struct instrument *instrument, enum midi_reset reset)
{
    record(instrument, RECORDER_RESET, 0, (int)reset, 0);
}

/// Each frame's left sample is its number, so that a test sees whether a block was put together right.
static void count_frames(struct instrument *instrument, float *left, float *right, size_t frames)
{
    struct recorder *recorder = (struct recorder *)(void *)instrument;
    for (size_t i = 0; !recorder->silent && i < frames; i++) {
        left[i] = (float)(recorder->frame + i);
        right[i] = -left[i];
    }
    recorder->frame += frames;
}

static int no_voices(const struct instrument *instrument)
{
    (void)instrument;
    return 7;
}

static void skip(struct instrument *instrument, uint64_t frames)
{
    ((struct recorder *)(void *)instrument)->frame += frames;
}

static void count_free(struct instrument *instrument)
{
    ((struct recorder *)(void *)instrument)->freed++;
}

void recorder_init(struct recorder *recorder)
{
    static const struct instrument_ops ops = {
        .note_on = record_on,
        .note_off = record_off,
        .expect = count_expected,
        .message = record,
        .reset = record_reset,
        .render = count_frames,
        .voices = no_voices,
        .skip = skip,
        .free = count_free,
    };
    recorder->base = (struct instrument){.ops = &ops, .name = "recorder"};
    recorder->frame = 0;
    recorder->count = 0;
    recorder->freed = 0;
    recorder->announced = 0;
    recorder->expected = 0;
    recorder->silent = false;
}
