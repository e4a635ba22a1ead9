// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/hear.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RATE = 48000, SAID_MAX = 4096 };

struct said {
    struct hear_event events[SAID_MAX];
    size_t count;
};

static struct hear *listen(uint32_t rate, uint32_t channels, bool pitch)
{
    const struct hear_options options = {.rate = rate, .channels = channels, .pitch = pitch};
    struct hear *hear = NULL;
    assert_int_equal(hear_new(&options, &hear, NULL), STATUS_OK);
    return hear;
}

static void push(struct hear *hear, const float *frames, size_t count, size_t hop, struct said *said)
{
    for (size_t done = 0; done < count; done += hop) {
        struct hear_event events[HEAR_EVENTS_MAX];
        const size_t some = count - done < hop ? count - done : hop;
        const size_t new = hear_push(hear, frames + done, some, events);
        assert_in_range(new, 0, HEAR_EVENTS_MAX);
        for (size_t i = 0; i < new; i++) {
            assert_true(said->count < SAID_MAX);
            said->events[said->count++] = events[i];
        }
    }
}

// A struck chord of A minor at each half second, its notes with overtones that die away.
static float *make_music(size_t count)
{
    static const double notes[] = {110.0, 220.0, 261.63, 329.63};
    float *music = calloc(count, sizeof *music);
    assert_non_null(music);
    for (size_t i = 0; i < count; i++) {
        const double age = (double)(i % (RATE / 2)) / RATE;
        double sum = 0;
        for (size_t note = 0; note < sizeof notes / sizeof notes[0]; note++) {
            for (int overtone = 1; overtone <= 6; overtone++) {
                sum += sin(2 * M_PI * notes[note] * overtone * age) / pow(overtone, 1.5);
            }
        }
        music[i] = (float)(0.08 * sum * exp(-3 * age) * fmin(1, age / 0.003));
    }
    return music;
}

static size_t count_kind(const struct said *said, enum hear_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < said->count; i++) {
        count += said->events[i].kind == kind ? 1 : 0;
    }
    return count;
}

static void says_what_is_played_and_puts_it_on_the_board(void **state)
{
    (void)state;
    enum { SECONDS = 12 };
    float *music = make_music(SECONDS * RATE);
    struct said *said = calloc(1, sizeof *said);
    struct hear *hear = listen(RATE, 1, false);
    push(hear, music, SECONDS * RATE, 32, said);
    struct context context;
    context_get(hear_board(hear), &context);
    assert_true(context.rate == RATE && context.frame == SECONDS * RATE);
    assert_true(context.chord.sounds);
    assert_int_equal(context.chord.chord.root, 9);
    assert_in_range(count_kind(said, HEAR_ONSET), 2 * SECONDS - 2, 2 * SECONDS + 2);
    assert_int_equal(context.onsets.count, count_kind(said, HEAR_ONSET));
    const double ratio = context.beat.tempo / 120;
    assert_true(fabs(ratio - 1) < 0.03 || fabs(ratio - 2) < 0.06 || fabs(ratio - 0.5) < 0.015);
    assert_true(context.beat.next_frame > (double)context.frame - 0.1 * RATE);
    assert_true(context.level.momentary > -40 && context.level.momentary < 0);
    assert_int_equal(count_kind(said, HEAR_PITCH), 0);
    hear_free(hear);
    free(said);
    free(music);
}

static void what_it_says_does_not_depend_on_how_sound_is_cut(void **state)
{
    (void)state;
    enum { FRAMES = 4 * RATE };
    static const size_t hops[] = {1, 17, 32, HEAR_FRAMES_MAX};
    float *music = make_music(FRAMES);
    struct said *first = calloc(1, sizeof *first);
    struct said *said = calloc(1, sizeof *said);
    for (size_t hop = 0; hop < sizeof hops / sizeof hops[0]; hop++) {
        struct said *now = hop == 0 ? first : said;
        now->count = 0;
        struct hear *hear = listen(RATE, 1, true);
        push(hear, music, FRAMES, hops[hop], now);
        hear_free(hear);
        for (int kind = 0; kind < HEAR_KINDS; kind++) {
            assert_int_equal(count_kind(now, (enum hear_kind)kind), count_kind(first, (enum hear_kind)kind));
        }
        for (int kind = 0; kind < HEAR_KINDS; kind++) {
            for (size_t i = 0, k = 0; i < now->count; i++) {
                if ((int)now->events[i].kind != kind) {
                    continue;
                }
                while ((int)first->events[k].kind != kind) {
                    k++;
                }
                assert_true(now->events[i].frame == first->events[k].frame);
                assert_int_equal(now->events[i].emitted, first->events[k++].emitted);
            }
        }
    }
    free(said);
    free(first);
    free(music);
}

static void nothing_is_said_before_it_could_be_known(void **state)
{
    (void)state;
    enum { FRAMES = 8 * RATE, HOP = 32 };
    float *music = make_music(FRAMES);
    struct said *said = calloc(1, sizeof *said);
    struct hear *hear = listen(RATE, 1, true);
    push(hear, music, FRAMES, HOP, said);
    for (size_t i = 0; i < said->count; i++) {
        const struct hear_event *event = &said->events[i];
        if (event->kind == HEAR_BEAT) {
            assert_true(event->frame >= (double)event->emitted);
        } else {
            assert_true(event->frame <= (double)event->emitted);
        }
    }
    assert_true(count_kind(said, HEAR_PITCH) > 0);
    hear_free(hear);
    free(said);
    free(music);
}

static void channels_that_are_alike_are_one(void **state)
{
    (void)state;
    enum { FRAMES = 2 * RATE };
    float *music = make_music(FRAMES);
    float *both = calloc(2 * FRAMES, sizeof *both);
    for (size_t i = 0; i < FRAMES; i++) {
        both[2 * i] = both[2 * i + 1] = music[i];
    }
    struct said *mono = calloc(1, sizeof *mono);
    struct said *stereo = calloc(1, sizeof *stereo);
    struct hear *one = listen(RATE, 1, false);
    struct hear *two = listen(RATE, 2, false);
    push(one, music, FRAMES, 32, mono);
    for (size_t done = 0; done < FRAMES; done += 32) {
        struct hear_event events[HEAR_EVENTS_MAX];
        stereo->count += hear_push(two, both + 2 * done, 32, events);
    }
    assert_int_equal(mono->count, stereo->count);
    hear_free(one);
    hear_free(two);
    free(mono);
    free(stereo);
    free(both);
    free(music);
}

static void a_channel_of_no_numbers_does_not_deafen_the_other(void **state)
{
    (void)state;
    enum { FRAMES = 4 * RATE };
    float *music = make_music(FRAMES);
    float *both = calloc(2 * FRAMES, sizeof *both);
    for (size_t i = 0; i < FRAMES; i++) {
        both[2 * i] = music[i];
        both[2 * i + 1] = NAN;
    }
    struct hear *hear = listen(RATE, 2, false);
    for (size_t done = 0; done < FRAMES; done += HEAR_HOP) {
        struct hear_event events[HEAR_EVENTS_MAX];
        (void)hear_push(hear, both + 2 * done, HEAR_HOP, events);
    }
    struct context context;
    context_get(hear_board(hear), &context);
    assert_true(context.chord.sounds && context.chord.chord.root == 9 && context.onsets.count >= 6);
    assert_int_equal(hear_bad_frames(hear), FRAMES);
    hear_free(hear);
    free(both);
    free(music);
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    static const struct hear_options wrong[] = {{.rate = 4000, .channels = 1},
                                                {.rate = 384000, .channels = 1},
                                                {.rate = 48000, .channels = 0},
                                                {.rate = 48000, .channels = HEAR_CHANNELS_MAX + 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct hear *hear = NULL;
        struct complaint complaint = {""};
        assert_int_equal(hear_new(&wrong[i], &hear, &complaint), STATUS_RANGE);
        assert_null(hear);
        assert_true(complaint.text[0]);
    }
    hear_free(NULL);
}

static void counts_what_is_no_number(void **state)
{
    (void)state;
    const float frames[] = {NAN, 0.1F, INFINITY, -INFINITY, 1e9F, 0};
    struct hear *hear = listen(96000, 1, true);
    struct hear_event events[HEAR_EVENTS_MAX];
    assert_int_equal(hear_push(hear, frames, sizeof frames / sizeof frames[0], events), 0);
    assert_int_equal(hear_bad_frames(hear), 4);
    // All ears go on in numbers.
    float loud[HEAR_FRAMES_MAX];
    for (size_t i = 0; i < HEAR_FRAMES_MAX; i++) {
        static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -65.0F, 64.0F, -64.0F, 0.5F};
        loud[i] = bad[i % 8];
    }
    for (int i = 0; i < 400; i++) {
        (void)hear_push(hear, loud, HEAR_FRAMES_MAX, events);
    }
    struct context context;
    context_get(hear_board(hear), &context);
    assert_int_equal(hear_bad_frames(hear), 4 + 400 * HEAR_FRAMES_MAX * 5 / 8);
    assert_true(isfinite(context.level.integrated) && fabs(context.level.peak_db - 36.12) < 0.1);
    assert_true(isfinite(context.beat.tempo) && isfinite(context.chord.confidence) && isfinite(context.pitch.hz));
    hear_free(hear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_played_and_puts_it_on_the_board),
        cmocka_unit_test(what_it_says_does_not_depend_on_how_sound_is_cut),
        cmocka_unit_test(nothing_is_said_before_it_could_be_known),
        cmocka_unit_test(channels_that_are_alike_are_one),
        cmocka_unit_test(a_channel_of_no_numbers_does_not_deafen_the_other),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(counts_what_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
