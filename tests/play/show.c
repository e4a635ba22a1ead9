// SPDX-License-Identifier: GPL-3.0-or-later
#include "show.h"

#include "core/denormals.h"
#include "play/slot.h"
#include "synth/rack.h"
#include "wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMANDS_MAX = 4096 };

static void expect_ok(enum status status, const struct complaint *complaint)
{
    if (status) {
        fail_msg("%s: %s", status_text(status), complaint->text);
    }
}

bool show_is_slot(int argc, char **argv, int *exit)
{
    if (argc < 2 || strcmp(argv[1], "slot") != 0) {
        return false;
    }
    *exit = slot_main(argc - 1, argv + 1);
    return true;
}

struct show *show_new(uint32_t patience_ms)
{
    return show_new_ahead(patience_ms, 1);
}

struct show *show_new_ahead(uint32_t patience_ms, uint32_t lead)
{
    struct complaint complaint = {""};
    struct show *show = calloc(1, sizeof *show);
    assert_non_null(show);
    show->patch = patch_new();
    show->compiler = compiler_new(SHOW_RATE, 0, SHOW_OUTS);
    show->commands = calloc(COMMANDS_MAX, sizeof *show->commands);
    assert_true(show->patch && show->compiler && show->commands);
    const struct engine_options options = {
        .device = {.kind = "null", .rate = SHOW_RATE, .block = SHOW_BLOCK, .outs = SHOW_OUTS},
        .faults = true,
        .patience_ms = patience_ms,
        .lead = lead,
    };
    expect_ok(engine_new(&options, &show->engine, &complaint), &complaint);
    show_wait_until_redundant(show);
    expect_ok(patch_add(show->patch, "out", "output", &complaint), &complaint);
    return show;
}

void show_free(struct show *show)
{
    engine_free(show->engine);
    compiler_free(show->compiler);
    patch_free(show->patch);
    for (uint32_t i = 0; i < show->programs; i++) {
        free(show->program[i]);
    }
    free(show->commands);
    free(show);
}

void show_add_sine(struct show *show, const char *id, const char *port, double frequency)
{
    struct complaint complaint = {""};
    struct patch_change change;
    expect_ok(patch_add(show->patch, id, "sine", &complaint), &complaint);
    expect_ok(patch_set_number(show->patch, id, "frequency", frequency, &change, &complaint), &complaint);
    expect_ok(patch_connect(show->patch, id, "out", "out", port, 0.3F, &complaint), &complaint);
}

void show_add_loop(struct show *show, const char *id, const char *port, double frequency)
{
    struct complaint complaint = {""};
    char loop[PROGRAM_ID_SIZE];
    (void)snprintf(loop, sizeof loop, "%s-loop", id);
    show_add_sine(show, id, port, frequency);
    expect_ok(patch_add(show->patch, loop, "feedback", &complaint), &complaint);
    expect_ok(patch_connect(show->patch, id, "out", loop, "in", 1, &complaint), &complaint);
    expect_ok(patch_connect(show->patch, loop, "out", id, "phase", 0.2F, &complaint), &complaint);
}

uint32_t show_uid(const struct show *show, const char *id)
{
    struct patch_module *module = NULL;
    assert_int_equal(patch_find(show->patch, id, &module, NULL), STATUS_OK);
    return module->uid;
}

void show_post(struct show *show, uint64_t frame)
{
    struct complaint complaint = {""};
    assert_true(show->programs < SHOW_PROGRAMS);
    struct program *program = calloc(1, sizeof *program);
    assert_non_null(program);
    show->program[show->programs] = program;
    expect_ok(compiler_compile(show->compiler, show->patch, NULL, NULL, program, &complaint), &complaint);
    compiler_commit(show->compiler);
    expect_ok(engine_post(show->engine, program, frame, &show->begins[show->programs], &complaint), &complaint);
    assert_true(show->begins[show->programs] >= frame);
    show->programs++;
}

void show_schedule(struct show *show, const char *id, uint64_t frame, uint32_t step, uint32_t count)
{
    assert_true(count <= COMMANDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        show->commands[i] = (struct command){.frame = frame + (uint64_t)i * step,
                                             .kind = COMMAND_SET,
                                             .uid = show_uid(show, id),
                                             .value = 200 + (float)(i * 37 % 600)};
    }
    show->count = count;
    assert_int_equal(engine_send(show->engine, show->commands, count, NULL), STATUS_OK);
}

void show_fault(struct show *show, uint32_t slot, enum command_fault fault)
{
    const struct command command = {.kind = COMMAND_FAULT, .uid = slot, .index = fault};
    assert_int_equal(engine_send(show->engine, &command, 1, NULL), STATUS_OK);
}

struct engine_stats show_stats(const struct show *show)
{
    struct engine_stats stats;
    engine_stats(show->engine, &stats);
    return stats;
}

struct awaited {
    const struct show *show;
    uint64_t frame, deaths;
    uint32_t slot;
};

static bool frame_has_come(void *what)
{
    const struct awaited *awaited = what;
    return show_stats(awaited->show).frame >= awaited->frame;
}

static bool is_redundant(void *what)
{
    const struct awaited *awaited = what;
    return show_stats(awaited->show).redundant;
}

static bool has_died(void *what)
{
    const struct awaited *awaited = what;
    return show_stats(awaited->show).deaths[awaited->slot] >= awaited->deaths;
}

void show_wait_for_frame(struct show *show, uint64_t frame)
{
    assert_true(wait_until(frame_has_come, &(struct awaited){.show = show, .frame = frame}));
}

void show_wait_until_redundant(struct show *show)
{
    assert_true(wait_until(is_redundant, &(struct awaited){.show = show}));
}

void show_wait_for_death(struct show *show, uint32_t slot, uint64_t deaths)
{
    assert_true(wait_until(has_died, &(struct awaited){.show = show, .slot = slot, .deaths = deaths}));
}

static void swap_due(const struct show *show, struct rack *rack, uint64_t at, uint32_t *next)
{
    struct complaint complaint = {""};
    for (; *next < show->programs && show->begins[*next] - show->begins[0] <= at; ++*next) {
        struct rack_bench *bench = NULL;
        expect_ok(rack_prepare(rack, show->program[*next], &bench, &complaint), &complaint);
        rack_swap(rack, bench);
    }
}

static void set_due(const struct show *show, struct rack *rack, uint64_t at, uint32_t *next)
{
    for (; *next < show->count && show->commands[*next].frame - show->begins[0] <= at; ++*next) {
        const struct command *command = &show->commands[*next];
        assert_true(rack_set(rack, command->uid, command->index, command->value));
    }
}

// The frame of what comes next after `at`, at most `end`.
static uint32_t next_due(const struct show *show, uint32_t program, uint32_t command, uint32_t end)
{
    uint64_t due = end;
    if (program < show->programs && show->begins[program] - show->begins[0] < due) {
        due = show->begins[program] - show->begins[0];
    }
    if (command < show->count && show->commands[command].frame - show->begins[0] < due) {
        due = show->commands[command].frame - show->begins[0];
    }
    return (uint32_t)due;
}

float *show_render(const struct show *show, uint32_t frames)
{
    denormals_flush();
    struct rack *rack = NULL;
    assert_int_equal(rack_new(SHOW_RATE, 0, SHOW_OUTS, &rack), STATUS_OK);
    float *samples = calloc((size_t)frames * SHOW_OUTS, sizeof *samples);
    assert_non_null(samples);
    uint32_t program = 0;
    uint32_t command = 0;
    for (uint32_t at = 0; at < frames;) {
        swap_due(show, rack, at, &program);
        set_due(show, rack, at, &command);
        const uint32_t to = next_due(show, program, command, frames);
        rack_render(rack, NULL, (float *const[]){samples + at, samples + frames + at}, to - at);
        at = to;
    }
    rack_free(rack);
    return samples;
}
