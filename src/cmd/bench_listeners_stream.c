// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/bench_listeners_stream.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char ACCEPT[] = "\r\nSec-WebSocket-Accept:";

enum { KEY_BYTES = 16, SWITCHING = 101, FINE = 200, MS_PER_S = 1000 };

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

static int status_of(const char *answer)
{
    int status = 0;
    return sscanf(answer, "HTTP/1.%*1[01] %3d", &status) == 1 ? status : 0;
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

void load_stream_chunk(struct load_stream *stream, const struct heard *chunk, struct tally *tally)
{
    tally_add(tally, TALLY_CHUNKS, 1);
    if (stream->begun && follows(stream, chunk->sequence, tally) && chunk->frame != stream->frame) {
        tally_add(tally, TALLY_FRAME_JUMPS, 1);
    }
    stream->begun = true;
    stream->sequence = chunk->sequence;
    stream->frame = chunk->frame + (uint64_t)chunk->rate * chunk->duration_ms / MS_PER_S;
}

void load_stream_page(struct load_stream *stream, const struct page *page, struct tally *tally)
{
    tally_add(tally, TALLY_CHUNKS, 1);
    if (stream->begun && page->serial == stream->serial) {
        (void)follows(stream, page->sequence, tally);
    }
    stream->begun = true;
    stream->serial = page->serial;
    stream->sequence = page->sequence;
}
