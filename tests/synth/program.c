// SPDX-License-Identifier: GPL-3.0-or-later
// Programs from a process that is ill: whatever their bytes are, they are refused, or play without harm.
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

static struct desk *some_desk(void)
{
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "20");
    desk_add(desk, "osc", "sine");
    desk_add(desk, "back", "feedback");
    desk_add(desk, "echo", "delay");
    desk_add(desk, "out", "output");
    desk_connect(desk, "keys.pitch", "osc.pitch", 1);
    desk_connect(desk, "osc.out", "back.in", 1);
    desk_connect(desk, "back.out", "osc.phase", 0.5F);
    desk_connect(desk, "osc.out", "echo.left", 0.1F);
    desk_connect(desk, "echo.left", "out.left", 1);
    desk_connect(desk, "echo.right", "out.right", 1);
    desk_play(desk);
    assert_int_equal(program_check(desk->program, &said), STATUS_OK);
    return desk;
}

static void expect_refused(struct desk *desk, const struct program *good)
{
    said.text[0] = '\0';
    assert_int_equal(program_check(desk->program, &said), STATUS_CORRUPT);
    assert_true(said.text[0] != '\0');
    *desk->program = *good;
}

static void refuses_what_is_outside(void **state)
{
    (void)state;
    struct desk *desk = some_desk();
    struct program *good = malloc(sizeof *good);
    assert_non_null(good);
    *good = *desk->program;
    struct program *program = desk->program;
    program->serial = 0;
    expect_refused(desk, good);
    program->modules = PROGRAM_MODULES_MAX + 1;
    expect_refused(desk, good);
    program->cables = PROGRAM_CABLES_MAX + 1;
    expect_refused(desk, good);
    program->buffers++;
    expect_refused(desk, good);
    program->rate = NAN;
    expect_refused(desk, good);
    program->hot_size = 64;
    expect_refused(desk, good);
    program->cold_size = 64;
    expect_refused(desk, good);
    program->module[0].type = 10000;
    expect_refused(desk, good);
    program->module[1].voices = 0;
    expect_refused(desk, good);
    program->module[1].voices = MODULE_VOICES_MAX + 1;
    expect_refused(desk, good);
    program->module[2].life = program->module[1].life;
    expect_refused(desk, good);
    program->module[2].uid = program->module[1].uid;
    expect_refused(desk, good);
    program->module[2].hot = program->module[1].hot;
    expect_refused(desk, good);
    program->module[1].hot += 4;
    expect_refused(desk, good);
    program->module[1].hot_size += 64;
    expect_refused(desk, good);
    program->module[1].buffer = 9000;
    expect_refused(desk, good);
    program->module[1].cables = 1000;
    expect_refused(desk, good);
    memset(program->module[1].id, 'x', sizeof program->module[1].id);
    expect_refused(desk, good);
    program->module[1].saved_size = 64;
    expect_refused(desk, good);
    free(good);
    desk_free(desk);
}

static void refuses_cables_and_values(void **state)
{
    (void)state;
    struct desk *desk = some_desk();
    struct program *good = malloc(sizeof *good);
    assert_non_null(good);
    *good = *desk->program;
    struct program *program = desk->program;
    for (uint32_t i = 0; i < good->cables; i++) {
        program->cable[i].from = 1000;
        expect_refused(desk, good);
        program->cable[i].from = (uint16_t)(good->modules - 1);
        program->cable[i].from_port = 0;
        expect_refused(desk, good);
        program->cable[i].to++;
        expect_refused(desk, good);
        program->cable[i].from_port = 8;
        expect_refused(desk, good);
        program->cable[i].to_port = 8;
        expect_refused(desk, good);
        program->cable[i].gain = NAN;
        expect_refused(desk, good);
        program->cable[i].hot += 4;
        expect_refused(desk, good);
        program->cable[i].hot = program->hot_size;
        expect_refused(desk, good);
        program->cable[i].life = 0;
        expect_refused(desk, good);
    }
    for (uint32_t i = 0; i < good->modules; i++) {
        program->module[i].params[0] = NAN;
        const bool has_params = modules_at(good->module[i].type)->params != NULL;
        if (has_params) {
            expect_refused(desk, good);
        }
        *program = *good;
    }
    free(good);
    desk_free(desk);
}

/// Flips bits where the program has something to say.
static void spoil(struct program *program, struct random *random)
{
    const uint32_t flips = 1 + random_below(random, 3);
    for (uint32_t i = 0; i < flips; i++) {
        unsigned char *bytes = (unsigned char *)program;
        size_t size = offsetof(struct program, cable);
        const uint32_t part = random_below(random, 10);
        if (part < 4) {
            bytes = (unsigned char *)&program->cable[random_below(random, program->cables % 8 + 1)];
            size = sizeof program->cable[0];
        } else if (part < 9) {
            bytes = (unsigned char *)&program->module[random_below(random, program->modules % 8 + 1)];
            size = offsetof(struct program_module, file);
        }
        bytes[random_below(random, (uint32_t)size)] ^= (unsigned char)(1U << random_below(random, 8));
    }
}

static void spoilt_bytes_do_no_harm(void **state)
{
    (void)state;
    struct desk *desk = some_desk();
    struct program *spoilt = malloc(sizeof *spoilt);
    assert_non_null(spoilt);
    struct random random;
    random_init(&random, 3, 1);
    int played = 0;
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
        *spoilt = *desk->program;
        spoil(spoilt, &random);
        if (program_check(spoilt, &said)) {
            refused++;
            continue;
        }
        if (played == 30) {
            continue;
        }
        struct rack *rack = NULL;
        struct rack_bench *bench = NULL;
        assert_int_equal(rack_new(DESK_RATE, 2, DESK_OUTS, &rack), STATUS_OK);
        if (rack_prepare(rack, spoilt, &bench, &said) == STATUS_OK) {
            rack_swap(rack, bench);
            desk_render_rack(rack, 200, 64, (float *const[]){desk->out[0], desk->out[1]});
            played++;
        }
        rack_free(rack);
    }
    assert_true(played > 0);
    assert_true(refused > 1000);
    free(spoilt);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_outside),
        cmocka_unit_test(refuses_cables_and_values),
        cmocka_unit_test(spoilt_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
