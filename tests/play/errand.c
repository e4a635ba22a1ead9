// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/errand.h"

#include "wait.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t LONG_NS = 60000000000;
static const int64_t SHORT_NS = 20000000;

struct task {
    atomic_bool may_end;
    int answer;
    bool takes_signals;
};

static void wait_and_answer(void *closure)
{
    struct task *task = closure;
    sigset_t blocked;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    task->takes_signals = sigismember(&blocked, SIGTERM) == 0 || sigismember(&blocked, SIGINT) == 0;
    while (!atomic_load(&task->may_end)) {
        clock_sleep_until(clock_now_ns() + 1000000);
    }
    task->answer = 42;
}

static bool is_done(void *errand)
{
    return errand_is_done(errand);
}

static void comes_back(void **state)
{
    (void)state;
    struct task task = {.may_end = false};
    struct errand *errand = errand_new(wait_and_answer, &task);
    assert_non_null(errand);
    assert_false(errand_is_done(errand));
    atomic_store(&task.may_end, true);
    assert_true(wait_until(is_done, errand));
    assert_int_equal(task.answer, 42);
    assert_false(task.takes_signals);
    assert_true(errand_end(errand, 0));
}

static void is_waited_for(void **state)
{
    (void)state;
    struct task task = {.may_end = true};
    struct errand *errand = errand_new(wait_and_answer, &task);
    assert_non_null(errand);
    assert_true(errand_end(errand, LONG_NS));
    assert_int_equal(task.answer, 42);
}

static void is_left_when_it_is_held_up(void **state)
{
    (void)state;
    static struct task task;
    struct errand *errand = errand_new(wait_and_answer, &task);
    assert_non_null(errand);
    assert_false(errand_end(errand, SHORT_NS));
    assert_int_equal(task.answer, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back), cmocka_unit_test(is_waited_for),
        cmocka_unit_test(is_left_when_it_is_held_up), // the last: its thread goes on
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
