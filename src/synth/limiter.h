// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A look-ahead peak limiter on the mix: nothing leaves above its ceiling, and what stays below is untouched but late.
///
/// The gain falls before the peak that needs it arrives and recovers slowly (Giannoulis, Massberg and Reiss, "Digital
/// dynamic range compressor design", JAES 60(6), 2012; the sliding minimum is Lemire's, 2006). One thread owns it.
#pragma once

#include "core/realtime.h"

#include <stddef.h>

struct limiter;

/// \p ceiling linear, above 0; \p lookahead_ms 1 to 20, which is the delay; \p release_ms, 1 to 60000, in which the
/// gain recovers by 63%. What is outside its range is moved to the nearest in it. NULL when memory is out.
struct limiter *limiter_new(double rate, double ceiling, double lookahead_ms, double release_ms);

/// Frames by which the output is late.
size_t limiter_delay(const struct limiter *limiter) REALTIME;

/// Limits \p frames frames in place. NaN and infinity become 0. While no frame of the last two delays was above
/// the ceiling and the gain has recovered (after at most 12 times the release), the output is the input, late, bit for
/// bit.
void limiter_process(struct limiter *limiter, float *left, float *right, size_t frames) REALTIME;

/// NULL is fine.
void limiter_free(struct limiter *limiter);
