// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/policy.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const few[] = {"https://radio.example", NULL};
static const char *const more[] = {"https://other.example", "http://third.example:8080", NULL};

static struct policy *make(const struct policy_rules *rules)
{
    struct policy *policy = NULL;
    assert_int_equal(policy_new(rules, &policy), STATUS_OK);
    return policy;
}

static void nothing_given_allows_control_and_no_origin(void **state)
{
    (void)state;
    struct policy *policy = make(&(struct policy_rules){.private_max = -1});
    assert_true(policy_may_control(policy, NULL));
    assert_true(policy_may_control(policy, "anything"));
    assert_false(policy_allows_origin(policy, "https://radio.example"));
    assert_false(policy_allows_origin(policy, ""));
    assert_int_equal(policy_private_max(policy), -1);
    assert_int_equal(policy_per_address(policy), 0);
    policy_free(policy);
    policy_free(NULL);
}

static void the_whole_token_is_wanted_and_nothing_more(void **state)
{
    (void)state;
    struct policy *policy = make(&(struct policy_rules){.control_token = "open sesame"});
    assert_true(policy_may_control(policy, "open sesame"));
    static const char *const wrong[] = {NULL, "", "open", "open sesam", "open sesamE", "open sesame ", "x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(policy_may_control(policy, wrong[i]));
    }
    policy_free(policy);
}

static void origins_are_whole_and_in_any_case(void **state)
{
    (void)state;
    struct policy *policy = make(&(struct policy_rules){.origins = few});
    assert_true(policy_allows_origin(policy, "https://radio.example"));
    assert_true(policy_allows_origin(policy, "HTTPS://Radio.Example"));
    static const char *const wrong[] = {"http://radio.example", "https://radio.example:444", "https://radio.example.x",
                                        "radio.example", "null"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(policy_allows_origin(policy, wrong[i]));
    }
    policy_free(policy);
}

static void new_rules_take_the_place_of_all_the_old(void **state)
{
    (void)state;
    struct policy *policy =
        make(&(struct policy_rules){.origins = few, .control_token = "old", .private_max = 3, .per_address = 4});
    char token[] = "new";
    const struct policy_rules rules = {.origins = more, .control_token = token, .private_max = 0, .per_address = 9};
    assert_int_equal(policy_set(policy, &rules), STATUS_OK);
    token[0] = 'x'; // they were copied
    assert_false(policy_may_control(policy, "old"));
    assert_true(policy_may_control(policy, "new"));
    assert_false(policy_allows_origin(policy, few[0]));
    assert_true(policy_allows_origin(policy, more[0]) && policy_allows_origin(policy, more[1]));
    assert_int_equal(policy_private_max(policy), 0);
    assert_int_equal(policy_per_address(policy), 9);
    assert_int_equal(policy_set(policy, &(struct policy_rules){.private_max = 1}), STATUS_OK);
    assert_true(policy_may_control(policy, NULL));
    assert_false(policy_allows_origin(policy, more[0]));
    policy_free(policy);
}

struct asking {
    struct policy *policy;
    atomic_bool done;
    int wrong;
};

static void *ask(void *user)
{
    struct asking *asking = user;
    while (!atomic_load(&asking->done)) {
        asking->wrong += !policy_may_control(asking->policy, "same");
        asking->wrong += !policy_allows_origin(asking->policy, few[0]);
        asking->wrong += policy_private_max(asking->policy) > 1;
    }
    return NULL;
}

static void what_stays_is_there_at_every_moment_of_a_change(void **state)
{
    (void)state;
    enum { CHANGES = 2000 };
    struct policy_rules rules = {.origins = few, .control_token = "same"};
    struct asking asking = {.policy = make(&rules)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask, &asking), 0);
    for (int i = 0; i < CHANGES; i++) {
        rules.private_max = i % 2;
        assert_int_equal(policy_set(asking.policy, &rules), STATUS_OK);
    }
    atomic_store(&asking.done, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(asking.wrong, 0);
    policy_free(asking.policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_allows_control_and_no_origin),
        cmocka_unit_test(the_whole_token_is_wanted_and_nothing_more),
        cmocka_unit_test(origins_are_whole_and_in_any_case),
        cmocka_unit_test(new_rules_take_the_place_of_all_the_old),
        cmocka_unit_test(what_stays_is_there_at_every_moment_of_a_change),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
