// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One layer of what an ear has learned: outputs that are biases plus weighted sums of the inputs; and its reader
/// (share/hear/, written by tools/learn_hearing).
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAYER_WIDTH_MAX = 192 }; ///< most inputs or outputs

struct layer {
    uint32_t inputs, outputs;
    float *weights; ///< [input][output]
    float *biases;  ///< [output]
};

/// What of a text is yet to be read.
struct layer_text {
    const char *at, *end;
};

/// Reads the layer that comes next, which is to be called \p name. STATUS_CORRUPT or STATUS_NO_MEMORY otherwise. What
/// is read is freed with layer_free(), also after an error; \p layer is zeroed before. Not for audio callbacks.
MUST_USE enum status layer_read(struct layer_text *text, const char *name, struct layer *layer);

/// Whether nothing more comes.
bool layer_text_ends(struct layer_text *text);

void layer_free(struct layer *layer);

/// Writes \p layer's outputs for the inputs \p in to \p out.
void layer_apply(const struct layer *layer, const float *in, float *out) REALTIME;
