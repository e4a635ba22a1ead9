// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A take: sound on its way into a file, faster than real time, with a progress bar, a fade at the end and Ctrl-C as a
/// wish to come to that end soon. One thread.
#pragma once

#include "cmd/output.h"
#include "core/options.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

/// Where the sound comes from.
struct take_source {
    /// Renders the next \p frames frames. STATUS_NO_MEMORY.
    enum status (*render)(void *user, float *left, float *right, size_t frames);
    /// Whether what was rendered last was the end; NULL for what has none.
    bool (*over)(const void *user);
    void *user;
};

struct take_options {
    struct output_options file; ///< \c frames is not looked at
    double seconds;             ///< how long it becomes, at most where the source ends
    double fade;                ///< seconds in which that end fades out
    double told_seconds;        ///< how long it is told to become
};

/// Reads --output, --format, --bits and --bitrate into \p file; the rest of it stays. STATUS_INVALID or STATUS_UNKNOWN:
/// wrong use.
MUST_USE enum status take_read_options(const struct options *options, struct output_options *file,
                                       struct complaint *complaint);

/// Makes the whole file. STATUS_CLOSED where Ctrl-C stopped it: the file is complete up to there, and \p complaint says
/// where. After any other failure there is no file.
MUST_USE enum status take_make(const struct take_options *options, const struct take_source *source,
                               struct complaint *complaint);
