// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The voices of the sampler, sixteen to a group, as the kernels compute them.
///
/// Part of synth/sampler. Plain state without pointers: a voice names its region and its sample by their numbers in the
/// SoundFont. Everything that a kernel computes or that voices are looked for by lies in arrays of one lane a voice;
/// what only notes and messages touch is in struct voice_note.
#pragma once

#include "core/realtime.h"
#include "synth/channel.h"
#include "synth/soundfont.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VOICE_LANES = 16,
    VOICE_FRACTION_BITS = 23,
    VOICE_STILL = 32, ///< floats that a kernel keeps of a filter that stands still
};

/// The convex curve of section 8.2.4 is 1 + this times log2(x), 0 where that is negative: 40/96 log10(2).
#define VOICE_CONVEX 0.125429165F

/// The one of sampleModes that ends.
enum { VOICE_LOOP_UNTIL_RELEASE = 3 };

/// No section of an envelope is longer in blocks: it stands for "until something happens".
enum { VOICE_FOREVER = 0x7fffffff };

enum voice_section {
    SECTION_DELAY,
    SECTION_ATTACK,
    SECTION_HOLD,
    SECTION_DECAY,
    SECTION_SUSTAIN,
    SECTION_RELEASE,
    SECTION_FADE,
    SECTION_END
};

enum voice_flag {
    VOICE_KEY_DOWN = 1,  ///< the key has not been released
    VOICE_SOSTENUTO = 2, ///< the sostenuto pedal caught it
    VOICE_SOFT = 4,      ///< began with the soft pedal down
    VOICE_KEY_UP = 8,    ///< the key came up sooner than the shortest note ends
};

/// An envelope of one voice: how long its sections are, in blocks of KERNEL_BLOCK frames.
struct voice_envelope {
    int32_t delay, attack, hold;
    int32_t decay, release; ///< for the whole range
    float sustain;          ///< 0 to 1
};

/// What notes and messages need of a voice.
struct voice_note {
    uint32_t region;
    uint32_t born; ///< the block in which it began, counted modulo 2^32
    uint16_t sample;
    uint8_t velocity;
    uint8_t flags;          ///< enum voice_flag; means nothing where the lane is free
    uint8_t volume_section; ///< enum voice_section
    uint8_t modulation_section;
    uint8_t mode; ///< sampleModes: 0 no loop, 1 loop, VOICE_LOOP_UNTIL_RELEASE
    uint8_t exclusive_class;
    float floor; ///< of the volume envelope: what is below cannot be heard
    struct voice_envelope volume, modulation;
};

/// What was played, by which voices are looked for.
struct voice_strike {
    uint32_t order; ///< notes are numbered as they come; the voices of one share a number
    uint8_t channel, key;
};

/// The voice of a group that is heard least, as far as it is known. Known from a search on, while nothing changes that
/// may change the answer: a start, a release, a fade, a voice that was stolen. Blocks end it for every group that plays
/// (struct kernel, `control`), so what else changes voices does so before that: voice_update(), voice_advance().
struct voice_least {
    float loud;     ///< octaves of amplitude
    uint32_t order; ///< of its note
    uint16_t lane;
    uint16_t known; ///< not 0: the rest means something
};

/// Sixteen voices. Levels of envelopes are 0 to 1, exponents are in octaves (log2), times in blocks.
struct voice_group {
    // Where it plays.
    alignas(64) int32_t position[VOICE_LANES];
    uint32_t fraction[VOICE_LANES];               ///< of a frame, in 2^-VOICE_FRACTION_BITS
    uint32_t increment[VOICE_LANES];              ///< frames of the sample a frame of sound, in the same unit
    int32_t start[VOICE_LANES], end[VOICE_LANES]; ///< frames of the sample
    int32_t loop_start[VOICE_LANES], loop_end[VOICE_LANES];
    int32_t loops[VOICE_LANES];  ///< all bits while it goes around its loop
    int32_t looped[VOICE_LANES]; ///< all bits once it has: what lies before the loop's start is then its end

    // How loud, before the block and at its end: straight lines between.
    float left[VOICE_LANES], left_next[VOICE_LANES];
    float right[VOICE_LANES], right_next[VOICE_LANES];
    float reverb[VOICE_LANES], reverb_next[VOICE_LANES];
    float chorus[VOICE_LANES], chorus_next[VOICE_LANES];

    // The filter: b0 (1 + 2/z + 1/zz) / (1 + a1/z + a2/zz), before the block and at its end, and its memory.
    float b0[VOICE_LANES], b0_next[VOICE_LANES];
    float a1[VOICE_LANES], a1_next[VOICE_LANES];
    float a2[VOICE_LANES], a2_next[VOICE_LANES];
    float in1[VOICE_LANES], in2[VOICE_LANES], out1[VOICE_LANES], out2[VOICE_LANES];
    int32_t filtered[VOICE_LANES];         ///< whether it runs through its filter
    float still[VOICE_LANES][VOICE_STILL]; ///< a kernel's own, of each voice whose bit in `settled` is set

    // What does not move by itself: it changes with messages.
    float pitch[VOICE_LANES];  ///< log2 of the increment in frames
    float volume[VOICE_LANES]; ///< log2 of the amplitude
    float pan_left[VOICE_LANES], pan_right[VOICE_LANES];
    float reverb_send[VOICE_LANES], chorus_send[VOICE_LANES];
    float cutoff[VOICE_LANES]; ///< log2 of the cutoff in Hz, on its way to
    float cutoff_goal[VOICE_LANES];
    float cutoff_held[VOICE_LANES]; ///< that the coefficients were made for
    float damping[VOICE_LANES];     ///< 1 / (2 Q)
    float resonance[VOICE_LANES];   ///< gain of the filter
    float mod_lfo_to_pitch[VOICE_LANES], vib_lfo_to_pitch[VOICE_LANES], mod_env_to_pitch[VOICE_LANES];
    float mod_lfo_to_cutoff[VOICE_LANES], mod_env_to_cutoff[VOICE_LANES];
    float mod_lfo_to_volume[VOICE_LANES];

    // What moves.
    float volume_level[VOICE_LANES], volume_step[VOICE_LANES];
    int32_t volume_left[VOICE_LANES];   ///< blocks that the section goes on
    int32_t volume_linear[VOICE_LANES]; ///< all bits while the level is an amplitude (attack), none while decibels
    float modulation_level[VOICE_LANES], modulation_step[VOICE_LANES];
    int32_t modulation_left[VOICE_LANES];
    int32_t modulation_convex[VOICE_LANES];                      ///< all bits in the attack
    float mod_lfo_phase[VOICE_LANES], mod_lfo_step[VOICE_LANES]; ///< 0 to 1, begins at 0.75
    float vib_lfo_phase[VOICE_LANES], vib_lfo_step[VOICE_LANES];
    int32_t mod_lfo_wait[VOICE_LANES], vib_lfo_wait[VOICE_LANES]; ///< blocks until it moves

    uint32_t order[VOICE_LANES]; ///< \sa struct voice_strike
    struct voice_note notes[VOICE_LANES];

    // What voices are looked for by, in one cache line: what was played, a bit for each lane (all but the first mean
    // nothing where the lane is free), and who makes way first.
    alignas(64) uint8_t channel[VOICE_LANES];
    uint8_t key[VOICE_LANES];
    uint32_t active;          ///< sounds
    uint32_t stolen;          ///< fades out for another, and counts no more
    uint32_t released;        ///< in its release, or beyond
    uint32_t waiting;         ///< has VOICE_KEY_UP
    struct voice_least least; ///< of those that sound and were not stolen

    // More bits.
    uint32_t delayed;   ///< in the delay of its volume envelope
    uint32_t settled;   ///< its filter stands still, and `still` is that one's
    uint32_t filter_on; ///< its filter was switched on since the last block
};

_Static_assert(offsetof(struct voice_group, channel) % 64 == 0 &&
                   offsetof(struct voice_group, delayed) - offsetof(struct voice_group, channel) <= 64,
               "what voices are looked for by lies in one cache line");

/// What all voices of a synthesizer share.
struct voice_clock {
    float rate;           ///< frames a second of the output
    float cutoff_max;     ///< the highest cutoff of a filter, in Hz
    float envelope_range; ///< octaves of amplitude from the top of an envelope to its bottom
    float gain;   ///< log2 of the amplitude that everything is multiplied by, 2^-15 for the range of 16 bits included
    bool literal; ///< see struct instrument_options
    bool has_reverb, has_chorus; ///< where there is none, nothing is sent
    bool uniform_sends;          ///< every voice sends all to the reverb
};

/// What modulators add to the generators of a note: its regions mostly have the same ones. Holds for one list of
/// modulators and one input, and while no message changes a channel.
struct voice_modulation {
    int count;     ///< of the list; -1 for none yet
    uint32_t list; ///< number of the first modulator in the SoundFont
    int key, velocity;
    int played_key; ///< where a generator says another key
    const struct channel *channel;
    float sums[SOUNDFONT_GENERATORS];
};

/// What a note needs to know of where it is played, while no message comes between. Of one thread.
struct voice_context {
    const struct soundfont *soundfont;
    const struct channel *channels;
    const struct voice_clock *clock;
    struct voice_modulation *modulation; ///< of the last voice
};

/// Starts a voice on the free lane \p lane.
void voice_start(const struct voice_context *context, struct voice_group *group, int lane,
                 const struct voice_strike *strike, const struct voice_note *note) REALTIME;

/// Computes anew what messages change: generators, modulators and channel.
void voice_update(const struct voice_context *context, struct voice_group *group, int lane) REALTIME;

/// Begins the release.
void voice_release(const struct voice_clock *clock, struct voice_group *group, int lane) REALTIME;

/// Fades it out within \p blocks blocks: 1 for a voice that is stolen.
void voice_fade(const struct voice_clock *clock, struct voice_group *group, int lane, int blocks) REALTIME;

/// Moves the lanes of \p volume and \p modulation, bit masks, on to the next sections of their envelopes.
void voice_advance(struct voice_group *group, uint32_t volume, uint32_t modulation) REALTIME;
