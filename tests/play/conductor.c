// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/conductor.h"

#include "core/clock.h"
#include "play/device.h"
#include "play/edge.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCK = 64, WARM = 8 }; // 8 blocks are longer than a fade

static uint64_t counted(const _Atomic uint64_t *counter)
{
    return atomic_load(counter);
}

static const struct conductor_counts *counts(const struct stage *stage)
{
    return conductor_counts(stage->conductor);
}

// Whether the last `frames` frames that were played are those from `frame` on.
static void assert_played(const struct stage *stage, uint64_t frame, uint32_t frames)
{
    for (uint32_t channel = 0; channel < stage->format.outs; channel++) {
        for (uint32_t i = 0; i < frames; i++) {
            assert_true(stage->out[channel][i] == stage_sample(frame + i, channel));
        }
    }
}

static void plays_bit_for_bit_what_the_slots_render(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    stage_warm_up(stage, WARM);
    for (uint64_t block = WARM; block < 200; block++) {
        stage_warm_up(stage, 1);
        assert_played(stage, block * BLOCK, BLOCK);
    }
    assert_int_equal(counted(&counts(stage)->late), 0);
    assert_int_equal(counted(&counts(stage)->switches), 0);
    assert_int_equal(counted(&counts(stage)->blocks), 200);
    assert_int_equal(counted(&counts(stage)->frame), 200 * BLOCK);
    assert_int_equal(counted(&counts(stage)->occupancy[1]), 200);
    assert_int_equal(counted(&counts(stage)->ahead), 200);
    stage_free(stage);
}

// Shared memory that nobody has touched yet.
static void *share(size_t size, int *fd)
{
    *fd = shared_new("tutti-test", size);
    assert_true(*fd >= 0);
    void *memory = shared_map(*fd, size, true);
    assert_non_null(memory);
    return memory;
}

static void assert_there(const void *memory, size_t size)
{
    enum { PAGE = 4096, PAGES_MAX = 65536 };
    static unsigned char pages[PAGES_MAX];
    const size_t count = (size + PAGE - 1) / PAGE;
    assert_in_range(count, 1, PAGES_MAX);
    assert_int_equal(mincore((void *)memory, size, pages), 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(pages[i] & 1);
    }
}

static void has_its_pages_before_it_plays(void **state)
{
    (void)state;
    struct shared_format format;
    assert_int_equal(shared_format_make(48000, BLOCK, 2, 2, &format), STATUS_OK);
    const size_t score_size = shared_score_size(&format);
    const size_t area_size = shared_area_size(&format);
    int fds[3];
    struct shared_score *score = share(score_size, &fds[0]);
    const struct shared_area *const areas[] = {share(area_size, &fds[1]), share(area_size, &fds[2])};
    shared_score_init(score, &format);
    struct conductor *conductor = conductor_new(score, areas, NULL);
    assert_non_null(conductor);
    assert_there(score, score_size);
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        assert_there(areas[slot], offsetof(struct shared_area, saved));
        assert_there(areas[slot] + 1, area_size - sizeof(struct shared_area));
        shared_unmap(areas[slot], area_size);
    }
    conductor_free(conductor);
    shared_unmap(score, score_size);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(close(fds[i]), 0);
    }
}

// Nobody renders for as many blocks as were ahead: each of them is there.
static void a_lead_bridges_as_many_blocks(void **state)
{
    (void)state;
    enum { LEAD = 4 };
    struct stage *stage = stage_new(BLOCK, 0, 2);
    conductor_set_lead(stage->conductor, LEAD);
    stage_warm_up(stage, WARM);
    stage_catch_up(stage);
    for (uint64_t block = WARM; block < WARM + LEAD; block++) {
        stage_play(stage, BLOCK);
        assert_played(stage, block * BLOCK, BLOCK);
    }
    assert_int_equal(counted(&counts(stage)->late), 0);
    stage_play(stage, BLOCK);
    assert_int_equal(counted(&counts(stage)->late), 1);
    // Once they render again, as many are ahead as before.
    stage_warm_up(stage, WARM);
    stage_catch_up(stage);
    for (uint64_t block = 2 * WARM + LEAD + 1; block < 2 * WARM + 2 * LEAD + 1; block++) {
        stage_play(stage, BLOCK);
        assert_played(stage, block * BLOCK, BLOCK);
    }
    assert_int_equal(counted(&counts(stage)->late), 1);
    assert_int_equal(conductor_now(stage->conductor), (2 * WARM + 2 * LEAD + 1 + LEAD) * BLOCK);
    stage_free(stage);
}

static void a_lead_is_at_least_one_block_and_has_room(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    const uint32_t most = conductor_lead_max(stage->conductor);
    assert_in_range(most, 2, stage->format.ring_blocks - 1);
    conductor_set_lead(stage->conductor, 0);
    stage_warm_up(stage, 1);
    assert_int_equal(conductor_now(stage->conductor), 2 * BLOCK);
    conductor_set_lead(stage->conductor, UINT32_MAX);
    stage_warm_up(stage, WARM);
    assert_int_equal(conductor_now(stage->conductor), (1 + WARM + most) * BLOCK);
    assert_played(stage, WARM * BLOCK, BLOCK);
    stage_free(stage);
}

static void goes_over_at_once_and_stays_there(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    stage_warm_up(stage, WARM);
    const uint32_t active = atomic_load(&counts(stage)->active);
    // The active slot misses one block, and is there again for the next.
    stage_deliver(stage, 1 - active, WARM);
    stage_play(stage, BLOCK);
    assert_played(stage, WARM * BLOCK, BLOCK);
    stage_warm_up(stage, 1);
    assert_played(stage, (WARM + 1) * BLOCK, BLOCK);
    assert_int_equal(atomic_load(&counts(stage)->active), 1 - active);
    assert_int_equal(counted(&counts(stage)->switches), 1);
    assert_int_equal(counted(&counts(stage)->late), 0);
    assert_int_equal(conductor_verdict(stage->conductor, active), CONDUCTOR_FAIR);
    stage_free(stage);
}

static void does_not_play_a_block_that_is_not_whole(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    stage_warm_up(stage, WARM);
    const uint32_t active = atomic_load(&counts(stage)->active);
    stage_catch_up(stage);
    shared_block_at(stage->area[active], &stage->format, WARM)->samples[17] += 0.25F;
    stage_play(stage, BLOCK);
    assert_played(stage, WARM * BLOCK, BLOCK);
    assert_int_equal(conductor_verdict(stage->conductor, active), CONDUCTOR_LIED);
    // It is not heard again until another process has its place.
    stage_warm_up(stage, WARM);
    assert_int_equal(atomic_load(&counts(stage)->active), 1 - active);
    conductor_absolve(stage->conductor, active);
    atomic_store(&stage->area[1 - active]->done, 0);
    stage_catch_up(stage);
    atomic_store(&stage->area[1 - active]->done, 0);
    stage_play(stage, BLOCK);
    assert_played(stage, (2 * WARM + 1) * BLOCK, BLOCK);
    assert_int_equal(counted(&counts(stage)->switches), 2);
    stage_free(stage);
}

static void survives_an_area_full_of_anything(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte += 51) {
        struct stage *stage = stage_new(BLOCK, 0, 2);
        stage_warm_up(stage, WARM);
        const uint32_t active = atomic_load(&counts(stage)->active);
        stage_catch_up(stage);
        memset((void *)stage->area[active], byte, shared_area_size(&stage->format));
        stage_play(stage, BLOCK);
        assert_played(stage, WARM * BLOCK, BLOCK);
        assert_int_equal(atomic_load(&counts(stage)->active), 1 - active);
        // All zeros is what a slot that has not begun looks like.
        assert_int_equal(conductor_verdict(stage->conductor, active), byte ? CONDUCTOR_LIED : CONDUCTOR_FAIR);
        stage_free(stage);
    }
}

static void condemns_an_old_block_in_the_place_of_a_new_one(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    stage_warm_up(stage, WARM);
    const uint32_t active = atomic_load(&counts(stage)->active);
    stage_deliver(stage, 1 - active, WARM);
    atomic_store(&stage->area[active]->done, WARM + 1);
    stage_play(stage, BLOCK);
    assert_played(stage, WARM * BLOCK, BLOCK);
    assert_int_equal(conductor_verdict(stage->conductor, active), CONDUCTOR_LIED);
    stage_free(stage);
}

static void takes_nothing_from_before_a_slot_began(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    stage_warm_up(stage, WARM);
    const uint32_t active = atomic_load(&counts(stage)->active);
    stage_deliver(stage, active, WARM);
    // The other begins with a later block than the one that is played.
    atomic_store(&stage->area[1 - active]->first, WARM + 1);
    atomic_store(&stage->area[1 - active]->done, WARM + 1);
    stage_play(stage, BLOCK);
    assert_played(stage, WARM * BLOCK, BLOCK);
    assert_int_equal(conductor_verdict(stage->conductor, 1 - active), CONDUCTOR_FAIR);
    stage_free(stage);
}

static void keeps_what_is_heard_when_the_slots_differ(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    stage_warm_up(stage, WARM);
    const uint32_t active = atomic_load(&counts(stage)->active);
    stage_deliver(stage, active, WARM);
    // The other renders something else, and says so truthfully.
    stage_deliver(stage, 1 - active, WARM);
    struct shared_block *block = shared_block_at(stage->area[1 - active], &stage->format, WARM);
    block->samples[0] = nextafterf(block->samples[0], 1);
    block->hash = edge_hash(block->samples, 2 * BLOCK * sizeof(float), WARM);
    stage_play(stage, BLOCK);
    assert_played(stage, WARM * BLOCK, BLOCK);
    assert_int_equal(conductor_verdict(stage->conductor, active), CONDUCTOR_FAIR);
    assert_int_equal(conductor_verdict(stage->conductor, 1 - active), CONDUCTOR_DIVERGED);
    assert_int_equal(counted(&counts(stage)->divergences), 1);
    stage_warm_up(stage, 3);
    assert_int_equal(counted(&counts(stage)->divergences), 1);
    stage_free(stage);
}

static void fades_over_a_gap_without_a_click(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    stage_warm_up(stage, WARM);
    float last = stage->out[0][BLOCK - 1];
    float loudest = 0;
    for (int block = 0; block < 30; block++) {
        if (block >= 10) {
            stage_catch_up(stage);
        }
        stage_play(stage, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            // Of a fade of 240 frames from 0.7, and of the sound itself.
            assert_true(fabsf(stage->out[0][i] - last) < 0.7F * 1.5F / 240 + 3e-4F);
            last = stage->out[0][i];
            loudest = block == 5 ? fmaxf(loudest, fabsf(last)) : loudest;
        }
    }
    assert_true(loudest == 0);
    assert_int_equal(counted(&counts(stage)->late), 10);
    assert_int_equal(counted(&counts(stage)->starved), 1);
    assert_int_equal(counted(&counts(stage)->switches), 0);
    assert_played(stage, (WARM + 29) * BLOCK, BLOCK);
    stage_free(stage);
}

// Delivers a block once the callback that wants it has begun.
struct straggler {
    pthread_t thread;
    struct stage *stage;
    uint32_t slot;
    uint64_t block;
    uint64_t callbacks; ///< that have looked for a block
};

static uint64_t looks(const struct stage *stage)
{
    uint64_t sum = 0;
    for (int i = 0; i < CONDUCTOR_OCCUPANCY; i++) {
        sum += counted(&counts(stage)->occupancy[i]);
    }
    return sum;
}

static void *deliver_late(void *argument)
{
    const struct straggler *straggler = argument;
    while (looks(straggler->stage) == straggler->callbacks) {
        (void)sched_yield();
    }
    clock_sleep_until(clock_now_ns() + 100000);
    stage_deliver(straggler->stage, straggler->slot, straggler->block);
    return NULL;
}

static void play_with_straggler(struct stage *stage, uint32_t slot, uint64_t block)
{
    struct straggler straggler = {.stage = stage, .slot = slot, .block = block, .callbacks = looks(stage)};
    assert_int_equal(pthread_create(&straggler.thread, NULL, deliver_late, &straggler), 0);
    stage_play(stage, DEVICE_BLOCK_MAX);
    assert_int_equal(pthread_join(straggler.thread, NULL), 0);
}

static struct stage *stage_in_lockstep(void)
{
    struct stage *stage = stage_new(DEVICE_BLOCK_MAX, 0, 2); // 171 ms: the callback waits for 5
    stage_warm_up(stage, WARM);
    atomic_store(&stage->area[0]->state, SHARED_PLAYING);
    atomic_store(&stage->area[1]->state, SHARED_PLAYING);
    return stage;
}

// On a busy machine either thread may be held up: then another try is made, and one that shows it is enough.
enum { TRIES = 50 };

// Whether slot 1's block is played that comes while the callback runs.
static bool is_waited_for(struct stage *stage, uint64_t block)
{
    const uint64_t late = counted(&counts(stage)->late);
    play_with_straggler(stage, 1, block);
    return counted(&counts(stage)->late) == late;
}

static bool plays_a_straggler(bool other_lies)
{
    struct stage *stage = stage_in_lockstep();
    if (other_lies) {
        atomic_store(&stage->area[0]->done, UINT64_MAX / 2);
    }
    const bool is_played = is_waited_for(stage, WARM);
    if (is_played) {
        assert_played(stage, WARM * (uint64_t)DEVICE_BLOCK_MAX, DEVICE_BLOCK_MAX);
        assert_int_equal(counted(&counts(stage)->switches), 1);
    }
    stage_free(stage);
    return is_played;
}

static void a_block_that_comes_soon_is_waited_for(void **state)
{
    (void)state;
    for (int other_lies = 0; other_lies < 2; other_lies++) {
        int attempt = 0;
        while (attempt < TRIES && !plays_a_straggler(other_lies)) {
            attempt++;
        }
        assert_true(attempt < TRIES);
    }
}

enum vain { VAIN_GAP, VAIN_CORE, VAIN_STARTING, VAIN_BEHIND, VAIN_REASONS };

static bool waits_in_vain(enum vain reason)
{
    struct stage *stage = stage_in_lockstep();
    uint64_t block = WARM;
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    atomic_store(&stage->area[0]->state, SHARED_STARTING);
    if (reason == VAIN_GAP) {
        stage_play(stage, DEVICE_BLOCK_MAX);
        atomic_store(&stage->area[1]->done, ++block);
    } else if (reason == VAIN_CORE) {
        conductor_place(stage->conductor, 1, &all);
    } else if (reason == VAIN_STARTING) {
        atomic_store(&stage->area[1]->state, SHARED_STARTING);
    } else {
        atomic_store(&stage->area[1]->done, block - 1);
    }
    const bool waits = is_waited_for(stage, block);
    stage_free(stage);
    return waits;
}

static void nothing_is_waited_for_in_vain(void **state)
{
    (void)state;
    for (int reason = 0; reason < VAIN_REASONS; reason++) {
        int attempt = 0;
        while (attempt < TRIES && waits_in_vain((enum vain)reason)) {
            attempt++;
        }
        assert_true(attempt < TRIES);
    }
}

static void nothing_is_late_before_the_first_block(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    for (int i = 0; i < 5; i++) {
        stage_play(stage, BLOCK);
        assert_true(stage->out[0][0] == 0 && stage->out[0][BLOCK - 1] == 0);
    }
    stage_warm_up(stage, 1);
    assert_int_equal(counted(&counts(stage)->late), 0);
    stage_play(stage, BLOCK);
    assert_int_equal(counted(&counts(stage)->late), 1);
    stage_free(stage);
}

static void leaves_in_silence(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    stage_warm_up(stage, WARM);
    assert_false(conductor_has_left(stage->conductor));
    conductor_leave(stage->conductor);
    stage_warm_up(stage, 4);
    assert_true(conductor_has_left(stage->conductor));
    stage_warm_up(stage, 1);
    assert_true(stage->out[0][0] == 0 && stage->out[0][BLOCK - 1] == 0);
    stage_free(stage);
}

static void gives_peaks_since_the_last_call(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 2);
    float peaks[2];
    stage_warm_up(stage, WARM);
    conductor_peaks(stage->conductor, peaks);
    stage_warm_up(stage, 2);
    conductor_peaks(stage->conductor, peaks);
    assert_true(peaks[0] == stage_sample((WARM + 2) * BLOCK - 1, 0));
    assert_true(peaks[1] == stage_sample((WARM + 2) * BLOCK - 1, 1));
    conductor_peaks(stage->conductor, peaks);
    assert_true(peaks[0] == 0 && peaks[1] == 0);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_bit_for_bit_what_the_slots_render),
        cmocka_unit_test(has_its_pages_before_it_plays),
        cmocka_unit_test(a_lead_bridges_as_many_blocks),
        cmocka_unit_test(a_lead_is_at_least_one_block_and_has_room),
        cmocka_unit_test(goes_over_at_once_and_stays_there),
        cmocka_unit_test(does_not_play_a_block_that_is_not_whole),
        cmocka_unit_test(survives_an_area_full_of_anything),
        cmocka_unit_test(condemns_an_old_block_in_the_place_of_a_new_one),
        cmocka_unit_test(takes_nothing_from_before_a_slot_began),
        cmocka_unit_test(keeps_what_is_heard_when_the_slots_differ),
        cmocka_unit_test(fades_over_a_gap_without_a_click),
        cmocka_unit_test(a_block_that_comes_soon_is_waited_for),
        cmocka_unit_test(nothing_is_waited_for_in_vain),
        cmocka_unit_test(nothing_is_late_before_the_first_block),
        cmocka_unit_test(leaves_in_silence),
        cmocka_unit_test(gives_peaks_since_the_last_call),
    };
    return cmocka_run_group_tests_name("conductor", tests, NULL, NULL);
}
