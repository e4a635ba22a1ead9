// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/subscribers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { CHANGES = 1 << SUBSCRIPTION_CHANGES, METERS = 1 << SUBSCRIPTION_METERS };

static struct osc_peer peer_of(int number)
{
    struct osc_peer peer = {.host = "127.0.0.1"};
    (void)snprintf(peer.port, sizeof peer.port, "%d", number);
    return peer;
}

static void a_subscription_expires_unless_it_is_renewed(void **state)
{
    (void)state;
    struct subscribers subscribers;
    struct osc_peer peers[SUBSCRIBERS_MAX];
    const struct osc_peer a = peer_of(1);
    subscribers_init(&subscribers);
    assert_int_equal(subscribers_add(&subscribers, &a, CHANGES, 0, 100), STATUS_OK);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 99, NULL, peers), 1);
    assert_string_equal(peers[0].port, "1");
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_METERS, 99, NULL, peers), 0);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 100, NULL, peers), 0);
    assert_int_equal(subscribers_add(&subscribers, &a, CHANGES | METERS, 100, 200), STATUS_OK);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 150, NULL, peers), 1);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_METERS, 150, NULL, peers), 1);
    subscribers_remove(&subscribers, &a, METERS);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_METERS, 150, NULL, peers), 0);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 150, NULL, peers), 1);
    subscribers_done(&subscribers);
}

static void who_made_a_change_is_not_told_of_it(void **state)
{
    (void)state;
    struct subscribers subscribers;
    struct osc_peer peers[SUBSCRIBERS_MAX];
    const struct osc_peer a = peer_of(1);
    const struct osc_peer b = peer_of(2);
    subscribers_init(&subscribers);
    assert_int_equal(subscribers_add(&subscribers, &a, CHANGES, 0, 100), STATUS_OK);
    assert_int_equal(subscribers_add(&subscribers, &b, CHANGES, 0, 100), STATUS_OK);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 1, &a, peers), 1);
    assert_string_equal(peers[0].port, "2");
    subscribers_done(&subscribers);
}

static void room_is_limited_and_comes_back(void **state)
{
    (void)state;
    struct subscribers subscribers;
    struct osc_peer peers[SUBSCRIBERS_MAX];
    subscribers_init(&subscribers);
    for (int i = 0; i < SUBSCRIBERS_MAX; i++) {
        const struct osc_peer peer = peer_of(i);
        assert_int_equal(subscribers_add(&subscribers, &peer, CHANGES, 0, i == 7 ? 50 : 100), STATUS_OK);
    }
    const struct osc_peer late = peer_of(1000);
    const struct osc_peer known = peer_of(3);
    assert_int_equal(subscribers_add(&subscribers, &late, CHANGES, 40, 100), STATUS_FULL);
    assert_int_equal(subscribers_add(&subscribers, &known, METERS, 40, 100), STATUS_OK);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 40, NULL, peers), SUBSCRIBERS_MAX);
    assert_int_equal(subscribers_add(&subscribers, &late, CHANGES, 60, 100), STATUS_OK);
    assert_int_equal(subscribers_of(&subscribers, SUBSCRIPTION_CHANGES, 60, NULL, peers), SUBSCRIBERS_MAX);
    subscribers_done(&subscribers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_expires_unless_it_is_renewed),
        cmocka_unit_test(who_made_a_change_is_not_told_of_it),
        cmocka_unit_test(room_is_limited_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
