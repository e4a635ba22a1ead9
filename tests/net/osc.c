// SPDX-License-Identifier: GPL-3.0-or-later
// Two ends on the loopback: what one sends is what the other is handed.
#include "net/osc.h"

#include "core/clock.h"

#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { PATIENCE_MS = 60000, TEXT_SIZE = 512 };

// Each message as a line, so that a test can say what should have come.
struct end {
    struct osc *osc;
    struct osc_peer peer; ///< who sent last
    size_t count, left;
    uint64_t time;
    char text[TEXT_SIZE];
};

static void note(void *closure, const struct osc_message *message)
{
    struct end *end = closure;
    end->peer = message->peer;
    end->count++;
    end->left = message->left;
    end->time = message->time;
    int used = snprintf(end->text, TEXT_SIZE, "%s", message->address);
    for (size_t i = 0; i < message->count; i++) {
        const struct osc_arg *arg = &message->args[i];
        used += arg->text ? snprintf(end->text + used, TEXT_SIZE - (size_t)used, " %c:%s", arg->type, arg->text)
                          : snprintf(end->text + used, TEXT_SIZE - (size_t)used, " %c:%g", arg->type, arg->number);
    }
}

static void end_open(struct end *end)
{
    *end = (struct end){0};
    assert_int_equal(osc_new(NULL, 0, note, end, &end->osc, NULL), STATUS_OK);
}

static struct osc_peer peer_of(const struct end *end)
{
    struct osc_peer peer = {.host = "127.0.0.1"};
    (void)snprintf(peer.port, sizeof peer.port, "%u", osc_port(end->osc));
    return peer;
}

static void await(struct end *end, size_t count)
{
    while (end->count < count) {
        struct pollfd readable = {.fd = osc_descriptor(end->osc), .events = POLLIN};
        assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
        osc_poll(end->osc);
    }
}

static void what_is_sent_comes_with_its_sender(void **state)
{
    (void)state;
    struct end a;
    struct end b;
    end_open(&a);
    end_open(&b);
    const struct osc_arg args[] = {{.type = 's', .text = "osc"},
                                   {.type = 'i', .integer = -5},
                                   {.type = 'h', .integer = 1LL << 40},
                                   {.type = 'f', .number = 0.5},
                                   {.type = 'd', .number = -0.1},
                                   {.type = 'T'},
                                   {.type = 'F'},
                                   {.type = 'N'},
                                   {.type = 's', .text = ""}};
    const struct osc_peer to = peer_of(&b);
    osc_send(a.osc, &to, "/tutti/synth/set", args, sizeof args / sizeof *args);
    await(&b, 1);
    assert_string_equal(b.text, "/tutti/synth/set s:osc i:-5 h:1.09951e+12 f:0.5 d:-0.1 T:0 F:0 N:0 s:");
    assert_int_equal(b.left, 0);
    assert_int_equal(b.time, OSC_NOW);
    const struct osc_peer from = peer_of(&a);
    assert_memory_equal(&b.peer, &from, sizeof from);
    osc_send(b.osc, &b.peer, "/tutti/reply", NULL, 0);
    await(&a, 1);
    assert_string_equal(a.text, "/tutti/reply");
    osc_free(a.osc);
    osc_free(b.osc);
}

static void what_is_malformed_is_answered_but_not_passed_on(void **state)
{
    (void)state;
    struct end a;
    struct end b;
    end_open(&a);
    end_open(&b);
    const struct osc_peer from = peer_of(&a);
    for (int i = 0; i < 1000; i++) {
        osc_take(b.osc, "/a\0\0,i\0\0", 8, &from);
    }
    assert_int_equal(b.count, 0);
    assert_int_equal(osc_counts(b.osc).malformed, 1000);
    assert_int_equal(osc_counts(b.osc).packets, 1000);
    assert_int_equal(osc_counts(b.osc).messages, 0);
    await(&a, 1);
    assert_string_equal(a.text, "/tutti/error s: s:malformed packet: an argument goes past the end");
    const struct osc_peer to = peer_of(&a);
    osc_send(b.osc, &to, "/last", NULL, 0);
    while (strcmp(a.text, "/last") != 0) {
        await(&a, a.count + 1);
    }
    // Ten at once and ten a second: not one for each.
    assert_true(a.count < 500);
    osc_free(a.osc);
    osc_free(b.osc);
}

static void a_bundle_says_how_many_follow(void **state)
{
    (void)state;
    static const char packet[] = "#bundle\0\0\0\0\0\0\0\0\7\0\0\0\x0c/a\0\0,T\0\0\0\0\0\0"
                                 "\0\0\0\x08/b\0\0,\0\0\0";
    static const char good[] = "#bundle\0\0\0\0\0\0\0\0\7\0\0\0\x08/a\0\0,T\0\0\0\0\0\x08/b\0\0,\0\0\0";
    static const struct osc_peer nobody;
    struct end end;
    end_open(&end);
    osc_take(end.osc, packet, sizeof packet - 1, &nobody);
    assert_int_equal(end.count, 0);
    assert_int_equal(osc_counts(end.osc).unsent, 1);
    osc_take(end.osc, good, sizeof good - 1, &nobody);
    assert_int_equal(end.count, 2);
    assert_int_equal(end.left, 0);
    assert_int_equal(end.time, 7);
    assert_string_equal(end.text, "/b");
    osc_free(end.osc);
}

static void what_cannot_be_sent_is_counted(void **state)
{
    (void)state;
    struct end end;
    end_open(&end);
    static const struct osc_peer nobody;
    const struct osc_peer wrong = {.host = "no address", .port = "1"};
    const struct osc_arg blob = {.type = 'b'};
    const struct osc_peer self = peer_of(&end);
    osc_send(end.osc, &nobody, "/a", NULL, 0);
    osc_send(end.osc, &wrong, "/a", NULL, 0);
    osc_send(end.osc, &self, "/a", &blob, 1);
    assert_int_equal(osc_counts(end.osc).unsent, 3);
    osc_free(end.osc);
}

static void says_why_it_cannot_listen(void **state)
{
    (void)state;
    struct complaint complaint;
    struct osc *osc = NULL;
    struct end end;
    end_open(&end);
    assert_int_equal(osc_new(NULL, osc_port(end.osc), note, NULL, &osc, &complaint), STATUS_IN_USE);
    assert_non_null(strstr(complaint.text, "in use"));
    assert_int_equal(osc_new("localhorst", 0, note, NULL, &osc, &complaint), STATUS_INVALID);
    assert_non_null(strstr(complaint.text, "localhorst"));
    assert_int_equal(osc_new("192.0.2.1", 0, note, NULL, &osc, &complaint), STATUS_IO);
    assert_null(osc);
    osc_free(NULL);
    osc_free(end.osc);
}

static uint64_t tag_of(int64_t wall_us)
{
    const uint64_t us = (uint64_t)wall_us;
    return (us / 1000000 + 2208988800U) << 32 | (us % 1000000 << 32) / 1000000;
}

static void time_tags_are_of_the_clock_that_paces(void **state)
{
    (void)state;
    const int64_t before = clock_now_ns();
    const int64_t now = osc_time_ns(OSC_NOW);
    const int64_t later = osc_time_ns(tag_of(clock_wall_us() + 10000000));
    const int64_t after = clock_now_ns();
    assert_true(now >= before && now <= after);
    // Within what rounding to microseconds and the tag take away.
    assert_true(later >= before + 10000000000 - 2000 && later <= after + 10000000000 + 2000);
    assert_true(osc_time_ns(UINT64_MAX) > now);
    assert_true(osc_time_ns(2) < now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_comes_with_its_sender),
        cmocka_unit_test(what_is_malformed_is_answered_but_not_passed_on),
        cmocka_unit_test(a_bundle_says_how_many_follow),
        cmocka_unit_test(what_cannot_be_sent_is_counted),
        cmocka_unit_test(says_why_it_cannot_listen),
        cmocka_unit_test(time_tags_are_of_the_clock_that_paces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
