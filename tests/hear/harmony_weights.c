// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/harmony_weights.h"
#include "hear/learned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/// Two inputs, one feature, one unit, one head.
static const char good[] = "# made by hand\n"
                           "layer input 1 2\n.5 1 -2\n"
                           "layer gates 3 1\n0 1\n0 2\n0 3\n"
                           "# between\n"
                           "layer memory 3 1\n0 4\n0 5\n0 6\n"
                           "layer heads 1 1\n-1e-3 7\n"
                           "layer none 1 1\n0 8\n";

static enum status read_text(const char *text, size_t size, struct harmony_weights *weights)
{
    struct complaint complaint;
    const enum status status = harmony_weights_read("x.txt", text, size, 2, 1, weights, &complaint);
    if (status == STATUS_CORRUPT) {
        assert_non_null(strstr(complaint.text, "x.txt"));
    }
    return status;
}

static void refuses(const char *from, const char *to)
{
    char text[sizeof good + 64];
    const char *at = strstr(good, from);
    assert_non_null(at);
    const size_t head = (size_t)(at - good);
    memcpy(text, good, head);
    (void)strcpy(text + head, to);
    (void)strcat(text, at + strlen(from));
    struct harmony_weights weights;
    assert_int_equal(read_text(text, strlen(text), &weights), STATUS_CORRUPT);
    harmony_weights_free(&weights);
}

static void reads_what_was_learned(void **state)
{
    (void)state;
    struct harmony_weights weights;
    assert_int_equal(read_text(good, strlen(good), &weights), STATUS_OK);
    assert_int_equal(weights.input.inputs, 2);
    assert_true(weights.input.biases[0] == 0.5F && weights.input.weights[1] == -2.0F);
    assert_int_equal(weights.gates.outputs, 3);
    assert_true(weights.gates.weights[2] == 3.0F && weights.memory.weights[0] == 4.0F);
    assert_true(weights.heads.biases[0] == -1e-3F && weights.none.weights[0] == 8.0F);
    harmony_weights_free(&weights);
    harmony_weights_free(&weights);
}

static void refuses_what_is_cut_off_anywhere(void **state)
{
    (void)state;
    for (size_t size = 0; size < strlen(good) - 2; size++) {
        struct harmony_weights weights;
        assert_int_equal(read_text(good, size, &weights), STATUS_CORRUPT);
        harmony_weights_free(&weights);
    }
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    refuses("layer input", "layer inputs");
    refuses("layer input", "input");
    refuses("input 1 2", "input 1 3");
    refuses("input 1 2", "input 0 2");
    refuses("input 1 2", "input 1e9 2");
    refuses("gates 3 1", "gates 4 1");
    refuses("none 1 1", "none 1 2");
    refuses("-1e-3", "nan");
    refuses("-1e-3", "inf");
    refuses("-1e-3", "1e30");
    refuses("-1e-3", "1x");
    refuses("-1e-3", "0000000000000000000000000000000000000000001");
    refuses("0 8\n", "0 8\n9\n");
    refuses("0 8\n", "0 8\nlayer more 1 1\n0 1\n");
}

static void the_programs_own_are_whole(void **state)
{
    (void)state;
    const struct embed *file = embed_find(hear_files, "harmony.txt");
    struct harmony_weights weights;
    assert_non_null(file);
    assert_int_equal(harmony_weights_read(file->name, file->bytes, embed_size(file), 109, 13, &weights, NULL),
                     STATUS_OK);
    harmony_weights_free(&weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_learned),
        cmocka_unit_test(refuses_what_is_cut_off_anywhere),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(the_programs_own_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
