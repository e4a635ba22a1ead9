// SPDX-License-Identifier: GPL-3.0-or-later
// One patch, edited at random while it plays, and a model that knows what comes out of it at rest. What it is made of
// hands on constants, so that any wrong wire, gain, order or place in memory shows in a single number. How many edits
// may be given as an argument.
#include "desk.h"

#include "synth/modules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODULES_MAX = 24, FADE = 480, REST = FADE + 64 * MODULES_MAX, VOICES = 20, LOUDEST = 1000 };

static const char *const types[] = {"constant", "scale", "mixer", "feedback", "notes", "output", "delay"};

static unsigned long edits = 1000;

struct bench {
    struct desk *desk;
    uint32_t seed;
    uint32_t names;
    uint32_t since; ///< frames that the last program has played
};

static uint32_t draw(struct bench *bench, uint32_t below)
{
    bench->seed = bench->seed * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)(bench->seed >> 8) * below >> 24);
}

// The model.

static bool is_type(const struct patch_module *module, const char *type)
{
    return strcmp(module->type->name, type) == 0;
}

/// Whether a way leads from \p from to \p to, of at most \p steps cables.
static bool leads(const struct patch *patch, uint32_t from, uint32_t to, int steps)
{
    for (size_t i = 0; steps > 0 && i < patch_cable_count(patch); i++) {
        const struct patch_cable *cable = patch_cable_at(patch, i);
        if (cable->from == from && (cable->to == to || leads(patch, cable->to, to, steps - 1))) {
            return true;
        }
    }
    return false;
}

static uint32_t voices_of(const struct patch *patch, const struct patch_module *module)
{
    if (module->type->has_voices || module->type->mono) {
        return module->voices;
    }
    uint32_t most = 1;
    for (size_t i = 0; i < patch_cable_count(patch); i++) {
        const struct patch_cable *cable = patch_cable_at(patch, i);
        if (cable->to == module->uid) {
            const uint32_t voices = voices_of(patch, patch_by_uid(patch, cable->from));
            most = voices > most ? voices : most;
        }
    }
    return most;
}

static double value_of(const struct patch *patch, const struct patch_module *module, uint32_t port);

static double heard_at(const struct patch *patch, const struct patch_module *module, uint32_t port)
{
    double sum = 0;
    for (size_t i = 0; i < patch_cable_count(patch); i++) {
        const struct patch_cable *cable = patch_cable_at(patch, i);
        if (cable->to == module->uid && cable->to_port == port) {
            const struct patch_module *from = patch_by_uid(patch, cable->from);
            const double voices = module->type->mono ? voices_of(patch, from) : 1;
            sum += (double)cable->gain * voices * value_of(patch, from, cable->from_port);
        }
    }
    return sum;
}

static double value_of(const struct patch *patch, const struct patch_module *module, uint32_t port)
{
    if (is_type(module, "constant")) {
        return (double)module->params[0];
    }
    if (is_type(module, "scale")) {
        return heard_at(patch, module, 0) * (double)module->params[0] + (double)module->params[1];
    }
    if (is_type(module, "mixer")) {
        double sum = 0;
        for (uint32_t input = 0; input < module_ports(module->type->inputs); input++) {
            sum += heard_at(patch, module, input);
        }
        return sum;
    }
    return is_type(module, "notes") ? 0 : heard_at(patch, module, port);
}

static double left_of(const struct patch *patch)
{
    double sum = 0;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        if (is_type(module, "output")) {
            sum += heard_at(patch, module, 0) + heard_at(patch, module, 2);
        }
    }
    return sum;
}

/// Modules do not take in what is beyond all reason, and the model does not know that.
static bool is_soft(const struct patch *patch)
{
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        for (uint32_t port = 0; port < 2; port++) {
            if (!(fabs(value_of(patch, module, port)) < LOUDEST)) {
                return false;
            }
        }
    }
    return fabs(left_of(patch)) < LOUDEST;
}

// Edits.

static const struct patch_module *draw_module(struct bench *bench)
{
    const size_t count = patch_module_count(bench->desk->patch);
    return patch_module_at(bench->desk->patch, draw(bench, (uint32_t)count));
}

static void set(struct bench *bench, const struct patch_module *module, const char *param, double value)
{
    assert_int_equal(patch_set_number(bench->desk->patch, module->id, param, value, NULL, NULL), STATUS_OK);
}

static void add(struct bench *bench)
{
    char id[32];
    (void)snprintf(id, sizeof id, "m%u", bench->names++);
    desk_add(bench->desk, id, types[draw(bench, sizeof types / sizeof *types)]);
    const size_t count = patch_module_count(bench->desk->patch);
    const struct patch_module *module = patch_module_at(bench->desk->patch, count - 1);
    if (is_type(module, "delay")) {
        set(bench, module, "feedback", 0);
        set(bench, module, "mix", 0);
    } else if (is_type(module, "notes")) {
        set(bench, module, "voices", VOICES);
    }
}

static void plug(struct bench *bench, bool is_new)
{
    static const float gains[] = {1, 0.5F, -0.5F};
    const struct patch *patch = bench->desk->patch;
    if (!is_new && patch_cable_count(patch) > 0) {
        const struct patch_cable *cable = patch_cable_at(patch, draw(bench, (uint32_t)patch_cable_count(patch)));
        const struct patch_module *from = patch_by_uid(patch, cable->from);
        const struct patch_module *to = patch_by_uid(patch, cable->to);
        assert_int_equal(patch_disconnect(bench->desk->patch, from->id, from->type->outputs[cable->from_port].name,
                                          to->id, to->type->inputs[cable->to_port].name, NULL),
                         STATUS_OK);
        return;
    }
    const struct patch_module *from = draw_module(bench);
    const struct patch_module *to = draw_module(bench);
    const uint32_t outs = (uint32_t)module_ports(from->type->outputs);
    const uint32_t ins = (uint32_t)module_ports(to->type->inputs);
    if (outs > 0 && ins > 0 && from != to && !leads(patch, to->uid, from->uid, MODULES_MAX)) {
        const enum status status =
            patch_connect(bench->desk->patch, from->id, from->type->outputs[draw(bench, outs)].name, to->id,
                          to->type->inputs[draw(bench, ins)].name, gains[draw(bench, 3)], NULL);
        assert_true(status == STATUS_OK || status == STATUS_INVALID); // there already
    }
}

static void change(struct bench *bench)
{
    const struct patch_module *module = draw_module(bench);
    const double value = draw(bench, 1001) / 500.0 - 1;
    if (is_type(module, "constant")) {
        set(bench, module, "value", value);
    } else if (is_type(module, "scale")) {
        set(bench, module, draw(bench, 2) ? "multiply" : "offset", value);
    } else if (is_type(module, "notes")) {
        set(bench, module, "voices", draw(bench, 2) ? 1 : VOICES);
    }
}

static void edit(struct bench *bench)
{
    const size_t count = patch_module_count(bench->desk->patch);
    const uint32_t kind = draw(bench, 10);
    if (count < 2 || (kind < 2 && count < MODULES_MAX)) {
        add(bench);
    } else if (kind == 2) {
        desk_remove(bench->desk, draw_module(bench)->id);
    } else if (kind < 8) {
        plug(bench, kind < 7);
    } else {
        change(bench);
    }
}

// Playing.

static enum status compile(struct bench *bench, const struct patch *patch)
{
    struct desk *desk = bench->desk;
    return compiler_compile(desk->compiler, patch, NULL, NULL, desk->program, NULL);
}

static void play(struct bench *bench, const struct patch *patch)
{
    struct desk *desk = bench->desk;
    struct rack_bench *next = NULL;
    struct complaint said = {""};
    compiler_commit(desk->compiler);
    if (rack_prepare(desk->rack, desk->program, &next, &said)) {
        fail_msg("%s", said.text);
    }
    rack_swap(desk->rack, next);
    rack_tidy(desk->rack);
    bench->since = 0;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        for (uint32_t p = 0; p < module_params(module->type->params); p++) {
            assert_true(rack_set(desk->rack, module->uid, p, module->params[p]));
        }
    }
}

static void render(struct bench *bench, uint32_t frames)
{
    desk_render(bench->desk, frames, 1 + draw(bench, 100));
    bench->since += frames;
}

static void settle(struct bench *bench)
{
    if (bench->since < FADE) {
        render(bench, FADE - bench->since);
    }
    compiler_settle(bench->desk->compiler);
}

/// As whoever plays a patch does it: where there is no room, what is on its way out is waited for.
static void play_edit(struct bench *bench, const struct patch *before)
{
    const struct patch *patch = bench->desk->patch;
    enum status status = compile(bench, patch);
    if (status == STATUS_FULL) {
        settle(bench);
        status = compile(bench, patch);
    }
    if (status == STATUS_FULL && compile(bench, before) == STATUS_OK) {
        play(bench, before);
        settle(bench);
        status = compile(bench, patch);
    }
    assert_int_equal(status, STATUS_OK);
    play(bench, patch);
}

static void come_to_rest(struct bench *bench)
{
    const struct desk *desk = bench->desk;
    settle(bench);
    assert_int_equal(compile(bench, desk->patch), STATUS_OK);
    play(bench, desk->patch);
    assert_false(compiler_is_leaving(desk->compiler));
    assert_int_equal(desk->program->modules, patch_module_count(desk->patch));
    assert_int_equal(desk->program->cables, patch_cable_count(desk->patch));
    render(bench, REST);
    assert_float_equal(desk->out[0][REST - 1], left_of(desk->patch), 1e-4 * LOUDEST);
    assert_int_equal(rack_broken(desk->rack), 0);
}

static void edits_without_end_change_what_they_say(void **state)
{
    (void)state;
    struct bench bench = {.desk = desk_new(), .seed = 5};
    for (unsigned long i = 0; i < edits; i++) {
        struct patch *before = patch_copy(bench.desk->patch);
        assert_non_null(before);
        for (uint32_t count = 1 + draw(&bench, 3); count > 0; count--) {
            edit(&bench);
        }
        if (is_soft(bench.desk->patch)) {
            play_edit(&bench, before);
            patch_free(before);
        } else {
            patch_free(bench.desk->patch);
            bench.desk->patch = before;
        }
        render(&bench, 1 + draw(&bench, FADE));
        if (draw(&bench, 4) == 0) {
            come_to_rest(&bench);
        }
    }
    // Of all that there was, nothing keeps its place.
    while (patch_module_count(bench.desk->patch) > 0) {
        desk_remove(bench.desk, patch_module_at(bench.desk->patch, 0)->id);
    }
    desk_play(bench.desk);
    bench.since = 0;
    come_to_rest(&bench);
    settle(&bench);
    desk_add(bench.desk, "last", "delay");
    desk_play(bench.desk);
    assert_int_equal(bench.desk->program->module[0].hot, 0);
    assert_int_equal(bench.desk->program->module[0].cold, 0);
    desk_free(bench.desk);
}

/// As many delays as there is memory for, again and again.
static void what_was_dropped_makes_room(void **state)
{
    (void)state;
    enum { DELAYS = 20 };
    struct bench bench = {.desk = desk_new(), .seed = 5};
    for (int round = 0; round < 3; round++) {
        struct patch *before = patch_copy(bench.desk->patch);
        assert_non_null(before);
        for (int i = 0; i < DELAYS; i++) {
            char id[32];
            (void)snprintf(id, sizeof id, "d%d-%d", round, i);
            desk_add(bench.desk, id, "delay");
        }
        play_edit(&bench, before);
        patch_free(before);
        while (patch_module_count(bench.desk->patch) > 0) {
            desk_remove(bench.desk, patch_module_at(bench.desk->patch, 0)->id);
        }
        play_edit(&bench, bench.desk->patch);
    }
    desk_free(bench.desk);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        edits = strtoul(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_without_end_change_what_they_say),
        cmocka_unit_test(what_was_dropped_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
