// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What generators, modulators and controllers come to for a voice. Part of synth/sampler. A context belongs to one
/// thread; beside it there is no state.
#pragma once

#include "core/realtime.h"
#include "synth/voice.h"

/// The generators of a voice, with everything that is added to them.
struct voice_values {
    const struct soundfont_region *region;
    const struct soundfont_sample *sample;
    const struct channel *channel;
    int key; ///< that counts for pitch and envelopes
    float generators[SOUNDFONT_GENERATORS];
};

/// Adds up the generators of the note on \p lane. What its modulators come to is kept in \c context->modulation, for
/// the next voice of the same note.
void voice_values_read(const struct voice_context *context, const struct voice_group *group, int lane,
                       struct voice_values *values) REALTIME;

/// Sets all lanes that do not move by themselves, and the lengths of the envelopes.
void voice_values_apply(const struct voice_context *context, const struct voice_values *values,
                        struct voice_group *group, int lane) REALTIME;

/// Sets where in its sample the note plays, with the region's offsets, and how it loops.
void voice_values_frames(const struct voice_values *values, struct voice_group *group, int lane) REALTIME;

/// Sets the level of the volume envelope below which the note cannot be heard.
void voice_values_floor(const struct voice_clock *clock, const struct voice_values *values,
                        struct voice_note *note) REALTIME;

/// Blocks that a time of \p timecents takes, held to \p low to \p high; none for -32768.
float voice_blocks(const struct voice_clock *clock, float timecents, float low, float high) REALTIME;
