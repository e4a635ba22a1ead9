// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/utf8.h"

#include <string.h>

struct utf8 utf8_next(const char *text, size_t size)
{
    static const struct {
        uint8_t mask;
        uint8_t lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    if (size == 0) {
        return (struct utf8){0, 0, false};
    }
    const struct utf8 stray = {0xfffd, 1, false};
    const uint8_t first = (uint8_t)text[0];
    for (size_t more = 0; more < 4; more++) {
        if ((first & forms[more].mask) != forms[more].lead) {
            continue;
        }
        uint32_t code = first & (uint8_t)~forms[more].mask;
        for (size_t i = 1; i <= more; i++) {
            if (i >= size || ((uint8_t)text[i] & 0xc0) != 0x80) {
                return stray;
            }
            code = code << 6 | ((uint8_t)text[i] & 0x3f);
        }
        const bool surrogate = code >= 0xd800 && code <= 0xdfff;
        return code < forms[more].least || surrogate || code > 0x10ffff ? stray : (struct utf8){code, more + 1, true};
    }
    return stray;
}

void utf8_clean(const char *text, char *out, size_t size)
{
    size_t left = strlen(text);
    while (left > 0) {
        const struct utf8 next = utf8_next(text, left);
        if (next.size >= size) {
            break;
        }
        memcpy(out, next.valid ? text : "?", next.size);
        text += next.size;
        left -= next.size;
        out += next.size;
        size -= next.size;
    }
    *out = '\0';
}

// What stands first says how many follow, and only the second byte of a character can make it overlong, a surrogate or
// too great (The Unicode Standard, table 3-7).
static bool begin_character(struct utf8_stream *stream, uint8_t byte)
{
    static const struct {
        uint8_t first;
        uint8_t last;
        struct utf8_stream rest;
    } leads[] = {
        {0xc2, 0xdf, {1, 0x80, 0xbf}}, {0xe0, 0xe0, {2, 0xa0, 0xbf}}, {0xe1, 0xec, {2, 0x80, 0xbf}},
        {0xed, 0xed, {2, 0x80, 0x9f}}, {0xee, 0xef, {2, 0x80, 0xbf}}, {0xf0, 0xf0, {3, 0x90, 0xbf}},
        {0xf1, 0xf3, {3, 0x80, 0xbf}}, {0xf4, 0xf4, {3, 0x80, 0x8f}},
    };
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        if (byte >= leads[i].first && byte <= leads[i].last) {
            *stream = leads[i].rest;
            return true;
        }
    }
    return false;
}

bool utf8_stream_take(struct utf8_stream *stream, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (stream->more == 0) {
            if (bytes[i] >= 0x80 && !begin_character(stream, bytes[i])) {
                return false;
            }
        } else if (bytes[i] < stream->low || bytes[i] > stream->high) {
            return false;
        } else {
            *stream = (struct utf8_stream){(uint8_t)(stream->more - 1), 0x80, 0xbf};
        }
    }
    return true;
}

bool utf8_stream_is_whole(const struct utf8_stream *stream)
{
    return stream->more == 0;
}
