// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kaiser.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void is_the_window_of_the_tables(void **state)
{
    (void)state;
    // scipy.signal.windows.kaiser(101, beta), the 50th, 62nd, 75th and 100th.
    static const struct {
        double beta, values[4];
    } tables[] = {{0.0, {1.0, 1.0, 1.0, 1.0}},
                  {5.0, {1.0, 0.8778303620265007, 0.5528517696991324, 0.036710892271286676}},
                  {9.0, {1.0, 0.7805658796834003, 0.32258832068531257, 0.000914420856691373}},
                  {14.0, {1.0, 0.6743154327037104, 0.16493218754795197, 7.726866835270368e-06}}};
    static const int places[] = {50, 62, 75, 100};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (size_t k = 0; k < 4; k++) {
            const double place = places[k] / 50.0 - 1.0;
            assert_true(fabs(kaiser(place, tables[i].beta) - tables[i].values[k]) < 1e-12);
            assert_true(kaiser(-place, tables[i].beta) == kaiser(place, tables[i].beta));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_window_of_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
