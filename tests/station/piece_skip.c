// SPDX-License-Identifier: GPL-3.0-or-later
// A piece that skips what nobody hears goes on as if it had played it.
#include "fixture.h"
#include "station/piece.h"
#include "synth/sampler.h"
#include "synth/soundfont.h"
#include "tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, BLOCK = RATE / 50, CHANGES = 5, PLAYED_MAX = 1 << 16 };

struct played {
    char kind;
    struct event event;
    uint64_t frame, end;
};

// A piece and all that its watch was told.
struct take {
    struct piece *piece;
    unsigned changes; ///< that it has had
    size_t count;
    struct played played[PLAYED_MAX];
};

struct timed_change {
    uint64_t frame;
    const char *preset;
    struct controls controls;
};

static void remember(struct take *take, char kind, const struct event *event, uint64_t frame, uint64_t end)
{
    assert_true(take->count < PLAYED_MAX);
    take->played[take->count++] = (struct played){.kind = kind, .event = *event, .frame = frame, .end = end};
}

static void note(void *user, const struct event *event, uint64_t frame, uint64_t end)
{
    remember(user, 'n', event, frame, end);
}

static void cut(void *user, int channel, uint64_t frame)
{
    const struct event event = event_cut(0, channel);
    remember(user, 'c', &event, frame, 0);
}

static void chord(void *user, const struct event *event, uint64_t frame)
{
    remember(user, 'h', event, frame, 0);
}

static struct take *take_of(const struct fixture *fixture, const char *preset, uint64_t seed,
                            struct instrument *instrument)
{
    struct take *take = calloc(1, sizeof *take);
    assert_non_null(take);
    struct piece_options options = fixture_piece(fixture, preset, seed, RATE, instrument);
    options.watch = (struct sequencer_watch){.note = note, .cut = cut, .chord = chord, .user = take};
    take->piece = piece_new(&options);
    assert_non_null(take->piece);
    return take;
}

static void take_free(struct take *take)
{
    piece_free(take->piece);
    free(take);
}

static void render(struct take *take, uint64_t frame)
{
    static float left[BLOCK];
    static float right[BLOCK];
    while (piece_frame(take->piece) < frame) {
        const uint64_t rest = frame - piece_frame(take->piece);
        assert_int_equal(piece_render(take->piece, left, right, rest < BLOCK ? (size_t)rest : BLOCK), STATUS_OK);
    }
}

// Some of every kind, two of them on one frame, one of them while the one before is still on its way.
static const struct timed_change changes[CHANGES] = {
    {400ULL * BLOCK, NULL, {{3, MODE_LYDIAN}, 77.7, 0.9}},  {1000ULL * BLOCK, "bright", {{7, MODE_IONIAN}, 104, 0.6}},
    {1003ULL * BLOCK, NULL, {{7, MODE_IONIAN}, 61.3, 0.1}}, {2400ULL * BLOCK, "sleep", {{2, MODE_DORIAN}, 48, 1}},
    {2400ULL * BLOCK, NULL, {{2, MODE_AEOLIAN}, 49, 1}},
};

// With the changes, by \p go; strides of \p stride frames where that is not 0.
static void go_to(const struct fixture *fixture, struct take *take, uint64_t frame, uint64_t stride)
{
    while (piece_frame(take->piece) < frame) {
        const uint64_t now = piece_frame(take->piece);
        while (take->changes < CHANGES && changes[take->changes].frame == now) {
            const struct timed_change *change = &changes[take->changes++];
            const struct preset *preset = change->preset ? fixture_preset(fixture, change->preset) : NULL;
            assert_int_equal(piece_change(take->piece, preset, &change->controls), STATUS_OK);
        }
        uint64_t until = frame;
        until = take->changes < CHANGES && changes[take->changes].frame < until ? changes[take->changes].frame : until;
        until = stride > 0 && now + stride < until ? now + stride : until;
        if (stride > 0) {
            assert_int_equal(piece_skip(take->piece, until), STATUS_OK);
        } else {
            render(take, until);
        }
    }
}

static void expect_same_music(const struct take *one, const struct take *two)
{
    assert_int_equal(one->count, two->count);
    for (size_t i = 0; i < one->count; i++) {
        const struct played *a = &one->played[i];
        const struct played *b = &two->played[i];
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->frame, b->frame);
        assert_int_equal(a->end, b->end);
        assert_int_equal(a->event.tick, b->event.tick);
        assert_int_equal(a->event.channel, b->event.channel);
        if (a->kind == 'n') {
            assert_memory_equal(&a->event.note, &b->event.note, sizeof a->event.note);
        }
    }
}

static void test_the_notes_are_the_same_in_any_strides(void **state)
{
    static const uint64_t strides[] = {BLOCK, 48000, 1 << 20, 1ULL << 40};
    static const char *const presets[] = {"focus", "meditation", "sleep", "bright"};
    const uint64_t end = 200ULL * RATE;
    const struct fixture *fixture = *state;
    for (size_t p = 0; p < sizeof presets / sizeof *presets; p++) {
        struct take *played = take_of(fixture, presets[p], p, tone_new(RATE));
        go_to(fixture, played, end, 0);
        render(played, end + 10 * RATE);
        assert_true(played->count > 100);
        for (size_t s = 0; s < sizeof strides / sizeof *strides; s++) {
            struct take *skipped = take_of(fixture, presets[p], p, tone_new(RATE));
            go_to(fixture, skipped, end, strides[s]);
            assert_int_equal(piece_frame(skipped->piece), end);
            render(skipped, end + 10 * RATE);
            expect_same_music(played, skipped);
            take_free(skipped);
        }
        take_free(played);
    }
}

static void test_skips_nothing_where_it_is_there_already(void **state)
{
    struct take *take = take_of(*state, "focus", 1, tone_new(RATE));
    render(take, RATE);
    assert_int_equal(piece_skip(take->piece, RATE), STATUS_OK);
    assert_int_equal(piece_skip(take->piece, 0), STATUS_OK);
    assert_int_equal(piece_frame(take->piece), RATE);
    take_free(take);
}

// Decibels of the loudest difference in the next \p seconds seconds, where full scale is 0.
static double difference_db(struct take *one, struct take *two, int seconds)
{
    static float left[2][BLOCK];
    static float right[2][BLOCK];
    double most = 0;
    double loudest = 0;
    for (int block = 0; block < seconds * 50; block++) {
        assert_int_equal(piece_render(one->piece, left[0], right[0], BLOCK), STATUS_OK);
        assert_int_equal(piece_render(two->piece, left[1], right[1], BLOCK), STATUS_OK);
        for (int i = 0; i < BLOCK; i++) {
            most = fmax(most, fmax(fabs((double)left[0][i] - left[1][i]), fabs((double)right[0][i] - right[1][i])));
            loudest = fmax(loudest, fabs((double)left[0][i]));
        }
    }
    assert_true(loudest > 0.01);
    return 20 * log10(most + 1e-10);
}

static struct instrument *new_sampler(void)
{
    struct instrument *instrument = NULL;
    const struct instrument_options options = {.rate = RATE, .gain = 1, .wet = 0.2};
    if (soundfont_check(soundfont_find(), NULL) != STATUS_OK) {
        print_message("no SoundFont at %s\n", soundfont_find());
        skip();
    }
    assert_int_equal(sampler_new(&options, &instrument, NULL), STATUS_OK);
    return instrument;
}

static void test_the_sound_is_what_it_would_have_been(void **state)
{
    // In the midst of notes that are held for long, and with changes among what is rendered unheard.
    static const char *const presets[] = {"focus", "meditation", "sleep", "bright"};
    const struct fixture *fixture = *state;
    for (size_t p = 0; p < sizeof presets / sizeof *presets; p++) {
        const uint64_t at = (51 + 7 * p) * RATE + 13ULL * BLOCK;
        const uint64_t skip_to = at - (uint64_t)PIECE_SETTLE_S * RATE;
        struct take *played = take_of(fixture, presets[p], p, new_sampler());
        struct take *skipped = take_of(fixture, presets[p], p, new_sampler());
        go_to(fixture, played, at, 0);
        go_to(fixture, skipped, skip_to, UINT64_MAX / 2);
        go_to(fixture, skipped, at, 0);
        const double difference = difference_db(played, skipped, 10);
        print_message("%s: %.1f dB\n", presets[p], difference);
        assert_true(difference < -90);
        take_free(played);
        take_free(skipped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_the_notes_are_the_same_in_any_strides, fixture_end),
        cmocka_unit_test_teardown(test_skips_nothing_where_it_is_there_already, fixture_end),
        cmocka_unit_test_teardown(test_the_sound_is_what_it_would_have_been, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
