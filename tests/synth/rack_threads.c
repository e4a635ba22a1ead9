// SPDX-License-Identifier: GPL-3.0-or-later
// One thread renders and takes snapshots while the other compiles, prepares and tidies: what ThreadSanitizer is to see.
#include "desk.h"

#include "core/ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct stage {
    struct rack *rack;
    struct ring *benches;
    void *snapshot;
    _Atomic bool is_over;
    _Atomic uint64_t serial;
    uint64_t snapshots;
};

static void *render(void *closure)
{
    static float out[DESK_OUTS][DESK_FRAMES_MAX];
    struct stage *stage = closure;
    rack_snapshot_begin(stage->rack, stage->snapshot);
    while (!atomic_load(&stage->is_over)) {
        struct rack_bench *bench = NULL;
        if (ring_pop(stage->benches, &bench)) {
            rack_swap(stage->rack, bench);
            atomic_store(&stage->serial, rack_serial(stage->rack));
        }
        desk_render_rack(stage->rack, 64, 64, (float *const[]){out[0], out[1]});
        if (rack_snapshot_step(stage->rack, 1 << 20)) {
            rack_snapshot_finish(stage->rack);
            stage->snapshots += rack_snapshot_serial(stage->snapshot) == rack_serial(stage->rack);
            rack_snapshot_begin(stage->rack, stage->snapshot);
        }
    }
    return NULL;
}

static void edit(struct desk *desk, int turn)
{
    if (turn % 2 == 0) {
        desk_add(desk, "more", "delay");
        desk_connect(desk, "osc.out", "more.left", 1);
        desk_connect(desk, "more.left", "out.left", 1);
    } else {
        desk_remove(desk, "more");
    }
}

static void post(struct desk *desk, struct ring *benches)
{
    struct rack_bench *bench = NULL;
    assert_int_equal(compiler_compile(desk->compiler, desk->patch, NULL, NULL, desk->program, NULL), STATUS_OK);
    compiler_commit(desk->compiler);
    assert_int_equal(rack_prepare(desk->rack, desk->program, &bench, NULL), STATUS_OK);
    assert_true(ring_push(benches, &bench));
    rack_tidy(desk->rack);
}

static void programs_come_while_it_plays(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    void *memory = aligned_alloc(64, (ring_footprint(64, sizeof(void *)) + 63) / 64 * 64);
    struct stage stage = {.rack = desk->rack, .snapshot = aligned_alloc(64, RACK_SNAPSHOT_SIZE)};
    assert_non_null(memory);
    assert_non_null(stage.snapshot);
    stage.benches = ring_init(memory, 64, sizeof(void *));
    desk_add(desk, "osc", "sine");
    desk_add(desk, "out", "output");
    desk_connect(desk, "osc.out", "out.mono", 1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, render, &stage), 0);
    for (int turn = 0; turn < 40; turn++) {
        post(desk, stage.benches);
        edit(desk, turn);
        if (turn % 4 == 3) {
            while (atomic_load(&stage.serial) != desk->program->serial) {
            }
            compiler_settle(desk->compiler);
        }
    }
    while (atomic_load(&stage.serial) != desk->program->serial) {
    }
    atomic_store(&stage.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(rack_serial(desk->rack), 40);
    free(stage.snapshot);
    free(memory);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(programs_come_while_it_plays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
