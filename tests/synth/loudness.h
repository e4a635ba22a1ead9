// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How loud stereo sound is, for tests.
#pragma once

#include <stddef.h>

/// The loudest 400 ms in LUFS (momentary loudness of EBU R 128); -HUGE_VAL for silence, NAN when it cannot be measured.
double loudness_most(const float *left, const float *right, size_t frames, unsigned long rate);
