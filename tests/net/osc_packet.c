// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/osc_packet.h"

#include "net/osc.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

// A literal's bytes without the NUL that the compiler adds.
#define PACKET(bytes) bytes, sizeof(bytes) - 1

#define MARK  "#bundle\0"
#define NOW   "\0\0\0\0\0\0\0\1"
#define PING  "/p\0\0,\0\0\0"
#define PINGS "\0\0\0\x08" PING

// In a block of exactly its size, so that a sanitizer sees a step past the end.
static enum status check(const char *bytes, size_t size, size_t *messages, struct complaint *complaint)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    const enum status status = osc_packet_check(copy, size, messages, complaint);
    free(copy);
    return status;
}

static void takes_what_is_whole(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size, messages;
    } cases[] = {
        {PACKET(PING), 1},
        {PACKET("/a\0\0,if\0\0\0\0\1\0\0\0\0"), 1},
        {PACKET("/a\0\0,sTh\0\0\0\0abc\0\0\0\0\0\0\0\0\1"), 1},
        {PACKET("/a\0\0,s\0\0\0\0\0\0"), 1},
        {PACKET(MARK NOW), 0},
        {PACKET(MARK NOW PINGS PINGS), 2},
        {PACKET(MARK NOW "\0\0\0\x1c" MARK NOW PINGS PINGS), 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t messages = 99;
        struct complaint complaint = {""};
        if (check(cases[i].bytes, cases[i].size, &messages, &complaint) != STATUS_OK) {
            fail_msg("case %zu: %s", i, complaint.text);
        }
        assert_int_equal(messages, cases[i].messages);
    }
}

static void refuses_what_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {
        {PACKET(""), "size"},
        {PACKET("/"), "size"},
        {PACKET("/a\0\0,\0\0\0\0"), "size"},
        {PACKET("abc\0,\0\0\0"), "address"},
        {PACKET("/abc"), "address"},
        {PACKET("/\1b\0,\0\0\0"), "address"},
        {PACKET("/a\0x,\0\0\0"), "address"},
        {PACKET("/a\0\0"), "type tags"},
        {PACKET("/a\0\0if\0\0"), "type tags"},
        {PACKET("/a\0\0,iii"), "type tags"},
        {PACKET("/a\0\0,i\0\0"), "past the end"},
        {PACKET("/a\0\0,h\0\0\0\0\0\0"), "past the end"},
        {PACKET("/a\0\0,s\0\0abcd"), "past the end"},
        {PACKET("/a\0\0,s\0\0a\0x\0"), "past the end"},
        {PACKET("/a\0\0,i\0\0\0\0\0\0\0\0\0\0"), "behind the last"},
        {PACKET("/a\0\0,b\0\0\0\0\0\0"), "type 'b'"},
        {PACKET("/a\0\0,[]\0"), "type '['"},
        {PACKET("/a\0\0,\xff\0\0"), "type '?'"},
        {PACKET(MARK NOW "\0\0\0\x0c" PING), "past its end"},
        {PACKET(MARK NOW "\xff\xff\xff\xf8" PING), "past its end"},
        {PACKET(MARK NOW "\0\0\0\0" PINGS), "size"},
        {PACKET(MARK NOW "\0\0\0\x05" PING), "size"},
        {PACKET("#bundle\0\0\0\0\0"), "address"},
        {PACKET(MARK NOW PINGS "\0\0\0\x08"
                               "/q\0\0q\0\0\0"),
         "type tags"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t messages = 99;
        struct complaint complaint = {""};
        if (check(cases[i].bytes, cases[i].size, &messages, &complaint) == STATUS_OK) {
            fail_msg("case %zu is taken", i);
        }
        if (!strstr(complaint.text, cases[i].says)) {
            fail_msg("case %zu says: %s", i, complaint.text);
        }
        assert_int_equal(messages, 0);
    }
}

static size_t wrap(uint8_t *packet, size_t size)
{
    static const uint8_t head[16] = {'#', 'b', 'u', 'n', 'd', 'l', 'e', [15] = 1};
    const uint32_t element = htobe32((uint32_t)size);
    memmove(packet + 20, packet, size);
    memcpy(packet, head, sizeof head);
    memcpy(packet + 16, &element, sizeof element);
    return size + 20;
}

static void bundles_nest_eight_deep(void **state)
{
    (void)state;
    uint8_t packet[400] = PING;
    size_t size = sizeof PING - 1;
    size_t messages = 0;
    for (int depth = 1; depth <= OSC_DEPTH_MAX; depth++) {
        size = wrap(packet, size);
        assert_int_equal(osc_packet_check(packet, size, &messages, NULL), STATUS_OK);
        assert_int_equal(messages, 1);
    }
    size = wrap(packet, size);
    assert_int_equal(osc_packet_check(packet, size, &messages, NULL), STATUS_CORRUPT);
}

static void has_at_most_32_arguments(void **state)
{
    (void)state;
    uint8_t packet[44] = "/a\0\0,";
    size_t messages = 0;
    memset(packet + 5, 'T', OSC_ARGS_MAX);
    assert_int_equal(osc_packet_check(packet, 40, &messages, NULL), STATUS_OK);
    packet[5 + OSC_ARGS_MAX] = 'T';
    assert_int_equal(osc_packet_check(packet, 40, &messages, NULL), STATUS_CORRUPT);
}

struct seen {
    size_t count;
    struct osc_piece pieces[8];
};

static void see(void *closure, const struct osc_piece *piece)
{
    struct seen *seen = closure;
    assert_true(seen->count < 8);
    seen->pieces[seen->count++] = *piece;
}

static void each_message_has_the_time_of_the_innermost_bundle(void **state)
{
    (void)state;
    static const char packet[] = MARK "\0\0\0\0\0\0\0\5" PINGS "\0\0\0\x1c" MARK "\0\0\0\0\0\0\0\6" PINGS PINGS;
    struct seen seen = {0};
    osc_packet_walk((const uint8_t *)packet, sizeof packet - 1, see, &seen);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.pieces[0].time, 5);
    assert_int_equal(seen.pieces[1].time, 6);
    assert_int_equal(seen.pieces[2].time, 5);
    assert_int_equal(seen.pieces[2].size, sizeof PING - 1);
    seen.count = 0;
    osc_packet_walk((const uint8_t *)PING, sizeof PING - 1, see, &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.pieces[0].time, OSC_NOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_whole),
        cmocka_unit_test(refuses_what_is_not),
        cmocka_unit_test(bundles_nest_eight_deep),
        cmocka_unit_test(has_at_most_32_arguments),
        cmocka_unit_test(each_message_has_the_time_of_the_innermost_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
