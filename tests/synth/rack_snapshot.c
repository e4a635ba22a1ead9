// SPDX-License-Identifier: GPL-3.0-or-later
#include "desk.h"

#include "core/random.h"
#include "synth/modules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct complaint said;

static void *snapshot_new(void)
{
    void *snapshot = aligned_alloc(64, RACK_SNAPSHOT_SIZE);
    assert_non_null(snapshot);
    // What a snapshot does not write must not matter.
    memset(snapshot, 0xa5, RACK_SNAPSHOT_SIZE);
    return snapshot;
}

/// With keys held, delays ringing, noise, a cycle, something that leaves and something that glides.
static struct desk *busy_desk(void)
{
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "20");
    desk_add(desk, "env", "adsr");
    desk_add(desk, "osc", "saw");
    desk_add(desk, "hiss", "white_noise");
    desk_add(desk, "filter", "svf");
    desk_add(desk, "amp", "vca");
    desk_add(desk, "echo", "delay");
    desk_add(desk, "room", "reverb");
    desk_add(desk, "back", "feedback");
    desk_add(desk, "out", "output");
    desk_connect(desk, "keys.pitch", "osc.pitch", 1);
    desk_connect(desk, "keys.gate", "env.gate", 1);
    desk_connect(desk, "osc.out", "filter.in", 1);
    desk_connect(desk, "hiss.out", "filter.in", 0.2F);
    desk_connect(desk, "env.out", "filter.pitch", 24);
    desk_connect(desk, "filter.low", "amp.in", 0.2F);
    desk_connect(desk, "env.out", "amp.gain", 1);
    desk_connect(desk, "amp.out", "echo.left", 1);
    desk_connect(desk, "echo.right", "back.in", 0.5F);
    desk_connect(desk, "back.out", "echo.right", 0.5F);
    desk_connect(desk, "echo.left", "room.left", 1);
    desk_connect(desk, "echo.right", "room.right", 1);
    desk_connect(desk, "room.left", "out.left", 1);
    desk_connect(desk, "room.right", "out.right", 1);
    desk_play(desk);
    const struct module_event on = {.kind = MODULE_EVENT_NOTE_ON, .key = 57, .velocity = 0.8F};
    assert_true(rack_event(desk->rack, desk_uid(desk, "keys"), &on));
    desk_render(desk, 30000, 64);
    desk_remove(desk, "hiss");
    desk_connect(desk, "amp.out", "out.mono", 0.5F);
    desk_play(desk);
    desk_render(desk, 7000, 64);
    return desk;
}

static void take(struct rack *rack, void *snapshot, size_t bytes, struct desk *desk)
{
    rack_snapshot_begin(rack, snapshot);
    assert_int_equal(rack_snapshot_serial(snapshot), 0);
    while (!rack_snapshot_step(rack, bytes)) {
        desk_render(desk, 37, 37);
    }
    desk_set(desk, "filter", "cutoff", 400);
    desk_render(desk, 100, 64);
    rack_snapshot_finish(rack);
}

static struct rack *follower(const struct desk *desk)
{
    struct rack *rack = NULL;
    struct rack_bench *bench = NULL;
    assert_int_equal(rack_new(DESK_RATE, 2, DESK_OUTS, &rack), STATUS_OK);
    assert_int_equal(rack_prepare(rack, desk->program, &bench, &said), STATUS_OK);
    rack_swap(rack, bench);
    return rack;
}

static float other_out[DESK_OUTS][DESK_FRAMES_MAX];

static void expect_same(struct desk *desk, struct rack *rack, uint32_t frames)
{
    desk_render(desk, frames, 64);
    desk_render_rack(rack, frames, 64, (float *const[]){other_out[0], other_out[1]});
    for (int channel = 0; channel < DESK_OUTS; channel++) {
        assert_memory_equal(desk->out[channel], other_out[channel], frames * sizeof(float));
    }
    assert_true(desk_peak(desk, frames) > 0.001F);
}

static void another_rack_goes_on_bit_for_bit(void **state)
{
    (void)state;
    struct desk *desk = busy_desk();
    void *snapshot = snapshot_new();
    take(desk->rack, snapshot, 100000, desk);
    assert_int_equal(rack_snapshot_serial(snapshot), 2);
    struct rack *rack = follower(desk);
    desk_render_rack(rack, 500, 64, (float *const[]){other_out[0], other_out[1]});
    assert_int_equal(rack_restore(rack, snapshot), STATUS_OK);
    expect_same(desk, rack, 40000);
    // And through the next program.
    compiler_settle(desk->compiler);
    desk_remove(desk, "filter");
    desk_play(desk);
    struct rack_bench *bench = NULL;
    assert_int_equal(rack_prepare(rack, desk->program, &bench, &said), STATUS_OK);
    rack_swap(rack, bench);
    rack_tidy(rack);
    expect_same(desk, rack, 40000);
    rack_free(rack);
    free(snapshot);
    desk_free(desk);
}

static void taking_it_changes_nothing(void **state)
{
    (void)state;
    struct desk *desk = busy_desk();
    struct desk *other = busy_desk();
    void *snapshot = snapshot_new();
    rack_snapshot_begin(desk->rack, snapshot);
    for (bool is_whole = false; !is_whole;) {
        is_whole = rack_snapshot_step(desk->rack, 1 << 20);
        expect_same(desk, other->rack, 64);
    }
    rack_snapshot_finish(desk->rack);
    expect_same(desk, other->rack, 5000);
    free(snapshot);
    desk_free(other);
    desk_free(desk);
}

static void a_swap_begins_it_anew(void **state)
{
    (void)state;
    struct desk *desk = busy_desk();
    void *snapshot = snapshot_new();
    rack_snapshot_begin(desk->rack, snapshot);
    assert_true(rack_snapshot_step(desk->rack, RACK_SNAPSHOT_SIZE));
    desk_add(desk, "more", "delay");
    desk_play(desk);
    rack_snapshot_finish(desk->rack);
    assert_int_equal(rack_snapshot_serial(snapshot), 0);
    assert_false(rack_snapshot_step(desk->rack, 4));
    desk_render(desk, 1000, 64);
    while (!rack_snapshot_step(desk->rack, 300000)) {
    }
    rack_snapshot_finish(desk->rack);
    assert_int_equal(rack_snapshot_serial(snapshot), 3);
    struct rack *rack = follower(desk);
    assert_int_equal(rack_restore(rack, snapshot), STATUS_OK);
    expect_same(desk, rack, 5000);
    rack_free(rack);
    free(snapshot);
    desk_free(desk);
}

static void a_line_that_wraps_meanwhile_is_whole(void **state)
{
    (void)state;
    struct desk *desk = busy_desk();
    void *snapshot = snapshot_new();
    rack_snapshot_begin(desk->rack, snapshot);
    while (!rack_snapshot_step(desk->rack, 500000)) {
        desk_render(desk, 12345, 64);
    }
    desk_render(desk, 130000, 64); // More than the longest of some lines.
    desk_render(desk, 10000, 64);
    rack_snapshot_finish(desk->rack);
    struct rack *rack = follower(desk);
    assert_int_equal(rack_restore(rack, snapshot), STATUS_OK);
    expect_same(desk, rack, 100000);
    rack_free(rack);
    free(snapshot);
    desk_free(desk);
}

static void nothing_can_be_taken_of_nothing(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    void *snapshot = snapshot_new();
    assert_false(rack_snapshot_step(desk->rack, 1000));
    rack_snapshot_begin(desk->rack, snapshot);
    assert_false(rack_snapshot_step(desk->rack, 1000));
    rack_snapshot_finish(desk->rack);
    assert_int_equal(rack_snapshot_serial(snapshot), 0);
    assert_int_equal(rack_restore(desk->rack, snapshot), STATUS_CORRUPT);
    free(snapshot);
    desk_free(desk);
}

static enum status try(const struct desk *desk, const void *snapshot)
{
    struct rack *rack = follower(desk);
    const enum status status = rack_restore(rack, snapshot);
    if (!status) {
        desk_render_rack(rack, 200, 64, (float *const[]){other_out[0], other_out[1]});
        for (int i = 0; i < 200; i++) {
            assert_true(isfinite(other_out[0][i]) && isfinite(other_out[1][i]));
        }
    }
    rack_free(rack);
    return status;
}

static const struct program_module *find(const struct program *program, const char *id)
{
    const struct program_module *module = program->module;
    while (strcmp(module->id, id) != 0) {
        module++;
    }
    return module;
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    enum { HOT_AT = 64 << 10, COLD_AT = HOT_AT + PROGRAM_HOT_MAX };
    struct desk *desk = busy_desk();
    unsigned char *snapshot = snapshot_new();
    take(desk->rack, snapshot, 1 << 20, desk);
    assert_int_equal(try(desk, snapshot), STATUS_OK);
    // The head: another serial, no magic.
    snapshot[8] ^= 1;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    snapshot[8] ^= 1;
    snapshot[0] ^= 1;
    assert_int_equal(rack_snapshot_serial(snapshot), 0);
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    snapshot[0] ^= 1;
    // A parameter that is no number, or never ends.
    const struct program_module *echo = find(desk->program, "echo");
    struct rack_glide *glide = (struct rack_glide *)(snapshot + HOT_AT + echo->hot);
    const struct rack_glide good = *glide;
    glide->value = NAN;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    *glide = good;
    glide->left = 1000000;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    *glide = (struct rack_glide){.value = good.value, .target = good.target, .step = 1e30F, .left = 10};
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    *glide = good;
    // A gain.
    struct rack_glide *gain = (struct rack_glide *)(snapshot + HOT_AT + desk->program->cable[0].hot);
    gain->target += 1;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    gain->target -= 1;
    // A line that reaches outside, and one that holds no numbers.
    struct line *line = (struct line *)(snapshot + HOT_AT + echo->hot + program_state_at(modules_at(echo->type), 0));
    line->size *= 2;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    line->size /= 2;
    line->at = 1 << 30;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    line->at = 0;
    float *cold = (float *)(snapshot + COLD_AT) + echo->cold;
    cold[100] = INFINITY;
    assert_int_equal(try(desk, snapshot), STATUS_CORRUPT);
    cold[100] = 0;
    assert_int_equal(try(desk, snapshot), STATUS_OK);
    free(snapshot);
    desk_free(desk);
}

static void spoilt_bytes_do_no_harm(void **state)
{
    (void)state;
    enum { HOT_AT = 64 << 10 };
    struct desk *desk = busy_desk();
    unsigned char *snapshot = snapshot_new();
    take(desk->rack, snapshot, 1 << 20, desk);
    struct random random;
    random_init(&random, 9, 9);
    for (int i = 0; i < 40; i++) {
        // The states of modules, of which many go through: they are to bound what they index with.
        for (int flips = 0; flips < 20; flips++) {
            const struct program_module *module = &desk->program->module[random_below(&random, desk->program->modules)];
            const uint32_t states = program_state_at(modules_at(module->type), 0);
            if (module->hot_size > states) {
                snapshot[HOT_AT + module->hot + states + random_below(&random, module->hot_size - states)] ^=
                    (unsigned char)(1U << random_below(&random, 8));
            }
        }
        (void)try(desk, snapshot);
        take(desk->rack, snapshot, 1 << 20, desk);
    }
    free(snapshot);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_rack_goes_on_bit_for_bit),
        cmocka_unit_test(taking_it_changes_nothing),
        cmocka_unit_test(a_swap_begins_it_anew),
        cmocka_unit_test(a_line_that_wraps_meanwhile_is_whole),
        cmocka_unit_test(nothing_can_be_taken_of_nothing),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(spoilt_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
