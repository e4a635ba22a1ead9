// SPDX-License-Identifier: GPL-3.0-or-later
// The cursor moves only when the websocket has nothing left to write, so that a slow listener's backlog is a number
// and not memory: what it has missed stays in the station's ring, for two seconds, once for all. For the same reason
// the socket's own buffer is small: what waits in there is late already and cannot be skipped.
//
// Who falls out of the ring goes on live, and is told (but for players of Ogg) how much it missed by its next state.
// Each such skip takes a token: one who needs more than come is too slow for this stream, and closed.
#include "station/listener.h"

#include "core/clock.h"
#include "core/log.h"
#include "station/message.h"

#include <stdlib.h>
#include <sys/socket.h>

// Room for the burst and some messages; the kernel doubles it for its own needs.
static const int send_buffers[FORMAT_COUNT] = {
    [FORMAT_OPUS] = 16384, [FORMAT_PCM] = 65536, [FORMAT_JSON] = 98304, [FORMAT_OGG] = 16384};

static const int64_t NS_PER_MS = 1000000;

enum { FLOODS_MAX = 30 }; // seconds in which one may send too much

static const float SKIPS_AT_ONCE = 5;
static const float SKIPS_A_SECOND = 1.0F / 60.0F;

// Queues a frame.
static enum status send_shared(struct listener *listener, struct buffer *frame)
{
    if (!frame) {
        return STATUS_NO_MEMORY;
    }
    const enum status status = websocket_send(listener->websocket, frame);
    if (status == STATUS_OK) {
        atomic_fetch_add_explicit(&listener->metrics->sent_bytes, frame->size, memory_order_relaxed);
    }
    return status;
}

// Queues a frame and drops the caller's reference.
static enum status send_own(struct listener *listener, struct buffer *frame)
{
    const enum status status = send_shared(listener, frame);
    buffer_unref(frame);
    return status;
}

static void refuse(struct listener *listener, const char *code, const char *text)
{
    atomic_fetch_add_explicit(&listener->metrics->rejected_messages, 1, memory_order_relaxed);
    // An error that finds no room in the queue is lost: the listener reads nothing anyway.
    const enum status status = send_own(listener, message_error(code, text));
    if (status != STATUS_OK) {
        log_write(LOG_LEVEL_DEBUG, "error_not_sent", "station=%s reason=%s", listener->name, status_text(status));
    }
}

static bool too_many_messages(struct listener *listener)
{
    const int64_t now = clock_now_ns();
    if (bucket_take(&listener->messages, now)) {
        return false;
    }
    if (now - listener->flood_ns > 1000 * NS_PER_MS) {
        listener->flood_ns = now;
        struct complaint flood;
        (void)complain(&flood, STATUS_FULL, "more than %d messages in a second: send fewer", LISTENERS_MESSAGES);
        refuse(listener, "flood", flood.text);
        if (++listener->floods > FLOODS_MAX) {
            log_write(LOG_LEVEL_INFO, "listener_floods", "station=%s", listener->name);
            websocket_close(listener->websocket, WEBSOCKET_CLOSE_POLICY, "too many messages");
        }
    }
    return true;
}

static void receive(void *user, enum websocket_opcode opcode, const uint8_t *message, size_t size)
{
    struct listener *listener = user;
    struct complaint complaint;
    struct station_change change;
    if (too_many_messages(listener)) {
        return;
    }
    if (opcode != WEBSOCKET_TEXT) {
        refuse(listener, NULL, "binary messages are not understood: send JSON text");
        return;
    }
    enum status status = message_parse((const char *)message, size, listener->options->presets, &change, &complaint);
    if (status == STATUS_OK && !listener->controls) {
        refuse(listener, "forbidden",
               "this station is steered with its control token only: connect with token=TOKEN, or to station=private");
        return;
    }
    if (status == STATUS_OK) {
        status = station_command(listener->feed->station, &change, &complaint);
    }
    if (status != STATUS_OK) {
        refuse(listener, NULL, complaint.text);
        return;
    }
    log_write(LOG_LEVEL_DEBUG, "change_asked", "station=%s message=%.*s", listener->name, (int)size,
              (const char *)message);
}

static enum status greet(struct listener *listener)
{
    struct feed *feed = listener->feed;
    if (listener->format == FORMAT_OGG) {
        return send_own(listener, station_ogg_head(feed->station));
    }
    if (feed->entry->is_private) {
        return send_own(listener, message_hello(feed->entry, listener->format, true, listener->options->presets));
    }
    return send_shared(listener, feed_hello(feed, listener->format, listener->controls, listener->options->presets));
}

static enum status turn_away(struct listener *listener, const struct listeners_join *join)
{
    const enum status status = send_own(listener, message_full(join->refusal, listener->options->stations));
    websocket_close(listener->websocket, WEBSOCKET_CLOSE_TRY_LATER, "no room");
    return status;
}

// Where the burst begins. Ogg pages come with the last of the chunks that are in them.
static uint32_t burst_of(const struct feed *feed, enum format format)
{
    const uint32_t burst = format == FORMAT_OGG ? STATION_BURST + CHUNK_OGG - 1 : STATION_BURST;
    return feed->head - feed->oldest > burst ? feed->head - burst : feed->oldest;
}

// Where it begins: where it left off, if that is still there, else with a burst.
static uint32_t first_chunk(const struct feed *feed, const struct listeners_join *join)
{
    // After a crash a station goes on from up to a second earlier: then what it asks for is yet to come.
    const bool is_there = join->resume >= feed->oldest && join->resume <= feed->head + STATION_RING;
    return join->resumes && is_there ? join->resume : burst_of(feed, join->format);
}

static void enter(struct listener *listener, const struct listeners_join *join)
{
    listener->next = first_chunk(listener->feed, join);
    // A station that has slept makes its burst now, and it is due already.
    const uint32_t behind_burst = listener->next + STATION_BURST;
    listener->live = listener->feed->head > behind_burst ? listener->feed->head : behind_burst;
    log_write(LOG_LEVEL_INFO, "listener_joined", "station=%s format=%s", listener->name, format_name(join->format));
    atomic_fetch_add_explicit(&listener->metrics->listeners[join->format], 1, memory_order_relaxed);
    // It may have fallen asleep again since the handshake.
    station_wake(listener->feed->station);
}

struct listener *listener_new(const struct listeners_options *options, struct feed *feed, struct metrics *metrics,
                              const struct listeners_join *join)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener) {
        listeners_drop(options, join);
        return NULL;
    }
    (void)setsockopt(join->socket, SOL_SOCKET, SO_SNDBUF, &send_buffers[join->format], sizeof send_buffers[0]);
    struct websocket *websocket = join->format == FORMAT_OGG
                                      ? websocket_new_plain(join->socket)
                                      : websocket_new(join->socket, join->extra, join->extra_size, receive, listener);
    if (!websocket) {
        struct listeners_join left = *join;
        left.socket = -1; // websocket_new() has closed it
        listeners_drop(options, &left);
        free(listener);
        return NULL;
    }
    const int64_t now = clock_now_ns();
    *listener = (struct listener){.options = options,
                                  .feed = feed,
                                  .metrics = metrics,
                                  .name = join->entry ? station_name(feed->station) : "none",
                                  .entry = join->entry,
                                  .address = join->address,
                                  .format = join->format,
                                  .stream = join->stream,
                                  .score = join->score && join->format != FORMAT_OGG,
                                  .controls = join->controls,
                                  .websocket = websocket,
                                  .joined_ns = now,
                                  .progress_ns = now,
                                  .queued_ns = now,
                                  .messages = bucket_of(LISTENERS_MESSAGES, LISTENERS_MESSAGES, now),
                                  .skips = bucket_of(SKIPS_AT_ONCE, SKIPS_A_SECOND, now)};
    if (join->entry) {
        enter(listener, join);
    }
    if ((join->entry ? greet(listener) : turn_away(listener, join)) != STATUS_OK) {
        listener_free(listener);
        return NULL;
    }
    return listener;
}

void listener_free(struct listener *listener)
{
    if (!listener) {
        return;
    }
    if (listener->entry) {
        log_write(LOG_LEVEL_INFO, "listener_left", "station=%s format=%s seconds=%.1f", listener->name,
                  format_name(listener->format), (double)(clock_now_ns() - listener->joined_ns) / 1e9);
        atomic_fetch_sub_explicit(&listener->metrics->listeners[listener->format], 1, memory_order_relaxed);
    }
    websocket_free(listener->websocket);
    const struct listeners_join left = {
        .socket = -1, .entry = listener->entry, .address = listener->address, .stream = listener->stream};
    listeners_drop(listener->options, &left);
    free(listener);
}

int listener_fd(const struct listener *listener)
{
    return websocket_fd(listener->websocket);
}

enum status listener_read(struct listener *listener)
{
    return websocket_read(listener->websocket);
}

static void skip_to_live(struct listener *listener)
{
    const uint32_t next = burst_of(listener->feed, listener->format);
    listener->skipped += next - listener->next;
    listener->next = next;
    listener->live = listener->feed->head;
    atomic_fetch_add_explicit(&listener->metrics->skips, 1, memory_order_relaxed);
    if (!bucket_take(&listener->skips, clock_now_ns())) {
        atomic_fetch_add_explicit(&listener->metrics->too_slow, 1, memory_order_relaxed);
        log_write(LOG_LEVEL_INFO, "listener_too_slow", "station=%s format=%s", listener->name,
                  format_name(listener->format));
        websocket_close(listener->websocket, WEBSOCKET_CLOSE_TRY_LATER, "too slow for this stream");
    }
}

static enum status send_state(struct listener *listener)
{
    struct feed *feed = listener->feed;
    if (listener->format == FORMAT_OGG) {
        listener->version = feed->version;
        listener->skipped = 0;
    }
    if (listener->version == feed->version && listener->skipped == 0) {
        return STATUS_OK;
    }
    const enum status status =
        listener->skipped > 0 ? send_own(listener, message_state(feed->station, listener->format, listener->skipped))
                              : send_shared(listener, feed_state(feed, listener->format));
    if (status == STATUS_OK) {
        listener->version = feed->version;
        listener->skipped = 0;
    }
    return status;
}

// One chunk with its score. STATUS_AGAIN when none is ready.
static enum status send_chunk(struct listener *listener)
{
    const struct feed_chunk *chunk = NULL;
    enum status status = feed_take(listener->feed, listener->next, listener->format, &chunk);
    if (status == STATUS_OK && listener->score && chunk->score) {
        status = send_shared(listener, chunk->score);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!chunk->chunk) {
        listener->next++;
        return STATUS_OK;
    }
    // What was due before it came, as with a station that has just woken, was not late.
    if (listener->next >= listener->live && chunk->due_ns > listener->joined_ns) {
        listener->due_ns[listener->due_count++] = chunk->due_ns;
    }
    listener->next++;
    return send_shared(listener, chunk->chunk);
}

// All that is due, but no more than goes out in one call. STATUS_AGAIN when nothing is.
static enum status queue_due(struct listener *listener, int64_t now_ns)
{
    const struct feed *feed = listener->feed;
    if (listener->next < feed->oldest) {
        skip_to_live(listener);
        if (!websocket_ready(listener->websocket)) {
            return STATUS_OK;
        }
    }
    listener->queued_ns = now_ns;
    enum status status = send_state(listener);
    for (int i = 0; i < LISTENER_GATHER && status == STATUS_OK; i++) {
        status = send_chunk(listener);
    }
    // What the station dropped just now is a skip at the next look.
    return status == STATUS_AGAIN || status == STATUS_CLOSED
               ? websocket_queued(listener->websocket) > 0 ? STATUS_OK : STATUS_AGAIN
               : status;
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
    // Nor may it take a little at a time of what has long left the ring.
    return now_ns - listener->progress_ns > stall_ms(listener) * NS_PER_MS ||
           now_ns - listener->queued_ns > (stall_ms(listener) + CHUNK_MS * STATION_RING) * NS_PER_MS;
}

static enum status drop_stalled(struct listener *listener)
{
    atomic_fetch_add_explicit(&listener->metrics->dropped, 1, memory_order_relaxed);
    log_write(LOG_LEVEL_INFO, "listener_dropped", "station=%s format=%s took_nothing_ms=%u", listener->name,
              format_name(listener->format), stall_ms(listener));
    return STATUS_CLOSED;
}

// What waited is out now.
static void note_progress(struct listener *listener, int64_t now_ns)
{
    listener->written = websocket_written(listener->websocket);
    listener->progress_ns = now_ns;
    if (listener->due_count > 0) {
        const int64_t out_ns = clock_now_ns();
        for (unsigned i = 0; i < listener->due_count; i++) {
            const int64_t late = out_ns - listener->due_ns[i];
            histogram_record(&listener->metrics->lateness, late > 0 ? (uint64_t)(late / 1000) : 0);
        }
        listener->due_count = 0;
    }
}

// Closing the socket at once could overtake the close frame with a reset.
static enum status wait_for_close(struct listener *listener, int64_t now_ns)
{
    if (websocket_write(listener->websocket) == STATUS_CLOSED) {
        return STATUS_CLOSED;
    }
    if (listener->closing_ns == 0) {
        listener->closing_ns = now_ns;
    }
    return now_ns - listener->closing_ns > LISTENERS_GOODBYE_MS * NS_PER_MS ? STATUS_CLOSED : STATUS_OK;
}

// Whether nothing is due that it has not got.
static bool is_up_to_date(const struct listener *listener)
{
    return listener->next == listener->feed->head && listener->version == listener->feed->version &&
           listener->skipped == 0;
}

// Writes what waits. STATUS_OK when nothing does any more.
static enum status write_waiting(struct listener *listener, int64_t now_ns)
{
    if (websocket_queued(listener->websocket) > 0) {
        const enum status written = websocket_write(listener->websocket);
        if (written == STATUS_AGAIN && stalled(listener, now_ns)) {
            return drop_stalled(listener);
        }
        if (written != STATUS_OK) {
            return written;
        }
    }
    note_progress(listener, now_ns);
    return STATUS_OK;
}

enum status listener_pump(struct listener *listener, int64_t now_ns)
{
    for (;;) {
        const enum status written = write_waiting(listener, now_ns);
        if (written != STATUS_OK) {
            return written;
        }
        // Nothing waits any more, so it is not ready only because it is being closed.
        if (!websocket_ready(listener->websocket)) {
            return wait_for_close(listener, now_ns);
        }
        const enum status queued = is_up_to_date(listener) ? STATUS_AGAIN : queue_due(listener, now_ns);
        if (queued == STATUS_AGAIN) {
            return STATUS_OK;
        }
        if (queued != STATUS_OK) {
            log_write(LOG_LEVEL_WARNING, "listener_failed", "station=%s reason=%s", listener->name,
                      status_text(queued));
            return STATUS_CLOSED;
        }
    }
}

bool listener_offer(struct listener *listener, int64_t now_ns)
{
    if (websocket_queued(listener->websocket) > 0 || !websocket_ready(listener->websocket) || is_up_to_date(listener)) {
        return false;
    }
    note_progress(listener, now_ns);
    return queue_due(listener, now_ns) == STATUS_OK && websocket_queued(listener->websocket) > 0;
}

bool listener_lingers(const struct listener *listener)
{
    return websocket_queued(listener->websocket) > 0 || listener->closing_ns != 0 ||
           !websocket_ready(listener->websocket);
}

void listener_dismiss(struct listener *listener)
{
    if (listener->entry && listener->format != FORMAT_OGG && websocket_ready(listener->websocket)) {
        const enum status status = send_own(listener, message_going_away(listener->entry, listener->next));
        if (status != STATUS_OK) {
            log_write(LOG_LEVEL_DEBUG, "going_away_not_sent", "station=%s reason=%s", listener->name,
                      status_text(status));
        }
    }
    websocket_close(listener->websocket, WEBSOCKET_CLOSE_GOING_AWAY, "the server is stopping");
}
