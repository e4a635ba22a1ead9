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

static const struct embed *weights(void)
{
    const struct embed *file = embed_find(hear_files, "beat.txt");
    assert_non_null(file);
    return file;
}

// The weights with \p extra behind their first \p length bytes are refused.
static void refuses(size_t length, const char *extra)
{
    const size_t more = strlen(extra);
    unsigned char *bytes = malloc(length + more + 1);
    assert_non_null(bytes);
    memcpy(bytes, weights()->bytes, length);
    memcpy(bytes + length, extra, more + 1);
    const struct embed file = {.name = "bad.txt", .bytes = bytes, .end = bytes + length + more};
    struct beat_network *network = NULL;
    struct complaint complaint = {.text = ""};
    assert_int_equal(beat_network_new(&file, &network, &complaint), STATUS_CORRUPT);
    assert_null(network);
    assert_ptr_equal(strstr(complaint.text, "bad.txt:"), complaint.text);
    free(bytes);
}

static void refuses_what_are_no_weights(void **state)
{
    (void)state;
    const size_t length = embed_size(weights());
    refuses(0, "");
    refuses(0, "# only this");
    refuses(0, "layer front 1 2\n1 2 3\n");
    refuses(length / 2, "");
    refuses(length / 2, "x");
    refuses(length, "17\n");
    struct beat_network *network = NULL;
    assert_int_equal(beat_network_new(NULL, &network, NULL), STATUS_CORRUPT);
    beat_network_free(NULL);
}

static struct beat_network *beat_network_made(void)
{
    struct beat_network *network = NULL;
    assert_int_equal(beat_network_new(weights(), &network, NULL), STATUS_OK);
    return network;
}

static void gives_probabilities_that_are_the_same_each_time(void **state)
{
    (void)state;
    struct beat_network *one = beat_network_made();
    struct beat_network *other = beat_network_made();
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
