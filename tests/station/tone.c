// SPDX-License-Identifier: GPL-3.0-or-later
#include "tone.h"

#include "music/pitch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { VOICES = 16 };

// A phasor turned by (cosine, sine) a frame; its length is the voice's level.
struct voice {
    int channel, key;
    float x, y;
    float cosine, sine;
};

struct tone {
    struct instrument base;
    double rate;
    unsigned next;
    struct voice voices[VOICES];
};

static _Atomic int alive;

static struct tone *tone_of(struct instrument *instrument)
{
    return (struct tone *)(void *)instrument;
}

static void start(struct instrument *instrument, int channel, int key, int velocity)
{
    struct tone *tone = tone_of(instrument);
    const double step = 2 * M_PI * pitch_hz(key) / tone->rate;
    const double decay = exp(-3.0 / tone->rate);
    tone->voices[tone->next++ % VOICES] = (struct voice){.channel = channel,
                                                         .key = key,
                                                         .x = (float)velocity / 127.0F * 0.2F,
                                                         .cosine = (float)(decay * cos(step)),
                                                         .sine = (float)(decay * sin(step))};
}

static void end(struct instrument *instrument, int channel, int key)
{
    struct tone *tone = tone_of(instrument);
    for (int i = 0; i < VOICES; i++) {
        if (tone->voices[i].channel == channel && tone->voices[i].key == key) {
            tone->voices[i].cosine *= 0.999F;
            tone->voices[i].sine *= 0.999F;
        }
    }
}

static void ignore(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    (void)instrument;
    (void)status;
    (void)channel;
    (void)data1;
    (void)data2;
}

static void ignore_reset(struct instrument *instrument, enum midi_reset reset)
{
    (void)instrument;
    (void)reset;
}

static void render(struct instrument *instrument, float *left, float *right, size_t frames)
{
    struct tone *tone = tone_of(instrument);
    for (size_t i = 0; i < frames; i++) {
        left[i] = right[i] = 0;
    }
    for (int v = 0; v < VOICES; v++) {
        struct voice *voice = &tone->voices[v];
        for (size_t i = 0; i < frames && voice->x * voice->x + voice->y * voice->y > 1e-12F; i++) {
            const float x = voice->x * voice->cosine - voice->y * voice->sine;
            voice->y = voice->x * voice->sine + voice->y * voice->cosine;
            voice->x = x;
            left[i] += voice->y;
            right[i] += voice->y * 0.5F;
        }
    }
}

static int voices(const struct instrument *instrument)
{
    (void)instrument;
    return VOICES;
}

static void tone_free(struct instrument *instrument)
{
    atomic_fetch_sub(&alive, 1);
    free(instrument);
}

struct instrument *tone_new(double rate)
{
    static const struct instrument_ops ops = {.note_on = start,
                                              .note_off = end,
                                              .message = ignore,
                                              .reset = ignore_reset,
                                              .render = render,
                                              .voices = voices,
                                              .free = tone_free};
    struct tone *tone = calloc(1, sizeof *tone);
    assert_non_null(tone);
    tone->base = (struct instrument){.ops = &ops, .name = "tone"};
    tone->rate = rate;
    atomic_fetch_add(&alive, 1);
    return &tone->base;
}

int tone_count(void)
{
    return atomic_load(&alive);
}
