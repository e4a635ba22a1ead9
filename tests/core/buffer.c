// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

enum { THREADS = 4, ROUNDS = 20000 };

static void lives_until_the_last_reference(void **state)
{
    (void)state;
    struct buffer *buffer = buffer_new(5);
    assert_non_null(buffer);
    assert_int_equal(buffer->size, 5);
    memcpy(buffer->bytes, "tutti", 5);
    assert_ptr_equal(buffer_ref(buffer), buffer);
    buffer_unref(buffer);
    assert_memory_equal(buffer->bytes, "tutti", 5);
    buffer_unref(buffer);
}

static void nothing_is_fine(void **state)
{
    (void)state;
    assert_null(buffer_ref(NULL));
    buffer_unref(NULL);
    struct buffer *empty = buffer_new(0);
    assert_non_null(empty);
    buffer_unref(empty);
}

static void refuses_a_size_that_cannot_be(void **state)
{
    (void)state;
    assert_null(buffer_new(SIZE_MAX));
    assert_null(buffer_new(SIZE_MAX - 8));
}

static void *take_and_drop(void *argument)
{
    struct buffer *buffer = argument;
    for (int i = 0; i < ROUNDS; i++) {
        buffer_unref(buffer_ref(buffer));
    }
    buffer_unref(buffer);
    return NULL;
}

static void threads_share_one(void **state)
{
    (void)state;
    struct buffer *buffer = buffer_new(1);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_drop, buffer_ref(buffer)), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(buffer->references, 1);
    buffer_unref(buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_until_the_last_reference),
        cmocka_unit_test(nothing_is_fine),
        cmocka_unit_test(refuses_a_size_that_cannot_be),
        cmocka_unit_test(threads_share_one),
    };
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
