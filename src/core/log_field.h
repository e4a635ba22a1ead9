// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The fields of a log line, taken from its format and arguments one at a time. Part of core/log.h.
#pragma once

#include <stdarg.h>
#include <stdbool.h>

enum { LOG_NAME_SIZE = 32, LOG_VALUE_SIZE = 512 };

struct log_field {
    char name[LOG_NAME_SIZE];
    char value[LOG_VALUE_SIZE]; ///< cut to fit
    bool is_text;               ///< a %s or %c went into it: whatever it looks like, it is no number
};

/// Reads the field at the start of \p format and its arguments; returns what follows, or NULL at the end. Knows the
/// conversions d i u o x X c s p e f g and %, the lengths l ll z j t, and * for a width or precision.
const char *log_field_next(const char *format, va_list *arguments, struct log_field *out);
