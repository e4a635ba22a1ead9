// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/cores.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SLOTS = 2 };

static struct cores made_of(const uint16_t *names, size_t count)
{
    struct cores cores;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        cores.core[cpu] = cpu < count ? names[cpu] : CORES_NONE;
    }
    return cores;
}

static void assert_share(const struct cores *cores, unsigned part, unsigned parts, const char *expected)
{
    cpu_set_t share;
    assert_true(cores_share(cores, part, parts, &share));
    for (size_t cpu = 0; expected[cpu]; cpu++) {
        assert_int_equal(CPU_ISSET(cpu, &share) ? '1' : '0', expected[cpu]);
    }
}

static void shares_have_no_core_in_common(void **state)
{
    (void)state;
    const struct cores two = made_of((const uint16_t[]){0, 1}, 2);
    assert_share(&two, 0, 2, "10");
    assert_share(&two, 1, 2, "01");
    const struct cores three = made_of((const uint16_t[]){0, 1, 2}, 3);
    assert_share(&three, 0, 2, "101");
    assert_share(&three, 1, 2, "010");
}

static void siblings_stay_together(void **state)
{
    (void)state;
    const struct cores beside = made_of((const uint16_t[]){0, 0, 2, 2}, 4);
    assert_share(&beside, 0, 2, "1100");
    assert_share(&beside, 1, 2, "0011");
    const struct cores across = made_of((const uint16_t[]){0, 1, 0, 1}, 4);
    assert_share(&across, 0, 2, "1010");
    assert_share(&across, 1, 2, "0101");
}

static void only_what_is_allowed_is_shared(void **state)
{
    (void)state;
    // The first sibling itself is not allowed: it still stands for the core.
    const struct cores some = made_of((const uint16_t[]){CORES_NONE, 0, CORES_NONE, CORES_NONE, 4}, 5);
    assert_share(&some, 0, 2, "01000");
    assert_share(&some, 1, 2, "00001");
}

static void too_few_cores_are_not_shared(void **state)
{
    (void)state;
    const struct cores one = made_of((const uint16_t[]){0, 0}, 2);
    cpu_set_t share;
    assert_false(cores_share(&one, 0, 2, &share));
    assert_int_equal(CPU_COUNT(&share), 0);
    const struct cores two = made_of((const uint16_t[]){0, 1}, 2);
    assert_false(cores_share(&two, 2, 2, &share));
    const struct cores none = made_of(NULL, 0);
    assert_false(cores_share(&none, 0, 1, &share));
}

struct bound {
    unsigned part;
    bool is_apart;
    cpu_set_t allowed;
};

static void *bind_self(void *argument)
{
    struct bound *bound = argument;
    bound->is_apart = cores_keep_apart(bound->part, SLOTS);
    (void)sched_getaffinity(0, sizeof bound->allowed, &bound->allowed);
    return NULL;
}

static void threads_that_keep_apart_share_no_processor(void **state)
{
    (void)state;
    struct bound bound[SLOTS] = {{.part = 0}, {.part = 1}};
    for (int i = 0; i < SLOTS; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, bind_self, &bound[i]), 0);
        (void)pthread_join(thread, NULL);
    }
    struct cores cores;
    assert_true(cores_look(&cores));
    cpu_set_t common;
    CPU_AND(&common, &bound[0].allowed, &bound[1].allowed);
    const bool has_two = cores_share(&cores, 0, SLOTS, &(cpu_set_t){0});
    for (int i = 0; i < SLOTS; i++) {
        assert_int_equal(bound[i].is_apart, has_two);
        assert_true(CPU_COUNT(&bound[i].allowed) > 0);
    }
    assert_int_equal(CPU_COUNT(&common) == 0, has_two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_have_no_core_in_common),
        cmocka_unit_test(siblings_stay_together),
        cmocka_unit_test(only_what_is_allowed_is_shared),
        cmocka_unit_test(too_few_cores_are_not_shared),
        cmocka_unit_test(threads_that_keep_apart_share_no_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
