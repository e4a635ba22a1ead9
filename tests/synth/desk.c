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

static const float silence[DESK_FRAMES_MAX];

static void expect_ok(enum status status, const struct complaint *complaint)
{
    if (status) {
        fail_msg("%s: %s", status_text(status), complaint->text);
    }
}

struct desk *desk_new(void)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->patch = patch_new();
    desk->compiler = compiler_new(DESK_RATE, 2, DESK_OUTS);
    desk->program = calloc(1, sizeof *desk->program);
    assert_non_null(desk->patch);
    assert_non_null(desk->compiler);
    assert_non_null(desk->program);
    assert_int_equal(rack_new(DESK_RATE, 2, DESK_OUTS, &desk->rack), STATUS_OK);
    return desk;
}

void desk_free(struct desk *desk)
{
    rack_free(desk->rack);
    compiler_free(desk->compiler);
    patch_free(desk->patch);
    free(desk->program);
    free(desk);
}

void desk_add(struct desk *desk, const char *id, const char *type)
{
    struct complaint complaint = {""};
    expect_ok(patch_add(desk->patch, id, type, &complaint), &complaint);
}

void desk_remove(struct desk *desk, const char *id)
{
    struct complaint complaint = {""};
    expect_ok(patch_remove(desk->patch, id, &complaint), &complaint);
}

struct end {
    char module[64];
    const char *port;
};

static struct end split(const char *text)
{
    struct end end = {.port = strchr(text, '.') + 1};
    (void)snprintf(end.module, sizeof end.module, "%.*s", (int)(end.port - 1 - text), text);
    return end;
}

void desk_connect(struct desk *desk, const char *from, const char *to, float gain)
{
    const struct end a = split(from);
    const struct end b = split(to);
    struct complaint complaint = {""};
    expect_ok(patch_connect(desk->patch, a.module, a.port, b.module, b.port, gain, &complaint), &complaint);
}

void desk_disconnect(struct desk *desk, const char *from, const char *to)
{
    const struct end a = split(from);
    const struct end b = split(to);
    struct complaint complaint = {""};
    expect_ok(patch_disconnect(desk->patch, a.module, a.port, b.module, b.port, &complaint), &complaint);
}

void desk_write(struct desk *desk, const char *id, const char *name, const char *text)
{
    struct complaint complaint = {""};
    expect_ok(patch_set_text(desk->patch, id, name, text, NULL, &complaint), &complaint);
}

void desk_set(struct desk *desk, const char *id, const char *name, double value)
{
    struct complaint complaint = {""};
    struct patch_change change;
    expect_ok(patch_set_number(desk->patch, id, name, value, &change, &complaint), &complaint);
    assert_true(change.param >= 0);
    assert_true(rack_set(desk->rack, change.uid, (uint32_t)change.param, change.value));
}

uint32_t desk_uid(const struct desk *desk, const char *id)
{
    struct patch_module *module = NULL;
    assert_int_equal(patch_find(desk->patch, id, &module, NULL), STATUS_OK);
    return module->uid;
}

void desk_play(struct desk *desk)
{
    struct complaint complaint = {""};
    struct rack_bench *bench = NULL;
    expect_ok(compiler_compile(desk->compiler, desk->patch, NULL, NULL, desk->program, &complaint), &complaint);
    compiler_commit(desk->compiler);
    expect_ok(rack_prepare(desk->rack, desk->program, &bench, &complaint), &complaint);
    rack_swap(desk->rack, bench);
    rack_tidy(desk->rack);
}

void desk_render_rack(struct rack *rack, uint32_t frames, uint32_t block, float *const out[DESK_OUTS])
{
    assert_true(frames <= DESK_FRAMES_MAX);
    for (uint32_t at = 0; at < frames; at += block) {
        const uint32_t now = frames - at < block ? frames - at : block;
        rack_render(rack, (const float *const[]){silence, silence}, (float *const[]){out[0] + at, out[1] + at}, now);
    }
}

void desk_render(struct desk *desk, uint32_t frames, uint32_t block)
{
    desk_render_rack(desk->rack, frames, block, (float *const[]){desk->out[0], desk->out[1]});
}

float desk_peak(const struct desk *desk, uint32_t frames)
{
    float peak = 0;
    for (uint32_t i = 0; i < frames; i++) {
        peak = fmaxf(peak, fabsf(desk->out[0][i]));
    }
    return peak;
}

float desk_step(const struct desk *desk, uint32_t frames)
{
    float step = 0;
    for (uint32_t i = 1; i < frames; i++) {
        step = fmaxf(step, fabsf(desk->out[0][i] - desk->out[0][i - 1]));
    }
    return step;
}
