// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const texts[STATUS_COUNT] = {
    [STATUS_OK] = "ok",
    [STATUS_NO_MEMORY] = "out of memory",
    [STATUS_INVALID] = "invalid argument",
    [STATUS_RANGE] = "out of range",
    [STATUS_UNKNOWN] = "unknown name",
    [STATUS_CORRUPT] = "corrupt data",
    [STATUS_UNSUPPORTED] = "not supported",
    [STATUS_IO] = "input or output failed",
    [STATUS_IN_USE] = "already in use",
    [STATUS_FULL] = "limit reached",
    [STATUS_AGAIN] = "not ready yet",
    [STATUS_CLOSED] = "closed by the other side",
};

const char *status_text(enum status status)
{
    if ((unsigned)status >= STATUS_COUNT) {
        return "unknown status";
    }
    return texts[status];
}

enum status complain(struct complaint *complaint, enum status status, const char *format, ...)
{
    if (complaint) {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(complaint->text, sizeof complaint->text, format, arguments);
        va_end(arguments);
    }
    return status;
}
