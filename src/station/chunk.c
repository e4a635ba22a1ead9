// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/chunk.h"

#include "net/websocket.h"
#include "station/opus_stream.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CHUNK_VERSION = 1, CODEC_PCM = 1, CODEC_OPUS = 2, CHANNELS = 2 };

static const char *const format_names[FORMAT_COUNT] = {
    [FORMAT_OPUS] = "opus", [FORMAT_PCM] = "pcm", [FORMAT_JSON] = "json", [FORMAT_OGG] = "ogg"};

const char *format_name(enum format format)
{
    return (unsigned)format < FORMAT_COUNT ? format_names[format] : "unknown";
}

enum status format_parse(const char *text, enum format *format)
{
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (strcasecmp(text, format_names[i]) == 0) {
            *format = (enum format)i;
            return STATUS_OK;
        }
    }
    return STATUS_UNKNOWN;
}

void chunk_done(struct chunk *chunk)
{
    for (int i = 0; i < FORMAT_COUNT; i++) {
        buffer_unref(chunk->forms[i]);
    }
    buffer_unref(chunk->score);
    buffer_unref(chunk->score_opus);
    *chunk = (struct chunk){0};
}

// Writes \p number little-endian and returns where it ends.
static uint8_t *put(uint8_t *out, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        *out++ = (uint8_t)(number >> (8 * i));
    }
    return out;
}

static uint8_t *put_header(uint8_t *out, const struct chunk *chunk, int codec, uint64_t frame, uint32_t rate,
                           unsigned packets)
{
    out = put(out, CHUNK_VERSION, 1);
    out = put(out, (uint64_t)codec, 1);
    out = put(out, CHANNELS, 2);
    out = put(out, chunk->sequence, 4);
    out = put(out, frame, 8);
    out = put(out, (uint64_t)chunk->due_us, 8);
    out = put(out, rate, 4);
    out = put(out, packets, 2);
    return put(out, CHUNK_MS, 2);
}

struct buffer *chunk_pcm(const struct chunk *chunk, const int16_t *samples, size_t frames)
{
    uint8_t *out = NULL;
    const size_t count = frames * CHANNELS;
    struct buffer *buffer = websocket_frame_reserve(WEBSOCKET_BINARY, CHUNK_HEADER + count * sizeof *samples, &out);
    if (buffer) {
        out = put_header(out, chunk, CODEC_PCM, chunk->frame, chunk->rate, 1);
        for (size_t i = 0; i < count; i++) {
            out = put(out, (uint16_t)samples[i], 2);
        }
    }
    return buffer;
}

struct buffer *chunk_opus(const struct chunk *chunk, uint64_t frame, const uint8_t *packets, size_t size,
                          unsigned count)
{
    uint8_t *out = NULL;
    struct buffer *buffer = websocket_frame_reserve(WEBSOCKET_BINARY, CHUNK_HEADER + size, &out);
    if (buffer) {
        out = put_header(out, chunk, CODEC_OPUS, frame, OPUS_STREAM_RATE, count);
        memcpy(out, packets, size);
    }
    return buffer;
}

struct buffer *chunk_json(const struct chunk *chunk, const struct buffer *pcm)
{
    static const char tail[] = "\"}";
    const size_t size = (size_t)(chunk->rate / (1000 / CHUNK_MS)) * CHANNELS * sizeof(int16_t);
    char head[256];
    const int head_size = snprintf(
        head, sizeof head,
        "{\"type\":\"audio\",\"seq\":%u,\"timestamp\":%lld,\"frame\":%llu,\"duration_ms\":%d,\"sample_rate\":%u,"
        "\"channels\":%d,\"format\":\"pcm_s16le\",\"data\":\"",
        chunk->sequence, (long long)chunk->due_us, (unsigned long long)chunk->frame, CHUNK_MS, chunk->rate, CHANNELS);
    const size_t data_size = BASE64_ENCODE_RAW_LENGTH(size);
    uint8_t *out = NULL;
    struct buffer *buffer =
        websocket_frame_reserve(WEBSOCKET_TEXT, (size_t)head_size + data_size + sizeof tail - 1, &out);
    if (buffer) {
        memcpy(out, head, (size_t)head_size);
        // The samples are the last bytes of the binary frame.
        base64_encode_raw((char *)out + head_size, size, pcm->bytes + pcm->size - size);
        memcpy(out + (size_t)head_size + data_size, tail, sizeof tail - 1);
    }
    return buffer;
}
