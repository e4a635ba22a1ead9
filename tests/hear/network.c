// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void runs_as_its_text_says(void **state)
{
    (void)state;
    static const char text[] =
        "# two layers\n\nlayer 2 2\n4096 -2048 0\n8192 0 -4096\n# the last\nlayer 2 1\n4096 2048 1024\n";
    struct network *network = NULL;
    assert_int_equal(network_read("test", text, strlen(text), &network, NULL), STATUS_OK);
    assert_int_equal(network_inputs(network), 2);
    assert_int_equal(network_outputs(network), 1);
    const float inputs[] = {0.5F, -0.25F};
    const double expected = tanh(0.5 + 0.125) + 0.5 * tanh(1.0 - 1.0) + 0.25;
    assert_true(fabs((double)network_run(network, inputs)[0] - expected) < 1e-6);
    const float others[] = {-3.0F, 100.0F};
    const double other = tanh(-3.0 - 50.0) + 0.5 * tanh(-7.0) + 0.25;
    assert_true(fabs((double)network_run(network, others)[0] - other) < 1e-6);
    network_free(network);
}

static void one_layer_is_a_plain_sum(void **state)
{
    (void)state;
    static const char text[] = "layer 1 3\n4096 0\n-4096 4096\n16777216 -16777216";
    struct network *network = NULL;
    assert_int_equal(network_read("test", text, strlen(text), &network, NULL), STATUS_OK);
    const float input = 7.0F;
    const float *outputs = network_run(network, &input);
    assert_true(outputs[0] == 7.0F);
    assert_true(outputs[1] == -6.0F);
    assert_true(outputs[2] == 4096.0F * 6.0F);
    network_free(network);
}

static void refuses_what_is_no_network(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "# nothing\n",
        "layer",
        "layer \n",
        "layer 2",
        "layer 0 1\n0\n",
        "layer 1 0\n",
        "layer 1 -1\n",
        "layer 1025 1\n",
        "layer 1 99999999999999999999\n",
        "layer 2 1\n1 2\n",
        "layer 2 1\n1 2 x\n",
        "layer 2 1\n1 2 1.5\n",
        "layer 2 1\n1 2 16777217\n",
        "layer 2 1\n1 2 - 3\n",
        "layer 2 1\n1 2 3 4\n",
        "layer 2 1\n1 2 3\nlayer 2 1\n1 2 3\n",
        "layers 2 1\n1 2 3\n",
        "layer 2 1\n1 2\t3\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct network *network = NULL;
        struct complaint complaint = {.text = ""};
        assert_int_equal(network_read("bad.txt", texts[i], strlen(texts[i]), &network, &complaint), STATUS_CORRUPT);
        assert_null(network);
        assert_ptr_equal(strstr(complaint.text, "bad.txt:"), complaint.text);
    }
    network_free(NULL);
}

static void refuses_more_layers_than_there_may_be(void **state)
{
    (void)state;
    char text[1024] = "";
    for (int i = 0; i <= NETWORK_LAYERS_MAX; i++) {
        struct network *network = NULL;
        (void)strcat(text, "layer 1 1\n4096 0\n");
        const enum status status = network_read("deep", text, strlen(text), &network, NULL);
        assert_int_equal(status, i < NETWORK_LAYERS_MAX ? STATUS_OK : STATUS_CORRUPT);
        network_free(network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_as_its_text_says),
        cmocka_unit_test(one_layer_is_a_plain_sum),
        cmocka_unit_test(refuses_what_is_no_network),
        cmocka_unit_test(refuses_more_layers_than_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
