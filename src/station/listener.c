// SPDX-License-Identifier: GPL-3.0-or-later
// The cursor moves only when the websocket has nothing left to write, so that a slow listener's backlog is a number
// and not memory: what it has missed stays in the station's ring, for two seconds, once for all. For the same reason
// the socket's own buffer is small: what waits in there is late already and cannot be skipped.
#include "station/listener.h"

#include "core/clock.h"
#include "core/log.h"
#include "station/message.h"

#include <stdlib.h>
#include <sys/socket.h>

// Room for the burst and some messages; the kernel doubles it for its own needs.
static const int send_buffers[FORMAT_COUNT] = {[FORMAT_OPUS] = 16384, [FORMAT_PCM] = 65536, [FORMAT_JSON] = 98304};

static const int64_t NS_PER_MS = 1000000;

struct listener {
    const struct listeners_options *options;
    struct station *station;
    enum format format;
    bool score;
    struct websocket *websocket;
    uint32_t next;      ///< sequence of the chunk that is to be sent next
    uint32_t live;      ///< of the first chunk that does not come in a burst, whose lateness says something
    int64_t due_ns;     ///< when the live chunk that waits was due; 0 when none waits
    int64_t closing_ns; ///< since when only the listener's own close is waited for; 0 when it is not
    uint64_t version;   ///< of the state that it has been told
    int64_t joined_ns;
    int64_t progress_ns; ///< when the socket last took something, or nothing was waiting
    uint64_t written;    ///< bytes that it had taken then
    int64_t second_ns;   ///< since when messages are counted
    unsigned messages;
};

// Queues a frame and drops the caller's reference.
static enum status send_frame(struct listener *listener, struct buffer *frame)
{
    if (!frame) {
        return STATUS_NO_MEMORY;
    }
    const enum status status = websocket_send(listener->websocket, frame);
    if (status == STATUS_OK) {
        atomic_fetch_add_explicit(&station_metrics(listener->station)->sent_bytes, frame->size, memory_order_relaxed);
    }
    buffer_unref(frame);
    return status;
}

static void refuse(struct listener *listener, const char *text)
{
    atomic_fetch_add_explicit(&station_metrics(listener->station)->rejected_messages, 1, memory_order_relaxed);
    // An error that finds no room in the queue is lost: the listener reads nothing anyway.
    const enum status status = send_frame(listener, message_error(text));
    if (status != STATUS_OK) {
        log_write(LOG_LEVEL_DEBUG, "error_not_sent", "station=%s reason=%s", station_name(listener->station),
                  status_text(status));
    }
}

static bool too_many_messages(struct listener *listener)
{
    const int64_t now = clock_now_ns();
    if (now - listener->second_ns > 1000 * NS_PER_MS) {
        listener->second_ns = now;
        listener->messages = 0;
    }
    return ++listener->messages > LISTENERS_MESSAGES;
}

static void receive(void *user, enum websocket_opcode opcode, const uint8_t *message, size_t size)
{
    struct listener *listener = user;
    struct complaint complaint;
    struct station_change change;
    if (too_many_messages(listener)) {
        if (listener->messages == LISTENERS_MESSAGES + 1) {
            struct complaint flood;
            (void)complain(&flood, STATUS_FULL, "more than %d messages in a second: send fewer", LISTENERS_MESSAGES);
            refuse(listener, flood.text);
        }
        return;
    }
    if (opcode != WEBSOCKET_TEXT) {
        refuse(listener, "binary messages are not understood: send JSON text");
        return;
    }
    enum status status = message_parse((const char *)message, size, listener->options->presets, &change, &complaint);
    if (status == STATUS_OK) {
        status = station_command(listener->station, &change, &complaint);
    }
    if (status != STATUS_OK) {
        refuse(listener, complaint.text);
        return;
    }
    log_write(LOG_LEVEL_DEBUG, "change_asked", "station=%s message=%.*s", station_name(listener->station), (int)size,
              (const char *)message);
}

static enum status greet(struct listener *listener)
{
    const size_t count = listener->options->station_count;
    const char **names = calloc(count, sizeof *names);
    if (!names) {
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = station_name(listener->options->stations[i]);
    }
    struct buffer *hello = message_hello(listener->station, listener->format, names, count, listener->options->presets);
    free(names);
    return send_frame(listener, hello);
}

struct listener *listener_new(const struct listeners_options *options, const struct listeners_join *join)
{
    struct listener *listener = calloc(1, sizeof *listener);
    (void)setsockopt(join->socket, SOL_SOCKET, SO_SNDBUF, &send_buffers[join->format], sizeof send_buffers[0]);
    struct websocket *websocket = websocket_new(join->socket, join->extra, join->extra_size, receive, listener);
    if (!listener || !websocket) {
        websocket_free(websocket);
        free(listener);
        return NULL;
    }
    const uint32_t head = station_head(join->station);
    *listener = (struct listener){.options = options,
                                  .station = join->station,
                                  .format = join->format,
                                  .score = join->score,
                                  .websocket = websocket,
                                  .next = head > STATION_BURST ? head - STATION_BURST : 0,
                                  .live = head,
                                  .joined_ns = clock_now_ns()};
    listener->progress_ns = listener->joined_ns;
    log_write(LOG_LEVEL_INFO, "listener_joined", "station=%s format=%s", station_name(join->station),
              format_name(join->format));
    atomic_fetch_add_explicit(&station_metrics(join->station)->listeners[join->format], 1, memory_order_relaxed);
    if (greet(listener) != STATUS_OK) {
        listener_free(listener);
        return NULL;
    }
    return listener;
}

void listener_free(struct listener *listener)
{
    if (listener) {
        log_write(LOG_LEVEL_INFO, "listener_left", "station=%s format=%s seconds=%.1f", station_name(listener->station),
                  format_name(listener->format), (double)(clock_now_ns() - listener->joined_ns) / 1e9);
        atomic_fetch_sub_explicit(&station_metrics(listener->station)->listeners[listener->format], 1,
                                  memory_order_relaxed);
        websocket_free(listener->websocket);
        free(listener);
    }
}

int listener_fd(const struct listener *listener)
{
    return websocket_fd(listener->websocket);
}

enum status listener_read(struct listener *listener)
{
    return websocket_read(listener->websocket);
}

static enum status skip_to_live(struct listener *listener)
{
    const uint32_t head = station_head(listener->station);
    const uint32_t live = head > STATION_BURST ? head - STATION_BURST : 0;
    const uint32_t missed = live - listener->next;
    listener->next = live;
    listener->live = head;
    atomic_fetch_add_explicit(&station_metrics(listener->station)->skips, 1, memory_order_relaxed);
    return send_frame(listener, message_skip(missed));
}

static enum status send_state(struct listener *listener)
{
    const uint64_t version = station_state(listener->station).version;
    if (version == listener->version) {
        return STATUS_OK;
    }
    listener->version = version;
    return send_frame(listener, message_state(listener->station, listener->format));
}

// One chunk with its score, or word of those that are lost. STATUS_AGAIN when none is ready.
static enum status send_chunk(struct listener *listener)
{
    struct buffer *chunk = NULL;
    struct buffer *score = NULL;
    int64_t due_ns = 0;
    enum status status = station_take(listener->station, listener->next, listener->format, &chunk,
                                      listener->score ? &score : NULL, &due_ns);
    if (status == STATUS_CLOSED) {
        return skip_to_live(listener);
    }
    if (status != STATUS_OK) {
        buffer_unref(score);
        return status;
    }
    listener->due_ns = listener->next >= listener->live ? due_ns : 0;
    listener->next++;
    status = score ? send_frame(listener, score) : STATUS_OK;
    const enum status sent = send_frame(listener, chunk);
    return status == STATUS_OK ? sent : status;
}

static enum status queue_next(struct listener *listener)
{
    const enum status status = send_state(listener);
    return status == STATUS_OK ? send_chunk(listener) : status;
}

static unsigned stall_ms(const struct listener *listener)
{
    return listener->options->stall_ms > 0 ? listener->options->stall_ms : LISTENERS_STALL_MS;
}

// Whether the socket has taken nothing for too long.
static bool stalled(struct listener *listener, int64_t now_ns)
{
    const uint64_t written = websocket_written(listener->websocket);
    if (written != listener->written) {
        listener->written = written;
        listener->progress_ns = now_ns;
    }
    return now_ns - listener->progress_ns > stall_ms(listener) * NS_PER_MS;
}

static enum status drop_stalled(struct listener *listener)
{
    atomic_fetch_add_explicit(&station_metrics(listener->station)->dropped, 1, memory_order_relaxed);
    log_write(LOG_LEVEL_INFO, "listener_dropped", "station=%s format=%s took_nothing_ms=%u",
              station_name(listener->station), format_name(listener->format), stall_ms(listener));
    return STATUS_CLOSED;
}

// What waited is out now.
static void note_progress(struct listener *listener, int64_t now_ns)
{
    listener->written = websocket_written(listener->websocket);
    listener->progress_ns = now_ns;
    if (listener->due_ns > 0) {
        const int64_t late = clock_now_ns() - listener->due_ns;
        histogram_record(&station_metrics(listener->station)->lateness, late > 0 ? (uint64_t)(late / 1000) : 0);
        listener->due_ns = 0;
    }
}

// Closing the socket at once could overtake the close frame with a reset.
static enum status wait_for_close(struct listener *listener, int64_t now_ns)
{
    if (listener->closing_ns == 0) {
        listener->closing_ns = now_ns;
    }
    return now_ns - listener->closing_ns > LISTENERS_GOODBYE_MS * NS_PER_MS ? STATUS_CLOSED : STATUS_OK;
}

enum status listener_pump(struct listener *listener, int64_t now_ns)
{
    for (;;) {
        const enum status written = websocket_write(listener->websocket);
        if (written == STATUS_AGAIN && stalled(listener, now_ns)) {
            return drop_stalled(listener);
        }
        if (written != STATUS_OK) {
            return written;
        }
        note_progress(listener, now_ns);
        // Nothing waits any more, so it is not ready only because it is being closed.
        if (!websocket_ready(listener->websocket)) {
            return wait_for_close(listener, now_ns);
        }
        const enum status queued = queue_next(listener);
        if (queued == STATUS_AGAIN) {
            return websocket_write(listener->websocket);
        }
        if (queued != STATUS_OK) {
            log_write(LOG_LEVEL_WARNING, "listener_failed", "station=%s reason=%s", station_name(listener->station),
                      status_text(queued));
            return STATUS_CLOSED;
        }
    }
}

void listener_dismiss(struct listener *listener)
{
    websocket_close(listener->websocket, WEBSOCKET_CLOSE_GOING_AWAY, "the server is stopping");
}
