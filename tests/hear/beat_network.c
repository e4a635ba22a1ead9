// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/beat_network.h"
#include "hear/learned.h"

#include "core/embed.h"
#include "hear/beat_bands.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *weights(void)
{
    const struct embed *file = embed_find(hear_files, "beat.txt");
    assert_non_null(file);
    return (const char *)file->bytes;
}

static void refuses_what_are_no_weights(void **state)
{
    (void)state;
    char *text = strdup(weights());
    const size_t length = strlen(text);
    assert_null(beat_network_new(""));
    assert_null(beat_network_new("# only this"));
    assert_null(beat_network_new("network 1 2 3 4 5\n1 2 3\n"));
    text[length / 2] = '\0';
    assert_null(beat_network_new(text));
    strcpy(text, weights());
    text[length / 2] = 'x';
    assert_null(beat_network_new(text));
    free(text);
    text = malloc(length + 4);
    memcpy(text, weights(), length);
    memcpy(text + length, "17\n", 4);
    assert_null(beat_network_new(text));
    free(text);
    beat_network_free(NULL);
}

static void gives_probabilities_that_are_the_same_each_time(void **state)
{
    (void)state;
    struct beat_network *one = beat_network_new(weights());
    struct beat_network *other = beat_network_new(weights());
    assert_non_null(one);
    assert_non_null(other);
    float values[BEAT_BANDS_VALUES];
    unsigned noise = 1;
    for (int row = 0; row < 3000; row++) {
        for (int i = 0; i < BEAT_BANDS_VALUES; i++) {
            noise = noise * 1664525U + 1013904223U;
            values[i] = (float)(noise >> 8) / 16777216.0F;
        }
        const struct beat_network_view view = beat_network_push(one, values);
        const struct beat_network_view again = beat_network_push(other, values);
        assert_true(view.beat == again.beat && view.downbeat == again.downbeat);
        assert_true(view.beat >= 0.0F && view.beat <= 1.0F && view.downbeat >= 0.0F && view.downbeat <= 1.0F);
    }
    beat_network_free(one);
    beat_network_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_are_no_weights),
        cmocka_unit_test(gives_probabilities_that_are_the_same_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
