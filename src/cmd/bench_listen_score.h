// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How well moments that were heard agree with those that people marked, by mir_eval's definitions (Raffel et al.,
/// "mir_eval: a transparent implementation of common MIR metrics", ISMIR 2014). Pure.
#pragma once

#include "core/status.h"

#include <stddef.h>

/// Moments in seconds. Zeroed is none.
struct moments {
    double *at;
    size_t count, room;
};

/// STATUS_NO_MEMORY, with nothing added.
MUST_USE enum status moments_add(struct moments *moments, double at);
void moments_sort(struct moments *moments);
void moments_done(struct moments *moments);

/// Takes away those before \p from, and those that follow another by less than \p apart; \p moments is sorted.
void moments_thin(struct moments *moments, double from, double apart);

/// Adds the first number of each line of the text file at \p path. STATUS_IO with the system's reason.
MUST_USE enum status moments_read(const char *path, struct moments *moments, struct complaint *complaint);

/// Adds the first number of each line of \p text.
MUST_USE enum status moments_parse(const char *text, struct moments *moments);

/// The F measure, 0 to 1, of the sorted \p heard against the sorted \p marked: a pair lies within \p window seconds,
/// and each moment is in one pair at most. 0 where either is empty.
double moments_f_measure(const struct moments *marked, const struct moments *heard, double window);
