// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A small neural network without memory: layers that are each the tanh of a weighted sum of the one before, and a
/// last one that is the sum itself (Bishop, Pattern Recognition and Machine Learning, 5.1).
///
/// What it has learned is a text: lines that begin with # and empty ones are passed over; "layer INPUTS OUTPUTS" is
/// followed by OUTPUTS lines of INPUTS weights and a bias, whole numbers in units of 1/4096.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { NETWORK_LAYERS_MAX = 8, NETWORK_WIDTH_MAX = 1024 };

struct network;

/// Reads \p length bytes of \p text, which bears \p name in a complaint. Refuses what is not such a text, or has a
/// layer that does not fit the one before (STATUS_CORRUPT). Not for audio callbacks.
MUST_USE enum status network_read(const char *name, const char *text, size_t length, struct network **network,
                                  struct complaint *complaint);

void network_free(struct network *network);

uint32_t network_inputs(const struct network *network) REALTIME;
uint32_t network_outputs(const struct network *network) REALTIME;

/// What the network makes of network_inputs() numbers: network_outputs() of them, valid until the next call. One thread
/// at a time.
const float *network_run(struct network *network, const float *inputs) REALTIME;
