// SPDX-License-Identifier: GPL-3.0-or-later
// The audio half of a slot, in this process: two of them play what the conductor asks for.
#include "play/renderer.h"

#include "stage.h"
#include "synth/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, RATE = 48000 };

struct band {
    struct stage *stage;
    struct patch *patch;
    struct compiler *compiler;
    struct program *program;
    uint32_t uid; ///< of the sine
    struct renderer_benches benches[SHARED_SLOTS];
    struct renderer renderer[SHARED_SLOTS];
};

// A sine to both outputs.
static struct band *band_new(void)
{
    struct band *band = calloc(1, sizeof *band);
    assert_non_null(band);
    band->stage = stage_new(BLOCK, 0, 2);
    band->patch = patch_new();
    band->compiler = compiler_new(RATE, 0, 2);
    band->program = calloc(1, sizeof *band->program);
    assert_true(band->patch && band->compiler && band->program);
    struct patch_module *module = NULL;
    assert_int_equal(patch_add(band->patch, "a", "sine", NULL), STATUS_OK);
    assert_int_equal(patch_add(band->patch, "out", "output", NULL), STATUS_OK);
    assert_int_equal(patch_connect(band->patch, "a", "out", "out", "mono", 0.5F, NULL), STATUS_OK);
    assert_int_equal(patch_find(band->patch, "a", &module, NULL), STATUS_OK);
    band->uid = module->uid;
    for (uint32_t i = 0; i < SHARED_SLOTS; i++) {
        struct renderer *renderer = &band->renderer[i];
        assert_int_equal(rack_new(RATE, 0, 2, &renderer->rack), STATUS_OK);
        renderer->score = band->stage->score;
        renderer->area = band->stage->area[i];
        renderer->other = band->stage->area[1 - i];
        renderer->number = i;
        renderer->benches = &band->benches[i];
        renderer_announce(renderer);
    }
    return band;
}

static void band_free(struct band *band)
{
    for (uint32_t i = 0; i < SHARED_SLOTS; i++) {
        rack_free(band->renderer[i].rack);
    }
    compiler_free(band->compiler);
    patch_free(band->patch);
    free(band->program);
    stage_free(band->stage);
    free(band);
}

static void compile(struct band *band)
{
    assert_int_equal(compiler_compile(band->compiler, band->patch, NULL, NULL, band->program, NULL), STATUS_OK);
    compiler_commit(band->compiler);
}

static void prepare(struct band *band, uint32_t slot)
{
    struct rack_bench *bench = NULL;
    assert_int_equal(rack_prepare(band->renderer[slot].rack, band->program, &bench, NULL), STATUS_OK);
    atomic_store(&band->benches[slot].at[band->program->serial % SHARED_PROGRAMS], bench);
    atomic_store(&band->benches[slot].ready, band->program->serial);
}

static void send(struct band *band, struct command command)
{
    static uint64_t order;
    command.order = order++;
    assert_true(inbox_send(conductor_inbox(band->stage->conductor), &command, 1, 64));
}

// All blocks that may be rendered, by one slot.
static void render(struct band *band, uint32_t slot)
{
    while (renderer_step(&band->renderer[slot]) == RENDERER_DONE) {
        renderer_serve(&band->renderer[slot]);
    }
}

static void play(struct band *band, uint32_t blocks)
{
    for (uint32_t i = 0; i < blocks; i++) {
        render(band, 0);
        render(band, 1);
        stage_play(band->stage, BLOCK);
    }
}

static void assert_lockstep(const struct band *band)
{
    assert_int_equal(conductor_verdict(band->stage->conductor, 0), CONDUCTOR_FAIR);
    assert_int_equal(conductor_verdict(band->stage->conductor, 1), CONDUCTOR_FAIR);
    assert_int_equal(atomic_load(&conductor_counts(band->stage->conductor)->late), 0);
}

static void start(struct band *band)
{
    compile(band);
    prepare(band, 0);
    prepare(band, 1);
    send(band, (struct command){.frame = 10 * BLOCK + 7, .kind = COMMAND_SWAP, .serial = band->program->serial});
}

static void a_command_takes_effect_at_its_frame(void **state)
{
    (void)state;
    struct band *band = band_new();
    start(band);
    play(band, 10);
    assert_true(band->stage->out[0][BLOCK - 1] == 0);
    play(band, 1);
    for (int i = 0; i < BLOCK; i++) {
        // The sine begins at 0 in frame 7.
        assert_true((band->stage->out[0][i] != 0) == (i > 7));
    }
    play(band, 50);
    send(band, (struct command){.kind = COMMAND_SET, .uid = band->uid, .value = 880});
    play(band, 50);
    assert_lockstep(band);
    assert_int_equal(rack_serial(band->renderer[0].rack), 1);
    band_free(band);
}

static void a_command_for_a_module_that_is_gone_does_nothing(void **state)
{
    (void)state;
    struct band *band = band_new();
    start(band);
    play(band, 20);
    send(band, (struct command){.kind = COMMAND_SET, .uid = 4711, .value = 1});
    send(band, (struct command){.kind = COMMAND_EVENT, .uid = 4711});
    send(band, (struct command){.kind = 99});
    play(band, 5);
    assert_lockstep(band);
    assert_int_equal(band->renderer[0].unheard, 2);
    band_free(band);
}

static void waits_for_a_program_that_is_not_prepared(void **state)
{
    (void)state;
    struct band *band = band_new();
    start(band);
    play(band, 20);
    compile(band);
    prepare(band, 0);
    send(band, (struct command){.kind = COMMAND_SWAP, .serial = 2});
    play(band, 4);
    // One plays on, the other stands before the block of the swap.
    assert_int_equal(renderer_step(&band->renderer[1]), RENDERER_UNREADY);
    assert_int_equal(rack_serial(band->renderer[0].rack), 2);
    assert_int_equal(rack_serial(band->renderer[1].rack), 1);
    prepare(band, 1);
    play(band, 4);
    assert_int_equal(rack_serial(band->renderer[1].rack), 2);
    assert_lockstep(band);
    band_free(band);
}

static void is_lost_when_it_is_too_far_behind(void **state)
{
    (void)state;
    struct band *band = band_new();
    for (uint32_t i = 0; i < SHARED_LOG; i++) {
        send(band, (struct command){.kind = COMMAND_SET});
        if (i % 32 == 31) {
            render(band, 0);
            stage_play(band->stage, BLOCK);
        }
    }
    assert_int_equal(renderer_step(&band->renderer[1]), RENDERER_LOST);
    assert_int_equal(renderer_step(&band->renderer[0]), RENDERER_DONE);
    band_free(band);
}

static void another_goes_on_from_its_snapshot(void **state)
{
    (void)state;
    struct band *band = band_new();
    start(band);
    play(band, 40);
    // Slot 1 is another process from now on, which asks for the state of slot 0.
    struct renderer *old = &band->renderer[0];
    struct renderer *new = &band->renderer[1];
    rack_free(new->rack);
    atomic_store(&band->stage->area[1]->done, 0);
    atomic_store(&band->stage->score->seat[1].mode, SHARED_JOIN);
    atomic_store(&band->stage->area[1]->ask, 77);
    for (int i = 0; i < 10; i++) {
        send(band, (struct command){.kind = COMMAND_SET, .uid = band->uid, .value = 300.0F + (float)i});
        render(band, 0);
        stage_play(band->stage, BLOCK);
    }
    const struct shared_snapshot *snapshot = &old->area->snapshot;
    assert_int_equal(atomic_load(&snapshot->answer), 77);
    assert_int_equal(atomic_load(&snapshot->serial), 1);
    assert_int_equal(rack_new(RATE, 0, 2, &new->rack), STATUS_OK);
    prepare(band, 1);
    rack_swap(new->rack, atomic_exchange(&band->benches[1].at[1], NULL));
    assert_int_equal(rack_restore(new->rack, old->area->saved), STATUS_OK);
    new->block = atomic_load(&snapshot->block);
    new->log = atomic_load(&snapshot->log);
    renderer_announce(new);
    play(band, 20);
    assert_lockstep(band);
    assert_int_equal(atomic_load(&band->stage->area[1]->done), atomic_load(&band->stage->area[0]->done));
    band_free(band);
}

static void a_fault_is_for_the_slot_that_is_named(void **state)
{
    (void)state;
    struct band *band = band_new();
    start(band);
    play(band, 20);
    send(band, (struct command){.kind = COMMAND_FAULT, .uid = 1, .index = COMMAND_FAULT_DIVERGE});
    play(band, 12);
    assert_int_equal(conductor_verdict(band->stage->conductor, 0), CONDUCTOR_FAIR);
    assert_int_equal(conductor_verdict(band->stage->conductor, 1), CONDUCTOR_DIVERGED);
    conductor_absolve(band->stage->conductor, 1);
    send(band, (struct command){.kind = COMMAND_FAULT, .uid = 1, .index = COMMAND_FAULT_GARBAGE});
    play(band, 4);
    assert_int_equal(conductor_verdict(band->stage->conductor, 1), CONDUCTOR_LIED);
    assert_int_equal(atomic_load(&conductor_counts(band->stage->conductor)->late), 0);
    band_free(band);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_takes_effect_at_its_frame),
        cmocka_unit_test(a_command_for_a_module_that_is_gone_does_nothing),
        cmocka_unit_test(waits_for_a_program_that_is_not_prepared),
        cmocka_unit_test(is_lost_when_it_is_too_far_behind),
        cmocka_unit_test(another_goes_on_from_its_snapshot),
        cmocka_unit_test(a_fault_is_for_the_slot_that_is_named),
    };
    return cmocka_run_group_tests_name("renderer", tests, NULL, NULL);
}
