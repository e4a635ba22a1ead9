// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a fuzzer is to whoever drives it: libFuzzer, or replay.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Gives the \p size foreign bytes at \p data to the code in question; anything but a return is a finding. Returns 0.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
