// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum { STRESS_MESSAGES = 200000 };

struct message {
    uint64_t number;
    uint64_t check;
};

static struct ring *new_ring(uint32_t count, uint32_t size)
{
    void *block = aligned_alloc(64, ring_footprint(count, size));
    assert_non_null(block);
    return ring_init(block, count, size);
}

static void gives_back_in_order_and_refuses_when_full(void **state)
{
    (void)state;
    struct ring *ring = new_ring(4, sizeof(int));
    int out = 0;
    assert_false(ring_pop(ring, &out));
    // Around the ring several times, so that the positions wrap.
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 4; i++) {
            assert_true(ring_push(ring, &(int){round * 10 + i}));
            assert_int_equal(ring_depth(ring), i + 1);
        }
        assert_false(ring_push(ring, &(int){99}));
        for (int i = 0; i < 4; i++) {
            assert_true(ring_pop(ring, &out));
            assert_int_equal(out, round * 10 + i);
        }
        assert_false(ring_pop(ring, &out));
        assert_int_equal(ring_depth(ring), 0);
    }
    free(ring);
}

static void one_message_of_odd_size_fits(void **state)
{
    (void)state;
    struct ring *ring = new_ring(1, 13);
    char out[14] = "";
    assert_true(ring_push(ring, "thirteen byte"));
    assert_false(ring_push(ring, "thirteen byte"));
    assert_true(ring_pop(ring, out));
    assert_string_equal(out, "thirteen byte");
    free(ring);
}

static void *write_all(void *argument)
{
    struct ring *ring = argument;
    for (uint64_t i = 0; i < STRESS_MESSAGES; i++) {
        const struct message message = {i, ~i * 3};
        while (!ring_push(ring, &message)) {
            (void)sched_yield();
        }
    }
    return NULL;
}

static void two_threads_lose_and_tear_nothing(void **state)
{
    (void)state;
    struct ring *ring = new_ring(16, sizeof(struct message));
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_all, ring), 0);
    for (uint64_t i = 0; i < STRESS_MESSAGES; i++) {
        struct message message;
        while (!ring_pop(ring, &message)) {
            (void)sched_yield();
        }
        assert_int_equal(message.number, i);
        assert_int_equal(message.check, ~i * 3);
        assert_in_range(ring_depth(ring), 0, 16);
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_in_order_and_refuses_when_full),
        cmocka_unit_test(one_message_of_odd_size_fits),
        cmocka_unit_test(two_threads_lose_and_tear_nothing),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
