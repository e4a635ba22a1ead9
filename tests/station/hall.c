// SPDX-License-Identifier: GPL-3.0-or-later
#include "hall.h"

#include "core/clock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, STEP_MS = 10, HEAD = 64 };

static const int64_t NS_PER_MS = 1000000;

static void published(void *user, uint32_t shards)
{
    const struct hall *hall = user;
    listeners_wake(hall->listeners, shards);
}

struct hall *hall_open_with(const struct fixture *fixture, const struct listeners_options *listeners, double speed)
{
    struct hall *hall = calloc(1, sizeof *hall);
    assert_non_null(hall);
    const struct station_options options = fixture_station(fixture, speed);
    hall->stations = stations_new(&(struct stations_options){.published = published, .user = hall});
    assert_non_null(hall->stations);
    assert_int_equal(stations_add(hall->stations, &options, NULL), STATUS_OK);
    hall->station = stations_at(hall->stations, 0);
    hall->options = *listeners;
    hall->options.presets = fixture->presets;
    hall->options.stations = hall->stations;
    hall->options.most = listeners->most ? listeners->most : HALL_MOST;
    assert_int_equal(listeners_new(&hall->options, &hall->listeners), STATUS_OK);
    assert_int_equal(listeners_room(hall->listeners), hall->options.most);
    assert_int_equal(stations_start(hall->stations, NULL), STATUS_OK);
    return hall;
}

struct hall *hall_open(const struct fixture *fixture, double speed, unsigned stall_ms)
{
    return hall_open_with(fixture, &(struct listeners_options){.stall_ms = stall_ms}, speed);
}

void hall_close(struct hall *hall)
{
    station_stop(hall->station);
    listeners_free(hall->listeners);
    for (int format = 0; format < FORMAT_COUNT; format++) {
        assert_int_equal(station_metrics(hall->station)->listeners[format], 0);
    }
    stations_free(hall->stations);
    free(hall);
}

struct ear *hall_join_as(struct hall *hall, const struct listeners_join *as)
{
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    assert_int_equal(fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
    struct listeners_join join = *as;
    join.entry = as->refusal ? NULL : stations_hold(hall->stations, NULL);
    join.socket = sockets[0];
    listeners_add(hall->listeners, &join);
    return ear_new(sockets[1]);
}

struct ear *hall_join_with(struct hall *hall, enum format format, const void *extra, size_t extra_size)
{
    return hall_join_as(
        hall, &(struct listeners_join){
                  .format = format, .score = true, .controls = true, .extra = extra, .extra_size = extra_size});
}

struct ear *hall_join(struct hall *hall, enum format format)
{
    return hall_join_with(hall, format, NULL, 0);
}

uint64_t hall_count(const _Atomic uint64_t *counter)
{
    return atomic_load(counter);
}

void hall_wait(const _Atomic uint64_t *counter, uint64_t wanted)
{
    for (int i = 0; i < PATIENCE_MS && hall_count(counter) < wanted; i++) {
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
    }
    assert_true(hall_count(counter) >= wanted);
}

void hall_wait_room(struct hall *hall, struct ear *const *ears, size_t count, unsigned room)
{
    for (int i = 0; i < PATIENCE_MS && listeners_room(hall->listeners) != room; i++) {
        ears_listen(ears, count, 1);
        clock_sleep_until(clock_now_ns() + NS_PER_MS); // where nobody is left to listen
    }
    assert_int_equal(listeners_room(hall->listeners), room);
}

void hall_expect_first_dropped(struct hall *hall, struct ear *const ears[2])
{
    hall_wait_room(hall, ears, 2, HALL_MOST - 1);
    assert_int_equal(hall_count(&station_metrics(hall->station)->dropped), 1);
    assert_false(ears[1]->ended);
    ear_free(ears[0]);
    ear_free(ears[1]);
    hall_close(hall);
}

// Whether \p message is a chunk, as bytes or as JSON, and its number.
static bool read_sequence(const struct ear_message *message, uint32_t *sequence)
{
    if (message->opcode == EAR_BINARY) {
        *sequence = (uint32_t)number_at(message->bytes + 4, 4);
        return true;
    }
    const size_t head = message->size < HEAD ? message->size : HEAD;
    const char *number = memmem(message->bytes, head, "\"seq\":", 6);
    if (message->opcode != EAR_TEXT || !number || !memmem(message->bytes, head, "\"audio\"", 7)) {
        return false;
    }
    *sequence = (uint32_t)strtoul(number + 6, NULL, 10);
    return true;
}

struct hall_heard hall_heard(struct ear *ear)
{
    struct hall_heard heard = {0};
    struct ear_message message;
    bool announced = false;
    ear->at = 0;
    while (ear_next(ear, &message)) {
        uint32_t sequence = 0;
        if (!read_sequence(&message, &sequence)) {
            announced = announced || (message.opcode == EAR_TEXT && memmem(message.bytes, message.size, "\"skip\"", 6));
            continue;
        }
        if (heard.chunks == 0) {
            heard.first = sequence;
        } else if (sequence != heard.last + 1) {
            assert_true(sequence > heard.last && announced);
            heard.skips++;
        }
        announced = false;
        heard.last = sequence;
        heard.chunks++;
    }
    return heard;
}

void hall_wait_chunks(struct ear *const *ears, size_t count, unsigned chunks)
{
    size_t satisfied = 0;
    for (int waited = 0; waited < PATIENCE_MS && satisfied < count; waited += STEP_MS) {
        ears_listen(ears, count, STEP_MS);
        satisfied = 0;
        for (size_t i = 0; i < count; i++) {
            satisfied += hall_heard(ears[i]).chunks >= chunks;
        }
    }
    assert_int_equal(satisfied, count);
}

void hall_wait_last(struct hall *hall, struct ear *const *ears, size_t count)
{
    const uint32_t last = station_head(hall->station) - 1;
    size_t satisfied = 0;
    for (int waited = 0; waited < PATIENCE_MS && satisfied < count; waited += STEP_MS) {
        ears_listen(ears, count, STEP_MS);
        satisfied = 0;
        for (size_t i = 0; i < count; i++) {
            const struct hall_heard heard = hall_heard(ears[i]);
            satisfied += heard.chunks > 0 && heard.last == last;
        }
    }
    assert_int_equal(satisfied, count);
}
