// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Loudness after EBU R 128. A file of its own because libebur128 has an enum mode, as Tutti has.
#pragma once

#include <stddef.h>

/// In LUFS, of the last 400 ms of the \p frames frames (at least that long) at \p rate.
double loudness_momentary(const float *left, const float *right, size_t frames, unsigned rate);
