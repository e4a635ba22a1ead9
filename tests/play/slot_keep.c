// SPDX-License-Identifier: GPL-3.0-or-later
// The half of a slot that prepares programs, in this process; the test posts them as the engine does.
#include "play/slot_parts.h"

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

struct workshop {
    struct stage *stage;
    struct patch *patch;
    struct compiler *compiler;
    uint64_t tickets;
    struct renderer_benches benches;
    struct slot_keep keep;
};

static struct workshop *workshop_new(void)
{
    struct workshop *workshop = calloc(1, sizeof *workshop);
    assert_non_null(workshop);
    workshop->stage = stage_new(BLOCK, 0, 2);
    workshop->patch = patch_new();
    workshop->compiler = compiler_new(RATE, 0, 2);
    assert_true(workshop->patch && workshop->compiler);
    assert_int_equal(patch_add(workshop->patch, "a", "sine", NULL), STATUS_OK);
    struct slot_keep *keep = &workshop->keep;
    assert_int_equal(rack_new(RATE, 0, 2, &keep->rack), STATUS_OK);
    keep->score = workshop->stage->score;
    keep->area = workshop->stage->area[0];
    keep->benches = &workshop->benches;
    keep->program = calloc(1, sizeof *keep->program);
    assert_non_null(keep->program);
    return workshop;
}

static void workshop_free(struct workshop *workshop)
{
    rack_free(workshop->keep.rack);
    free(workshop->keep.program);
    compiler_free(workshop->compiler);
    patch_free(workshop->patch);
    stage_free(workshop->stage);
    free(workshop);
}

static void look(struct workshop *workshop)
{
    struct complaint complaint = {""};
    if (slot_keep_look(&workshop->keep, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
}

// Posts the next program, which is only to be followed where it is committed.
static void post(struct workshop *workshop)
{
    struct program *program = calloc(1, sizeof *program);
    assert_non_null(program);
    assert_int_equal(compiler_compile(workshop->compiler, workshop->patch, NULL, NULL, program, NULL), STATUS_OK);
    struct shared_score *score = workshop->stage->score;
    struct shared_post *place = &score->pool[program->serial % SHARED_PROGRAMS];
    atomic_store(&place->ticket, 0);
    atomic_store(&place->serial, program->serial);
    memcpy(&place->program, program, sizeof *program);
    atomic_store(&place->ticket, ++workshop->tickets);
    atomic_store(&score->posted, program->serial);
    free(program);
}

static void swap(struct workshop *workshop, uint64_t serial)
{
    struct rack_bench *bench = atomic_exchange(&workshop->benches.at[serial % SHARED_PROGRAMS], NULL);
    assert_non_null(bench);
    rack_swap(workshop->keep.rack, bench);
    assert_int_equal(rack_serial(workshop->keep.rack), serial);
}

static void assert_answered(const struct workshop *workshop, uint64_t serial)
{
    assert_int_equal(workshop->keep.prepared, serial);
    assert_int_equal(atomic_load(&workshop->benches.ready), serial);
    assert_int_equal(atomic_load(&workshop->keep.area->answered), workshop->tickets);
    assert_int_equal(atomic_load(&workshop->keep.area->answer), STATUS_OK);
}

static void what_was_withdrawn_is_given_back_and_nothing_else(void **state)
{
    (void)state;
    struct workshop *workshop = workshop_new();
    for (uint64_t serial = 1; serial <= 2; serial++) {
        post(workshop);
        compiler_commit(workshop->compiler);
        look(workshop);
        assert_answered(workshop, serial);
        swap(workshop, serial);
    }
    // The other slot refuses the third.
    post(workshop);
    look(workshop);
    assert_answered(workshop, 3);
    atomic_store(&workshop->stage->score->posted, 2);
    look(workshop);
    assert_int_equal(workshop->keep.prepared, 2);
    assert_int_equal(atomic_load(&workshop->benches.ready), 2);
    // Another comes in its place, and again before the first of them was seen to be gone.
    for (int i = 0; i < 2; i++) {
        post(workshop);
        look(workshop);
        assert_answered(workshop, 3);
    }
    swap(workshop, 3);
    workshop_free(workshop);
}

static void what_waits_to_be_swapped_in_keeps_its_place(void **state)
{
    (void)state;
    struct workshop *workshop = workshop_new();
    for (uint64_t serial = 1; serial <= SHARED_PROGRAMS + 1; serial++) {
        post(workshop);
        compiler_commit(workshop->compiler);
        look(workshop);
    }
    assert_int_equal(workshop->keep.prepared, SHARED_PROGRAMS);
    swap(workshop, 1);
    look(workshop);
    assert_answered(workshop, SHARED_PROGRAMS + 1);
    for (uint64_t serial = 2; serial <= SHARED_PROGRAMS + 1; serial++) {
        swap(workshop, serial);
    }
    workshop_free(workshop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_withdrawn_is_given_back_and_nothing_else),
        cmocka_unit_test(what_waits_to_be_swapped_in_keeps_its_place),
    };
    return cmocka_run_group_tests_name("slot_keep", tests, NULL, NULL);
}
