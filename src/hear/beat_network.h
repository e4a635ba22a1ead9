// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Hears beats and downbeats in the levels of the bands: a small network that looks back twenty seconds.
///
/// Causal dilated convolutions with residual sums, after Davies and Böck, "Temporal convolutional networks for musical
/// audio beat tracking" (EUSIPCO 2019), section 3, here without a look ahead. It was taught that a beat is to be seen
/// BEAT_NETWORK_LAG rows after it sounded, so that it has heard how the sound began (tools/learn_beat).
#pragma once

#include "core/realtime.h"

enum {
    BEAT_NETWORK_LAG = 4, ///< rows, counted from the end of the row
};

/// What is seen in a row: probabilities.
struct beat_network_view {
    float beat;
    float downbeat;
};

struct beat_network;

/// \p text holds the weights (share/hear/beat.txt), and is not kept. NULL when there is no memory or \p text is not of
/// that form. Not for audio callbacks.
struct beat_network *beat_network_new(const char *text);

void beat_network_free(struct beat_network *network);

/// Takes the next row of BEAT_BANDS_VALUES values.
struct beat_network_view beat_network_push(struct beat_network *network, const float *values) REALTIME;
