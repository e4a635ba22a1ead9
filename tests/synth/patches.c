// SPDX-License-Identifier: GPL-3.0-or-later
// The patches that ship, as someone hears them: a chord is struck, held for two seconds and let go. All are about as
// loud as each other, none is cut off, and what is let go ends.
#include "loudness.h"

#include "synth/patch_file.h"
#include "synth/patch_player.h"

#include "music/meter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, HELD_S = 2, HEARD_S = 3, WHOLE_S = 24, FRAMES = WHOLE_S * RATE, PATCHES_MAX = 64 };

static const double LOUDNESS = -18; ///< LUFS, of the loudest 400 ms
static const double EITHER_WAY = 2.5;

/// What plays by itself, and so has no end.
static const char *const endless[] = {"drone-ambient", "wind-noise"};

static bool is_endless(const char *name)
{
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        if (strcmp(endless[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void add(struct score *score, struct event event)
{
    assert_int_equal(score_add(score, event), STATUS_OK);
}

static void write_chord(struct score *score)
{
    static const int keys[] = {36, 48, 60, 64, 67};
    const int64_t ticks = (int64_t)HELD_S * 2 * TICKS_PER_BEAT;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        add(score, event_midi(0, 0, MIDI_NOTE_ON, keys[i], 90));
        add(score, event_midi(ticks, 0, MIDI_NOTE_OFF, keys[i], 0));
    }
    assert_int_equal(score_sort(score), STATUS_OK);
}

static struct patch_player *play(const char *name)
{
    struct patch *patch = NULL;
    struct patch_player *player = NULL;
    struct score score = {0};
    struct complaint said = {""};
    write_chord(&score);
    if (patch_file_load(name, &patch, &said) != STATUS_OK) {
        fail_msg("%s: %s", name, said.text);
    }
    const enum status status = patch_player_new(patch, &score, RATE, &player, &said);
    patch_free(patch);
    score_done(&score);
    if (status == STATUS_IO) {
        print_message("%s: %s\n", name, said.text); // a machine without the General MIDI set
        skip();
    }
    if (status != STATUS_OK) {
        fail_msg("%s: %s", name, said.text);
    }
    return player;
}

static float peak_of(const float *left, const float *right, size_t from, size_t to)
{
    float peak = 0;
    for (size_t i = from; i < to; i++) {
        assert_true(isfinite(left[i]) && isfinite(right[i]));
        peak = fmaxf(peak, fmaxf(fabsf(left[i]), fabsf(right[i])));
    }
    return peak;
}

static void sounds_as_it_should(void **state)
{
    const char *name = *state;
    struct patch_player *player = play(name);
    float *left = calloc(FRAMES, sizeof *left);
    float *right = calloc(FRAMES, sizeof *right);
    assert_true(left && right);
    patch_player_render(player, left, right, FRAMES);
    assert_int_equal(patch_player_broken(player), 0);
    patch_player_free(player);
    const float peak = peak_of(left, right, 0, FRAMES);
    const float end = peak_of(left, right, FRAMES - RATE, FRAMES);
    const double loudness = loudness_most(left, right, (size_t)HEARD_S * RATE, RATE);
    print_message("%s: %.1f LUFS, peak %.1f dBFS, at the end %.1f dBFS\n", name, loudness, 20 * log10((double)peak),
                  20 * log10(fmax(end, 1e-9)));
    assert_true(peak < 0.95F);
    assert_true(fabs(loudness - LOUDNESS) < EITHER_WAY);
    assert_true(is_endless(name) ? end > 0.01F : end < 1e-4F);
    free(left);
    free(right);
}

static void plays_the_same_twice(void **state)
{
    enum { SHORT = RATE / 4 };
    static float sides[4][SHORT];
    for (int i = 0; i < 2; i++) {
        struct patch_player *player = play(*state);
        const size_t cut = i == 0 ? SHORT : 1009;
        for (size_t at = 0; at < SHORT; at += cut) {
            patch_player_render(player, sides[2 * i] + at, sides[2 * i + 1] + at, cut < SHORT - at ? cut : SHORT - at);
        }
        patch_player_free(player);
    }
    assert_memory_equal(sides[0], sides[2], sizeof sides[0]);
    assert_memory_equal(sides[1], sides[3], sizeof sides[1]);
}

int main(int argc, char **argv)
{
    static char names[PATCHES_MAX][PATCH_FILE_NAME_SIZE];
    struct CMUnitTest tests[2 * PATCHES_MAX];
    const bool is_short = argc > 1 && strcmp(argv[1], "short") == 0;
    size_t count = 0;
    for (size_t i = 0; i < PATCHES_MAX && patch_file_shipped(i, names[i]); i++) {
        tests[count++] = (struct CMUnitTest){"plays_the_same_twice", plays_the_same_twice, NULL, NULL, names[i]};
        if (!is_short) {
            tests[count++] = (struct CMUnitTest){"sounds_as_it_should", sounds_as_it_should, NULL, NULL, names[i]};
        }
    }
    return _cmocka_run_group_tests("patches", tests, count, NULL, NULL);
}
