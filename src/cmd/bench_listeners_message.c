// SPDX-License-Identifier: GPL-3.0-or-later
// Text is searched for its keys and not parsed: a chunk in base64 is no work to do thousands of times a second, and
// only its beginning is kept. Within a JSON string a key could not stand as it is sought, since its quotes would be
// escaped.
#include "cmd/bench_listeners_message.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, CODEC_PCM = 1, CODEC_OPUS = 2, RATE_LEAST = 8000, RATE_MOST = 192000, DURATION_MOST = 1000 };

static uint64_t number_at(const uint8_t *bytes, int size)
{
    uint64_t number = 0;
    for (int i = size - 1; i >= 0; i--) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static bool is_plausible(const struct heard *heard)
{
    return heard->rate >= RATE_LEAST && heard->rate <= RATE_MOST && heard->duration_ms > 0 &&
           heard->duration_ms <= DURATION_MOST && heard->due_us > 0;
}

// PCM says by its header how large the message is; Opus at least how many lengths of packets are in it.
static bool has_size(const struct frame_message *message, const struct heard *heard, unsigned codec)
{
    const uint8_t *head = message->head;
    const uint64_t channels = number_at(head + 2, 2);
    const uint64_t packets = number_at(head + 28, 2);
    const uint64_t payload = message->size - CHUNK_HEADER;
    if (codec == CODEC_PCM) {
        return packets == 1 && payload == channels * sizeof(int16_t) * heard->rate * heard->duration_ms / 1000;
    }
    return packets > 0 && payload >= packets * sizeof(uint16_t);
}

static struct heard read_chunk(const struct frame_message *message, enum format format)
{
    const uint8_t *head = message->head;
    const unsigned codec = format == FORMAT_PCM ? CODEC_PCM : CODEC_OPUS;
    struct heard heard = {.kind = HEARD_BAD};
    if (format == FORMAT_JSON || message->size < CHUNK_HEADER || head[0] != VERSION || head[1] != codec) {
        return heard;
    }
    heard.sequence = (uint32_t)number_at(head + 4, 4);
    heard.frame = number_at(head + 8, 8);
    heard.due_us = (int64_t)number_at(head + 16, 8);
    heard.rate = (uint32_t)number_at(head + 24, 4);
    heard.duration_ms = (uint32_t)number_at(head + 30, 2);
    if (is_plausible(&heard) && has_size(message, &heard, codec)) {
        heard.kind = HEARD_CHUNK;
    }
    return heard;
}

// False where the key is missing or its value is no number.
static bool find_number(const char *text, const char *name, uint64_t *number)
{
    char key[32];
    (void)snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(text, key);
    if (!at) {
        return false;
    }
    at += strlen(key);
    char *end = NULL;
    *number = strtoull(at, &end, 10);
    return end != at && *at != '-';
}

static bool begins(const char *text, const char *type)
{
    char opening[32];
    (void)snprintf(opening, sizeof opening, "{\"type\":\"%s\"", type);
    return strncmp(text, opening, strlen(opening)) == 0;
}

static struct heard read_json_chunk(const char *text)
{
    struct heard heard = {.kind = HEARD_BAD};
    uint64_t sequence = 0;
    uint64_t due_us = 0;
    uint64_t rate = 0;
    uint64_t duration_ms = 0;
    if (find_number(text, "seq", &sequence) && find_number(text, "timestamp", &due_us) &&
        find_number(text, "frame", &heard.frame) && find_number(text, "sample_rate", &rate) &&
        find_number(text, "duration_ms", &duration_ms)) {
        heard.sequence = (uint32_t)sequence;
        heard.due_us = (int64_t)due_us;
        heard.rate = (uint32_t)rate;
        heard.duration_ms = (uint32_t)duration_ms;
        heard.kind = is_plausible(&heard) ? HEARD_CHUNK : HEARD_BAD;
    }
    return heard;
}

struct heard heard_message(const struct frame_message *message, enum format format)
{
    const char *text = (const char *)message->head;
    if (message->opcode == FRAME_BINARY) {
        return read_chunk(message, format);
    }
    if (begins(text, "audio")) {
        return format == FORMAT_JSON ? read_json_chunk(text) : (struct heard){.kind = HEARD_BAD};
    }
    struct heard heard = {.kind = HEARD_OTHER};
    if (begins(text, "state")) {
        heard.kind = HEARD_STATE;
        (void)find_number(text, "skip", &heard.skipped);
    } else if (begins(text, "error")) {
        heard.kind = HEARD_ERROR;
    }
    return heard;
}
