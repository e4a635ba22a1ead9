// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void assert_stray(const char *text)
{
    const struct utf8 point = utf8_next(text, strlen(text));
    assert_false(point.valid);
    assert_int_equal(point.size, 1);
}

static void reads_characters_of_every_length(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t code;
        size_t size;
    } cases[] = {{"A", 'A', 1},    {"\x7f", 0x7f, 1},     {"ä", 0xe4, 2},    {"\u07ff", 0x7ff, 2},
                 {"♭", 0x266d, 3}, {"\uffff", 0xffff, 3}, {"𝄞", 0x1d11e, 4}, {"\U0010ffff", 0x10ffff, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct utf8 point = utf8_next(cases[i].text, strlen(cases[i].text));
        assert_true(point.valid);
        assert_int_equal(point.code, cases[i].code);
        assert_int_equal(point.size, cases[i].size);
    }
}

static void takes_a_bad_byte_alone(void **state)
{
    (void)state;
    assert_stray("\x80");             // a continuation
    assert_stray("\xff");             // never a byte of UTF-8
    assert_stray("\xc0\xaf");         // overlong
    assert_stray("\xe0\x80\xaf");     // overlong
    assert_stray("\xed\xa0\x80");     // half a surrogate pair
    assert_stray("\xf4\x90\x80\x80"); // above U+10FFFF
    assert_stray("\xe2\x99");         // cut short
    assert_stray("\xe2(\xad");        // broken off
}

static void knows_the_end(void **state)
{
    (void)state;
    assert_int_equal(utf8_next("", 0).size, 0);
    assert_false(utf8_next("\xe2\x99\xad", 2).valid);
}

// All that can be right or wrong of a text is in its first four bytes, or begins anew.
static void judges_pieces_as_it_judges_the_whole(void **state)
{
    (void)state;
    static const uint8_t edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
                                    0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xfc, 0xfe, 0xff};
    enum { EDGES = sizeof edges, LENGTH = 4 };
    for (unsigned number = 0; number < EDGES * EDGES * EDGES * EDGES; number++) {
        uint8_t text[LENGTH];
        for (unsigned i = 0, rest = number; i < LENGTH; i++, rest /= EDGES) {
            text[i] = edges[rest % EDGES];
        }
        bool right = true;
        for (size_t at = 0; at < LENGTH && right;) {
            const struct utf8 next = utf8_next((const char *)text + at, LENGTH - at);
            right = next.valid;
            at += next.size;
        }
        struct utf8_stream stream = {0};
        bool goes_on = true;
        for (size_t i = 0; i < LENGTH && goes_on; i++) {
            goes_on = utf8_stream_take(&stream, text + i, 1);
        }
        assert_int_equal(goes_on && utf8_stream_is_whole(&stream), right);
        stream = (struct utf8_stream){0};
        assert_int_equal(utf8_stream_take(&stream, text, LENGTH), goes_on);
    }
}

static void tells_at_the_first_byte_that_cannot_be(void **state)
{
    (void)state;
    struct utf8_stream stream = {0};
    assert_true(utf8_stream_is_whole(&stream));
    assert_true(utf8_stream_take(&stream, (const uint8_t *)"a\xf4", 2));
    assert_false(utf8_stream_is_whole(&stream));
    assert_false(utf8_stream_take(&stream, (const uint8_t *)"\x90", 1));
    stream = (struct utf8_stream){0};
    assert_true(utf8_stream_take(&stream, (const uint8_t *)"\xe2\x99", 2));
    assert_true(utf8_stream_take(&stream, NULL, 0));
    assert_true(utf8_stream_take(&stream, (const uint8_t *)"\xad", 1));
    assert_true(utf8_stream_is_whole(&stream));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_characters_of_every_length),
        cmocka_unit_test(takes_a_bad_byte_alone),
        cmocka_unit_test(judges_pieces_as_it_judges_the_whole),
        cmocka_unit_test(tells_at_the_first_byte_that_cannot_be),
        cmocka_unit_test(knows_the_end),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
