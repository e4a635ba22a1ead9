// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a message asks for, checked against its method, and who is to be answered.
#pragma once

#include "net/osc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_ARGS_MAX = 8, REQUEST_TAG_SIZE = 32 };

struct method;

/// Who asked, and how to know the answer again.
struct request_origin {
    struct osc_peer peer;       ///< empty for a script
    unsigned line;              ///< of the script; 0 for OSC
    char tag[REQUEST_TAG_SIZE]; ///< "#..." or ""
};

struct request {
    const struct method *method;
    struct request_origin from;
    uint64_t frame; ///< on which it takes effect; 0: at once
    int64_t stamp;  ///< clock_now_ns() when it came, 0 for what had a time of its own
    size_t count;
    struct osc_arg args[REQUEST_ARGS_MAX];
};

/// A copy that owns its texts; NULL when memory is out. Any thread.
struct request *request_copy(const struct request *request);
/// NULL is fine. Any thread.
void request_free(struct request *request);

/// Argument \p index as a text ("" where it is none) or a number (0; T is 1). Any thread.
const char *request_text(const struct request *request, size_t index);
double request_number(const struct request *request, size_t index);
bool request_is_text(const struct request *request, size_t index);
