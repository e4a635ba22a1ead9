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
