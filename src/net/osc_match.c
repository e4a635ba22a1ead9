// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns of OSC 1.0 within one part of an address: ? is any character, * any number of them, [a-z] and [!a-z] one of
// a set, {one,two} one of the words. What is not closed stands for itself and so matches no name.
//
// The pattern comes from a stranger, so that the usual recursion, which takes exponential time for many stars, is out
// of the question. Instead the set of all places in the text that the pattern so far can end at moves along the
// pattern: a bit each, for texts of up to 63 characters, which is more than any name has.
#include "net/osc.h"

#include <string.h>

enum { TEXT_MAX = 63 };

// Bit n: the pattern so far matches the first n characters.
typedef uint64_t places;

static bool is_in_set(const char *set, const char *end, char c)
{
    const bool inverted = set < end && *set == '!';
    bool found = false;
    for (set += inverted; set < end; set++) {
        if (set + 2 < end && set[1] == '-') {
            found = found || (c >= set[0] && c <= set[2]);
            set += 2;
        } else {
            found = found || c == *set;
        }
    }
    return found != inverted;
}

static places step_set(places from, const char *set, const char *end, const char *text, size_t length)
{
    places to = 0;
    for (size_t i = 0; i < length; i++) {
        if (from >> i & 1 && is_in_set(set, end, text[i])) {
            to |= (places)1 << (i + 1);
        }
    }
    return to;
}

static places step_word(places from, const char *word, size_t size, const char *text, size_t length)
{
    places to = 0;
    for (size_t i = 0; size <= length && i <= length - size; i++) {
        if (from >> i & 1 && memcmp(text + i, word, size) == 0) {
            to |= (places)1 << (i + size);
        }
    }
    return to;
}

static places step_words(places from, const char *words, const char *end, const char *text, size_t length)
{
    places to = 0;
    while (words <= end) {
        const char *comma = memchr(words, ',', (size_t)(end - words));
        const char *stop = comma ? comma : end;
        to |= step_word(from, words, (size_t)(stop - words), text, length);
        words = stop + 1;
    }
    return to;
}

// All places from the first one on.
static places step_star(places from, size_t length)
{
    const places all = ((places)1 << length << 1) - 1;
    const places lowest = from & (~from + 1);
    return from ? all & ~(lowest - 1) : 0;
}

bool osc_match(const char *pattern, const char *text)
{
    const size_t length = strnlen(text, TEXT_MAX + 1);
    if (length > TEXT_MAX) {
        return strcmp(pattern, text) == 0;
    }
    places now = 1;
    while (*pattern && now) {
        const char *close = *pattern == '[' ? strchr(pattern, ']') : *pattern == '{' ? strchr(pattern, '}') : NULL;
        if (*pattern == '*') {
            now = step_star(now, length);
        } else if (*pattern == '?') {
            now = (now & (((places)1 << length) - 1)) << 1;
        } else if (close) {
            now = *pattern == '[' ? step_set(now, pattern + 1, close, text, length)
                                  : step_words(now, pattern + 1, close, text, length);
            pattern = close;
        } else {
            now = step_word(now, pattern, 1, text, length);
        }
        pattern++;
    }
    return now >> length & 1;
}
