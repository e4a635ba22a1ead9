// SPDX-License-Identifier: GPL-3.0-or-later
// Sample headers, frames of 16 and 24 bits, and Ogg Vorbis, on SoundFonts made for each rule.
#include "synth/soundfont_source.h"

#include "soundfont_maker.h"
#include "synth/soundfont.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FRAMES = 1000, VORBIS = 0x11, ROM = 0x8001 };

static struct maker maker;
static struct soundfont *soundfont;

static int start(void **state)
{
    (void)state;
    maker = (struct maker){0};
    soundfont = NULL;
    maker_version(&maker, 2, 4);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    soundfont_close(soundfont);
    maker_done(&maker);
    return 0;
}

/// Adds a preset that plays \p count samples, and opens it.
static enum status open_samples(uint16_t count)
{
    maker_preset(&maker, "all", 0, 0);
    maker_zone(&maker, MAKER_PRESET);
    maker_generator(&maker, MAKER_PRESET, GENERATOR_INSTRUMENT, 0);
    maker_instrument(&maker, "all");
    for (uint16_t i = 0; i < count; i++) {
        maker_zone(&maker, MAKER_INSTRUMENT);
        maker_generator(&maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE, i);
    }
    maker_end(&maker);
    maker_finish(&maker);
    return soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, NULL);
}

/// Opens a pool of FRAMES frames with these samples, all of which are played.
static void open_with(const struct maker_sample *samples, uint16_t count)
{
    maker_frames(&maker, 0, FRAMES);
    for (uint16_t i = 0; i < count; i++) {
        maker_sample(&maker, samples[i]);
    }
    assert_int_equal(open_samples(count), STATUS_OK);
    assert_int_equal(soundfont_sample_count(soundfont), count);
}

static void expect_frames(uint32_t index, uint32_t first, uint32_t count, uint32_t loop_start, uint32_t loop_end)
{
    const struct soundfont_sample *sample = soundfont_sample(soundfont, index);
    assert_true(soundfont_sample_ready(soundfont, index));
    assert_int_equal(sample->end - sample->start, count);
    assert_int_equal(sample->frames[sample->start], first);
    assert_int_equal(sample->frames[sample->end - 1], first + count - 1);
    assert_int_equal(sample->frames[sample->available - 1], FRAMES - 1);
    assert_int_equal(sample->loop_start - sample->start, loop_start);
    assert_int_equal(sample->loop_end - sample->start, loop_end);
}

static void test_samples_and_loops_are_held_to_the_pool(void **state)
{
    (void)state;
    static const struct maker_sample samples[] = {
        {100, 200, 110, 190, 44100, 60, 0, 0, 1},        {900, 4000000000U, 950, 2000, 44100, 60, 0, 0, 1},
        {100, 200, 0, 1000, 44100, 60, 0, 0, 1},         {100, 200, 150, 151, 44100, 60, 0, 0, 1},
        {100, 200, 180, 120, 44100, 60, 0, 0, 1},        {100, 200, 150, 152, 44100, 60, 0, 0, 1},
        {100, 200, 4000000000U, 10, 44100, 60, 0, 0, 1}, {0, 1, 0, 1, 44100, 60, 0, 0, 1},
    };
    open_with(samples, 8);
    expect_frames(0, 100, 100, 10, 90);
    expect_frames(1, 900, 100, 50, 100);
    expect_frames(2, 100, 100, 0, 100);
    expect_frames(3, 100, 100, 0, 0);
    expect_frames(4, 100, 100, 0, 0);
    expect_frames(5, 100, 100, 50, 52);
    expect_frames(6, 100, 100, 0, 0);
    expect_frames(7, 0, 1, 0, 0);
    assert_int_equal(soundfont_left_out(soundfont), 0);
}

static void test_samples_that_make_no_sense_are_silent_and_not_played(void **state)
{
    (void)state;
    static const struct maker_sample samples[] = {
        {0, 100, 0, 0, 44100, 60, 0, 0, 1},   {100, 100, 0, 0, 44100, 60, 0, 0, 1},
        {200, 100, 0, 0, 44100, 60, 0, 0, 1}, {1000, 2000, 0, 0, 44100, 60, 0, 0, 1},
        {0, 100, 0, 0, 44100, 60, 0, 0, ROM}, {5000, 6000, 0, 0, 44100, 60, 0, 0, VORBIS},
    };
    open_with(samples, 6);
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, 1);
    assert_int_equal(soundfont_left_out(soundfont), 10); // five samples and their zones
    for (uint32_t i = 1; i < 6; i++) {
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        assert_true(soundfont_sample_ready(soundfont, i));
        assert_int_equal(soundfont_sample_wait(soundfont, i), STATUS_CORRUPT);
        assert_int_equal(sample->start, sample->end);
        assert_int_equal(sample->frames[sample->available - 1], 0);
    }
}

static void test_numbers_that_cannot_be_true_become_usual(void **state)
{
    (void)state;
    static const struct maker_sample samples[] = {
        {0, 100, 0, 0, 399, 127, -100, 0, 1},
        {0, 100, 0, 0, 400, 128, 99, 0, 1},
        {0, 100, 0, 0, 200000, 255, 0, 0, 1},
        {0, 100, 0, 0, 200001, 0, 0, 0, 1},
    };
    static const uint32_t rates[] = {44100, 400, 200000, 44100};
    static const uint8_t keys[] = {127, 60, 60, 0};
    open_with(samples, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(soundfont_sample(soundfont, i)->rate, rates[i]);
        assert_int_equal(soundfont_sample(soundfont, i)->key, keys[i]);
    }
    assert_int_equal(soundfont_sample(soundfont, 0)->correction, -100);
    assert_int_equal(soundfont_sample(soundfont, 1)->correction, 99);
    assert_string_equal(soundfont_sample(soundfont, 0)->name, "sample");
}

static void test_pairs_must_agree(void **state)
{
    (void)state;
    static const struct maker_sample samples[] = {
        {0, 100, 0, 0, 44100, 60, 0, 1, 4},      // a pair
        {0, 100, 0, 0, 44100, 60, 0, 0, 2},      //
        {0, 100, 0, 0, 44100, 60, 0, 1, 4},      // its partner has another
        {0, 100, 0, 0, 44100, 60, 0, 3, 2},      // is its own partner
        {0, 100, 0, 0, 44100, 60, 0, 999, 2},    // has none
        {0, 100, 0, 0, 44100, 60, 0, 6, 4},      // both are left
        {0, 100, 0, 0, 44100, 60, 0, 5, 4},      //
        {0, 100, 0, 0, 44100, 60, 0, 8, 4},      // its partner is not there
        {50, 50, 0, 0, 44100, 60, 0, 7, 2},      //
        {0, 100, 0, 0, 44100, 60, 0, 10, 8},     // a ring
        {0, 100, 0, 0, 44100, 60, 0, 9, 8},      //
        {0, 100, 0, 0, 44100, 60, 0, 0, 0x7fff}, // no kind
    };
    enum { COUNT = sizeof samples / sizeof *samples };
    open_with(samples, COUNT);
    assert_int_equal(soundfont_sample(soundfont, 0)->link, SOUNDFONT_LEFT);
    assert_int_equal(soundfont_sample(soundfont, 0)->partner, 1);
    assert_int_equal(soundfont_sample(soundfont, 1)->link, SOUNDFONT_RIGHT);
    assert_int_equal(soundfont_sample(soundfont, 1)->partner, 0);
    assert_int_equal(soundfont_sample(soundfont, 9)->link, SOUNDFONT_LINKED);
    assert_int_equal(soundfont_sample(soundfont, 9)->partner, 10);
    for (uint32_t i = 2; i < COUNT; i++) {
        if (i != 9 && i != 10) {
            assert_int_equal(soundfont_sample(soundfont, i)->link, SOUNDFONT_MONO);
            assert_int_equal(soundfont_sample(soundfont, i)->partner, i);
        }
    }
}

static void open_24_bits(uint16_t minor, size_t low_bytes)
{
    static uint8_t low[FRAMES + 1];
    for (size_t i = 0; i < sizeof low; i++) {
        low[i] = (uint8_t)(i * 7);
    }
    maker.chunk[MAKER_IFIL].size = 0;
    maker_version(&maker, 2, minor);
    maker_append(&maker.chunk[MAKER_SM24], low, low_bytes);
    open_with(&(struct maker_sample){100, 200, 0, 0, 44100, 60, 0, 0, 1}, 1);
}

static void test_24_bits(void **state)
{
    (void)state;
    open_24_bits(4, FRAMES);
    const struct soundfont_sample *sample = soundfont_sample(soundfont, 0);
    assert_non_null(sample->low);
    assert_int_equal(sample->low[sample->start], (uint8_t)(100 * 7));
    assert_int_equal(sample->low[sample->available - 1], (uint8_t)((FRAMES - 1) * 7));
}

static void test_too_few_low_bytes_are_none(void **state)
{
    (void)state;
    open_24_bits(4, FRAMES - 1);
    assert_null(soundfont_sample(soundfont, 0)->low);
}

static void test_low_bytes_count_from_2_04_on(void **state)
{
    (void)state;
    open_24_bits(1, FRAMES);
    assert_null(soundfont_sample(soundfont, 0)->low);
}

static void test_vorbis(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    maker.chunk[MAKER_IFIL].size = 0;
    maker_make_vorbis(&maker, COUNT);
    assert_int_equal(soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, NULL), STATUS_OK);
    soundfont_want(soundfont, 0);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(soundfont_sample_wait(soundfont, i), STATUS_OK);
        assert_true(soundfont_sample_ready(soundfont, i));
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        assert_int_equal(sample->start, 0);
        assert_int_equal(sample->end, COUNT);
        assert_int_equal(sample->loop_start, COUNT / 4);
        assert_int_equal(sample->loop_end, COUNT / 2);
        assert_true(sample->available >= COUNT + 64);
        for (uint32_t j = 0; j < COUNT; j++) {
            const double expected = 16384 * sin(j * 0.05);
            assert_true(fabs(sample->frames[j] - expected) < 1000);
        }
        for (uint32_t j = COUNT; j < sample->available; j++) {
            assert_int_equal(sample->frames[j], 0);
        }
    }
    assert_int_equal(soundfont_left_out(soundfont), 0);
}

static void test_vorbis_among_plain_samples_and_with_wrong_loops(void **state)
{
    (void)state;
    maker_frames(&maker, 0, FRAMES);
    const uint32_t bytes = maker_vorbis(&maker, 500, 1);
    maker_sample(&maker, (struct maker_sample){0, 100, 0, 0, 44100, 60, 0, 0, 1});
    maker_sample(&maker, (struct maker_sample){2000, 2000 + bytes, 400, 99999, 44100, 60, 0, 2, 0x12});
    maker_sample(&maker, (struct maker_sample){2000, 4000000000U, 5000, 100, 44100, 60, 0, 1, 0x14});
    assert_int_equal(open_samples(3), STATUS_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(soundfont_sample_wait(soundfont, i), STATUS_OK);
    }
    assert_int_equal(soundfont_sample(soundfont, 0)->end, 100);
    assert_int_equal(soundfont_sample(soundfont, 1)->end, 500);
    assert_int_equal(soundfont_sample(soundfont, 1)->loop_start, 400);
    assert_int_equal(soundfont_sample(soundfont, 1)->loop_end, 500);
    assert_int_equal(soundfont_sample(soundfont, 2)->loop_start, soundfont_sample(soundfont, 2)->loop_end);
    assert_int_equal(soundfont_sample(soundfont, 1)->link, SOUNDFONT_RIGHT);
    assert_int_equal(soundfont_sample(soundfont, 1)->partner, 2);
}

static void test_vorbis_that_is_broken_is_silent(void **state)
{
    (void)state;
    maker_frames(&maker, 0, FRAMES);
    const uint32_t mono = maker_vorbis(&maker, 500, 1);
    const uint32_t stereo = maker_vorbis(&maker, 500, 2);
    maker_sample(&maker, (struct maker_sample){0, 2000, 0, 0, 44100, 60, 0, 0, VORBIS}); // is none
    maker_sample(&maker, (struct maker_sample){2000 + mono, 2000 + mono + stereo, 0, 0, 44100, 60, 0, 0, VORBIS});
    maker_sample(&maker, (struct maker_sample){2000, 2000 + mono / 2, 0, 0, 44100, 60, 0, 0, VORBIS}); // half headers
    maker_sample(&maker, (struct maker_sample){2000, 2004, 0, 0, 44100, 60, 0, 0, VORBIS});
    assert_int_equal(open_samples(4), STATUS_OK);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(soundfont_sample_wait(soundfont, i), STATUS_CORRUPT);
        assert_true(soundfont_sample_ready(soundfont, i));
        assert_int_equal(soundfont_sample(soundfont, i)->start, soundfont_sample(soundfont, i)->end);
        assert_int_equal(soundfont_sample(soundfont, i)->frames[0], 0);
    }
    assert_int_equal(soundfont_left_out(soundfont), 4);
}

/// Waits for all samples as a player would that reads them at once, and sums up what it read.
static void *read_all(void *data)
{
    int64_t *sum = data;
    for (uint32_t i = 0; i < soundfont_sample_count(soundfont); i++) {
        if (soundfont_sample_wait(soundfont, i) != STATUS_OK) {
            return NULL;
        }
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        for (uint32_t j = sample->start; j < sample->end; j++) {
            *sum += (int64_t)sample->frames[j] * sample->frames[j];
        }
    }
    return data;
}

/// The same without waiting, as an audio thread does.
static void *poll_all(void *data)
{
    int64_t *sum = data;
    for (uint32_t i = soundfont_sample_count(soundfont); i-- > 0;) {
        while (!soundfont_sample_ready(soundfont, i)) {
            (void)sched_yield();
        }
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        for (uint32_t j = sample->start; j < sample->end; j++) {
            *sum += (int64_t)sample->frames[j] * sample->frames[j];
        }
    }
    return data;
}

static void test_threads_decode_each_sample_once(void **state)
{
    (void)state;
    maker.chunk[MAKER_IFIL].size = 0;
    maker_make_vorbis(&maker, 20000);
    for (int round = 0; round < 10; round++) {
        assert_int_equal(soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, NULL), STATUS_OK);
        int64_t sums[4] = {0};
        pthread_t threads[4];
        for (int i = 0; i < 4; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, i < 2 ? read_all : poll_all, &sums[i]), 0);
        }
        for (int i = 0; i < 4; i++) {
            void *done = NULL;
            assert_int_equal(pthread_join(threads[i], &done), 0);
            assert_ptr_equal(done, &sums[i]);
            assert_true(sums[i] > 0 && sums[i] == sums[0]);
        }
        soundfont_close(soundfont);
        soundfont = NULL;
    }
}

static void test_closing_does_not_wait_for_all_samples(void **state)
{
    (void)state;
    maker.chunk[MAKER_IFIL].size = 0;
    maker_make_vorbis(&maker, 20000);
    for (int round = 0; round < 20; round++) {
        assert_int_equal(soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, NULL), STATUS_OK);
        soundfont_want(soundfont, 0);
        soundfont_close(soundfont);
        soundfont = NULL;
    }
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        RULE(test_samples_and_loops_are_held_to_the_pool),
        RULE(test_samples_that_make_no_sense_are_silent_and_not_played),
        RULE(test_numbers_that_cannot_be_true_become_usual),
        RULE(test_pairs_must_agree),
        RULE(test_24_bits),
        RULE(test_too_few_low_bytes_are_none),
        RULE(test_low_bytes_count_from_2_04_on),
        RULE(test_vorbis),
        RULE(test_vorbis_among_plain_samples_and_with_wrong_loops),
        RULE(test_vorbis_that_is_broken_is_silent),
        RULE(test_threads_decode_each_sample_once),
        RULE(test_closing_does_not_wait_for_all_samples),
    };
#undef RULE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
