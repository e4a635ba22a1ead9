// SPDX-License-Identifier: GPL-3.0-or-later
#include "desk.h"

#include "synth/modules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FADE = 480 };

static const double TURN = 6.283185307179586;

static struct desk *sine_desk(void)
{
    struct desk *desk = desk_new();
    desk_add(desk, "osc", "sine");
    desk_add(desk, "out", "output");
    desk_connect(desk, "osc.out", "out.mono", 1);
    desk_play(desk);
    return desk;
}

static void plays_a_sine_on_both_channels(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    desk_render(desk, 48000, 64);
    for (int i = FADE; i < 48000; i++) {
        assert_float_equal(desk->out[0][i], sin(TURN * 440 * i / 48000), 5e-4);
        assert_true(desk->out[0][i] == desk->out[1][i]);
    }
    desk_free(desk);
}

static void plays_silence_before_the_first_program(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk->out[0][99] = 1;
    desk_render(desk, 100, 30);
    assert_true(desk_peak(desk, 100) == 0);
    assert_int_equal(rack_serial(desk->rack), 0);
    assert_false(rack_set(desk->rack, 1, 0, 1));
    desk_free(desk);
}

/// A cycle, a mix, glides of parameters and of gains, delay lines, voices.
static void play_everything(struct desk *desk, uint32_t block)
{
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "20");
    desk_add(desk, "voice", "saw");
    desk_add(desk, "filter", "svf");
    desk_add(desk, "vibrato", "sine");
    desk_write(desk, "vibrato", "frequency", "5");
    desk_add(desk, "echo", "delay");
    desk_add(desk, "back", "feedback");
    desk_add(desk, "out", "output");
    desk_connect(desk, "keys.pitch", "voice.pitch", 1);
    desk_connect(desk, "vibrato.out", "voice.pitch", 0.3F);
    desk_connect(desk, "voice.out", "filter.in", 1);
    desk_connect(desk, "filter.low", "echo.left", 0.05F);
    desk_connect(desk, "echo.left", "back.in", 0.5F);
    desk_connect(desk, "back.out", "echo.right", 0.9F);
    desk_connect(desk, "back.out", "echo.left", 0.3F);
    desk_connect(desk, "echo.left", "out.left", 1);
    desk_connect(desk, "echo.right", "out.right", 1);
    desk_play(desk);
    const struct module_event on = {.kind = MODULE_EVENT_NOTE_ON, .key = 50, .velocity = 0.8F};
    assert_true(rack_event(desk->rack, desk_uid(desk, "keys"), &on));
    desk_set(desk, "filter", "cutoff", 3000);
    desk_render(desk, 777, block);
    desk_set(desk, "filter", "cutoff", 200);
    desk_set(desk, "out", "gain", -20);
    desk_disconnect(desk, "back.out", "echo.left");
    desk_play(desk);
}

static void cuts_change_no_sample(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {64, 1, 7, 32, 63, 2000};
    struct desk *first = desk_new();
    play_everything(first, 64);
    desk_render(first, 2000, 64);
    assert_true(desk_peak(first, 2000) > 0.01F);
    for (size_t i = 1; i < sizeof blocks / sizeof *blocks; i++) {
        struct desk *other = desk_new();
        play_everything(other, blocks[i]);
        desk_render(other, 2000, blocks[i]);
        assert_memory_equal(first->out[0], other->out[0], 2000 * sizeof(float));
        assert_memory_equal(first->out[1], other->out[1], 2000 * sizeof(float));
        desk_free(other);
    }
    desk_free(first);
}

static void what_is_removed_fades_without_a_click(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    desk_render(desk, 4823, 64);
    const float step = desk_step(desk, 4823);
    const float last = desk->out[0][4822];
    desk_remove(desk, "osc");
    desk_play(desk);
    assert_true(compiler_is_leaving(desk->compiler));
    desk_render(desk, 1000, 64);
    assert_true(fabsf(desk->out[0][0] - last) < step + 1.1F / FADE);
    assert_true(desk_step(desk, 1000) < step + 1.1F / FADE);
    assert_true(desk_peak(desk, FADE / 2) > 0.4F);
    for (int i = FADE; i < 1000; i++) {
        assert_true(desk->out[0][i] == 0);
    }
    compiler_settle(desk->compiler);
    desk_play(desk);
    assert_int_equal(desk->program->modules, 1);
    assert_int_equal(desk->program->cables, 0);
    desk_free(desk);
}

static void a_removed_output_fades(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    desk_render(desk, 4823, 64);
    const float step = desk_step(desk, 4823);
    desk_remove(desk, "out");
    desk_play(desk);
    desk_render(desk, 1000, 64);
    assert_true(desk_step(desk, 1000) < step + 1.1F / FADE);
    assert_true(desk_peak(desk, FADE / 2) > 0.4F);
    assert_true(desk->out[0][FADE] == 0);
    desk_free(desk);
}

static void a_fresh_chain_fades_in_as_one(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "out", "output");
    desk_play(desk);
    desk_render(desk, 1000, 64);
    desk_add(desk, "one", "constant");
    desk_add(desk, "a", "vca");
    desk_add(desk, "b", "vca");
    desk_add(desk, "sum", "mixer");
    desk_connect(desk, "one.out", "a.in", 1);
    desk_connect(desk, "one.out", "a.gain", 1);
    desk_connect(desk, "a.out", "b.in", 1);
    desk_connect(desk, "b.out", "sum.in1", 0.5F);
    desk_connect(desk, "sum.out", "out.mono", 1);
    desk_play(desk);
    desk_render(desk, 1000, 64);
    for (int i = 0; i < 1000; i++) {
        assert_float_equal(desk->out[0][i], i < FADE ? 0.5F * (float)i / FADE : 0.5F, 1e-3);
    }
    desk_free(desk);
}

static void another_gain_glides(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    desk_render(desk, 4823, 64);
    const float step = desk_step(desk, 4823);
    desk_disconnect(desk, "osc.out", "out.mono");
    desk_connect(desk, "osc.out", "out.mono", 0.25F);
    desk_play(desk);
    assert_false(compiler_is_leaving(desk->compiler));
    desk_render(desk, 2000, 64);
    assert_true(desk_step(desk, 2000) < step + 1.1F / FADE);
    float peak = 0;
    for (int i = FADE; i < 2000; i++) {
        peak = fmaxf(peak, fabsf(desk->out[0][i]));
    }
    assert_float_equal(peak, 0.25, 1e-3);
    desk_free(desk);
}

static void a_module_with_other_voices_fades_over(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "3");
    desk_add(desk, "osc", "sine");
    desk_add(desk, "out", "output");
    desk_connect(desk, "osc.out", "out.mono", 0.3F);
    desk_play(desk);
    desk_render(desk, 4823, 64);
    const float step = desk_step(desk, 4823);
    desk_connect(desk, "keys.pitch", "osc.pitch", 1);
    desk_play(desk);
    assert_true(compiler_is_leaving(desk->compiler));
    desk_render(desk, 4000, 64);
    // Three voices instead of one, all at 440 Hz.
    assert_true(desk_step(desk, 4000) < 4 * step + 4 * 0.3F / FADE);
    assert_float_equal(desk_peak(desk, 4000), 0.9, 0.02);
    // Values reach the new one.
    desk_set(desk, "osc", "frequency", 100);
    desk_render(desk, 4000, 64);
    desk_render(desk, 4000, 64);
    assert_true(desk_step(desk, 4000) < 0.9F * (float)TURN * 101 / 48000);
    desk_free(desk);
}

static void a_cable_turned_round_makes_no_click(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "a", "vca");
    desk_add(desk, "b", "vca");
    desk_add(desk, "osc", "sine");
    desk_add(desk, "out", "output");
    desk_connect(desk, "osc.out", "a.in", 0.5F);
    desk_connect(desk, "osc.out", "b.in", 0.25F);
    desk_connect(desk, "a.out", "b.in", 1);
    desk_connect(desk, "b.out", "out.mono", 1);
    desk_play(desk);
    desk_render(desk, 4823, 64);
    const float step = desk_step(desk, 4823);
    assert_float_equal(desk_peak(desk, 4823), 0.75, 0.01);
    desk_disconnect(desk, "a.out", "b.in");
    desk_connect(desk, "b.out", "a.in", 1);
    desk_play(desk);
    desk_render(desk, 4823, 64);
    assert_true(desk_step(desk, 4823) < step + 2.0F / FADE);
    desk_render(desk, 4823, 64);
    assert_float_equal(desk_peak(desk, 4823), 0.25, 0.01);
    desk_free(desk);
}

static void voices_are_summed_and_no_more(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "40");
    desk_add(desk, "osc", "sine");
    desk_add(desk, "shift", "sine");
    desk_write(desk, "shift", "frequency", "3");
    desk_add(desk, "same", "sine");
    desk_add(desk, "out", "output");
    desk_connect(desk, "keys.gate", "osc.pitch", 1);
    desk_connect(desk, "shift.out", "osc.phase", 1);
    desk_connect(desk, "shift.out", "same.phase", 1);
    desk_connect(desk, "osc.out", "out.left", 0.025F);
    desk_connect(desk, "same.out", "out.right", 1);
    desk_play(desk);
    desk_render(desk, 5000, 64);
    // The groups of 16, 16 and 8 voices all make the wave of the one.
    for (int i = 0; i < 5000; i++) {
        assert_float_equal(desk->out[0][i], desk->out[1][i], 1e-3);
    }
    assert_true(desk_peak(desk, 5000) > 0.99F);
    desk_free(desk);
}

static void keys_sound_as_many_voices(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "33");
    desk_add(desk, "env", "adsr");
    desk_add(desk, "osc", "sine");
    desk_add(desk, "amp", "vca");
    desk_add(desk, "out", "output");
    desk_connect(desk, "keys.pitch", "osc.pitch", 1);
    desk_connect(desk, "keys.gate", "env.gate", 1);
    desk_connect(desk, "osc.out", "amp.in", 1);
    desk_connect(desk, "env.out", "amp.gain", 1);
    desk_connect(desk, "amp.out", "out.mono", 1);
    desk_write(desk, "env", "sustain", "1");
    desk_play(desk);
    desk_render(desk, 5000, 64);
    assert_true(desk_peak(desk, 5000) == 0);
    for (int key = 0; key < 33; key++) {
        const struct module_event on = {.kind = MODULE_EVENT_NOTE_ON, .key = (float)(40 + key), .velocity = 0.8F};
        assert_true(rack_event(desk->rack, 0, &on));
    }
    desk_render(desk, 48000, 64);
    double energy = 0;
    for (int i = 24000; i < 48000; i++) {
        energy += (double)desk->out[0][i] * desk->out[0][i];
    }
    assert_float_equal(energy / 24000, 16.5, 3.3F);
    desk_free(desk);
}

static void a_value_glides_for_10_ms(void **state)
{
    (void)state;
    static float ones[1000];
    for (int i = 0; i < 1000; i++) {
        ones[i] = 1;
    }
    struct desk *desk = desk_new();
    desk_add(desk, "in", "input");
    desk_add(desk, "out", "output");
    desk_connect(desk, "in.right", "out.right", 1);
    desk_play(desk);
    float *const out[] = {desk->out[0], desk->out[1]};
    rack_render(desk->rack, (const float *const[]){ones, ones}, out, FADE);
    for (int i = 1; i < FADE; i++) {
        assert_true(desk->out[1][i] >= desk->out[1][i - 1]);
        assert_float_equal(desk->out[1][i], (float)i / FADE, 1e-3);
    }
    desk_set(desk, "out", "gain", -20);
    rack_render(desk->rack, (const float *const[]){ones, ones}, out, 1000);
    for (int i = 1; i < FADE; i++) {
        assert_true(desk->out[1][i] < desk->out[1][i - 1]);
        assert_float_equal(desk->out[1][i], pow(10, -(double)i / FADE), 1e-3);
    }
    assert_true(desk->out[1][FADE] == desk->out[1][999]);
    assert_float_equal(desk->out[1][999], 0.1, 1e-6);
    // A channel is a step.
    desk_set(desk, "in", "channel", 2);
    rack_render(desk->rack, (const float *const[]){ones, ones}, out, 10);
    assert_true(desk->out[1][0] == 0);
    desk_free(desk);
}

static void values_are_clamped_or_refused(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    const uint32_t out = desk_uid(desk, "out");
    desk_render(desk, 1000, 64);
    assert_true(rack_set(desk->rack, out, 0, NAN));
    desk_render(desk, 1000, 64);
    assert_float_equal(desk_peak(desk, 1000), 1, 1e-3);
    assert_true(rack_set(desk->rack, out, 0, INFINITY));
    desk_render(desk, 1000, 64);
    desk_render(desk, 1000, 64);
    assert_float_equal(desk_peak(desk, 1000), pow(10, 24 / 20.0), 0.02);
    assert_false(rack_set(desk->rack, out, 2, 0));
    assert_false(rack_set(desk->rack, 99, 0, 0));
    assert_false(rack_set(desk->rack, 0, 0, 0));
    desk_free(desk);
}

static void feedback_takes_64_frames(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {64, 1, 13, 200};
    static float in[800];
    in[500] = 1;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct desk *desk = desk_new();
        desk_add(desk, "in", "input");
        desk_add(desk, "back", "feedback");
        desk_add(desk, "out", "output");
        desk_connect(desk, "in.left", "back.in", 1);
        desk_connect(desk, "back.out", "out.mono", 1);
        desk_play(desk);
        for (uint32_t at = 0; at < 600; at += blocks[i]) {
            rack_render(desk->rack, (const float *const[]){in + at, in + at},
                        (float *const[]){desk->out[0] + at, desk->out[1] + at}, blocks[i]);
        }
        for (int frame = 0; frame < 600; frame++) {
            assert_true(desk->out[0][frame] == (frame == 564 ? 1.0F : 0.0F));
        }
        desk_free(desk);
    }
}

static void what_is_not_finite_is_silent_and_passes(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "osc", "sine");
    desk_add(desk, "back", "feedback");
    desk_add(desk, "out", "output");
    char from[32] = "osc.out";
    for (int i = 0; i < 14; i++) {
        char id[32];
        char to[32];
        (void)snprintf(id, sizeof id, "b%d", i);
        (void)snprintf(to, sizeof to, "b%d.in", i);
        desk_add(desk, id, "scale");
        desk_connect(desk, from, to, 1000);
        (void)snprintf(from, sizeof from, "b%d.out", i);
    }
    desk_connect(desk, "b13.out", "back.in", 1);
    desk_connect(desk, "b13.out", "out.right", 1);
    desk_connect(desk, "back.out", "out.right", 1);
    desk_connect(desk, "osc.out", "out.left", 1);
    desk_play(desk);
    desk_render(desk, 48000, 64);
    for (int i = 0; i < 48000; i++) {
        assert_true(isfinite(desk->out[0][i]) && isfinite(desk->out[1][i]));
    }
    assert_true(rack_broken(desk->rack) > 0);
    desk_disconnect(desk, "b13.out", "back.in");
    desk_disconnect(desk, "b13.out", "out.right");
    desk_connect(desk, "osc.out", "back.in", 1);
    desk_play(desk);
    desk_render(desk, 4800, 64);
    const uint64_t broken = rack_broken(desk->rack);
    desk_render(desk, 4800, 64);
    assert_int_equal(rack_broken(desk->rack), broken);
    assert_float_equal(desk->out[1][4000], sin(TURN * 440 * (52800 + 4000 - 64) / 48000), 5e-3);
    desk_free(desk);
}

static void a_cycle_that_ran_away_comes_back_unseen(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "osc", "sine");
    desk_add(desk, "back", "feedback");
    desk_add(desk, "filter", "svf");
    desk_add(desk, "out", "output");
    desk_connect(desk, "osc.out", "back.in", 1);
    desk_connect(desk, "back.out", "back.in", 1000);
    desk_connect(desk, "back.out", "filter.in", 1);
    desk_connect(desk, "filter.low", "out.mono", 1);
    desk_play(desk);
    desk_render(desk, 48000, 64);
    desk_disconnect(desk, "back.out", "back.in");
    desk_connect(desk, "back.out", "back.in", 0.1F);
    desk_play(desk);
    desk_render(desk, 48000, 64);
    desk_render(desk, 4800, 64);
    assert_true(desk_peak(desk, 4800) > 0.5F && desk_peak(desk, 4800) < 2);
    desk_free(desk);
}

static void broken_input_is_silence(void **state)
{
    (void)state;
    float in[100];
    for (int i = 0; i < 100; i++) {
        in[i] = i % 2 == 0 ? NAN : 0.5F;
    }
    struct desk *desk = desk_new();
    desk_add(desk, "in", "input");
    desk_add(desk, "out", "output");
    desk_connect(desk, "in.left", "out.left", 1);
    desk_play(desk);
    desk_render(desk, 1000, 64);
    rack_render(desk->rack, (const float *const[]){in, in}, (float *const[]){desk->out[0], desk->out[1]}, 100);
    for (int i = 0; i < 100; i++) {
        assert_true(desk->out[0][i] == (i % 2 == 0 ? 0.0F : 0.5F));
    }
    assert_int_equal(rack_broken(desk->rack), 0);
    desk_free(desk);
}

static void events_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    const struct module_event on = {.kind = MODULE_EVENT_NOTE_ON, .key = 60, .velocity = 1};
    assert_false(rack_event(desk->rack, 0, &on));
    assert_false(rack_event(desk->rack, desk_uid(desk, "osc"), &on));
    desk_add(desk, "keys", "notes");
    desk_play(desk);
    assert_true(rack_event(desk->rack, 0, &on));
    assert_true(rack_event(desk->rack, desk_uid(desk, "keys"), &on));
    const struct module_event other = {.kind = MODULE_EVENT_COUNT, .key = 60, .velocity = 1};
    assert_false(rack_event(desk->rack, 0, &other));
    const struct module_event no_key = {.kind = MODULE_EVENT_NOTE_ON, .key = NAN, .velocity = 1};
    assert_false(rack_event(desk->rack, 0, &no_key));
    desk_free(desk);
}

static void knows_peaks(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    assert_true(rack_peak(desk->rack, desk_uid(desk, "osc"), 0) == 0);
    desk_set(desk, "osc", "frequency", 5000);
    desk_render(desk, 6400, 64);
    assert_float_equal(rack_peak(desk->rack, desk_uid(desk, "osc"), 0), 1, 0.05);
    assert_true(rack_peak(desk->rack, desk_uid(desk, "osc"), 1) == 0);
    assert_true(rack_peak(desk->rack, 77, 0) == 0);
    desk_free(desk);
}

static void plays_256_modules(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "out", "output");
    for (int i = 0; i < PROGRAM_MODULES_MAX - 1; i++) {
        char id[32];
        char port[32];
        (void)snprintf(id, sizeof id, "m%d", i);
        (void)snprintf(port, sizeof port, "m%d.out", i);
        desk_add(desk, id, "sine");
        desk_connect(desk, port, "out.mono", 1.0F / (PROGRAM_MODULES_MAX - 1));
    }
    desk_play(desk);
    desk_render(desk, 4800, 64);
    assert_float_equal(desk_peak(desk, 4800), 1, 1e-3);
    desk_free(desk);
}

static void refuses_what_it_cannot_be(void **state)
{
    (void)state;
    struct rack *rack = NULL;
    assert_int_equal(rack_new(7999, 0, 2, &rack), STATUS_RANGE);
    assert_int_equal(rack_new(NAN, 0, 2, &rack), STATUS_RANGE);
    assert_int_equal(rack_new(192001, 0, 2, &rack), STATUS_RANGE);
    assert_int_equal(rack_new(48000, 65, 2, &rack), STATUS_RANGE);
    assert_int_equal(rack_new(48000, 0, 65, &rack), STATUS_RANGE);
    assert_null(rack);
    rack_free(NULL);
}

static void refuses_programs_that_do_not_follow(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    struct complaint complaint;
    struct rack_bench *bench = NULL;
    // The same serial again.
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_INVALID);
    // A module that goes on somewhere else.
    desk->program->serial++;
    const struct program good = *desk->program;
    desk->program->hot_size += 1024;
    desk->program->module[0].hot += 1024;
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_CORRUPT);
    // A fresh one where another plays.
    *desk->program = good;
    desk->program->module[0].life = 1000;
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_CORRUPT);
    *desk->program = good;
    desk->program->rate = 44100;
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_INVALID);
    assert_null(bench);
    // It goes on as if nothing had been, and so does what is given back.
    *desk->program = good;
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_OK);
    rack_discard(desk->rack, bench);
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_OK);
    desk_render(desk, 4800, 64);
    rack_swap(desk->rack, bench);
    desk_render(desk, 4800, 64);
    assert_float_equal(desk->out[0][4000], sin(TURN * 440 * 8800 / 48000.0), 5e-4);
    // Prepared and never played: freed with the rack.
    desk->program->serial++;
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, &complaint), STATUS_OK);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_a_sine_on_both_channels),
        cmocka_unit_test(plays_silence_before_the_first_program),
        cmocka_unit_test(cuts_change_no_sample),
        cmocka_unit_test(what_is_removed_fades_without_a_click),
        cmocka_unit_test(a_removed_output_fades),
        cmocka_unit_test(a_fresh_chain_fades_in_as_one),
        cmocka_unit_test(another_gain_glides),
        cmocka_unit_test(a_module_with_other_voices_fades_over),
        cmocka_unit_test(a_cable_turned_round_makes_no_click),
        cmocka_unit_test(voices_are_summed_and_no_more),
        cmocka_unit_test(keys_sound_as_many_voices),
        cmocka_unit_test(a_value_glides_for_10_ms),
        cmocka_unit_test(values_are_clamped_or_refused),
        cmocka_unit_test(feedback_takes_64_frames),
        cmocka_unit_test(what_is_not_finite_is_silent_and_passes),
        cmocka_unit_test(a_cycle_that_ran_away_comes_back_unseen),
        cmocka_unit_test(broken_input_is_silence),
        cmocka_unit_test(events_that_cannot_be_are_refused),
        cmocka_unit_test(knows_peaks),
        cmocka_unit_test(plays_256_modules),
        cmocka_unit_test(refuses_what_it_cannot_be),
        cmocka_unit_test(refuses_programs_that_do_not_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
