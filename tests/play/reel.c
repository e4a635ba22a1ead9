// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/reel.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SIZE = 64, BLOCK = 24, STRESS_FRAMES = 3000000 };

/// Writes the numbers from \p first on: channel 0 as they are, channel 1 negative.
static void write_numbers(struct reel *reel, uint32_t first, uint32_t frames) REALTIME
{
    float left[SIZE];
    float right[SIZE];
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = (float)(first + i);
        right[i] = -(float)(first + i);
    }
    reel_write(reel, (const float *const[]){left, right}, frames);
}

/// Reads all that is there, releases it, and returns the count of frames and gaps; each frame is \p next.
static uint64_t read_numbers(struct reel *reel, uint64_t *next, uint64_t *lost)
{
    uint64_t count = 0;
    for (;;) {
        const struct reel_piece piece = reel_read(reel, BLOCK + 1);
        *next += piece.lost;
        *lost += piece.lost;
        if (!piece.count) {
            return count;
        }
        assert_in_range(piece.count, 1, BLOCK + 1);
        for (uint32_t i = 0; i < piece.count; i++) {
            assert_true(piece.frames[2 * i] == (float)*next);
            assert_true(piece.frames[2 * i + 1] == -(float)*next);
            ++*next;
        }
        reel_release(reel, piece.count);
        count += piece.count;
    }
}

static void gives_back_what_was_written_around_and_around(void **state)
{
    (void)state;
    struct reel *reel = reel_new(2, SIZE);
    assert_non_null(reel);
    uint64_t next = 0;
    uint64_t lost = 0;
    assert_int_equal(reel_read(reel, 10).count, 0);
    for (uint32_t frame = 0, frames = 1; frame < 5000; frame += frames, frames = frames % SIZE + 1) {
        write_numbers(reel, frame, frames);
        assert_int_equal(read_numbers(reel, &next, &lost), frames);
    }
    assert_int_equal(lost, 0);
    reel_free(reel);
    reel_free(NULL);
}

static void knows_where_it_had_no_room(void **state)
{
    (void)state;
    struct reel *reel = reel_new(2, SIZE);
    uint64_t next = 0;
    uint64_t lost = 0;
    write_numbers(reel, 0, 40);
    write_numbers(reel, 40, 30); // finds no room
    write_numbers(reel, 70, 24); // the gap goes before it
    write_numbers(reel, 94, 1);  // no room
    write_numbers(reel, 95, 0);  // nothing, even so
    write_numbers(reel, 95, 5);  // no room
    const struct reel_piece piece = reel_read(reel, 100);
    assert_int_equal(piece.lost, 0);
    assert_int_equal(piece.count, 40); // not further than to the gap
    assert_int_equal(read_numbers(reel, &next, &lost), 64);
    assert_int_equal(lost, 30);
    assert_int_equal(reel_lost_at_end(reel), 6);
    write_numbers(reel, 100, 10);
    assert_int_equal(read_numbers(reel, &next, &lost), 10);
    assert_int_equal(lost, 36);
    assert_int_equal(reel_lost_at_end(reel), 0);
    reel_free(reel);
}

static void grows_a_gap_where_it_cannot_note_more(void **state)
{
    (void)state;
    struct reel *reel = reel_new(2, 256);
    // A gap before each frame, until not only the frames are full.
    write_numbers(reel, 0, 64);
    write_numbers(reel, 64, 64);
    write_numbers(reel, 128, 64);
    write_numbers(reel, 192, 64);
    uint64_t next = 0;
    uint64_t lost = 0;
    uint32_t frame = 256;
    for (int i = 0; i < 200; i++) {
        write_numbers(reel, frame, 2); // never room
        const struct reel_piece piece = reel_read(reel, 1);
        next += piece.lost;
        lost += piece.lost;
        assert_int_equal(piece.count, 1);
        assert_true(piece.frames[0] == (float)next++);
        reel_release(reel, 1);
        write_numbers(reel, frame + 2, 1);
        frame += 3;
    }
    (void)read_numbers(reel, &next, &lost);
    lost += reel_lost_at_end(reel);
    next += reel_lost_at_end(reel);
    assert_int_equal(next, frame);
    assert_in_range(lost, 400, 600);
    reel_free(reel);
}

static void forgets_all_when_cleared(void **state)
{
    (void)state;
    struct reel *reel = reel_new(2, SIZE);
    write_numbers(reel, 0, 60);
    write_numbers(reel, 60, 60);
    reel_clear(reel);
    assert_int_equal(reel_lost_at_end(reel), 0);
    uint64_t next = 5;
    uint64_t lost = 0;
    write_numbers(reel, 5, 64);
    assert_int_equal(read_numbers(reel, &next, &lost), 64);
    assert_int_equal(lost, 0);
    reel_free(reel);
}

struct stress {
    struct reel *reel;
    atomic_bool is_done;
};

static void *write_all(void *argument)
{
    struct stress *stress = argument;
    for (uint32_t frame = 0; frame < STRESS_FRAMES; frame += BLOCK) {
        write_numbers(stress->reel, frame, BLOCK);
        if (frame % 1000 == 0) {
            (void)sched_yield();
        }
    }
    atomic_store(&stress->is_done, true);
    return NULL;
}

static void two_threads_agree_on_every_frame(void **state)
{
    (void)state;
    struct stress stress = {.reel = reel_new(2, 1024)};
    pthread_t writer;
    uint64_t next = 0;
    uint64_t lost = 0;
    assert_int_equal(pthread_create(&writer, NULL, write_all, &stress), 0);
    while (!atomic_load(&stress.is_done)) {
        (void)read_numbers(stress.reel, &next, &lost);
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    (void)read_numbers(stress.reel, &next, &lost);
    assert_int_equal(next + reel_lost_at_end(stress.reel), STRESS_FRAMES);
    reel_free(stress.reel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_written_around_and_around),
        cmocka_unit_test(knows_where_it_had_no_room),
        cmocka_unit_test(grows_a_gap_where_it_cannot_note_more),
        cmocka_unit_test(forgets_all_when_cleared),
        cmocka_unit_test(two_threads_agree_on_every_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
