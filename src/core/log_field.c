// SPDX-License-Identifier: GPL-3.0-or-later
// Each conversion is printed alone, with the one argument that it asks for. Integers are read in their own length and
// printed in the widest, so that a conversion has four ways to go instead of one for each type.
#include "core/log_field.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/// A conversion taken apart: "%-*.3ld" is "%-8.3" (the 8 from the arguments), "l" and 'd'.
struct conversion {
    char start[32];
    char length[3];
    char letter;
};

static intmax_t next_signed(const char *length, va_list *arguments)
{
    if (strcmp(length, "l") == 0) {
        return va_arg(*arguments, long);
    }
    if (strcmp(length, "ll") == 0) {
        return va_arg(*arguments, long long);
    }
    if (strcmp(length, "z") == 0 || strcmp(length, "t") == 0) {
        return va_arg(*arguments, ptrdiff_t);
    }
    return strcmp(length, "j") == 0 ? va_arg(*arguments, intmax_t) : va_arg(*arguments, int);
}

static uintmax_t next_unsigned(const char *length, va_list *arguments)
{
    if (strcmp(length, "l") == 0) {
        return va_arg(*arguments, unsigned long);
    }
    if (strcmp(length, "ll") == 0) {
        return va_arg(*arguments, unsigned long long);
    }
    if (strcmp(length, "z") == 0 || strcmp(length, "t") == 0) {
        return va_arg(*arguments, size_t);
    }
    return strcmp(length, "j") == 0 ? va_arg(*arguments, uintmax_t) : va_arg(*arguments, unsigned);
}

/// Takes apart the conversion whose percent sign is at \p format; returns what follows it.
static const char *read_conversion(const char *format, va_list *arguments, struct conversion *out)
{
    *out = (struct conversion){.start = "%"};
    size_t used = 1;
    for (format++; *format && strchr("-+ #0123456789.*", *format); format++) {
        if (*format == '*') {
            const int number = va_arg(*arguments, int);
            used += (size_t)snprintf(out->start + used, sizeof out->start - used, "%d", number > 0 ? number : 0);
        } else {
            out->start[used++] = *format;
        }
        if (used + 12 > sizeof out->start) {
            break;
        }
    }
    for (size_t i = 0; i + 1 < sizeof out->length && *format && strchr("hlzjt", *format); i++) {
        out->length[i] = *format++;
    }
    out->letter = *format;
    return *format ? format + 1 : format;
}

/// Prints one conversion into the \p size bytes at \p out; returns its length had there been room.
static int print_conversion(const struct conversion *conversion, va_list *arguments, char *out, size_t size)
{
    const char letter = conversion->letter;
    char format[sizeof conversion->start + 4];
    const char *widest = letter && strchr("diuoxX", letter) ? "j" : "";
    (void)snprintf(format, sizeof format, "%s%s%c", conversion->start, widest, letter);
    if (letter == 'd' || letter == 'i') {
        return snprintf(out, size, format, next_signed(conversion->length, arguments));
    }
    if (*widest) {
        return snprintf(out, size, format, next_unsigned(conversion->length, arguments));
    }
    if (letter && strchr("eEfFgG", letter)) {
        return snprintf(out, size, format, va_arg(*arguments, double));
    }
    if (letter == 's' || letter == 'p') {
        return snprintf(out, size, format, va_arg(*arguments, void *));
    }
    if (letter == 'c') {
        return snprintf(out, size, format, va_arg(*arguments, int));
    }
    return snprintf(out, size, "%%");
}

const char *log_field_next(const char *format, va_list *arguments, struct log_field *out)
{
    format += strspn(format, " ");
    if (!*format) {
        return NULL;
    }
    const size_t name_length = strcspn(format, "= ");
    (void)snprintf(out->name, sizeof out->name, "%.*s", (int)name_length, format);
    format += name_length;
    format += *format == '=';
    out->value[0] = '\0';
    out->is_text = false;
    size_t used = 0;
    while (*format && *format != ' ') {
        const size_t room = sizeof out->value - used;
        int length = 1;
        if (*format == '%') {
            struct conversion conversion;
            format = read_conversion(format, arguments, &conversion);
            length = print_conversion(&conversion, arguments, out->value + used, room);
            out->is_text = out->is_text || conversion.letter == 's' || conversion.letter == 'c';
        } else {
            length = snprintf(out->value + used, room, "%c", *format++);
        }
        if (length > 0) {
            used = (size_t)length < room ? used + (size_t)length : sizeof out->value - 1;
        }
    }
    return format;
}
