// SPDX-License-Identifier: GPL-3.0-or-later
// Admission by made-up readings: what it must come to, and that nothing strange in them lets too many in.
#include "station/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t SECOND = 1000000000;

static struct power made(unsigned processors)
{
    struct power power;
    power_init(&power, processors, &(struct power_reading){0});
    return power;
}

static unsigned admit_all(struct power *power)
{
    unsigned admitted = 0;
    while (admitted < 100000 && power_admit(power)) {
        admitted++;
    }
    return admitted;
}

static void test_without_a_measurement_few_are_admitted(void **state)
{
    (void)state;
    struct power power = made(2);
    assert_in_range(power_left(&power), 23, 24); // 60% of two, at 5% each
    assert_in_range(admit_all(&power), 23, 24);
    assert_int_equal(power_left(&power), 0);
}

static void test_what_stations_take_decides(void **state)
{
    (void)state;
    struct power power = made(2);
    // Ten stations at 1%, on a machine that does nothing else.
    power_read(&power, &(struct power_reading){
                           .now_ns = SECOND, .machine_ns = SECOND / 10, .stations_ns = SECOND / 10, .awake = 10});
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 2 * SECOND, .machine_ns = 2 * SECOND / 10, .stations_ns = 2 * SECOND / 10, .awake = 10});
    assert_in_range(admit_all(&power), 109, 110);
    // They play now, and cost no more than was thought: there is no room left, and none is counted twice.
    power_read(&power, &(struct power_reading){.now_ns = 3 * SECOND,
                                               .machine_ns = 14 * SECOND / 10,
                                               .stations_ns = 14 * SECOND / 10,
                                               .awake = 120});
    power_read(&power, &(struct power_reading){.now_ns = 4 * SECOND,
                                               .machine_ns = 26 * SECOND / 10,
                                               .stations_ns = 26 * SECOND / 10,
                                               .awake = 120});
    assert_in_range(power_left(&power), 0, 1);
    // Half of them leave.
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 5 * SECOND, .machine_ns = 32 * SECOND / 10, .stations_ns = 32 * SECOND / 10, .awake = 60});
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 6 * SECOND, .machine_ns = 38 * SECOND / 10, .stations_ns = 38 * SECOND / 10, .awake = 60});
    assert_in_range(power_left(&power), 45, 75);
}

static void test_what_listeners_cost_counts_for_each(void **state)
{
    (void)state;
    struct power power = made(2);
    // Ten stations at 1%, and a hundred listeners whose sending takes a tenth of a processor: one more costs 1.1%.
    power_read(
        &power,
        &(struct power_reading){
            .now_ns = SECOND, .process_ns = SECOND / 5, .stations_ns = SECOND / 10, .awake = 10, .listeners = 100});
    power_read(&power, &(struct power_reading){.now_ns = 2 * SECOND,
                                               .process_ns = 2 * SECOND / 5,
                                               .stations_ns = 2 * SECOND / 10,
                                               .awake = 10,
                                               .listeners = 100});
    assert_in_range(admit_all(&power), 89, 92); // 1.2 - 0.2, though the system has counted nothing
}

static void test_other_programs_count(void **state)
{
    (void)state;
    struct power power = made(2);
    power_read(&power, &(struct power_reading){.now_ns = SECOND, .machine_ns = SECOND, .stations_ns = 0, .awake = 1});
    power_read(&power, &(struct power_reading){.now_ns = 2 * SECOND,
                                               .machine_ns = 2 * SECOND + SECOND / 10,
                                               .stations_ns = SECOND / 100,
                                               .awake = 1});
    assert_in_range(power_left(&power), 9, 10);
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 3 * SECOND, .machine_ns = 5 * SECOND, .stations_ns = 2 * SECOND / 100, .awake = 1});
    assert_int_equal(power_left(&power), 0);
    assert_false(power_admit(&power));
}

static void test_the_newly_admitted_count_until_readings_show_them(void **state)
{
    (void)state;
    struct power power = made(1);
    power_read(&power, &(struct power_reading){
                           .now_ns = SECOND, .machine_ns = SECOND / 100, .stations_ns = SECOND / 100, .awake = 1});
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 2 * SECOND, .machine_ns = 2 * SECOND / 100, .stations_ns = 2 * SECOND / 100, .awake = 1});
    const unsigned first = admit_all(&power);
    assert_in_range(first, 57, 59);
    // A reading that came before they began shows nothing of them.
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 3 * SECOND, .machine_ns = 3 * SECOND / 100, .stations_ns = 3 * SECOND / 100, .awake = 1});
    assert_int_equal(power_left(&power), 0);
}

static void test_strange_readings_do_no_harm(void **state)
{
    (void)state;
    struct power power = made(0);
    power_read(&power, &(struct power_reading){.now_ns = -5, .machine_ns = -1, .stations_ns = -1, .awake = 0});
    power_read(&power, &(struct power_reading){.now_ns = SECOND, .machine_ns = -1, .stations_ns = -1, .awake = 0});
    power_read(&power, &(struct power_reading){.now_ns = 2 * SECOND, .machine_ns = -1, .stations_ns = -1, .awake = 5});
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 2 * SECOND + 1, .machine_ns = INT64_MAX / 2, .stations_ns = INT64_MAX / 2, .awake = 5});
    assert_in_range(power_left(&power), 1, 100000);
    power_read(&power,
               &(struct power_reading){
                   .now_ns = 3 * SECOND, .machine_ns = INT64_MAX / 2, .stations_ns = INT64_MAX / 2, .awake = 5});
    assert_int_equal(power_left(&power), 0);
}

static void test_the_system_counts(void **state)
{
    (void)state;
    const int64_t before = power_machine_ns();
    assert_true(before > 0);
    volatile unsigned busy = 0;
    for (int64_t i = 0; i < 200000000; i++) {
        busy = busy + 1;
    }
    assert_true(power_machine_ns() > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_measurement_few_are_admitted),
        cmocka_unit_test(test_what_stations_take_decides),
        cmocka_unit_test(test_what_listeners_cost_counts_for_each),
        cmocka_unit_test(test_other_programs_count),
        cmocka_unit_test(test_the_newly_admitted_count_until_readings_show_them),
        cmocka_unit_test(test_strange_readings_do_no_harm),
        cmocka_unit_test(test_the_system_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
