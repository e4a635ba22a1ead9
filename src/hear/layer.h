// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One layer of what an ear has learned: outputs that are biases plus weighted sums of the inputs; and the reader of
/// the files of such layers (share/hear, written by the tools that learn).
///
/// A file is a text of layers, each "layer NAME OUTPUTS INPUTS" and then for each output its bias and a weight for each
/// input. Lines that begin with # are passed over.
#pragma once

#include "core/embed.h"
#include "core/realtime.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

struct layer {
    uint32_t inputs, outputs;
    float *weights; ///< [input][output]
    float *biases;  ///< [output]
};

/// A layer that a file has to hold, and where it goes.
struct layer_slot {
    const char *name;
    uint32_t outputs, inputs;
    struct layer *layer;
};

/// Reads \p file, which holds the layers of \p slots in that order and nothing else. STATUS_CORRUPT with the line that
/// is wrong for anything else, also where \p file is NULL; STATUS_NO_MEMORY. All layers are the caller's, who frees
/// them with layer_free(), after an error too. Not for audio callbacks.
MUST_USE enum status layer_read_all(const struct embed *file, const struct layer_slot *slots, size_t count,
                                    struct complaint *complaint);

/// Frees what \p layer holds and empties it. Not for audio callbacks.
void layer_free(struct layer *layer);

/// Writes \p layer's outputs for the inputs \p in to \p out.
void layer_apply(const struct layer *layer, const float *in, float *restrict out) REALTIME;

/// Adds \p layer's outputs for the inputs \p in to \p out.
void layer_add(const struct layer *layer, const float *in, float *restrict out) REALTIME;
