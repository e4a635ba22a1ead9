// SPDX-License-Identifier: GPL-3.0-or-later
// A state goes on in another sampler as if nothing had been, and whatever is no state is refused or only sounds bad.
#include "synth/sampler_state.h"
#include "sampler_phrase.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = FIXTURE_RATE, ALIGNMENT = 64, MOST = 2048 };

#if defined(__SANITIZE_ADDRESS__)
enum { SLOW = 1 };
#else
enum { SLOW = 0 };
#endif

/// Room for the state of \p instrument, aligned as a state must be.
static void *state_room(const struct instrument *instrument)
{
    const size_t size = sampler_state_size(instrument);
    void *room = aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    assert_non_null(room);
    return room;
}

static void play_for(struct random *random, struct instrument *instrument, int events)
{
    for (int i = 0; i < events; i++) {
        phrase_play_anything(random, instrument);
        (void)take_render(instrument, 1 + random_below(random, 500));
    }
}

/// Renders \p count frames of both, those of the second in pieces, and wants them equal bit by bit.
static void render_alike(struct random *random, struct instrument *whole, struct instrument *cut, size_t count)
{
    static float left[2][MOST];
    static float right[2][MOST];
    sampler_render(whole, left[0], right[0], count);
    for (size_t done = 0; done < count;) {
        const size_t part = 1 + random_below(random, 200);
        const size_t held = part < count - done ? part : count - done;
        sampler_render(cut, left[1] + done, right[1] + done, held);
        done += held;
    }
    assert_memory_equal(left[0], left[1], count * sizeof *left[0]);
    assert_memory_equal(right[0], right[1], count * sizeof *right[0]);
}

static void test_a_state_goes_on_bit_for_bit(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    for (int curve = INSTRUMENT_CUBIC; curve <= INSTRUMENT_SINC; curve++) {
        const struct instrument_options options = {.interpolation = (enum instrument_interpolation)curve,
                                                   .wet = curve == INSTRUMENT_LINEAR ? 0.3 : 0};
        struct instrument *first = font_sampler(&font, options);
        struct instrument *second = font_sampler(&font, options);
        struct random random;
        random_init(&random, 21, (uint64_t)curve);
        play_for(&random, first, 400);
        play_for(&random, second, 50); // that is forgotten
        (void)take_render(first, 37);  // in the middle of a block
        void *saved = state_room(first);
        sampler_save(first, saved);
        assert_int_equal(sampler_restore(second, saved, sampler_state_size(first)), STATUS_OK);
        free(saved);
        struct random other = random;
        struct random cuts = random;
        for (size_t frames = 0; frames < (SLOW ? 5 : 60) * (size_t)RATE;) {
            phrase_play_anything(&random, first);
            phrase_play_anything(&other, second);
            const size_t count = 1 + random_below(&cuts, MOST);
            render_alike(&cuts, first, second, count);
            frames += count;
        }
        assert_int_equal(voices_of(first), voices_of(second));
        instrument_free(first);
        instrument_free(second);
    }
    font_done(&font);
}

static void test_a_state_is_taken_over_amid_a_chord_at_full_polyphony(void **state)
{
    (void)state;
    enum { CHORD = 6 };
    struct font font = {0};
    phrase_font(&font, 0);
    const struct instrument_options options = {.polyphony = 24};
    struct instrument *first = font_sampler(&font, options);
    struct instrument *second = font_sampler(&font, options);
    void *saved = state_room(first);
    void *other = state_room(second);
    struct random random;
    random_init(&random, 22, 0);
    for (int round = 0; round < 60; round++) {
        // The first has just looked for who makes way, the second has to look again.
        for (int i = 0; i < CHORD; i++) {
            const int key = 30 + (int)random_below(&random, 60);
            const int velocity = 1 + (int)random_below(&random, 127);
            sampler_note_on(first, 0, key, velocity);
            if (i < CHORD / 2) {
                sampler_save(first, saved);
                assert_int_equal(sampler_restore(second, saved, sampler_state_size(first)), STATUS_OK);
            } else {
                sampler_note_on(second, 0, key, velocity);
            }
        }
        render_alike(&random, first, second, 640);
        sampler_save(first, saved);
        sampler_save(second, other);
        assert_memory_equal(saved, other, sampler_state_size(first));
    }
    assert_true(sampler_counts(first).stolen > 100);
    instrument_free(first);
    instrument_free(second);
    free(saved);
    free(other);
    font_done(&font);
}

static void test_a_state_of_a_sampler_made_otherwise_is_refused(void **state)
{
    (void)state;
    struct font font = {0};
    struct font other_font = {0};
    phrase_font(&font, 0);
    phrase_font(&other_font, 1);
    struct instrument *own = font_sampler(&font, (struct instrument_options){0});
    const size_t size = sampler_state_size(own);
    static const struct instrument_options others[] = {
        {.polyphony = 31}, {.rate = 44100},   {.interpolation = INSTRUMENT_LINEAR},
        {.dry = 1},        {.gain = 0.3},     {.literal = 1},
        {.wet = 0.3},      {.polyphony = 33},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct instrument *other = font_sampler(&font, others[i]);
        void *saved = state_room(other);
        sampler_save(other, saved);
        assert_int_equal(sampler_restore(own, saved, sampler_state_size(other)), STATUS_INVALID);
        free(saved);
        instrument_free(other);
    }
    struct instrument *other = font_sampler(&other_font, (struct instrument_options){0});
    assert_int_equal(sampler_state_size(other), size);
    void *saved = state_room(other);
    sampler_save(other, saved);
    assert_int_equal(sampler_restore(own, saved, size), STATUS_INVALID);
    sampler_save(own, saved);
    assert_int_equal(sampler_restore(own, saved, size - 1), STATUS_INVALID);
    assert_int_equal(sampler_restore(own, saved, 0), STATUS_INVALID);
    assert_int_equal(sampler_restore(own, saved, size + 1), STATUS_INVALID);
    assert_int_equal(sampler_restore(own, saved, size), STATUS_OK);
    free(saved);
    instrument_free(other);
    instrument_free(own);
    font_done(&font);
    font_done(&other_font);
}

static void test_options_that_say_the_same_are_the_same(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    struct instrument *first = font_sampler(&font, (struct instrument_options){0});
    struct instrument *second =
        font_sampler(&font, (struct instrument_options){.polyphony = INSTRUMENT_POLYPHONY_DEFAULT, .gain = 0.2});
    void *saved = state_room(first);
    sampler_save(first, saved);
    assert_int_equal(sampler_restore(second, saved, sampler_state_size(first)), STATUS_OK);
    free(saved);
    instrument_free(first);
    instrument_free(second);
    font_done(&font);
}

/// Writes nonsense over a part of the \p size bytes at \p state.
static void corrupt(struct random *random, uint8_t *state, size_t size)
{
    static const uint32_t words[] = {0,          1,          0x7fffffff, 0x80000000, 0xffffffff, 0x7fc00000,
                                     0x7f800000, 0xff800000, 0x7f7fffff, 0x3f800000, 0xffff,     0x00800000};
    for (uint32_t count = 1 + random_below(random, 4); count > 0; count--) {
        // Half of it goes to the head, where the channels are.
        const size_t reach = random_below(random, 2) ? size : size / 2;
        const size_t at = random_below(random, (uint32_t)(reach - 4));
        if (random_below(random, 2)) {
            state[at] = (uint8_t)random_bits(random);
        } else {
            memcpy(state + at / 4 * 4, &words[random_below(random, sizeof words / sizeof *words)], sizeof *words);
        }
    }
}

/// Whether it was taken over. Where not, nothing may have changed; where so, it must be able to play on.
static bool survive(struct random *random, struct instrument *instrument, const void *valid, void *scratch)
{
    const size_t size = sampler_state_size(instrument);
    const enum status untouched = sampler_restore(instrument, valid, size);
    assert_int_equal(untouched, STATUS_OK);
    memcpy(scratch, valid, size);
    corrupt(random, scratch, size);
    const enum status status = sampler_restore(instrument, scratch, size);
    if (status == STATUS_OK) {
        for (int i = 0; i < 4; i++) {
            phrase_play_anything(random, instrument);
            (void)take_render(instrument, 64);
        }
        return true;
    }
    assert_true(status == STATUS_CORRUPT || status == STATUS_INVALID);
    sampler_save(instrument, scratch);
    assert_memory_equal(scratch, valid, size);
    return false;
}

static void corrupt_many(struct instrument_options options, const char *kernel, bool wide, int times)
{
    struct font font = {.wide = wide};
    phrase_font(&font, 0);
    struct instrument *instrument = font_sampler_kernel(&font, options, kernel); // NULL is the best
    void *valid = state_room(instrument);
    void *scratch = state_room(instrument);
    struct random random;
    random_init(&random, 4, (uint64_t)times);
    int taken = 0;
    for (int i = 0; i < times; i++) {
        if (i % 500 == 0) {
            const enum status sound =
                i > 0 ? sampler_restore(instrument, valid, sampler_state_size(instrument)) : STATUS_OK;
            assert_int_equal(sound, STATUS_OK);
            play_for(&random, instrument, 100);
            sampler_reset(instrument, MIDI_RESET_GS);
            for (int event = 0; event < 100; event++) {
                phrase_play(&random, instrument);
            }
            (void)take_render(instrument, 1000);
            sampler_save(instrument, valid);
            // What a kernel keeps for itself does not survive, and is not to be compared.
            assert_int_equal(sampler_restore(instrument, valid, sampler_state_size(instrument)), STATUS_OK);
            sampler_save(instrument, valid);
        }
        taken += survive(&random, instrument, valid, scratch);
    }
    assert_in_range(taken, times / 10, times);
    free(valid);
    free(scratch);
    instrument_free(instrument);
    font_done(&font);
}

/// Numbers that make sense nowhere, in all of a group's lanes; the lanes that sound are as they were.
static void test_a_free_lane_may_hold_anything(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    struct instrument *instrument =
        font_sampler_kernel(&font, (struct instrument_options){.dry = 1, .polyphony = 16}, "plain");
    sampler_note_on(instrument, 0, 60, 100);
    (void)take_render(instrument, 640);
    void *room = state_room(instrument);
    const int32_t wild[] = {INT32_MIN, INT32_MAX, -1, 1 << 30};
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        sampler_save(instrument, room);
        struct voice_group *groups = sampler_groups(room);
        for (int lane = 0; lane < VOICE_LANES; lane++) {
            if ((groups[0].active >> lane & 1) == 0) {
                groups[0].position[lane] = wild[i];
                groups[0].fraction[lane] = (uint32_t)wild[i];
                groups[0].increment[lane] = (uint32_t)wild[i];
                groups[0].start[lane] = groups[0].end[lane] = wild[i];
                groups[0].loop_start[lane] = groups[0].loop_end[lane] = wild[i];
                groups[0].loops[lane] = groups[0].looped[lane] = wild[i];
            }
        }
        assert_int_equal(sampler_restore(instrument, room, sampler_state_size(instrument)), STATUS_OK);
        (void)take_render(instrument, 640);
    }
    free(room);
    instrument_free(instrument);
    font_done(&font);
}

/// Bits beyond the lanes, and masks that are neither all nor none.
static void test_masks_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1, .polyphony = 16});
    sampler_note_on(instrument, 0, 60, 100);
    (void)take_render(instrument, 640);
    void *room = state_room(instrument);
    for (int i = 0; i < 9; i++) {
        sampler_save(instrument, room);
        struct voice_group *group = sampler_groups(room);
        uint32_t *masks[] = {&group->active,  &group->released, &group->delayed,  &group->stolen,
                             &group->waiting, &group->settled,  &group->filter_on};
        const int lane = __builtin_ctz(group->active);
        if (i < 7) {
            *masks[i] |= 1U << VOICE_LANES;
        } else {
            (i == 7 ? group->loops : group->looped)[lane] = 2;
        }
        assert_int_equal(sampler_restore(instrument, room, sampler_state_size(instrument)), STATUS_CORRUPT);
    }
    free(room);
    instrument_free(instrument);
    font_done(&font);
}

static void test_a_corrupt_state_is_refused_or_plays(void **state)
{
    (void)state;
    const struct instrument_options sinc = {.dry = 1, .polyphony = 16, .interpolation = INSTRUMENT_SINC};
    const struct instrument_options linear = {.dry = 1, .polyphony = 16, .interpolation = INSTRUMENT_LINEAR};
    corrupt_many(sinc, NULL, false, SLOW ? 5000 : 40000);
    corrupt_many(linear, NULL, true, SLOW ? 5000 : 20000);
    // AddressSanitizer sees what this one reads.
    corrupt_many(sinc, "plain", false, SLOW ? 20000 : 10000);
    corrupt_many(sinc, "plain", true, 5000);
    corrupt_many((struct instrument_options){.polyphony = 8}, NULL, false, SLOW ? 500 : 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_state_goes_on_bit_for_bit),
        cmocka_unit_test(test_a_state_is_taken_over_amid_a_chord_at_full_polyphony),
        cmocka_unit_test(test_a_state_of_a_sampler_made_otherwise_is_refused),
        cmocka_unit_test(test_options_that_say_the_same_are_the_same),
        cmocka_unit_test(test_a_free_lane_may_hold_anything),
        cmocka_unit_test(test_masks_that_make_no_sense_are_refused),
        cmocka_unit_test(test_a_corrupt_state_is_refused_or_plays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
