// SPDX-License-Identifier: GPL-3.0-or-later
// Which stations there are, who holds them, and when one is forgotten.
#include "station/stations.h"

#include "core/clock.h"
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

enum { FORGET_MS = 50 };

static const int64_t NS_PER_MS = 1000000;

static void count_up(void *user, uint32_t shards)
{
    atomic_fetch_add((_Atomic uint32_t *)user, shards);
}

static struct stations *make(_Atomic uint32_t *told)
{
    struct stations *stations =
        stations_new(&(struct stations_options){.published = count_up, .user = told, .forget_ms = FORGET_MS});
    assert_non_null(stations);
    return stations;
}

static enum status add(struct stations *stations, const struct fixture *fixture, const char *name)
{
    struct station_options options = fixture_station(fixture, 20);
    options.name = name;
    struct complaint complaint = {""};
    const enum status status = stations_add(stations, &options, &complaint);
    assert_true((status == STATUS_OK) == (complaint.text[0] == '\0'));
    return status;
}

static struct stations_entry *add_private(struct stations *stations, const struct fixture *fixture)
{
    struct station_options options = fixture_station(fixture, 20);
    options.name = "private";
    struct stations_entry *entry = NULL;
    assert_int_equal(stations_add_private(stations, &options, &entry, NULL), STATUS_OK);
    return entry;
}

static void test_shared_stations_are_found_by_name(void **state)
{
    _Atomic uint32_t told = 0;
    struct stations *stations = make(&told);
    assert_null(stations_hold(stations, NULL));
    assert_int_equal(add(stations, *state, "main"), STATUS_OK);
    assert_int_equal(add(stations, *state, "night"), STATUS_OK);
    assert_int_equal(add(stations, *state, "night"), STATUS_INVALID);
    assert_int_equal(add(stations, *state, "private"), STATUS_INVALID);
    assert_int_equal(add(stations, *state, "NIGHT"), STATUS_INVALID);
    assert_int_equal(stations_count(stations), 2);
    struct stations_entry *first = stations_hold(stations, NULL);
    struct stations_entry *night = stations_hold(stations, "night");
    assert_ptr_equal(first->station, stations_at(stations, 0));
    assert_ptr_equal(night->station, stations_at(stations, 1));
    assert_null(stations_hold(stations, "day"));
    assert_null(stations_hold(stations, ""));
    stations_entry_unref(first);
    stations_entry_unref(night);
    stations_entry_unref(NULL);
    stations_free(stations);
    stations_free(NULL);
}

static void test_there_is_an_end_of_them(void **state)
{
    _Atomic uint32_t told = 0;
    struct stations *stations = make(&told);
    char name[] = "station-00";
    for (int i = 0; i < STATIONS_SHARED_MAX; i++) {
        name[8] = (char)('0' + i / 10);
        name[9] = (char)('0' + i % 10);
        assert_int_equal(add(stations, *state, name), STATUS_OK);
    }
    assert_int_equal(add(stations, *state, "one-more"), STATUS_FULL);
    stations_free(stations);
}

static void test_only_shards_that_listen_are_told(void **state)
{
    _Atomic uint32_t told = 0;
    struct stations *stations = make(&told);
    assert_int_equal(add(stations, *state, "main"), STATUS_OK);
    struct stations_entry *entry = stations_hold(stations, "main");
    assert_int_equal(stations_start(stations, NULL), STATUS_OK);
    station_wake(entry->station);
    fixture_wait(entry->station, 3);
    assert_int_equal(atomic_load(&told), 0);
    atomic_store(&entry->shards, 1U << 20);
    const uint32_t head = station_head(entry->station);
    fixture_wait(entry->station, head + 2);
    stations_stop(stations);
    assert_true(atomic_load(&told) >= 1U << 20);
    assert_int_equal(atomic_load(&told) & ((1U << 20) - 1), 0);
    stations_entry_unref(entry);
    stations_free(stations);
}

static void test_a_private_station_opens_by_its_token_alone(void **state)
{
    _Atomic uint32_t told = 0;
    struct stations *stations = make(&told);
    struct stations_entry *one = add_private(stations, *state);
    struct stations_entry *two = add_private(stations, *state);
    assert_true(one->is_private);
    assert_int_equal(strlen(one->token), SECRET_SIZE - 1);
    assert_int_equal(strspn(one->token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                     SECRET_SIZE - 1);
    assert_string_not_equal(one->token, two->token);
    struct stations_entry *again = stations_hold_private(stations, one->token);
    assert_ptr_equal(again, one);
    char wrong[SECRET_SIZE];
    memcpy(wrong, one->token, sizeof wrong);
    wrong[SECRET_SIZE - 2] = wrong[SECRET_SIZE - 2] == '0' ? '1' : '0';
    assert_null(stations_hold_private(stations, wrong));
    assert_null(stations_hold_private(stations, ""));
    assert_null(stations_hold_private(stations, "private"));
    assert_null(stations_hold(stations, "private"));
    assert_int_equal(stations_private(stations).count, 2);
    assert_int_equal(stations_private(stations).held, 2);
    stations_entry_unref(one);
    stations_entry_unref(again);
    stations_entry_unref(two);
    assert_int_equal(stations_private(stations).count, 2);
    assert_int_equal(stations_private(stations).held, 0);
    stations_free(stations);
}

static void test_a_private_station_is_forgotten_when_nobody_has_held_it_for_long(void **state)
{
    _Atomic uint32_t told = 0;
    struct stations *stations = make(&told);
    struct stations_entry *kept = add_private(stations, *state);
    struct stations_entry *left = add_private(stations, *state);
    char token[SECRET_SIZE];
    memcpy(token, left->token, sizeof token);
    atomic_store(&station_metrics(left->station)->skips, 3);
    atomic_store(&station_metrics(kept->station)->skips, 4);
    stations_entry_unref(left);
    stations_tend(stations);
    size_t awake = 0;
    const int64_t busy = stations_busy_ns(stations, &awake);
    assert_true(stations_private(stations).count <= 2);
    clock_sleep_until(clock_now_ns() + (FORGET_MS + 20) * NS_PER_MS);
    stations_tend(stations);
    assert_int_equal(stations_private(stations).count, 1);
    assert_int_equal(stations_private(stations).held, 1);
    assert_int_equal(stations_private(stations).skips, 7); // what became of its listeners is not forgotten
    assert_null(stations_hold_private(stations, token));
    // What it took is not forgotten.
    assert_true(stations_busy_ns(stations, &awake) >= busy);
    stations_entry_unref(kept);
    stations_free(stations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_shared_stations_are_found_by_name, fixture_end),
        cmocka_unit_test_teardown(test_there_is_an_end_of_them, fixture_end),
        cmocka_unit_test_teardown(test_only_shards_that_listen_are_told, fixture_end),
        cmocka_unit_test_teardown(test_a_private_station_opens_by_its_token_alone, fixture_end),
        cmocka_unit_test_teardown(test_a_private_station_is_forgotten_when_nobody_has_held_it_for_long, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
