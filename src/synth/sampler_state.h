// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// All that changes in a sampler, in one block without pointers. Part of synth/sampler.
///
/// The block begins with struct sampler_state; behind it lie the groups of voices, the reverb and the chorus, at the
/// offsets that the block itself names.
#pragma once

#include "synth/channel.h"
#include "synth/chorus.h"
#include "synth/instrument.h"
#include "synth/kept_block.h"
#include "synth/kernel/kernel.h"
#include "synth/reverb.h"
#include "synth/sampler_counts.h"
#include "synth/voice.h"

#include <stddef.h>
#include <stdint.h>

struct sampler_state {
    // What two blocks must have in common for one to be taken over by the other's synthesizer.
    uint32_t layout;      ///< version of these structures
    uint32_t size;        ///< bytes of the block
    uint64_t fingerprint; ///< of the SoundFont
    uint32_t polyphony;
    uint32_t group_count;
    uint32_t groups, reverb, chorus; ///< offsets in bytes; 0 where there is no such effect
    uint32_t curve;                  ///< enum kernel_curve
    struct voice_clock clock;

    // What changes.
    uint32_t order; ///< of the last note
    uint64_t blocks;
    struct sampler_counts counts;
    struct channel channels[INSTRUMENT_CHANNELS];
    alignas(64) struct kept_block kept;
};

static inline struct voice_group *sampler_groups(struct sampler_state *state)
{
    return (struct voice_group *)(void *)((char *)state + state->groups);
}

static inline const struct voice_group *sampler_groups_const(const struct sampler_state *state)
{
    return (const struct voice_group *)(const void *)((const char *)state + state->groups);
}

static inline struct reverb *sampler_reverb(struct sampler_state *state)
{
    return (struct reverb *)(void *)((char *)state + state->reverb);
}

static inline struct chorus *sampler_chorus(struct sampler_state *state)
{
    return (struct chorus *)(void *)((char *)state + state->chorus);
}

static inline const struct reverb *sampler_reverb_const(const struct sampler_state *state)
{
    return (const struct reverb *)(const void *)((const char *)state + state->reverb);
}

static inline const struct chorus *sampler_chorus_const(const struct sampler_state *state)
{
    return (const struct chorus *)(const void *)((const char *)state + state->chorus);
}

/// The nearest number of blocks to \p seconds, at least one.
static inline int sampler_blocks(const struct sampler_state *state, float seconds)
{
    const int blocks = (int)(seconds * state->clock.rate / (float)KERNEL_BLOCK + 0.5F);
    return blocks > 1 ? blocks : 1;
}
