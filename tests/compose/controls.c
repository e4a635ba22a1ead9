// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose/controls.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct controls good = {{2, MODE_DORIAN}, 72.0, 0.45};

static void everything_in_range_is_taken(void **state)
{
    (void)state;
    static const double tempos[] = {CONTROLS_BPM_MIN, 72.5, CONTROLS_BPM_MAX};
    static const double intensities[] = {-0.0, 0.0, 0.5, 1.0};
    for (int key = 0; key < PITCH_CLASSES * MODE_COUNT; key++) {
        for (int i = 0; i < 12; i++) {
            const struct controls controls = {
                {(uint8_t)(key % PITCH_CLASSES), (enum mode)(key / PITCH_CLASSES)}, tempos[i % 3], intensities[i % 4]};
            struct complaint complaint = {"untouched"};
            assert_int_equal(controls_check(&controls, &complaint), STATUS_OK);
            assert_string_equal(complaint.text, "untouched");
        }
    }
}

static void refuses(struct controls controls, const char *field)
{
    struct complaint complaint = {""};
    assert_int_equal(controls_check(&controls, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, field));
    assert_non_null(strstr(complaint.text, "give "));
    assert_int_equal(controls_check(&controls, NULL), STATUS_RANGE);
}

static void bad_numbers_are_refused(void **state)
{
    (void)state;
    const double tempos[] = {29.999, 200.001, 0.0, -72.0, NAN, -NAN, INFINITY, -INFINITY, 1e308};
    const double intensities[] = {-1e-9, 1.0000001, NAN, -NAN, INFINITY, -INFINITY, 1e308};
    for (size_t i = 0; i < sizeof tempos / sizeof *tempos; i++) {
        struct controls controls = good;
        controls.bpm = tempos[i];
        refuses(controls, "bpm");
    }
    for (size_t i = 0; i < sizeof intensities / sizeof *intensities; i++) {
        struct controls controls = good;
        controls.intensity = intensities[i];
        refuses(controls, "intensity");
    }
}

static void bad_keys_and_modes_are_refused(void **state)
{
    (void)state;
    const int tonics[] = {12, 13, 127, 255};
    const int modes[] = {MODE_COUNT, MODE_COUNT + 1, 255};
    for (size_t i = 0; i < sizeof tonics / sizeof *tonics; i++) {
        struct controls controls = good;
        controls.key.tonic = (uint8_t)tonics[i];
        refuses(controls, "key");
    }
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct controls controls = good;
        // Written over as bytes, the way that foreign memory would bring it.
        const unsigned mode = (unsigned)modes[i];
        memcpy(&controls.key.mode, &mode, sizeof mode);
        refuses(controls, "mode");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_in_range_is_taken),
        cmocka_unit_test(bad_numbers_are_refused),
        cmocka_unit_test(bad_keys_and_modes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
