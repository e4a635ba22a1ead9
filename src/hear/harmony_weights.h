// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What harmony_net.h has learned (share/hear/harmony.txt), and its reader.
#pragma once

#include "core/status.h"
#include "hear/layer.h"

#include <stddef.h>
#include <stdint.h>

struct harmony_weights {
    struct layer input;  ///< of what sounds, to features
    struct layer gates;  ///< of features, to the three gates of each unit: reset, update, candidate
    struct layer memory; ///< of the units' state, to the same
    struct layer heads;  ///< of the units, to the scores
    struct layer none;   ///< of the units' mean over the roots, to the score of no chord
};

/// Reads a table of \p inputs inputs and \p heads scores. STATUS_CORRUPT, naming \p name, for anything that
/// tools/learn_hearing would not write. What is read is freed with harmony_weights_free(), also after an error. Not for
/// audio callbacks.
MUST_USE enum status harmony_weights_read(const char *name, const void *bytes, size_t size, uint32_t inputs,
                                          uint32_t heads, struct harmony_weights *weights, struct complaint *complaint);

void harmony_weights_free(struct harmony_weights *weights);
