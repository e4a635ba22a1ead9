// SPDX-License-Identifier: GPL-3.0-or-later
// A client goes through its states in order, from LOAD_WAITING to LOAD_PLAYING, and from anywhere to LOAD_OVER or back
// to the start. Most of them throw away what comes once they have heard a chunk: MSG_TRUNC has TCP discard bytes
// without copying them, and an edge-triggered event spares the call that would find nothing more. What a client reads
// with (struct load_stream) is freed then, so that thousands of them cost the loader little. Those who hear Opus, of
// which a second and more fits into a socket's buffer, are not even waited for, but read every 400 ms: else the system
// would spend a good part of what it spends on the server's behalf on telling the loader of each chunk.
#include "cmd/bench_listeners_client.h"

#include "cmd/bench_listeners_control.h"
#include "cmd/bench_listeners_stream.h"
#include "core/clock.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { SMALL_BUFFER = 8192, CLOSE_GOING = 1001 };

static const int64_t NS_PER_S = 1000000000;
static const int64_t NS_PER_US = 1000;
static const int64_t SWEEP_NS = 400000000;

static const uint32_t READING = EPOLLIN | EPOLLRDHUP;

static void watch(const struct load_loop *loop, struct load_client *client, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.ptr = client}};
    (void)epoll_ctl(loop->epoll, operation, client->fd, &event);
}

static bool is_opening(const struct load_client *client)
{
    return client->state == LOAD_CONNECTING || client->state == LOAD_SHAKING || client->state == LOAD_HEARING;
}

static void set_state(struct load_loop *loop, struct load_client *client, enum load_state state)
{
    loop->opening -= is_opening(client);
    client->state = state;
    loop->opening += is_opening(client);
}

static void drop(struct load_loop *loop, struct load_client *client, enum load_state state)
{
    if (client->state == LOAD_HEARING || client->state == LOAD_PLAYING) {
        atomic_fetch_sub_explicit(&client->tally->listening, 1, memory_order_relaxed);
    }
    free(client->stream);
    client->stream = NULL;
    if (client->fd >= 0) {
        (void)close(client->fd);
    }
    client->fd = -1;
    set_state(loop, client, state);
}

// Another try comes after half a second to a second, so that not all of them come at once.
static void lose(struct load_loop *loop, struct load_client *client, enum tally_count why, int64_t now_ns)
{
    tally_add(client->tally, why, 1);
    if (why == TALLY_CLOSED && client->lost_ns == 0) {
        client->lost_ns = now_ns;
    }
    client->start_ns = now_ns + NS_PER_S / 2 + (int64_t)(random_unit(&loop->random) * (double)NS_PER_S / 2);
    drop(loop, client, loop->plan->again ? LOAD_WAITING : LOAD_OVER);
}

// The other side has ended the connection.
static void lose_closed(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    const bool heard = client->state == LOAD_PLAYING;
    if (heard) {
        tally_close(client->tally, 0);
    }
    lose(loop, client,
         heard                           ? TALLY_CLOSED
         : client->state == LOAD_SHAKING ? TALLY_REFUSED_ANSWER
                                         : TALLY_REFUSED_CLOSED,
         now_ns);
}

static void lose_unconnected(struct load_loop *loop, struct load_client *client, int error, int64_t now_ns)
{
    atomic_store_explicit(&client->tally->error, error, memory_order_relaxed);
    lose(loop, client, TALLY_REFUSED_CONNECT, now_ns);
}

static void say_good_bye(const struct load_loop *loop, const struct load_client *client)
{
    if (loop->plan->url.websocket && (client->state == LOAD_HEARING || client->state == LOAD_PLAYING)) {
        control_send(client->fd, FRAME_CLOSE, (const uint8_t[]){CLOSE_GOING >> 8, CLOSE_GOING & 0xff}, 2);
    }
}

static bool send_request(const struct load_loop *loop, const struct load_client *client)
{
    char request[URL_REQUEST_SIZE];
    const char *key = loop->plan->url.websocket ? client->stream->key : NULL;
    const int size = load_url_request(&loop->plan->url, client->target, key, request);
    return send(client->fd, request, (size_t)size, MSG_NOSIGNAL) == size;
}

void load_client_start(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    const struct load_url *url = &loop->plan->url;
    set_state(loop, client, LOAD_CONNECTING);
    client->began_ns = now_ns;
    client->fd = socket(url->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    client->stream = load_stream_new(loop->plan->format, &loop->random);
    if (client->fd < 0 || !client->stream) {
        lose_unconnected(loop, client, client->fd < 0 ? errno : ENOMEM, now_ns);
        return;
    }
    // So that one who reads too little is felt by the server and not hidden in a buffer here.
    const int small = SMALL_BUFFER;
    if (client->role == LOAD_STALLED || client->role == LOAD_SLOW) {
        (void)setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    if (connect(client->fd, (const struct sockaddr *)&url->address, url->address_size) != 0 && errno != EINPROGRESS) {
        lose_unconnected(loop, client, errno, now_ns);
        return;
    }
    watch(loop, client, EPOLL_CTL_ADD, EPOLLOUT);
}

static void connected(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    int error = 0;
    socklen_t size = sizeof error;
    (void)getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        lose_unconnected(loop, client, error, now_ns);
        return;
    }
    set_state(loop, client, LOAD_SHAKING);
    if (send_request(loop, client)) {
        watch(loop, client, EPOLL_CTL_MOD, READING);
    } else {
        lose_closed(loop, client, now_ns);
    }
}

static uint64_t since_us(int64_t then_ns, int64_t now_ns)
{
    return now_ns > then_ns ? (uint64_t)((now_ns - then_ns) / NS_PER_US) : 0;
}

static void play(struct load_loop *loop, struct load_client *client, uint32_t events)
{
    free(client->stream);
    client->stream = NULL;
    set_state(loop, client, LOAD_PLAYING);
    watch(loop, client, EPOLL_CTL_MOD, events);
}

static void joined(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    const double stay_s = -log1p(-random_unit(&loop->random)) * loop->plan->churn_s;
    tally_add(client->tally, TALLY_JOINED, 1);
    tally_add(client->tally, TALLY_CHECKED, client->role == LOAD_CHECKER);
    histogram_record(&client->tally->connect, since_us(client->began_ns, now_ns));
    atomic_fetch_add_explicit(&client->tally->listening, 1, memory_order_relaxed);
    client->joined_us = clock_wall_us();
    client->leaves_ns = loop->plan->churn_s > 0.0 ? now_ns + (int64_t)(stay_s * (double)NS_PER_S) : 0;
    set_state(loop, client, LOAD_HEARING);
    if (client->role == LOAD_STALLED) {
        play(loop, client, EPOLLRDHUP);
    } else if (client->role == LOAD_SLOW) {
        client->sip = 0.0;
        client->sipped_ns = now_ns;
        play(loop, client, 0);
    }
}

// The first chunk, or the first page of music, is complete.
static void heard_first(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    tally_add(client->tally, TALLY_HEARD, 1);
    histogram_record(&client->tally->first_chunk, since_us(client->began_ns, now_ns));
    if (client->lost_ns != 0) {
        histogram_record(&client->tally->silence, since_us(client->lost_ns, now_ns));
        client->lost_ns = 0;
    }
    if (client->role == LOAD_CHECKER) {
        set_state(loop, client, LOAD_PLAYING);
    } else if (loop->plan->format == FORMAT_OPUS) {
        play(loop, client, 0);
        watch(loop, client, EPOLL_CTL_DEL, 0);
        client->swept_ns = now_ns;
    } else {
        play(loop, client, READING | EPOLLET);
    }
}

static void hear(struct load_loop *loop, struct load_client *client, const uint8_t *at, const uint8_t *end,
                 int64_t now_ns)
{
    const int phase = client->stormed ? atomic_load_explicit(&loop->plan->phase, memory_order_relaxed) : TALLY_ALWAYS;
    const struct load_ear ear = {
        .fd = client->fd, .tally = client->tally, .phase = (enum tally_phase)phase, .joined_us = client->joined_us};
    enum status status = STATUS_OK;
    // The stream is gone when what comes behind the first chunk is to be thrown away.
    while (status == STATUS_OK && client->stream) {
        status = load_stream_hear(client->stream, &ear, &at, end);
        if (status == STATUS_OK) {
            heard_first(loop, client, now_ns);
        }
    }
    if (status == STATUS_CLOSED) {
        lose(loop, client, client->state == LOAD_PLAYING ? TALLY_CLOSED : TALLY_REFUSED_CLOSED, now_ns);
    } else if (status == STATUS_CORRUPT) {
        lose_closed(loop, client, now_ns);
    }
}

static void shake(struct load_loop *loop, struct load_client *client, const uint8_t *at, const uint8_t *end,
                  int64_t now_ns)
{
    int answer = 0;
    const enum status status = load_stream_answer(client->stream, &at, end, &answer);
    if (status == STATUS_OK) {
        joined(loop, client, now_ns);
        hear(loop, client, at, end, now_ns);
    } else if (status == STATUS_UNSUPPORTED) {
        atomic_store_explicit(&client->tally->answer, answer, memory_order_relaxed);
        lose(loop, client, TALLY_REFUSED_ANSWER, now_ns);
    }
}

// What recv() said: false when there is nothing (more) to do.
static bool has_read(struct load_loop *loop, struct load_client *client, ssize_t got, int64_t now_ns)
{
    if (got > 0) {
        tally_add(client->tally, TALLY_BYTES, (uint64_t)got);
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        lose_closed(loop, client, now_ns);
    }
    return false;
}

static void discard(struct load_loop *loop, struct load_client *client, bool ending, int64_t now_ns)
{
    ssize_t got = sizeof loop->bytes;
    while (got == sizeof loop->bytes || (ending && got > 0)) {
        got = recv(client->fd, loop->bytes, sizeof loop->bytes, MSG_TRUNC);
        if (!has_read(loop, client, got, now_ns)) {
            return;
        }
    }
}

static void read_some(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    const ssize_t got = recv(client->fd, loop->bytes, sizeof loop->bytes, 0);
    if (!has_read(loop, client, got, now_ns)) {
        return;
    }
    const uint8_t *end = loop->bytes + got;
    if (client->state == LOAD_SHAKING) {
        shake(loop, client, loop->bytes, end, now_ns);
    } else {
        hear(loop, client, loop->bytes, end, now_ns);
    }
}

void load_client_event(struct load_loop *loop, struct load_client *client, uint32_t events, int64_t now_ns)
{
    if (client->state == LOAD_CONNECTING) {
        connected(loop, client, now_ns);
    } else if (client->stream) {
        read_some(loop, client, now_ns);
    } else if (client->state == LOAD_PLAYING && client->role == LOAD_LISTENER) {
        discard(loop, client, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR), now_ns);
    } else if (client->state == LOAD_PLAYING) {
        lose_closed(loop, client, now_ns);
    }
}

// A token bucket that holds a second's worth.
static void sip(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    const double bps = (double)atomic_load_explicit(&loop->plan->slow_bps, memory_order_relaxed);
    const double earned = client->sip + bps * (double)(now_ns - client->sipped_ns) / (double)NS_PER_S;
    client->sip = earned < bps ? earned : bps;
    client->sipped_ns = now_ns;
    const size_t wanted = (size_t)fmin(client->sip, (double)sizeof loop->bytes);
    if (wanted > 0) {
        const ssize_t got = recv(client->fd, loop->bytes, wanted, MSG_TRUNC);
        if (has_read(loop, client, got, now_ns)) {
            client->sip -= (double)got;
        }
    }
}

static bool is_swept(const struct load_loop *loop, const struct load_client *client)
{
    return client->state == LOAD_PLAYING && client->role == LOAD_LISTENER && loop->plan->format == FORMAT_OPUS;
}

static void leave(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    say_good_bye(loop, client);
    tally_add(client->tally, TALLY_LEFT, 1);
    client->start_ns = now_ns;
    drop(loop, client, LOAD_WAITING);
}

void load_client_tick(struct load_loop *loop, struct load_client *client, int64_t now_ns)
{
    if (client->state == LOAD_WAITING && now_ns >= client->start_ns) {
        load_client_start(loop, client, now_ns);
    } else if (is_opening(client) && now_ns - client->began_ns > TALLY_PATIENCE_S * NS_PER_S) {
        say_good_bye(loop, client);
        lose(loop, client, TALLY_REFUSED_LATE, now_ns);
    } else if (client->state == LOAD_PLAYING && client->leaves_ns != 0 && now_ns >= client->leaves_ns) {
        leave(loop, client, now_ns);
    } else if (client->state == LOAD_PLAYING && client->role == LOAD_SLOW) {
        sip(loop, client, now_ns);
    } else if (is_swept(loop, client) && now_ns - client->swept_ns >= SWEEP_NS) {
        client->swept_ns = now_ns;
        discard(loop, client, false, now_ns);
    }
}

void load_client_end(struct load_loop *loop, struct load_client *client)
{
    say_good_bye(loop, client);
    if (client->state != LOAD_WAITING && client->state != LOAD_OVER) {
        drop(loop, client, LOAD_OVER);
    }
}
