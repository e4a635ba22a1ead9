// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/drum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_the_percussion_map_of_general_midi(void **state)
{
    (void)state;
    static const struct {
        uint8_t key;
        enum drum drum;
    } map[] = {{35, DRUM_BASS},  {36, DRUM_BASS},     {38, DRUM_SNARE}, {41, DRUM_TOM},  {42, DRUM_HAT},
               {44, DRUM_HAT},   {46, DRUM_OPEN_HAT}, {49, DRUM_CRASH}, {51, DRUM_RIDE}, {54, DRUM_TAMBOURINE},
               {56, DRUM_OTHER}, {0, DRUM_OTHER},     {127, DRUM_OTHER}};
    for (size_t i = 0; i < sizeof map / sizeof *map; i++) {
        assert_int_equal(drum_of_key(map[i].key), map[i].drum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_percussion_map_of_general_midi)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
