// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/ogg_opus.h"

#include <ogg/ogg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ogg_opus {
    ogg_stream_state state;
    ogg_int64_t granule;
    ogg_int64_t packets;
    struct buffer *head;
};

// Bytes in the order of the wire.
struct writer {
    uint8_t bytes[512];
    size_t size;
};

static void put_bytes(struct writer *writer, const void *bytes, size_t size)
{
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static void put_number(struct writer *writer, uint32_t number, int size)
{
    for (int i = 0; i < size; i++) {
        writer->bytes[writer->size++] = (uint8_t)(number >> (8 * i));
    }
}

static void put_text(struct writer *writer, const char *text)
{
    const size_t length = strlen(text);
    put_number(writer, (uint32_t)length, 4);
    put_bytes(writer, text, length);
}

static struct writer identification(int preskip, double source_rate)
{
    struct writer writer = {.size = 0};
    put_bytes(&writer, "OpusHead", 8);
    put_number(&writer, 1, 1); // version
    put_number(&writer, 2, 1); // channels
    put_number(&writer, (uint32_t)preskip, 2);
    put_number(&writer, (uint32_t)source_rate, 4);
    put_number(&writer, 0, 2); // output gain
    put_number(&writer, 0, 1); // mapping family: mono or stereo
    return writer;
}

// A tag without a value is left out.
static uint32_t put_tag(struct writer *writer, const char *name, const char *value)
{
    char line[128];
    if (!value) {
        return 0;
    }
    (void)snprintf(line, sizeof line, "%s=%s", name, value);
    put_text(writer, line);
    return 1;
}

static struct writer comments(const char *title, const char *comment)
{
    struct writer writer = {.size = 0};
    put_bytes(&writer, "OpusTags", 8);
    put_text(&writer, "tutti " TUTTI_VERSION);
    struct writer tags = {.size = 0};
    uint32_t count = put_tag(&tags, "TITLE", title);
    count += put_tag(&tags, "ARTIST", "Tutti");
    count += put_tag(&tags, "COMMENT", comment);
    put_number(&writer, count, 4);
    put_bytes(&writer, tags.bytes, tags.size);
    return writer;
}

static struct buffer *append_page(struct buffer *before, const ogg_page *page)
{
    const size_t used = before ? before->size : 0;
    const size_t head = (size_t)page->header_len;
    const size_t body = (size_t)page->body_len;
    struct buffer *buffer = buffer_new(used + head + body);
    if (buffer) {
        if (before) {
            memcpy(buffer->bytes, before->bytes, used);
        }
        memcpy(buffer->bytes + used, page->header, head);
        memcpy(buffer->bytes + used + head, page->body, body);
    }
    buffer_unref(before);
    return buffer;
}

static enum status add_packet(struct ogg_opus *stream, const void *bytes, size_t size, bool last)
{
    ogg_packet packet = {.packet = (unsigned char *)bytes,
                         .bytes = (long)size,
                         .b_o_s = stream->packets == 0,
                         .e_o_s = last,
                         .granulepos = stream->granule,
                         .packetno = stream->packets};
    stream->packets++;
    return ogg_stream_packetin(&stream->state, &packet) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

struct buffer *ogg_opus_take(struct ogg_opus *stream)
{
    struct buffer *pages = NULL;
    ogg_page page;
    while (ogg_stream_flush(&stream->state, &page)) {
        pages = append_page(pages, &page);
        if (!pages) {
            return NULL;
        }
    }
    return pages;
}

static struct buffer *make_head(struct ogg_opus *stream, int preskip, double source_rate, const char *title,
                                const char *comment)
{
    const struct writer id = identification(preskip, source_rate);
    const struct writer tags = comments(title, comment);
    if (add_packet(stream, id.bytes, id.size, false) != STATUS_OK) {
        return NULL;
    }
    struct buffer *first = ogg_opus_take(stream);
    if (!first || add_packet(stream, tags.bytes, tags.size, false) != STATUS_OK) {
        buffer_unref(first);
        return NULL;
    }
    ogg_page page;
    if (!ogg_stream_flush(&stream->state, &page)) {
        buffer_unref(first);
        return NULL;
    }
    return append_page(first, &page);
}

struct ogg_opus *ogg_opus_new(uint32_t serial, int preskip, double source_rate, const char *title, const char *comment)
{
    struct ogg_opus *stream = calloc(1, sizeof *stream);
    if (!stream) {
        return NULL;
    }
    if (ogg_stream_init(&stream->state, (int)serial) != 0) {
        free(stream);
        return NULL;
    }
    stream->head = make_head(stream, preskip, source_rate, title, comment);
    if (!stream->head) {
        ogg_opus_free(stream);
        return NULL;
    }
    return stream;
}

void ogg_opus_free(struct ogg_opus *stream)
{
    if (stream) {
        ogg_stream_clear(&stream->state);
        buffer_unref(stream->head);
        free(stream);
    }
}

struct buffer *ogg_opus_head(const struct ogg_opus *stream)
{
    return stream->head;
}

enum status ogg_opus_add(struct ogg_opus *stream, const uint8_t *packet, size_t size, int frames, bool last, int trim)
{
    stream->granule += frames - trim;
    return add_packet(stream, packet, size, last);
}
