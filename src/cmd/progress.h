// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A progress bar on standard error, where that is a terminal. One thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Embed it; plain data.
struct progress {
    bool shown;
    int64_t started_ns;
    int64_t drawn_ns;
    double seconds; ///< of music, in all
};

/// Starts one for \p seconds of music.
void progress_init(struct progress *progress, double seconds);

/// \p done seconds of music are rendered; draws at most ten times a second.
void progress_show(struct progress *progress, double done);

/// Clears the bar.
void progress_done(struct progress *progress);
