// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket_parser.h"

#include "client.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { BYTES = 1024, STORY = 1024 };

// What a parser makes of bytes, told in words.
static void tell(char *story, const struct websocket_parsed *parsed)
{
    const size_t used = strlen(story);
    switch (parsed->kind) {
    case WEBSOCKET_PARSED_NOTHING:
        break;
    case WEBSOCKET_PARSED_MESSAGE:
    case WEBSOCKET_PARSED_PING:
        (void)snprintf(story + used, STORY - used, "%s %.*s;", parsed->kind == WEBSOCKET_PARSED_PING ? "ping" : "says",
                       (int)parsed->size, parsed->size ? (const char *)parsed->payload : "");
        break;
    case WEBSOCKET_PARSED_CLOSE:
    case WEBSOCKET_PARSED_BREACH:
        (void)snprintf(story + used, STORY - used, "%s %u;",
                       parsed->kind == WEBSOCKET_PARSED_CLOSE ? "close" : "breach", parsed->code);
        break;
    case WEBSOCKET_PARSED_NO_MEMORY:
        fail();
    }
}

// Goes on with \p bytes; false after a close or a breach.
static bool listen_to(struct websocket_parser *parser, const uint8_t *bytes, size_t size, char *story)
{
    while (size > 0) {
        struct websocket_parsed parsed;
        const size_t taken = websocket_parser_take(parser, bytes, size, &parsed);
        assert_in_range(taken, 1, size);
        tell(story, &parsed);
        bytes += taken;
        size -= taken;
        if (parsed.kind == WEBSOCKET_PARSED_CLOSE || parsed.kind == WEBSOCKET_PARSED_BREACH) {
            return false;
        }
        if (parsed.kind == WEBSOCKET_PARSED_MESSAGE) {
            websocket_parser_drop(parser);
        }
    }
    return true;
}

static size_t put(uint8_t *bytes, size_t at, uint8_t first, const char *payload)
{
    return at + client_frame_make(bytes + at, first, true, payload, strlen(payload));
}

static size_t put_all(uint8_t *bytes)
{
    char long_text[301] = "";
    memset(long_text, 'x', sizeof long_text - 1);
    size_t size = put(bytes, 0, FIN | TEXT,
                      "gr\xc3\xbc\xc3\x9f"
                      "e");
    size = put(bytes, size, TEXT, "a \xe2\x82");
    size = put(bytes, size, FIN | PING, "now");
    size = put(bytes, size, CONTINUATION, "");
    size = put(bytes, size, FIN | PONG, "unasked");
    size = put(bytes, size, FIN | CONTINUATION, "\xac b");
    size = put(bytes, size, FIN | BINARY, "");
    size = put(bytes, size, FIN | TEXT, long_text);
    return size + client_frame_make(bytes + size, FIN | CLOSE, true, "\x03\xf5\xce\xba\xe1\xbd\xb9", 7);
}

static void test_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    uint8_t bytes[BYTES];
    const size_t size = put_all(bytes);
    char expected[STORY] = "";
    struct websocket_parser whole = {0};
    assert_false(listen_to(&whole, bytes, size, expected));
    assert_non_null(strstr(expected, "says gr\xc3\xbc\xc3\x9f"
                                     "e;ping now;says a \xe2\x82\xac b;says ;says xxx"));
    assert_non_null(strstr(expected, "x;close 1013;"));
    for (size_t cut = 1; cut < size; cut++) {
        struct websocket_parser parser = {0};
        char story[STORY] = "";
        assert_true(listen_to(&parser, bytes, cut, story));
        assert_false(listen_to(&parser, bytes + cut, size - cut, story));
        assert_string_equal(story, expected);
        websocket_parser_drop(&parser);
    }
    struct websocket_parser parser = {0};
    char story[STORY] = "";
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(listen_to(&parser, bytes + i, 1, story), i + 1 < size);
    }
    assert_string_equal(story, expected);
    websocket_parser_drop(&parser);
    websocket_parser_drop(&whole);
}

// Each with how many of its bytes are enough to see what is wrong.
static void test_tells_a_breach_at_its_first_byte(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t enough;
        const char *story;
    } cases[] = {
        {"\x81\x02hi", 2, "breach 1002;"},                                // not masked
        {"\xc1\x81\0\0\0\0a", 2, "breach 1002;"},                         // a reserved bit
        {"\x83\x81\0\0\0\0a", 2, "breach 1002;"},                         // a reserved opcode
        {"\x09\x81\0\0\0\0a", 2, "breach 1002;"},                         // a ping in fragments
        {"\x89\xfe\0\x7e\0\0\0\0", 2, "breach 1002;"},                    // a ping of 126 bytes
        {"\x80\x81\0\0\0\0a", 2, "breach 1002;"},                         // a continuation of nothing
        {"\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 8, "breach 1002;"},          // a message within another
        {"\x81\xfe\0\x7d\0\0\0\0", 8, "breach 1002;"},                    // a length longer than it must be
        {"\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", 14, "breach 1002;"},     // the same in 64 bits
        {"\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14, "breach 1002;"},       // a length with the highest bit
        {"\x82\xfe\x40\x01\0\0\0\0", 8, "breach 1009;"},                  // 16385 bytes
        {"\x81\x85\0\0\0\0a\xf4\x90\x80\x80", 9, "breach 1007;"},         // above the last character
        {"\x01\x81\0\0\0\0\xed\x80\x81\0\0\0\0\xa0", 14, "breach 1007;"}, // a surrogate in two fragments
        {"\x81\x81\0\0\0\0\xc3", 7, "breach 1007;"},                      // half a character at the end
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct websocket_parser parser = {0};
        char story[STORY] = "";
        assert_true(listen_to(&parser, (const uint8_t *)cases[i].bytes, cases[i].enough - 1, story));
        assert_string_equal(story, "");
        assert_false(listen_to(&parser, (const uint8_t *)cases[i].bytes + cases[i].enough - 1, 1, story));
        assert_string_equal(story, cases[i].story);
        websocket_parser_drop(&parser);
    }
}

static void test_judges_closes(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        size_t size;
        const char *story;
    } cases[] = {
        {"", 0, "close 0;"},
        {"\x03", 1, "breach 1002;"},
        {"\x03\xe7", 2, "breach 1002;"}, // 999
        {"\x03\xe8", 2, "close 1000;"},
        {"\x03\xec", 2, "breach 1002;"}, // 1004
        {"\x03\xf4", 2, "close 1012;"},
        {"\x03\xf6", 2, "close 1014;"},
        {"\x03\xf7", 2, "breach 1002;"}, // 1015
        {"\x0b\xb7", 2, "breach 1002;"}, // 2999
        {"\x0b\xb8", 2, "close 3000;"},
        {"\x13\x88", 2, "breach 1002;"}, // 5000
        {"\x03\xe8\xce\xba\xe1\xbd\xb9", 7, "close 1000;"},
        {"\x03\xe8\xce\xba\xe1\xbd", 6, "breach 1007;"},
        {"\x03\xe8\xed\xa0\x80", 5, "breach 1007;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t piece = 1; piece <= 20; piece++) {
            uint8_t bytes[32];
            const size_t size = client_frame_make(bytes, FIN | CLOSE, true, cases[i].payload, cases[i].size);
            struct websocket_parser parser = {0};
            char story[STORY] = "";
            for (size_t at = 0; at < size; at += piece) {
                (void)listen_to(&parser, bytes + at, size - at < piece ? size - at : piece, story);
            }
            assert_string_equal(story, cases[i].story);
        }
    }
}

static void test_holds_no_more_than_a_message_needs(void **state)
{
    (void)state;
    enum { ONE = 7 };
    struct websocket_parser parser = {0};
    struct websocket_parsed parsed;
    uint8_t frame[ONE];
    for (size_t i = 0; i < WEBSOCKET_MESSAGE_MAX; i++) {
        assert_int_equal(client_frame_make(frame, i ? CONTINUATION : TEXT, true, "x", 1), ONE);
        assert_int_equal(websocket_parser_take(&parser, frame, ONE, &parsed), ONE);
        assert_int_equal(parsed.kind, WEBSOCKET_PARSED_NOTHING);
        assert_true(parser.capacity <= 256 || parser.capacity <= 2 * parser.size);
        assert_true(parser.capacity <= WEBSOCKET_MESSAGE_MAX);
    }
    assert_int_equal(client_frame_make(frame, FIN | CONTINUATION, true, "", 0), ONE - 1);
    (void)websocket_parser_take(&parser, frame, ONE - 1, &parsed);
    assert_int_equal(parsed.kind, WEBSOCKET_PARSED_MESSAGE);
    assert_int_equal(parsed.size, WEBSOCKET_MESSAGE_MAX);
    websocket_parser_drop(&parser);
    assert_null(parser.message);
    // And the next one is taken.
    char story[STORY] = "";
    uint8_t next[16];
    assert_true(listen_to(&parser, next, put(next, 0, FIN | TEXT, "next"), story));
    assert_string_equal(story, "says next;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_the_same_however_it_is_cut),
        cmocka_unit_test(test_tells_a_breach_at_its_first_byte),
        cmocka_unit_test(test_judges_closes),
        cmocka_unit_test(test_holds_no_more_than_a_message_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
