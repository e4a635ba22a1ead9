// SPDX-License-Identifier: GPL-3.0-or-later
// A MIDI instrument of the test's own plays through a real JACK server that the test starts.
#include "play/midi_in.h"

#include "jack_server.h"
#include "wait.h"

#include <jack/jack.h>
#include <jack/midiport.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 48000, PERIOD = 256, FIRST = 5, SECOND = 200, CROWD = 1500 };

static const double NS_PER_S = 1e9;

/// In a process of its own, as an instrument's program is: what the server does between processes is beyond a
/// sanitizer.
struct instrument {
    jack_client_t *client;
    jack_port_t *port, *second;
    atomic_int song; ///< 0 for nothing, 1 for the phrase, else so many notes: in the next period
};

enum what { OPEN, CONNECT, PLAY, DISCONNECT, GROW, VISIT, HAS_FIRST, HAS_SECOND, CLOSE };

struct order {
    enum what what;
    int song;
    char server[64];
};

// The ends of the pipes to the instrument's process and from it.
static int orders, answers;

static void write_message(void *buffer, uint32_t frame, const char *bytes, size_t size)
{
    (void)jack_midi_event_write(buffer, frame, (const jack_midi_data_t *)bytes, size);
}

static void play_phrase(void *buffer)
{
    write_message(buffer, 0, "\xF0\x7E\x7F\x09\x01\xF7", 6);
    write_message(buffer, FIRST, "\x92\x3C\x64", 3);
    write_message(buffer, FIRST, "\xF8", 1);
    write_message(buffer, FIRST + 1, "\xC2\x07", 2);
    write_message(buffer, SECOND, "\x82\x3C\x40", 3);
}

static int process(jack_nframes_t frames, void *argument)
{
    struct instrument *instrument = argument;
    void *buffer = jack_port_get_buffer(instrument->port, frames);
    jack_midi_clear_buffer(buffer);
    const int song = atomic_exchange(&instrument->song, 0);
    if (song == 1) {
        play_phrase(buffer);
    }
    for (int i = 0; song > 1 && i < song; i++) {
        write_message(buffer, 0, "\x90\x40\x40", 3);
    }
    return 0;
}

static bool open_instrument(struct instrument *instrument, const char *server)
{
    setenv("JACK_DEFAULT_SERVER", server, 1);
    instrument->client = jack_client_open("instrument", JackNoStartServer, NULL);
    instrument->port = instrument->client ? jack_port_register(instrument->client, "out", JACK_DEFAULT_MIDI_TYPE,
                                                               JackPortIsOutput | JackPortIsPhysical, 0)
                                          : NULL;
    return instrument->port && jack_set_process_callback(instrument->client, process, instrument) == 0 &&
           jack_activate(instrument->client) == 0;
}

/// A program comes and goes that has nothing to do with MIDI.
static bool visit(void)
{
    jack_client_t *client = jack_client_open("visitor", JackNoStartServer, NULL);
    return client && jack_port_register(client, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0) &&
           jack_activate(client) == 0 && jack_client_close(client) == 0;
}

static bool obey(struct instrument *instrument, const struct order *order)
{
    switch (order->what) {
    case OPEN:
        return open_instrument(instrument, order->server);
    case CONNECT:
        return jack_connect(instrument->client, "instrument:out", "keys:midi_in") == 0;
    case PLAY:
        atomic_store(&instrument->song, order->song);
        return true;
    case DISCONNECT:
        return jack_disconnect(instrument->client, "instrument:out", "keys:midi_in") == 0;
    case GROW:
        instrument->second = jack_port_register(instrument->client, "second", JACK_DEFAULT_MIDI_TYPE,
                                                JackPortIsOutput | JackPortIsPhysical, 0);
        return instrument->second != NULL;
    case VISIT:
        return visit();
    case HAS_FIRST:
        return jack_port_connected_to(instrument->port, "keys:midi_in") != 0;
    case HAS_SECOND:
        return jack_port_connected_to(instrument->second, "keys:midi_in") != 0;
    case CLOSE:
        return jack_client_close(instrument->client) == 0;
    }
    return false;
}

/// The instrument's process, until the test ends.
static void be_instrument(int in, int out)
{
    static struct instrument instrument;
    struct order order;
    while (read(in, &order, sizeof order) == (ssize_t)sizeof order) {
        const char is_done = obey(&instrument, &order) ? 1 : 0;
        if (write(out, &is_done, 1) != 1) {
            break;
        }
    }
    _exit(0);
}

/// Before the test has threads.
static bool fork_instrument(void)
{
    int to[2];
    int from[2];
    if (pipe(to) || pipe(from)) {
        return false;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(to[1]);
        (void)close(from[0]);
        be_instrument(to[0], from[1]);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    orders = to[1];
    answers = from[0];
    return pid > 0;
}

static bool asks(enum what what, int song)
{
    struct order order = {.what = what, .song = song};
    const char *server = getenv("JACK_DEFAULT_SERVER");
    char is_done = 0;
    (void)strncpy(order.server, server ? server : "", sizeof order.server - 1);
    assert_int_equal(write(orders, &order, sizeof order), sizeof order);
    assert_int_equal(read(answers, &is_done, 1), 1);
    return is_done != 0;
}

static void ask(enum what what, int song)
{
    assert_true(asks(what, song));
}

static int start_server(void **state)
{
    return jack_server_set_up(state, RATE, PERIOD);
}

static struct midi_in *open_midi(void)
{
    struct complaint complaint = {""};
    struct midi_in *in = NULL;
    if (midi_in_open("keys", &in, &complaint)) {
        fail_msg("%s", complaint.text);
    }
    return in;
}

struct taking {
    struct midi_in *in;
    struct midi_in_message messages[CROWD];
    int count, wanted;
};

static bool has_taken(void *what)
{
    struct taking *taking = what;
    while (taking->count < CROWD && midi_in_take(taking->in, &taking->messages[taking->count])) {
        taking->count++;
    }
    return taking->count >= taking->wanted;
}

static void check(const struct midi_in_message *message, uint8_t status, uint8_t first, uint8_t second)
{
    assert_int_equal(message->status, status);
    assert_int_equal(message->data[0], first);
    assert_int_equal(message->data[1], second);
}

static void takes_channel_messages_with_their_times(void **state)
{
    jack_server_needed(state);
    static struct taking taking = {.wanted = 3};
    taking.in = open_midi();
    ask(OPEN, 0);
    ask(CONNECT, 0);
    const int64_t before_ns = clock_now_ns();
    ask(PLAY, 1);
    assert_true(wait_until(has_taken, &taking));
    const int64_t after_ns = clock_now_ns();
    check(&taking.messages[0], 0x92, 0x3C, 0x64);
    check(&taking.messages[1], 0xC2, 0x07, 0);
    check(&taking.messages[2], 0x82, 0x3C, 0x40);
    // As far apart as the frames are; the server's clock is an estimate.
    const double apart_s = (double)(taking.messages[2].at_ns - taking.messages[0].at_ns) / NS_PER_S;
    assert_true(apart_s > 0.5 * (SECOND - FIRST) / RATE && apart_s < 2.0 * (SECOND - FIRST) / RATE);
    const int64_t second_ns = (int64_t)NS_PER_S;
    assert_true(taking.messages[0].at_ns > before_ns - second_ns && taking.messages[0].at_ns < after_ns + second_ns);
    assert_false(has_taken(&(struct taking){.in = taking.in, .wanted = 1}));
    assert_int_equal(midi_in_lost(taking.in), 0);
    ask(CLOSE, 0);
    midi_in_close(taking.in);
}

static bool is_connected(void *what)
{
    midi_in_connect(what);
    return midi_in_connections(what) == 1;
}

// What others connect is seen some periods later.
static bool is_apart(void *what)
{
    return midi_in_connections(what) == 0;
}

static bool has_second(void *what)
{
    midi_in_connect(what);
    return asks(HAS_SECOND, 0);
}

static bool has_both(void *what)
{
    return has_second(what) && asks(HAS_FIRST, 0);
}

static void connects_instruments_that_are_there_and_that_come(void **state)
{
    jack_server_needed(state);
    struct midi_in *in = open_midi();
    assert_string_equal(midi_in_port(in), "keys:midi_in");
    midi_in_connect(in);
    assert_int_equal(midi_in_connections(in), 0);
    ask(OPEN, 0);
    assert_true(wait_until(is_connected, in));
    // What a person takes apart stays so, also when others come and go.
    ask(DISCONNECT, 0);
    assert_true(wait_until(is_apart, in));
    ask(VISIT, 0);
    ask(GROW, 0);
    assert_true(wait_until(has_second, in));
    for (int i = 0; i < 10; i++) {
        midi_in_connect(in);
        clock_sleep_until(clock_now_ns() + 10000000);
    }
    assert_false(asks(HAS_FIRST, 0));
    midi_in_close(in);
    in = open_midi();
    assert_true(wait_until(has_both, in));
    // An instrument that comes back is connected again.
    ask(CLOSE, 0);
    ask(OPEN, 0);
    assert_true(wait_until(is_connected, in));
    midi_in_close(in);
    ask(CLOSE, 0);
}

static void refuses_a_name_that_is_too_long(void **state)
{
    (void)state;
    char name[100] = "";
    struct complaint complaint = {""};
    struct midi_in *in = NULL;
    memset(name, 'x', sizeof name - 1);
    assert_int_equal(midi_in_open(name, &in, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "name of 99 characters"));
}

static bool has_lost(void *what)
{
    return midi_in_lost(what) > 0;
}

static void counts_what_is_lost(void **state)
{
    jack_server_needed(state);
    static struct taking taking = {.wanted = CROWD};
    taking.in = open_midi();
    ask(OPEN, 0);
    ask(CONNECT, 0);
    // A period has room for some hundred; nobody takes them.
    for (int i = 0; i < 1000 && midi_in_lost(taking.in) == 0; i++) {
        ask(PLAY, 100);
        clock_sleep_until(clock_now_ns() + 10000000);
    }
    assert_true(wait_until(has_lost, taking.in));
    (void)has_taken(&taking);
    assert_in_range(taking.count, 1000, 1024);
    ask(CLOSE, 0);
    midi_in_close(taking.in);
}

static void says_that_no_server_runs(void **state)
{
    (void)state;
    char *server = jack_server_go_away();
    struct complaint complaint = {""};
    struct midi_in *in = NULL;
    assert_int_equal(midi_in_open("keys", &in, &complaint), STATUS_IO);
    assert_null(in);
    assert_non_null(strstr(complaint.text, "no JACK server \"tutti_test_none\" runs: start one"));
    jack_server_come_back(server);
    midi_in_close(NULL);
}

static bool is_gone(void *what)
{
    return midi_in_is_gone(what);
}

static void is_gone_with_the_server(void **state)
{
    jack_server_needed(state);
    struct midi_in *in = open_midi();
    assert_false(midi_in_is_gone(in));
    jack_server_stop(*state);
    assert_true(wait_until(is_gone, in));
    midi_in_close(in);
}

int main(void)
{
    if (!fork_instrument()) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_no_server_runs),
        cmocka_unit_test(takes_channel_messages_with_their_times),
        cmocka_unit_test(connects_instruments_that_are_there_and_that_come),
        cmocka_unit_test(refuses_a_name_that_is_too_long),
        cmocka_unit_test(counts_what_is_lost),
        cmocka_unit_test(is_gone_with_the_server), // the last: it stops the server
    };
    return cmocka_run_group_tests(tests, start_server, jack_server_tear_down);
}
