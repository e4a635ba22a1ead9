// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The sampler's inner loops, for the kind of machine that runs them.
///
/// Each is written once, in vectors (lanes.h), and compiled for several kinds; the best that this processor can run is
/// chosen when a synthesizer is made. On one kind the same calls give the same samples; between kinds the last bits
/// differ, as fused multiplications round less often.
#pragma once

#include "core/realtime.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

/// Frames that are computed at a time: what modulates is computed once in so many.
enum { KERNEL_BLOCK = 64 };

struct reverb;
struct chorus;
struct voice_clock;
struct voice_group;

/// Where the samples of a group's voices are in memory, by their lanes (VOICE_LANES of them).
struct voice_sources {
    const int16_t *frames[16];
    const uint8_t *low[16];        ///< the low bytes of 24-bit samples, else NULL
    alignas(64) int32_t plain[16]; ///< frames that can be read where they lie; 0 of 24 bits
};

/// Where voices are added up, KERNEL_BLOCK frames each.
struct voice_mix {
    alignas(64) float left[KERNEL_BLOCK]; // A store over the bounds of a cache line cannot be read back at once.
    float right[KERNEL_BLOCK];
    float reverb[KERNEL_BLOCK], chorus[KERNEL_BLOCK];
};

/// How many frames of the sample a curve is laid through.
enum kernel_curve { KERNEL_LINEAR, KERNEL_CUBIC, KERNEL_SINC, KERNEL_CURVES };

struct kernel {
    const char *name; ///< "avx512" (with VBMI and VNNI), "avx2" or "plain"

    /// Counts the envelopes of \p group a block down. Returns a bit for each voice whose section of the volume envelope
    /// is over, and in \p modulation of the other.
    uint32_t (*envelopes_end)(struct voice_group *group, uint32_t *modulation) REALTIME;

    /// Moves envelopes and LFOs on by a block, and aims pitch, gains and filters at the block's end. Who is heard least
    /// is not known any more.
    void (*control)(struct voice_group *group, const struct voice_clock *clock) REALTIME;

    /// Sets \c least of \p group, in which a voice must sound that was not stolen: to the one of these that is heard
    /// least. How loud a voice is heard is its volume with its envelope as it stands, at full while it rises, at
    /// nothing where it is made to fade, and 12 dB less where it was released; what is no number is heard least. Of
    /// equally loud ones the oldest, where \p order is the last note's.
    void (*find_least)(struct voice_group *group, const struct voice_clock *clock, uint32_t order) REALTIME;

    /// Adds the next block of each active voice of \p group. A voice that has come to the end of its sample is not
    /// active any more.
    void (*render[KERNEL_CURVES])(struct voice_group *group, const struct voice_sources *sources,
                                  struct voice_mix *mix) REALTIME;

    /// See synth/reverb.h and synth/chorus.h: the next KERNEL_BLOCK frames of \p in, added to \p left and \p right.
    void (*reverb)(struct reverb *reverb, const float *in, float *left, float *right) REALTIME;
    void (*chorus)(struct chorus *chorus, const float *in, float *left, float *right) REALTIME;
};

/// The best kernel for this processor. Any thread.
const struct kernel *kernel_choose(void);

/// The kernel of that name, or NULL where there is none or this processor cannot run it. Any thread; for tests.
const struct kernel *kernel_find(const char *name);
