// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RATE = 96000, LONGEST = 30 * RATE };

static float gate[LONGEST];
static float level[LONGEST];
static float out[LONGEST];

static void open_gate(int from, int to)
{
    for (int i = 0; i < LONGEST; i++) {
        gate[i] = i >= from && i < to ? 1 : 0;
    }
}

static struct stand *adsr(float attack, float decay, float sustain, float release)
{
    struct stand *stand = stand_new("adsr", RATE, 1, NULL);
    stand_set(stand, "attack", attack);
    stand_set(stand, "decay", decay);
    stand_set(stand, "sustain", sustain);
    stand_set(stand, "release", release);
    stand_plug(stand, "gate", -1, gate);
    return stand;
}

static int first_at(int from, float value)
{
    int i = from;
    while (i < LONGEST && out[i] != value) {
        i++;
    }
    return i;
}

static void assert_frames(int frames, double ms)
{
    const double wanted = fmax(ms * RATE / 1000, 1);
    // Rounding may bring the flat end of a fall to its level a few frames early; a block is 64.
    if (fabs(frames - wanted) > 16) {
        fail_msg("%d frames instead of %g", frames, wanted);
    }
}

static void segments_end_when_they_should(void **state)
{
    (void)state;
    static const float times[] = {0, 0.5F, 1, 5, 37.3F, 250, 1000, 6000};
    for (size_t t = 0; t < sizeof times / sizeof times[0]; t++) {
        const int segment = (int)(times[t] * RATE / 1000);
        const int close = 100 + 3 * segment + 100;
        open_gate(100, close);
        struct stand *stand = adsr(times[t], 2 * times[t], 0.5F, times[t]);
        const int whole = close + segment + 100;
        stand_run(stand, (uint32_t)whole, 64, "out", 0, out);
        stand_free(stand);
        assert_true(out[99] == 0);
        const int top = first_at(0, 1);
        assert_frames(top - 99, times[t]);
        const int held = first_at(top, 0.5F);
        assert_frames(held - top, 2.0 * times[t]);
        assert_true(out[close - 1] == 0.5F);
        const int silent = first_at(close, 0);
        assert_frames(silent - close + 1, times[t]);
        assert_true(out[whole - 1] == 0);
    }
}

static void a_long_segment_is_exact_too(void **state)
{
    (void)state;
    open_gate(0, LONGEST);
    struct stand *stand = adsr(25000, 100, 1, 100);
    stand_run(stand, LONGEST, 64, "out", 0, out);
    stand_free(stand);
    assert_frames(first_at(0, 1) + 1, 25000);
}

static double steepest(int from, int to)
{
    double most = 0;
    for (int i = from; i < to; i++) {
        most = fmax(most, fabs((double)out[i] - out[i - 1]));
    }
    return most;
}

static void it_rises_and_falls_in_one_direction(void **state)
{
    (void)state;
    open_gate(0, 20000);
    struct stand *stand = adsr(50, 50, 0.3F, 80);
    stand_run(stand, 40000, 64, "out", 0, out);
    stand_free(stand);
    for (int i = 1; i < 4799; i++) {
        assert_true(out[i] > out[i - 1]);
    }
    for (int i = 4801; i < 40000; i++) {
        assert_true(out[i] <= out[i - 1]);
    }
    // As of a capacitor: more than half of the way is behind it well before half of the time.
    assert_true(out[1900] > 0.5F);
    assert_true(out[20000 + 80 * 96 / 4] < 0.3F / 2);
}

static void a_gate_that_opens_again_does_not_click(void **state)
{
    (void)state;
    open_gate(0, 3000);
    // In the release, and for one frame in the attack, the decay and the sustain.
    for (int i = 5000; i < 40000; i++) {
        gate[i] = i != 5500 && i != 11000 && i != 30000 ? 1 : 0;
    }
    for (int i = 0; i < 40000; i++) {
        level[i] = i < 11000 ? 0.5F : 1;
    }
    struct stand *stand = adsr(20, 100, 0.4F, 60);
    stand_plug(stand, "level", -1, level);
    stand_run(stand, 40000, 64, "out", 0, out);
    stand_free(stand);
    // The steepest there is in an attack of 20 ms.
    assert_true(steepest(1, 40000) < 2.0 / (20 * 96));
}

static void the_level_counts_when_the_gate_opens(void **state)
{
    (void)state;
    open_gate(1000, 60000);
    for (int i = 0; i < 80000; i++) {
        level[i] = i == 1000 ? 0.25F : 0.9F;
    }
    struct stand *stand = adsr(5, 10, 0.5F, 5);
    stand_plug(stand, "level", -1, level);
    stand_run(stand, 80000, 64, "out", 0, out);
    stand_free(stand);
    assert_int_equal(first_at(0, 0.25F), 999 + 480);
    assert_true(out[50000] == 0.125F);
}

static void run_with_moves(uint32_t block, float *to)
{
    // Steps and times that float adds up without rounding, however they are cut.
    struct stand *stand = adsr(16, 32, 0.5F, 24);
    stand_run(stand, 1000, block, "out", 0, to);
    static const char *const moves[] = {"attack", "decay", "release", "sustain"};
    for (int move = 0; move < 4; move++) {
        stand_plug(stand, "gate", -1, gate + 1000 + 5000 * move);
        stand_glide(stand, moves[move], 0.0009765625F);
        stand_run(stand, 500, block, "out", 0, to + 1000 + 5000 * move);
        stand_plug(stand, "gate", -1, gate + 1500 + 5000 * move);
        stand_glide(stand, moves[move], 0);
        stand_run(stand, 4500, block, "out", 0, to + 1500 + 5000 * move);
    }
    stand_free(stand);
}

static void how_it_is_cut_changes_nothing(void **state)
{
    (void)state;
    enum { WHOLE = 21000 };
    static float whole[WHOLE];
    static const uint32_t blocks[] = {1, 7, 61};
    for (int i = 0; i < WHOLE; i++) {
        // Moved in an attack, a decay and a release, and long enough at rest after each.
        gate[i] = (i > 500 && i < 6200) || (i > 10990 && i < 19000 && i != 15000) ? 1 : 0;
    }
    run_with_moves(64, whole);
    assert_true(whole[5900] == 0.5F && whole[10900] == 0);
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        run_with_moves(blocks[b], out);
        assert_memory_equal(out, whole, sizeof whole);
    }
}

static void a_new_time_counts_from_where_it_is(void **state)
{
    (void)state;
    open_gate(0, LONGEST);
    struct stand *stand = adsr(1000, 100, 1, 100);
    stand_run(stand, RATE / 2, 64, "out", 0, out);
    const float half = out[RATE / 2 - 1];
    stand_set(stand, "attack", 100);
    stand_run(stand, RATE, 64, "out", 0, out);
    stand_free(stand);
    assert_true(out[0] > half && out[0] < half + 0.001F);
    assert_frames(first_at(0, 1) + 1, 50);
}

static void nonsense_is_forgotten(void **state)
{
    (void)state;
    open_gate(0, 100);
    static const float nonsense[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F};
    for (int i = 0; i < 20000; i++) {
        gate[i] = i < 5000 ? nonsense[i % 5] : i > 6000 ? 1 : 0;
        level[i] = i < 5000 ? nonsense[(i / 3) % 5] : 1;
    }
    struct stand *stand = adsr(5, 10, 0.5F, 5);
    stand_plug(stand, "level", -1, level);
    stand_run(stand, 20000, 64, "out", 0, out);
    stand_free(stand);
    assert_true(out[6000] == 0);
    assert_true(out[19999] == 0.5F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_end_when_they_should),
        cmocka_unit_test(a_long_segment_is_exact_too),
        cmocka_unit_test(it_rises_and_falls_in_one_direction),
        cmocka_unit_test(a_gate_that_opens_again_does_not_click),
        cmocka_unit_test(the_level_counts_when_the_gate_opens),
        cmocka_unit_test(how_it_is_cut_changes_nothing),
        cmocka_unit_test(a_new_time_counts_from_where_it_is),
        cmocka_unit_test(nonsense_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
