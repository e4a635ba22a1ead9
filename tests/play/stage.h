// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A conductor with two slots that the test plays itself, in one process; the test says which
/// threads.
#pragma once

#include "play/conductor.h"

struct stage {
    struct shared_format format;
    struct shared_score *score;
    struct shared_area *area[SHARED_SLOTS];
    struct conductor *conductor;
    float *in[16], *out[16]; ///< room for DEVICE_BLOCK_MAX frames
};

/// At 48 kHz, with blocks of \p block frames.
struct stage *stage_new(uint32_t block, uint32_t ins, uint32_t outs);
void stage_free(struct stage *stage);

/// What frame \p frame of output \p channel is in a block that is right: 0.5 and more, and 1e-4 from the next.
float stage_sample(uint64_t frame, uint32_t channel);
/// Slot \p slot delivers block \p number.
void stage_deliver(struct stage *stage, uint32_t slot, uint64_t number);
/// Both slots deliver all that may be rendered.
void stage_catch_up(struct stage *stage);
/// One callback of \p frames frames.
void stage_play(struct stage *stage, uint32_t frames);
/// \p blocks callbacks of one block, each with all delivered before, so that fades are over.
void stage_warm_up(struct stage *stage, uint32_t blocks);
