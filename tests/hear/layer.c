// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/layer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char good[] = "# made by hand\n\n"
                           "layer one 3 2\n.5 1 -2\n0 3 4\n-1e-3 5 6\n"
                           "# between\n"
                           "layer two 1 3\n0 7 0 0\n";

struct layers {
    struct layer one, two;
};

static enum status read_text(const char *text, size_t size, struct layers *layers, struct complaint *complaint)
{
    const struct embed file = {
        .name = "x.txt", .bytes = (const unsigned char *)text, .end = (const unsigned char *)text + size};
    const struct layer_slot slots[] = {{"one", 3, 2, &layers->one}, {"two", 1, 3, &layers->two}};
    return layer_read_all(&file, slots, 2, complaint);
}

static void layers_done(struct layers *layers)
{
    layer_free(&layers->one);
    layer_free(&layers->two);
}

static void reads_and_sums(void **state)
{
    (void)state;
    struct layers layers;
    assert_int_equal(read_text(good, strlen(good), &layers, NULL), STATUS_OK);
    const float in[] = {10.0F, 100.0F};
    float out[] = {-9.0F, -9.0F, -9.0F};
    layer_apply(&layers.one, in, out);
    assert_true(out[0] == 0.5F + 10.0F - 200.0F && out[1] == 430.0F && out[2] == -1e-3F + 650.0F);
    float sum = 1.0F;
    layer_add(&layers.two, out, &sum);
    assert_true(sum == 1.0F + 7.0F * out[0]);
    layers_done(&layers);
    layers_done(&layers);
}

/// \p good with \p to in place of \p from is refused, and it is told in which line.
static void refuses(const char *from, const char *to, const char *place)
{
    char text[sizeof good + 64];
    const char *at = strstr(good, from);
    assert_non_null(at);
    const size_t head = (size_t)(at - good);
    memcpy(text, good, head);
    (void)strcpy(text + head, to);
    (void)strcat(text, at + strlen(from));
    struct layers layers;
    struct complaint complaint = {.text = ""};
    assert_int_equal(read_text(text, strlen(text), &layers, &complaint), STATUS_CORRUPT);
    if (!strstr(complaint.text, place)) {
        fail_msg("\"%s\" does not name %s", complaint.text, place);
    }
    layers_done(&layers);
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    refuses("layer one", "layer ones", "x.txt:3: expected \"layer one 3 2\"");
    refuses("layer one", "one", "x.txt:3:");
    refuses("one 3 2", "one 2 3", "x.txt:3:");
    refuses("one 3 2", "one 1e9 2", "x.txt:3:");
    refuses("one 3 2", "one nan 2", "x.txt:3:");
    refuses("-1e-3", "nan", "x.txt:6: expected a weight from -1000 to 1000");
    refuses("-1e-3", "inf", "x.txt:6:");
    refuses("-1e-3", "1001", "x.txt:6:");
    refuses("-1e-3", "1x", "x.txt:6:");
    refuses("-1e-3", "1\t2", "x.txt:6:");
    refuses("-1e-3", "0000000000000000000000000000000000000000001", "x.txt:6:");
    refuses("5 6\n", "5 6 7\n", "x.txt:6:");
    refuses("5 6\n", "5 6 # a remark\n", "x.txt:6:");
    refuses("0 7 0 0\n", "0 7 0 0\n9\n", "x.txt:10: more");
    refuses("0 7 0 0\n", "0 7 0 0\nlayer three 1 1\n0 1\n", "x.txt:10: more");
}

static void refuses_what_is_cut_off_anywhere(void **state)
{
    (void)state;
    for (size_t size = 0; size < strlen(good) - 2; size++) {
        struct layers layers;
        assert_int_equal(read_text(good, size, &layers, NULL), STATUS_CORRUPT);
        layers_done(&layers);
    }
}

static void no_other_byte_is_a_space(void **state)
{
    (void)state;
    static const char others[] = {'\0', '\t', '\r', '\v', (char)0xA0};
    for (size_t i = 0; i < sizeof others; i++) {
        char text[sizeof good];
        struct layers layers;
        memcpy(text, good, sizeof good);
        *strstr(text, " 1 -2") = others[i];
        assert_int_equal(read_text(text, sizeof good - 1, &layers, NULL), STATUS_CORRUPT);
        layers_done(&layers);
        memcpy(text, good, sizeof good);
        text[sizeof good - 2] = others[i];
        assert_int_equal(read_text(text, sizeof good - 1, &layers, NULL), STATUS_CORRUPT);
        layers_done(&layers);
    }
}

static void refuses_no_file(void **state)
{
    (void)state;
    struct layer layer;
    const struct layer_slot slot = {"one", 1, 1, &layer};
    assert_int_equal(layer_read_all(NULL, &slot, 1, NULL), STATUS_CORRUPT);
    layer_free(&layer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_sums),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(refuses_what_is_cut_off_anywhere),
        cmocka_unit_test(no_other_byte_is_a_space),
        cmocka_unit_test(refuses_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
