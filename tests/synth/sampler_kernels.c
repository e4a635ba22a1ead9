// SPDX-License-Identifier: GPL-3.0-or-later
// Every kind of kernel renders the same, and so does every way to cut a render into calls.
#include "sampler_phrase.h"
#include "synth/kernel/kernel.h"
#include "synth/voice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = FIXTURE_RATE, FRAMES = 10 * RATE };

static float ours[2][FRAMES];
static float theirs[2][FRAMES];

/// Plays a dense phrase of FRAMES frames, rendered \p block at a time. Notes come at multiples of a block of 64.
static void perform(struct instrument *instrument, float out[2][FRAMES], size_t block)
{
    struct random random;
    random_init(&random, 5, 0);
    for (size_t done = 0; done < FRAMES;) {
        phrase_play(&random, instrument);
        const size_t wanted = random_below(&random, 1600);
        const size_t count = wanted < FRAMES - done ? wanted : FRAMES - done;
        for (size_t part = 0; part < count; part += block) {
            const size_t held = block < count - part ? block : count - part;
            sampler_render(instrument, out[0] + done + part, out[1] + done + part, held);
        }
        done += count;
    }
}

/// The power of what differs between the two, as a part of the whole.
static double relative_difference(void)
{
    double difference = 0;
    double power = 0;
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < FRAMES; i++) {
            difference += pow((double)ours[side][i] - theirs[side][i], 2);
            power += pow((double)ours[side][i], 2);
        }
    }
    assert_true(power > 1);
    return sqrt(difference / power);
}

typedef void performance(struct instrument *instrument, float out[2][FRAMES], size_t block);

static void check_kernels(const struct font *font, struct instrument_options options, performance *performs,
                          double limit)
{
    static const char *const others[] = {"avx2", "avx512"};
    struct instrument *plain = font_sampler_kernel(font, options, "plain");
    assert_non_null(plain);
    assert_non_null(strstr(plain->name, "plain"));
    performs(plain, ours, 4096);
    instrument_free(plain);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct instrument *other = font_sampler_kernel(font, options, others[i]);
        if (!other) {
            print_message("skipped: this processor has no %s\n", others[i]);
            continue;
        }
        assert_non_null(strstr(other->name, others[i]));
        performs(other, theirs, 4096);
        instrument_free(other);
        const double difference = relative_difference();
        if (!(difference < limit)) {
            fail_msg("%s differs by %g", others[i], difference);
        }
    }
}

/// Chords of two seconds, at many ratios.
static void perform_chords(struct instrument *instrument, float out[2][FRAMES], size_t block)
{
    (void)block;
    for (size_t chord = 0; chord < 5; chord++) {
        for (int i = 0; i < 6; i++) {
            sampler_note_on(instrument, i % 2, 36 + 9 * i + (int)chord, 60 + 10 * i);
        }
        sampler_render(instrument, out[0] + chord * 2 * RATE, out[1] + chord * 2 * RATE, 2 * (size_t)RATE);
        play_controller(instrument, 0, 123, 0);
        play_controller(instrument, 1, 123, 0);
    }
}

static void test_kernels_agree_on_what_stands_still(void **state)
{
    (void)state;
    for (int wide = 0; wide <= 1; wide++) {
        struct font font = {.wide = wide != 0};
        phrase_font(&font, 0);
        for (int curve = INSTRUMENT_CUBIC; curve <= INSTRUMENT_SINC; curve++) {
            const struct instrument_options options = {.polyphony = 64,
                                                       .interpolation = (enum instrument_interpolation)curve};
            check_kernels(&font, options, perform_chords, 1e-4);
        }
        font_done(&font);
    }
}

static void test_kernels_agree_on_what_moves(void **state)
{
    (void)state;
    // A pitch that were rounded otherwise would be a phase that grows with the note.
    struct font font = {0};
    phrase_font(&font, 0);
    for (int curve = INSTRUMENT_CUBIC; curve <= INSTRUMENT_SINC; curve++) {
        const struct instrument_options options = {.polyphony = 64,
                                                   .interpolation = (enum instrument_interpolation)curve};
        check_kernels(&font, options, perform, 1e-4);
    }
    font_done(&font);
}

enum { NEWEST = 7 };

/// Sixteen voices as they may be: rising, falling, released and fading.
static void fill_group(struct random *random, struct voice_group *group)
{
    memset(group, 0, sizeof *group);
    group->active = random_below(random, 1 << VOICE_LANES);
    const uint32_t half = random_below(random, 1 << VOICE_LANES);
    group->stolen = half & random_below(random, 1 << VOICE_LANES); // a quarter of them
    group->released = random_below(random, 1 << VOICE_LANES);
    for (int i = 0; i < VOICE_LANES; i++) {
        // Few values, which floats have exactly: so that some are equally loud.
        group->volume[i] = -(float)random_below(random, 8);
        group->volume_level[i] = 0.25F * (float)random_below(random, 5);
        group->volume_linear[i] = random_below(random, 3) == 0 ? -1 : 0;
        group->order[i] = random_below(random, NEWEST + 1);
    }
}

/// As the header says it.
static double heard_of(const struct voice_group *group, const struct voice_clock *clock, int i)
{
    const bool released = (group->released >> i & 1) != 0;
    double level = (double)group->volume_level[i];
    if (group->volume_linear[i] != 0) {
        level = released ? 0 : 1;
    }
    return (double)group->volume[i] + (level - 1) * (double)clock->envelope_range - (released ? 2 : 0);
}

/// By looking at one after the other.
static int least_of(const struct voice_group *group, const struct voice_clock *clock)
{
    int found = -1;
    for (int i = 0; i < VOICE_LANES; i++) {
        if (((group->active & ~group->stolen) >> i & 1) == 0) {
            continue;
        }
        const double loud = heard_of(group, clock, i);
        const double least = found < 0 ? INFINITY : heard_of(group, clock, found);
        if (loud < least || (loud == least && NEWEST - group->order[i] > NEWEST - group->order[found])) {
            found = i;
        }
    }
    return found;
}

static void test_every_kernel_finds_the_voice_that_is_heard_least(void **state)
{
    (void)state;
    static const char *const kinds[] = {"plain", "avx2", "avx512"};
    const struct voice_clock clock = {.envelope_range = 16};
    struct random random;
    random_init(&random, 6, 0);
    for (int round = 0; round < 18000; round++) {
        const struct kernel *kernel = kernel_find(kinds[round % 3]);
        struct voice_group group;
        fill_group(&random, &group);
        const int right = least_of(&group, &clock);
        if (!kernel || right < 0) {
            continue;
        }
        kernel->find_least(&group, &clock, NEWEST);
        // Where two are equally loud and equally old, either may go.
        const int lane = group.least.lane;
        assert_int_not_equal(group.least.known, 0);
        assert_true(((group.active & ~group.stolen) >> lane & 1) != 0);
        assert_true(heard_of(&group, &clock, lane) == heard_of(&group, &clock, right));
        assert_true((double)group.least.loud == heard_of(&group, &clock, right));
        assert_int_equal(group.order[lane], group.order[right]);
        assert_int_equal(group.least.order, group.order[right]);
    }
}

static void test_what_is_no_number_is_heard_least(void **state)
{
    (void)state;
    static const char *const kinds[] = {"plain", "avx2", "avx512"};
    const struct voice_clock clock = {.envelope_range = 16};
    for (int round = 0; round < 3 * VOICE_LANES; round++) {
        const struct kernel *kernel = kernel_find(kinds[round % 3]);
        const int lane = round / 3;
        struct voice_group group = {.active = 0xffff};
        group.volume[lane] = NAN;
        group.volume[(lane + 1) % VOICE_LANES] = -90;
        if (kernel) {
            kernel->find_least(&group, &clock, NEWEST);
            assert_int_equal(group.least.lane, lane);
        }
    }
}

static void test_a_block_ends_what_is_known(void **state)
{
    (void)state;
    static const char *const kinds[] = {"plain", "avx2", "avx512"};
    const struct voice_clock clock = {.rate = 48000, .envelope_range = 16};
    for (int round = 0; round < 3; round++) {
        const struct kernel *kernel = kernel_find(kinds[round]);
        struct voice_group group = {.active = 1};
        if (kernel) {
            kernel->find_least(&group, &clock, NEWEST);
            assert_int_not_equal(group.least.known, 0);
            kernel->control(&group, &clock);
            assert_int_equal(group.least.known, 0);
        }
    }
}

static void test_an_unknown_kernel_is_refused(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    struct instrument *instrument = NULL;
    struct complaint complaint = {""};
    const struct instrument_options options = {.soundfont = font.path};
    assert_int_equal(sampler_new_kernel(&options, "mmx", &instrument, &complaint), STATUS_UNSUPPORTED);
    assert_null(instrument);
    assert_non_null(strstr(complaint.text, "mmx"));
    assert_non_null(strstr(complaint.text, "plain"));
    assert_int_equal(sampler_new_kernel(&options, "", &instrument, NULL), STATUS_UNSUPPORTED);
    font_done(&font);
}

static void test_how_a_render_is_cut_changes_no_sample(void **state)
{
    (void)state;
    static const size_t blocks[] = {1, 7, 63, 64, 65};
    struct font font = {0};
    phrase_font(&font, 0);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){0});
    perform(instrument, ours, 4096);
    instrument_free(instrument);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        instrument = font_sampler(&font, (struct instrument_options){0});
        perform(instrument, theirs, blocks[i]);
        instrument_free(instrument);
        assert_memory_equal(ours, theirs, sizeof ours);
    }
    font_done(&font);
}

static void test_calls_take_effect_on_the_next_block(void **state)
{
    (void)state;
    struct instrument *instrument = steady_sampler(NULL, (struct instrument_options){0});
    (void)take_render(instrument, 100);
    sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
    const struct take *take = take_render(instrument, 256);
    size_t onset = 0;
    while (onset < take->count && take->left[onset] == 0) {
        onset++;
    }
    assert_in_range(onset, 28, 29); // frame 128 is the first of the attack, at 0
    instrument_free(instrument);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_agree_on_what_stands_still),
        cmocka_unit_test(test_kernels_agree_on_what_moves),
        cmocka_unit_test(test_every_kernel_finds_the_voice_that_is_heard_least),
        cmocka_unit_test(test_what_is_no_number_is_heard_least),
        cmocka_unit_test(test_a_block_ends_what_is_known),
        cmocka_unit_test(test_an_unknown_kernel_is_refused),
        cmocka_unit_test(test_how_a_render_is_cut_changes_no_sample),
        cmocka_unit_test(test_calls_take_effect_on_the_next_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
