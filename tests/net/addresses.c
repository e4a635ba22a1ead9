// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

static struct address of(const char *text)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } socket_address = {0};
    if (strchr(text, ':')) {
        socket_address.ipv6.sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &socket_address.ipv6.sin6_addr), 1);
    } else {
        socket_address.ipv4.sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &socket_address.ipv4.sin_addr), 1);
    }
    return address_of(&socket_address.any);
}

static bool same(const char *a, const char *b)
{
    const struct address one = of(a);
    const struct address two = of(b);
    return memcmp(&one, &two, sizeof one) == 0;
}

static void test_what_counts_as_one(void **state)
{
    (void)state;
    assert_true(same("192.0.2.1", "::ffff:192.0.2.1"));
    assert_false(same("192.0.2.1", "192.0.2.2"));
    assert_true(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
    assert_false(same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    const struct address none = address_of((const struct sockaddr *)(const void *)&local);
    assert_memory_equal(&none, &(struct address){{0}}, sizeof none);
}

static void test_each_has_as_many_as_it_may(void **state)
{
    (void)state;
    struct addresses *addresses = addresses_new(2);
    const struct address one = of("192.0.2.1");
    const struct address two = of("192.0.2.2");
    assert_true(addresses_enter(addresses, &one));
    assert_true(addresses_enter(addresses, &one));
    assert_false(addresses_enter(addresses, &one));
    assert_int_equal(addresses_count(addresses, &one), 2);
    assert_true(addresses_enter(addresses, &two));
    addresses_leave(addresses, &one);
    assert_true(addresses_enter(addresses, &one));
    addresses_limit(addresses, 1);
    assert_int_equal(addresses_count(addresses, &one), 2);
    addresses_leave(addresses, &one);
    assert_false(addresses_enter(addresses, &one));
    addresses_limit(addresses, 0);
    for (int i = 0; i < 1000; i++) {
        assert_true(addresses_enter(addresses, &one));
    }
    addresses_free(addresses);
    addresses_free(NULL);
}

static void test_those_who_have_gone_are_forgotten(void **state)
{
    (void)state;
    struct addresses *addresses = addresses_new(1);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20000; i++) {
            struct address address = {{1}};
            memcpy(address.bytes + 4, &i, sizeof i);
            assert_true(addresses_enter(addresses, &address));
        }
        for (uint32_t i = 0; i < 20000; i++) {
            struct address address = {{1}};
            memcpy(address.bytes + 4, &i, sizeof i);
            addresses_leave(addresses, &address);
            assert_int_equal(addresses_count(addresses, &address), 0);
            addresses_leave(addresses, &address); // once too often
        }
    }
    addresses_free(addresses);
}

static void *come_and_go(void *user)
{
    struct addresses *addresses = user;
    const struct address one = of("192.0.2.1");
    for (int i = 0; i < 20000; i++) {
        if (addresses_enter(addresses, &one)) {
            addresses_leave(addresses, &one);
        }
    }
    return NULL;
}

static void test_threads_count_together(void **state)
{
    (void)state;
    struct addresses *addresses = addresses_new(2);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, addresses), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(addresses_count(addresses, &(struct address){{0}}), 0);
    const struct address one = of("192.0.2.1");
    assert_int_equal(addresses_count(addresses, &one), 0);
    addresses_free(addresses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_counts_as_one),
        cmocka_unit_test(test_each_has_as_many_as_it_may),
        cmocka_unit_test(test_those_who_have_gone_are_forgotten),
        cmocka_unit_test(test_threads_count_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
