// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/beat.h"

#include "hear/note_bands.h"

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
            assert_true(event.frame <= (double)(at + count) + 1.5 * (double)beat_step(beat));
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

/// A drummer on MIDI drums, and how his playing would look.
struct drummer {
    struct midi_ear *ear;
    struct note_bands *bands;
    int step;
};

static struct drummer drummer_made(void)
{
    const struct drummer drummer = {.ear = midi_ear_new(), .bands = note_bands_new(0.01)};
    assert_true(drummer.ear && drummer.bands);
    return drummer;
}

static void drummer_done(struct drummer *drummer)
{
    midi_ear_free(drummer->ear);
    note_bands_free(drummer->bands);
}

// A step, in which the drum \p key is struck, if not 0. True when a beat is stated.
static bool feed_step(struct beat *beat, struct drummer *drummer, uint8_t key)
{
    struct beat_event event;
    if (key) {
        midi_ear_push(drummer->ear, drummer->step * 0.01 + 0.001, 0x99, key, 110);
    }
    drummer->step++;
    return beat_push_values(beat, note_bands_row(drummer->bands, drummer->ear, drummer->step * 0.01), &event);
}

// \p steps of a steady beat in bars of four; the last state.
static struct beat_state feed(struct beat *beat, struct drummer *drummer, int period, int steps, int *stated)
{
    enum { BASS_DRUM = 36, SNARE = 38, HAT = 42 };
    *stated = 0;
    for (int i = 0; i < steps; i++) {
        const bool is_back = i / period % 2;
        const uint8_t key = i % period == 0 ? (is_back ? SNARE : BASS_DRUM) : i % period == period / 2 ? HAT : 0;
        *stated += feed_step(beat, drummer, key) ? 1 : 0;
    }
    struct beat_state state;
    beat_state(beat, &state);
    return state;
}

static void takes_rows_instead_of_sound(void **state)
{
    (void)state;
    struct beat *beat = beat_made(RATE);
    struct drummer drummer = drummer_made();
    int stated = 0;
    const struct beat_state known = feed(beat, &drummer, 50, 2030, &stated);
    assert_true(known.known);
    assert_true(fabs(known.tempo - 120.0) < 3.0);
    assert_true(fabs(known.phase - 0.6) < 0.08);
    // The next drum sounds in step 2050.
    assert_true(fabs(known.next / (double)beat_step(beat) - 2050.0) < 3.0);
    assert_in_range(stated, 34, 41);
    beat_free(beat);
    drummer_done(&drummer);
}

static void is_not_sure_after_a_long_silence_and_picks_up(void **state)
{
    (void)state;
    struct beat *beat = beat_made(RATE);
    struct drummer drummer = drummer_made();
    int stated = 0;
    (void)feed(beat, &drummer, 50, 1000, &stated);
    int in_silence = 0;
    for (int i = 0; i < 6000; i++) {
        in_silence += feed_step(beat, &drummer, 0) ? 1 : 0;
    }
    assert_in_range(in_silence, 1, 110);
    struct beat_state known;
    beat_state(beat, &known);
    assert_true(known.confidence < 0.4);
    known = feed(beat, &drummer, 75, 1500, &stated);
    assert_true(known.known);
    assert_true(fabs(known.tempo - 80.0) < 3.0);
    beat_free(beat);
    drummer_done(&drummer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_each_beat_of_drums_once_and_in_time),
        cmocka_unit_test(does_not_depend_on_how_the_frames_are_cut),
        cmocka_unit_test(hears_no_beat_in_silence),
        cmocka_unit_test(survives_noise_clicks_a_constant_and_every_rate),
        cmocka_unit_test(takes_rows_instead_of_sound),
        cmocka_unit_test(is_not_sure_after_a_long_silence_and_picks_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
