// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A token bucket: how often somebody may do something, in the long run and at once.
///
/// It holds so many tokens at most and fills at a steady rate; who does the thing takes one. Plain state of one owner,
/// who says what time it is (clock_now_ns()).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bucket {
    float most;       ///< tokens that it holds: what may be done at once
    float per_second; ///< tokens that come
    float level;
    int64_t then_ns; ///< when the level was that
};

/// A full one.
struct bucket bucket_of(float most, float per_second, int64_t now_ns);

/// Takes a token. False where there is none. A clock that goes back brings none and takes none.
bool bucket_take(struct bucket *bucket, int64_t now_ns);
