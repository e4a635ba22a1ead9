// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/osc_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Takes the quoted word after the opening quote at \p from together, in place; NULL where it has no end.
static char *close_quote(char *from)
{
    char *to = from;
    while (*from && *from != '"') {
        from += *from == '\\' && (from[1] == '"' || from[1] == '\\');
        *to++ = *from++;
    }
    if (!*from) {
        return NULL;
    }
    *to = '\0';
    return from + 1;
}

enum status osc_text_split(char *line, struct osc_word *words, size_t most, size_t *count, struct complaint *complaint)
{
    *count = 0;
    for (;;) {
        while (is_blank(*line)) {
            line++;
        }
        if (!*line || *line == '#') {
            return STATUS_OK;
        }
        if (*count == most) {
            return complain(complaint, STATUS_FULL, "a line has more than %zu words", most);
        }
        struct osc_word *word = &words[(*count)++];
        word->quoted = *line == '"';
        word->text = line + word->quoted;
        if (word->quoted) {
            line = close_quote(line + 1);
            if (!line || (*line && !is_blank(*line))) {
                return complain(complaint, STATUS_INVALID, "a quote has no end before the next word");
            }
        } else {
            while (*line && !is_blank(*line)) {
                line++;
            }
        }
        if (*line) {
            *line++ = '\0';
        }
    }
}

static bool read_integer(const char *text, struct osc_arg *out)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno != 0) {
        return false;
    }
    const bool is_short = value >= INT32_MIN && value <= INT32_MAX;
    *out = (struct osc_arg){.type = is_short ? 'i' : 'h', .integer = value, .number = (double)value};
    return true;
}

static bool read_number(const char *text, char type, struct osc_arg *out)
{
    char *end = NULL;
    const double value = strtod(text, &end);
    if (end == text || *end) {
        return false;
    }
    *out = (struct osc_arg){.type = type, .number = type == 'f' ? (double)(float)value : value};
    return true;
}

static bool read_as(char type, const char *text, struct osc_arg *out)
{
    switch (type) {
    case 's':
        *out = (struct osc_arg){.type = 's', .text = text};
        return true;
    case 'f':
    case 'd':
        return read_number(text, type, out);
    default:
        if (!read_integer(text, out) || (type == 'i' && out->type == 'h')) {
            return false;
        }
        out->type = type;
        return true;
    }
}

enum status osc_text_read(const struct osc_word *word, struct osc_arg *out, struct complaint *complaint)
{
    const char *text = word->text;
    if (!word->quoted && text[0] && strchr("sihfd", text[0]) && text[1] == ':') {
        return read_as(text[0], text + 2, out)
                   ? STATUS_OK
                   : complain(complaint, STATUS_INVALID, "\"%s\" is no number of the type '%c'", text, text[0]);
    }
    // Without letters, so that names such as nan or e5 stay what they are.
    const bool may_be_number = !word->quoted && *text && !strchr("eE", *text) && !text[strspn(text, "0123456789+-.eE")];
    if (!may_be_number || (!read_integer(text, out) && !read_number(text, 'f', out))) {
        *out = (struct osc_arg){.type = 's', .text = text};
    }
    return STATUS_OK;
}

static size_t clip(int length, size_t size)
{
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

static size_t write_text(const char *text, char *out, size_t size)
{
    const struct osc_word bare = {.text = text};
    struct osc_arg read = {.type = 's'};
    const bool is_bare = *text && !text[strcspn(text, " \t\r\n\"\\#")] &&
                         osc_text_read(&bare, &read, NULL) == STATUS_OK && read.text == text;
    if (is_bare) {
        return clip(snprintf(out, size, "%s", text), size);
    }
    size_t used = 0;
    out[used++] = '"';
    for (; *text && used + 3 < size; text++) {
        if (*text == '"' || *text == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *text;
    }
    if (used + 1 < size) {
        out[used++] = '"';
    }
    out[used] = '\0';
    return used;
}

// With the least digits, from six on, that give the same value again.
static size_t write_number(const struct osc_arg *arg, char *out, size_t size)
{
    const int most = arg->type == 'f' ? 9 : 17;
    char text[32];
    int digits = 6;
    do {
        (void)snprintf(text, sizeof text, "%.*g", digits, arg->number);
        digits++;
    } while (digits <= most && isfinite(arg->number) &&
             (arg->type == 'f' ? strtof(text, NULL) != (float)arg->number : strtod(text, NULL) != arg->number));
    const bool is_whole = !text[strspn(text, "+-0123456789")];
    const char *mark = arg->type == 'd' ? "d:" : isfinite(arg->number) ? "" : "f:";
    return clip(snprintf(out, size, "%s%s%s", mark, text, is_whole ? ".0" : ""), size);
}

size_t osc_text_write(const struct osc_arg *arg, char *out, size_t size)
{
    if (size < 4) {
        return 0;
    }
    switch (arg->type) {
    case 'i':
        return clip(snprintf(out, size, "%lld", (long long)arg->integer), size);
    case 'h':
        return clip(snprintf(out, size, "h:%lld", (long long)arg->integer), size);
    case 'f':
    case 'd':
        return write_number(arg, out, size);
    case 's':
    case 'S':
        return write_text(arg->text, out, size);
    default:
        return clip(snprintf(out, size, "%s", arg->type == 'T' ? "true" : arg->type == 'F' ? "false" : "nil"), size);
    }
}
