// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/bench_listeners_stream.h"

#include "cmd/bench_listeners_control.h"
#include "core/clock.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ACCEPT[] = "\r\nSec-WebSocket-Accept:";

enum { KEY_BYTES = 16, SWITCHING = 101, FINE = 200, STATUS_LEAST = 100, STATUS_MOST = 599, MS_PER_S = 1000 };

struct load_stream *load_stream_new(enum format format, struct random *random)
{
    struct load_stream *stream = calloc(1, sizeof *stream);
    if (stream) {
        uint64_t bytes[2] = {random_bits(random), random_bits(random)};
        stream->format = format;
        base64_encode_raw(stream->key, KEY_BYTES, (const uint8_t *)bytes);
    }
    return stream;
}

static bool accepts(const struct load_stream *stream)
{
    char expected[HTTP_HANDSHAKE_ACCEPT_SIZE];
    http_handshake_accept(stream->key, expected);
    const char *given = strcasestr(stream->answer, ACCEPT);
    if (!given) {
        return false;
    }
    given += strlen(ACCEPT);
    given += strspn(given, " \t");
    return strncmp(given, expected, strlen(expected)) == 0;
}

// Of HTTP/1.0 or 1.1; 0 where it is none.
static int status_of(const char *answer)
{
    static const char *const versions[] = {"HTTP/1.0 ", "HTTP/1.1 "};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (strncmp(answer, versions[i], strlen(versions[i])) == 0) {
            const long status = strtol(answer + strlen(versions[i]), NULL, 10);
            return status >= STATUS_LEAST && status <= STATUS_MOST ? (int)status : 0;
        }
    }
    return 0;
}

enum status load_stream_answer(struct load_stream *stream, const uint8_t **at, const uint8_t *end, int *answer)
{
    *answer = 0;
    while (*at < end && stream->answer_size < LOAD_ANSWER_MAX) {
        const size_t size = ++stream->answer_size;
        stream->answer[size - 1] = (char)*(*at)++;
        if (size < 4 || memcmp(stream->answer + size - 4, "\r\n\r\n", 4) != 0) {
            continue;
        }
        *answer = status_of(stream->answer);
        const bool opens = stream->format == FORMAT_OGG ? *answer == FINE : *answer == SWITCHING && accepts(stream);
        return opens ? STATUS_OK : STATUS_UNSUPPORTED;
    }
    return stream->answer_size < LOAD_ANSWER_MAX ? STATUS_AGAIN : STATUS_UNSUPPORTED;
}

// Whether `sequence` follows; what lies between is counted.
static bool follows(const struct load_stream *stream, uint32_t sequence, struct tally *tally)
{
    const uint32_t missing = sequence - stream->sequence - 1;
    if (missing == 0) {
        return true;
    }
    tally_add(tally, TALLY_HOLES, 1);
    // What goes back is a hole too, but nobody knows of how many.
    tally_add(tally, TALLY_CHUNKS_MISSING, missing < UINT32_MAX / 2 ? missing : 1);
    return false;
}

static void take_chunk(struct load_stream *stream, const struct load_ear *ear, const struct heard *chunk)
{
    tally_add(ear->tally, TALLY_CHUNKS, 1);
    if (stream->begun && follows(stream, chunk->sequence, ear->tally) && chunk->frame != stream->frame) {
        tally_add(ear->tally, TALLY_FRAME_JUMPS, 1);
    }
    if (chunk->due_us >= ear->joined_us) {
        tally_late(ear->tally, ear->phase, clock_wall_us() - chunk->due_us);
    }
    stream->begun = true;
    stream->sequence = chunk->sequence;
    stream->frame = chunk->frame + (uint64_t)chunk->rate * chunk->duration_ms / MS_PER_S;
}

static void take_page(struct load_stream *stream, const struct load_ear *ear, const struct page *page)
{
    // A stream that one joins goes on at its own count behind its headers.
    if (page->granule == 0) {
        return;
    }
    tally_add(ear->tally, TALLY_CHUNKS, 1);
    if (stream->begun && page->serial == stream->serial) {
        (void)follows(stream, page->sequence, ear->tally);
    }
    stream->begun = true;
    stream->serial = page->serial;
    stream->sequence = page->sequence;
}

static void take_data(struct load_stream *stream, const struct load_ear *ear, const struct frame_message *message)
{
    const struct heard heard = heard_message(message, stream->format);
    if (heard.kind == HEARD_CHUNK) {
        take_chunk(stream, ear, &heard);
    } else if (heard.kind == HEARD_BAD) {
        tally_add(ear->tally, TALLY_BAD_FRAMES, 1);
    } else if (heard.kind == HEARD_ERROR) {
        tally_add(ear->tally, TALLY_ERRORS, 1);
    } else if (heard.skipped > 0) {
        tally_add(ear->tally, TALLY_SKIPS, 1);
        tally_add(ear->tally, TALLY_CHUNKS_SKIPPED, heard.skipped);
    }
}

static enum status take_message(struct load_stream *stream, const struct load_ear *ear, const uint8_t **at,
                                const uint8_t *end)
{
    const struct frame_message *message = NULL;
    const enum status status = frame_reader_take(&stream->frames, at, end, &message);
    if (status != STATUS_OK) {
        return status;
    }
    switch (message->opcode) {
    case FRAME_CLOSE:
        tally_close(ear->tally, frame_close_code(message));
        control_send(ear->fd, FRAME_CLOSE, message->head, message->head_size);
        return STATUS_CLOSED;
    case FRAME_PING:
        control_send(ear->fd, FRAME_PONG, message->head, message->head_size);
        return STATUS_OK;
    case FRAME_PONG:
        return STATUS_OK;
    default:
        take_data(stream, ear, message);
        return STATUS_OK;
    }
}

static enum status take_next(struct load_stream *stream, const struct load_ear *ear, const uint8_t **at,
                             const uint8_t *end)
{
    if (stream->format != FORMAT_OGG) {
        return take_message(stream, ear, at, end);
    }
    struct page page;
    const enum status status = page_reader_take(&stream->pages, at, end, &page);
    if (status == STATUS_OK) {
        take_page(stream, ear, &page);
    }
    return status;
}

enum status load_stream_hear(struct load_stream *stream, const struct load_ear *ear, const uint8_t **at,
                             const uint8_t *end)
{
    const bool had_begun = stream->begun;
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        status = take_next(stream, ear, at, end);
        if (status == STATUS_OK && stream->begun && !had_begun) {
            return STATUS_OK;
        }
    }
    if (status == STATUS_CORRUPT) {
        tally_add(ear->tally, TALLY_BAD_FRAMES, 1);
    }
    return status;
}
