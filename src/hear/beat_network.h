// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Hears beats and downbeats in the levels of the bands: a small network that looks back twenty seconds.
///
/// Causal dilated convolutions with residual sums, after Davies and Böck, "Temporal convolutional networks for musical
/// audio beat tracking" (EUSIPCO 2019), section 3, here without a look ahead. It was taught that a beat is to be seen
/// BEAT_NETWORK_LAG rows after it sounded, so that it has heard how the sound began (tools/learn_beat).
#pragma once

#include "core/embed.h"
#include "core/realtime.h"
#include "core/status.h"

enum {
    BEAT_NETWORK_LAG = 4, ///< rows, counted from the end of the row
};

/// What is seen in a row: probabilities.
struct beat_network_view {
    float beat;
    float downbeat;
};

struct beat_network;

/// With the weights of \p file (share/hear/beat.txt), which is not kept. STATUS_CORRUPT where it holds others,
/// STATUS_NO_MEMORY. Not for audio callbacks.
MUST_USE enum status beat_network_new(const struct embed *file, struct beat_network **network,
                                      struct complaint *complaint);

void beat_network_free(struct beat_network *network);

/// Takes the next row of BEAT_BANDS_VALUES values.
struct beat_network_view beat_network_push(struct beat_network *network, const float *values) REALTIME;
