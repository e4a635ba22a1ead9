// SPDX-License-Identifier: GPL-3.0-or-later
// JACK, and PortAudio on top of it, with a real server that the test starts.
#include "play/device.h"

#include "jack_server.h"
#include "wait.h"

#include <jack/jack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 44100, PERIOD = 128, OTHER_PERIOD = 512, ENOUGH = 20 };

static const int64_t SETTLED_NS = 200000000;

struct heard {
    _Atomic uint64_t calls, other, wrong_frames, loops;
    uint64_t written; ///< the next value that goes out
};

static bool has_heard_enough(void *what)
{
    const struct heard *heard = what;
    return atomic_load(&heard->calls) >= ENOUGH;
}

static bool has_heard_other_period(void *what)
{
    const struct heard *heard = what;
    return atomic_load(&heard->other) >= ENOUGH;
}

static bool has_heard_itself(void *what)
{
    const struct heard *heard = what;
    return atomic_load(&heard->loops) >= ENOUGH;
}

static bool is_gone(void *what)
{
    return device_is_gone(what);
}

static void count(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME
{
    (void)in;
    struct heard *heard = closure;
    out[0][0] = 0.5F;
    atomic_fetch_add(&heard->calls, 1);
    atomic_fetch_add(&heard->other, frames == OTHER_PERIOD);
    atomic_fetch_add(&heard->wrong_frames, frames != PERIOD);
}

/// Sends numbers and looks whether they come back one after the other.
static void loop(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME
{
    struct heard *heard = closure;
    bool counts_up = in[1][0] > 0;
    for (uint32_t i = 1; i < frames; i++) {
        counts_up = counts_up && in[1][i] == in[1][i - 1] + 1;
    }
    atomic_fetch_add(&heard->loops, counts_up);
    for (uint32_t i = 0; i < frames; i++) {
        out[0][i] = (float)(1 + heard->written % 10000000);
        heard->written++;
    }
}

static int start_server(void **state)
{
    return jack_server_set_up(state, RATE, PERIOD);
}

static struct device *open_jack(const struct device_options *options, device_callback *callback, struct heard *heard)
{
    struct complaint complaint = {""};
    struct device *device = NULL;
    const enum status status = device_open(options, callback, heard, &device, &complaint);
    if (status) {
        fail_msg("%s", complaint.text);
    }
    return device;
}

static void says_that_no_server_runs(void **state)
{
    (void)state;
    char *server = jack_server_go_away();
    struct complaint complaint = {""};
    struct device *device = NULL;
    assert_int_equal(device_open(&(struct device_options){.kind = "jack", .outs = 2}, count, NULL, &device, &complaint),
                     STATUS_IO);
    assert_null(device);
    assert_non_null(strstr(complaint.text, "no JACK server \"tutti_test_none\" runs: start one"));
    assert_non_null(strstr(complaint.text, "jackd -n tutti_test_none -d alsa -r 48000 -p 128"));
    jack_server_come_back(server);
}

static void portaudio_opens_a_card_or_says_that_there_is_none(void **state)
{
    (void)state;
    char *server = jack_server_go_away();
    struct complaint complaint = {""};
    struct heard heard = {0};
    struct device *device = NULL;
    const enum status status =
        device_open(&(struct device_options){.kind = "portaudio", .outs = 1}, count, &heard, &device, &complaint);
    if (status) {
        assert_null(device);
        assert_non_null(strstr(complaint.text, "sound card"));
    } else {
        assert_non_null(device);
        assert_true(device_rate(device) > 0);
        assert_in_range(device_block(device), 1, DEVICE_BLOCK_MAX);
    }
    device_close(device);
    jack_server_come_back(server);
}

static void takes_the_servers_rate_and_period_and_plays(void **state)
{
    jack_server_needed(state);
    struct heard heard = {0};
    struct device *device = open_jack(&(struct device_options){.kind = "jack", .outs = 2, .ins = 1}, count, &heard);
    assert_true(device_rate(device) == RATE);
    assert_int_equal(device_block(device), PERIOD);
    assert_string_equal(device_kind(device), "jack");
    for (int round = 0; round < 2; round++) {
        atomic_store(&heard.calls, 0);
        assert_int_equal(device_start(device, NULL), STATUS_OK);
        // The test's server runs without real-time priority.
        assert_non_null(device_hint(device));
        assert_true(wait_until(has_heard_enough, &heard));
        device_stop(device);
        const uint64_t calls = atomic_load(&heard.calls);
        clock_sleep_until(clock_now_ns() + 20000000);
        assert_int_equal(atomic_load(&heard.calls), calls);
    }
    assert_int_equal(heard.wrong_frames, 0);
    assert_false(device_is_gone(device));
    device_close(device);
}

static void refuses_another_rate_or_period_and_names_the_servers(void **state)
{
    jack_server_needed(state);
    struct complaint complaint = {""};
    struct device *device = NULL;
    struct device_options options = {.kind = "jack", .outs = 2, .rate = 96000};
    assert_int_equal(device_open(&options, count, NULL, &device, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "44100"));
    options = (struct device_options){.kind = "jack", .outs = 2, .rate = RATE, .block = 32};
    assert_int_equal(device_open(&options, count, NULL, &device, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "128"));
    options.block = PERIOD;
    assert_int_equal(device_open(&options, count, NULL, &device, &complaint), STATUS_OK);
    device_close(device);
}

struct connections {
    jack_client_t *client;
    const char *name; ///< of a port
    uint32_t count;
};

static bool are_connected(void *what)
{
    const struct connections *wanted = what;
    const jack_port_t *port = jack_port_by_name(wanted->client, wanted->name);
    const char **names = port ? jack_port_get_all_connections(wanted->client, port) : NULL;
    uint32_t count = 0;
    while (names && names[count]) {
        count++;
    }
    jack_free(names);
    return port && count == wanted->count;
}

/// Wants the port \p name to have \p count connections, which others see some periods after they were made.
static void assert_connections(jack_client_t *client, const char *name, uint32_t count)
{
    struct connections wanted = {client, name, count};
    if (!wait_until(are_connected, &wanted)) {
        fail_msg("%s has not %u connections", name, count);
    }
}

static void connects_to_the_card_unless_it_is_to_stay_apart(void **state)
{
    jack_server_needed(state);
    jack_client_t *eye = jack_client_open("eye", JackNoStartServer, NULL);
    assert_non_null(eye);
    for (int apart = 0; apart < 2; apart++) {
        struct heard heard = {0};
        // The dummy card has two channels each way: the third stays unconnected.
        struct device *device =
            open_jack(&(struct device_options){.kind = "jack", .client = "voice", .ins = 2, .outs = 3, .apart = apart},
                      count, &heard);
        assert_int_equal(device_start(device, NULL), STATUS_OK);
        // None is seen at first in any case.
        clock_sleep_until(clock_now_ns() + apart * SETTLED_NS);
        assert_connections(eye, "voice:in_1", !apart);
        assert_connections(eye, "voice:in_2", !apart);
        assert_connections(eye, "voice:out_1", !apart);
        assert_connections(eye, "voice:out_2", !apart);
        assert_connections(eye, "voice:out_3", 0);
        device_close(device);
    }
    assert_int_equal(jack_client_close(eye), 0);
}

static void gives_what_comes_in_to_the_callback(void **state)
{
    jack_server_needed(state);
    jack_client_t *eye = jack_client_open("eye", JackNoStartServer, NULL);
    assert_non_null(eye);
    struct heard heard = {0};
    struct device *device = open_jack(
        &(struct device_options){.kind = "jack", .client = "echo", .ins = 2, .outs = 1, .apart = true}, loop, &heard);
    assert_int_equal(device_start(device, NULL), STATUS_OK);
    assert_int_equal(jack_connect(eye, "echo:out_1", "echo:in_2"), 0);
    assert_true(wait_until(has_heard_itself, &heard));
    device_close(device);
    assert_int_equal(jack_client_close(eye), 0);
}

static void goes_on_with_another_period(void **state)
{
    jack_server_needed(state);
    jack_client_t *eye = jack_client_open("eye", JackNoStartServer, NULL);
    assert_non_null(eye);
    struct heard heard = {0};
    struct device *device = open_jack(&(struct device_options){.kind = "jack", .outs = 1}, count, &heard);
    assert_int_equal(device_start(device, NULL), STATUS_OK);
    assert_int_equal(jack_set_buffer_size(eye, OTHER_PERIOD), 0);
    assert_true(wait_until(has_heard_other_period, &heard));
    device_stop(device);
    assert_int_equal(jack_set_buffer_size(eye, PERIOD), 0);
    device_close(device);
    assert_int_equal(jack_client_close(eye), 0);
}

static void plays_through_portaudio(void **state)
{
    jack_server_needed(state);
    struct complaint complaint = {""};
    struct device *device = NULL;
    struct heard heard = {0};
    // PortAudio shows a JACK server as a card that has the name of its driver's client.
    struct device_options options = {
        .kind = "portaudio", .card = "SYSTEM", .ins = 1, .outs = 2, .rate = RATE, .block = PERIOD};
    if (device_open(&options, count, &heard, &device, &complaint) == STATUS_UNKNOWN) {
        print_message("PortAudio was built without JACK: %s\n", complaint.text);
        skip();
    }
    assert_non_null(device);
    assert_true(device_rate(device) == RATE);
    assert_int_equal(device_block(device), PERIOD);
    for (int round = 0; round < 2; round++) {
        atomic_store(&heard.calls, 0);
        assert_int_equal(device_start(device, NULL), STATUS_OK);
        assert_true(wait_until(has_heard_enough, &heard));
        device_stop(device);
        assert_false(device_is_gone(device));
    }
    assert_int_equal(heard.wrong_frames, 0);
    device_close(device);
    options.card = "no such card";
    assert_int_equal(device_open(&options, count, &heard, &device, &complaint), STATUS_UNKNOWN);
    assert_non_null(strstr(complaint.text, "system"));
}

static void is_gone_with_the_server(void **state)
{
    jack_server_needed(state);
    struct heard heard = {0};
    struct device *device = open_jack(&(struct device_options){.kind = "jack", .outs = 2}, count, &heard);
    assert_int_equal(device_start(device, NULL), STATUS_OK);
    assert_true(wait_until(has_heard_enough, &heard));
    jack_server_stop(*state);
    assert_true(wait_until(is_gone, device));
    device_stop(device);
    assert_int_equal(device_start(device, NULL), STATUS_CLOSED);
    device_close(device);
}

static void returns_with_the_server(void **state)
{
    jack_server_needed(state);
    struct jack_server *server = *state;
    struct heard heard = {0};
    const struct device_options options = {.kind = "jack", .client = "voice", .outs = 2};
    struct complaint complaint = {""};
    assert_true(jack_server_start(server, RATE, PERIOD));
    struct device *device = open_jack(&options, count, &heard);
    assert_int_equal(device_start(device, NULL), STATUS_OK);
    assert_int_equal(device_return(device, &options, &complaint), STATUS_IN_USE);
    jack_server_stop(server);
    assert_true(wait_until(is_gone, device));
    assert_int_equal(device_return(device, &options, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "runs: start one"));
    assert_true(jack_server_start(server, 48000, PERIOD));
    assert_int_equal(device_return(device, &options, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "48000"));
    assert_true(device_is_gone(device));
    jack_server_stop(server);
    assert_true(jack_server_start(server, RATE, OTHER_PERIOD));
    atomic_store(&heard.other, 0);
    assert_int_equal(device_return(device, &options, &complaint), STATUS_OK);
    assert_false(device_is_gone(device));
    assert_true(wait_until(has_heard_other_period, &heard));
    assert_int_equal(device_block(device), PERIOD);
    assert_true(device_rate(device) == RATE);
    jack_client_t *eye = jack_client_open("eye", JackNoStartServer, NULL);
    assert_connections(eye, "voice:out_1", 1);
    assert_int_equal(jack_client_close(eye), 0);
    device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_no_server_runs),
        cmocka_unit_test(portaudio_opens_a_card_or_says_that_there_is_none),
        cmocka_unit_test(takes_the_servers_rate_and_period_and_plays),
        cmocka_unit_test(refuses_another_rate_or_period_and_names_the_servers),
        cmocka_unit_test(connects_to_the_card_unless_it_is_to_stay_apart),
        cmocka_unit_test(gives_what_comes_in_to_the_callback),
        cmocka_unit_test(goes_on_with_another_period),
        cmocka_unit_test(plays_through_portaudio),
        cmocka_unit_test(is_gone_with_the_server), // it stops the server
        cmocka_unit_test(returns_with_the_server), // the last: it leaves another server
    };
    return cmocka_run_group_tests(tests, start_server, jack_server_tear_down);
}
