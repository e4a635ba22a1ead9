// SPDX-License-Identifier: GPL-3.0-or-later
// The format is taken apart before anything is printed (core/log_field.h): a field ends at a blank of the format, so a
// value may hold blanks, equal signs or whatever a stranger sent, and stays one value. A line is built in one buffer,
// with room kept for its end, and leaves in one write(), which the kernel does not mix with another's on a pipe or a
// file opened for appending.
#include "core/log.h"

#include "core/clock.h"
#include "core/log_field.h"
#include "core/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// LINE_END is the room kept for a closing quote, a closing brace and the end of the line.
enum { LINE_BYTES = 512, LINE_END = 3, FIELDS_MAX = 16 };

struct line {
    char text[LINE_BYTES];
    size_t used;
    bool json;
};

static atomic_int lowest_level = LOG_LEVEL_INFO;

static const char *const level_names[] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_ERROR] = "error",
};

void log_set_level(enum log_level lowest)
{
    atomic_store_explicit(&lowest_level, (int)lowest, memory_order_relaxed);
}

/// Appends all of \p text, or nothing when it does not fit before the end of the line.
static bool append(struct line *line, const char *text, size_t length)
{
    if (line->used + length + LINE_END > sizeof line->text) {
        return false;
    }
    memcpy(line->text + line->used, text, length);
    line->used += length;
    return true;
}

/// Appends a value with what JSON (and a terminal) must not see raw escaped, up to the last character that fits.
static void append_escaped(struct line *line, const char *value)
{
    bool fits = true;
    while (*value && fits) {
        const struct utf8 point = utf8_next(value, strnlen(value, 4));
        char escaped[8];
        if (point.code == '"' || point.code == '\\') {
            (void)snprintf(escaped, sizeof escaped, "\\%c", (char)point.code);
            fits = append(line, escaped, 2);
        } else if (point.code < 0x20 || (point.code >= 0x7f && point.code < 0xa0)) {
            (void)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)point.code);
            fits = append(line, escaped, 6);
        } else if (!point.valid) {
            fits = append(line, "\xef\xbf\xbd", 3);
        } else {
            fits = append(line, value, point.size);
        }
        value += point.size;
    }
}

static bool append_quoted(struct line *line, const char *value)
{
    if (!append(line, "\"", 1)) {
        return false;
    }
    append_escaped(line, value);
    line->text[line->used++] = '"';
    return true;
}

/// Whether \p text is a number as JSON writes it.
static bool is_json_number(const char *text)
{
    text += *text == '-';
    const size_t whole = strspn(text, "0123456789");
    if (whole == 0 || (whole > 1 && text[0] == '0')) {
        return false;
    }
    text += whole;
    if (*text == '.') {
        const size_t fraction = strspn(text + 1, "0123456789");
        if (fraction == 0) {
            return false;
        }
        text += 1 + fraction;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        const size_t exponent = strspn(text, "0123456789");
        if (exponent == 0) {
            return false;
        }
        text += exponent;
    }
    return *text == '\0';
}

/// What a value may be made of to stand on a terminal without quotes.
#define BARE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,:/%@#"

/// Appends one field, or nothing of it when not even its name fits.
static void append_field(struct line *line, const struct log_field *field)
{
    const size_t before = line->used;
    char name[LOG_NAME_SIZE + 8];
    const int length = snprintf(name, sizeof name, line->json ? ",\"%s\":" : " %s=", field->name);
    const size_t value_length = strlen(field->value);
    const bool raw = line->json ? !field->is_text && is_json_number(field->value)
                                : value_length > 0 && strspn(field->value, BARE) == value_length;
    if (!append(line, name, (size_t)length) ||
        !(raw ? append(line, field->value, value_length) : append_quoted(line, field->value))) {
        line->used = before;
    }
}

static void append_start(struct line *line, enum log_level level, const char *event)
{
    const int64_t now_us = clock_wall_us();
    const time_t seconds = (time_t)(now_us / 1000000);
    const int milliseconds = (int)(now_us / 1000 % 1000);
    struct tm utc;
    (void)gmtime_r(&seconds, &utc);
    char start[128];
    if (line->json) {
        char date[32];
        (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
        (void)snprintf(start, sizeof start, "{\"time\":\"%s.%03dZ\",\"level\":\"%s\",\"event\":", date, milliseconds,
                       level_names[level]);
    } else {
        char clock[16];
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &utc);
        (void)snprintf(start, sizeof start, "%s.%03d %-7s %.64s", clock, milliseconds, level_names[level], event);
    }
    (void)append(line, start, strlen(start));
    if (line->json) {
        (void)append_quoted(line, event);
    }
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed)) {
        return;
    }
    const int saved_errno = errno;
    struct line line = {.json = !isatty(STDERR_FILENO)};
    append_start(&line, level, event);
    va_list arguments;
    va_start(arguments, format);
    struct log_field field;
    for (int i = 0; i < FIELDS_MAX && (format = log_field_next(format, &arguments, &field)); i++) {
        append_field(&line, &field);
    }
    va_end(arguments);
    if (line.json) {
        line.text[line.used++] = '}';
    }
    line.text[line.used++] = '\n';
    // When standard error itself is broken there is nowhere left to say so.
    while (write(STDERR_FILENO, line.text, line.used) < 0 && errno == EINTR) {
    }
    errno = saved_errno;
}
