// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/beat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct beat *beat_made(double rate)
{
    struct beat *beat = NULL;
    assert_int_equal(beat_new(rate, &beat, NULL), STATUS_OK);
    return beat;
}

enum { RATE = 48000, EVENTS = 256 };

struct take {
    float *frames;
    size_t count;
};

static float noise(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) / 8388608.0F - 1.0F;
}

static void add_kick(struct take *take, double at, float gain)
{
    const size_t first = (size_t)(at * RATE);
    for (size_t i = 0; i < RATE / 5 && first + i < take->count; i++) {
        const double t = (double)i / RATE;
        take->frames[first + i] +=
            gain * (float)(exp(-t * 18.0) * sin(2.0 * M_PI * (50.0 * t + 4.0 * (1.0 - exp(-t * 40.0)))));
    }
}

static void add_noise(struct take *take, double at, double decay, float gain)
{
    unsigned seed = 7;
    const size_t first = (size_t)(at * RATE);
    for (size_t i = 0; i < RATE / 4 && first + i < take->count; i++) {
        take->frames[first + i] += gain * noise(&seed) * (float)exp(-(double)i / RATE * decay);
    }
}

// A rock beat: kick on 1 and 3, snare on 2 and 4, hats in eighths.
static struct take play_drums(double seconds, double tempo)
{
    struct take take = {.count = (size_t)(seconds * RATE)};
    take.frames = calloc(take.count, sizeof(float));
    assert_non_null(take.frames);
    for (int i = 0; i * 30.0 / tempo < seconds; i++) {
        const double at = i * 30.0 / tempo;
        add_noise(&take, at, 60.0, 0.1F);
        if (i % 4 == 0) {
            add_kick(&take, at, 0.6F);
        } else if (i % 4 == 2) {
            add_noise(&take, at, 20.0, 0.35F);
        }
    }
    return take;
}

static size_t hear(const struct take *take, double rate, size_t block, struct beat_event *events)
{
    struct beat *beat = beat_made(rate);
    assert_non_null(beat);
    size_t stated = 0;
    for (size_t at = 0; at < take->count; at += block) {
        const size_t count = take->count - at < block ? take->count - at : block;
        struct beat_event event;
        if (beat_push(beat, take->frames + at, count, &event)) {
            assert_true(event.frame >= (double)at);
            assert_true(event.frame <= (double)(at + count) + 4.0 * (double)beat_step(beat));
            assert_in_range(event.number, 1, event.beats);
            assert_true(event.confidence >= 0.0 && event.confidence <= 1.0);
            assert_true(stated < EVENTS);
            events[stated++] = event;
        }
    }
    beat_free(beat);
    return stated;
}

static void states_each_beat_of_drums_once_and_in_time(void **state)
{
    (void)state;
    const double tempi[] = {84.0, 112.0};
    for (size_t i = 0; i < sizeof tempi / sizeof *tempi; i++) {
        struct take take = play_drums(16.0, tempi[i]);
        struct beat_event events[EVENTS];
        const size_t count = hear(&take, RATE, 16, events);
        const double period = 60.0 / tempi[i];
        int right = 0;
        int all = 0;
        for (size_t k = 0; k < count; k++) {
            const double at = events[k].frame / RATE;
            if (at > 5.0) {
                all++;
                right += fabs(remainder(at, period)) < 0.05 ? 1 : 0;
            }
        }
        assert_in_range(all, (unsigned)(11.0 / period) - 1, (unsigned)(11.0 / period) + 1);
        assert_int_equal(right, all);
        free(take.frames);
    }
}

static void does_not_depend_on_how_the_frames_are_cut(void **state)
{
    (void)state;
    struct take take = play_drums(7.0, 100.0);
    struct beat_event expected[EVENTS];
    const size_t count = hear(&take, RATE, 16, expected);
    assert_true(count > 4);
    const size_t blocks[] = {1, 37, 256};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct beat_event events[EVENTS];
        assert_int_equal(hear(&take, RATE, blocks[i], events), count);
        for (size_t k = 0; k < count; k++) {
            assert_true(events[k].frame == expected[k].frame);
            assert_int_equal(events[k].number, expected[k].number);
        }
    }
    free(take.frames);
}

static void hears_no_beat_in_silence(void **state)
{
    (void)state;
    struct take take = {.count = 10 * RATE};
    take.frames = calloc(take.count, sizeof(float));
    assert_non_null(take.frames);
    struct beat_event events[EVENTS];
    assert_int_equal(hear(&take, RATE, 256, events), 0);
    free(take.frames);
}

static void survives_noise_clicks_a_constant_and_every_rate(void **state)
{
    (void)state;
    const double rates[] = {8000.0, 11025.0, 44100.0, 79900.0};
    struct take take = {.count = 2 * RATE};
    take.frames = calloc(take.count, sizeof(float));
    assert_non_null(take.frames);
    struct beat_event events[EVENTS];
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        unsigned seed = 1;
        for (size_t k = 0; k < take.count; k++) {
            take.frames[k] = i == 0 ? 64.0F : i % 2 ? noise(&seed) * 64.0F : (k % 997 ? 0.0F : 64.0F);
        }
        (void)hear(&take, rates[i], 256, events);
    }
    free(take.frames);
    struct beat *none = NULL;
    struct complaint complaint;
    assert_int_equal(beat_new(7000.0, &none, NULL), STATUS_RANGE);
    assert_int_equal(beat_new(NAN, &none, NULL), STATUS_RANGE);
    assert_int_equal(beat_new(96000.0, &none, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "96000"));
    assert_null(none);
    beat_free(NULL);
}

// Activations of a steady beat in bars of `beats`; the last state.
static struct beat_state feed(struct beat *beat, double period, unsigned beats, int steps, int *stated)
{
    struct beat_event event;
    *stated = 0;
    for (int i = 0; i < steps; i++) {
        const bool is_beat = fmod(i, period) < 1.0;
        const bool is_downbeat = is_beat && (unsigned)(i / period + 1e-9) % beats == 0;
        if (beat_push_activation(beat, is_beat ? 0.8F : 0.02F, is_downbeat ? 0.7F : 0.01F, &event)) {
            ++*stated;
        }
    }
    struct beat_state state;
    beat_state(beat, &state);
    return state;
}

static void takes_activations_instead_of_sound(void **state)
{
    (void)state;
    struct beat *beat = beat_made(RATE);
    assert_non_null(beat);
    int stated = 0;
    const struct beat_state known = feed(beat, 50.0, 3, 2030, &stated);
    assert_true(known.known);
    assert_true(fabs(known.tempo - 120.0) < 3.0);
    assert_int_equal(known.beats, 3);
    assert_int_equal(known.number, 40 % 3 + 1);
    assert_true(fabs(known.phase - 0.6) < 0.08);
    // The activation of step 2050 comes with the push of frames 2050 * hop to 2051 * hop.
    assert_true(fabs(known.next / (double)beat_step(beat) - 2051.0) < 3.0);
    assert_in_range(stated, 36, 41);
    struct beat_event event;
    for (int i = 0; i < 1000; i++) {
        (void)beat_push_activation(beat, NAN, -1.0F, &event);
    }
    struct beat_state lost;
    beat_state(beat, &lost);
    assert_true(isfinite(lost.tempo) && isfinite(lost.next));
    beat_free(beat);
}

static void is_not_sure_after_a_long_silence_and_picks_up(void **state)
{
    (void)state;
    struct beat *beat = beat_made(RATE);
    assert_non_null(beat);
    int stated = 0;
    (void)feed(beat, 50.0, 4, 1000, &stated);
    struct beat_event event;
    int in_silence = 0;
    for (int i = 0; i < 6000; i++) {
        in_silence += beat_push_activation(beat, 0.0F, 0.0F, &event) ? 1 : 0;
    }
    assert_in_range(in_silence, 1, 110);
    struct beat_state known;
    beat_state(beat, &known);
    assert_true(known.confidence < 0.4);
    known = feed(beat, 75.0, 4, 1500, &stated);
    assert_true(known.known);
    assert_true(fabs(known.tempo - 80.0) < 3.0);
    beat_free(beat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_each_beat_of_drums_once_and_in_time),
        cmocka_unit_test(does_not_depend_on_how_the_frames_are_cut),
        cmocka_unit_test(hears_no_beat_in_silence),
        cmocka_unit_test(survives_noise_clicks_a_constant_and_every_rate),
        cmocka_unit_test(takes_activations_instead_of_sound),
        cmocka_unit_test(is_not_sure_after_a_long_silence_and_picks_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
