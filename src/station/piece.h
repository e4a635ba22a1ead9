// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Endless music as samples: a composer, a sequencer, an instrument and the limiter behind it, in one thread's hands.
///
/// The same options and the same changes on the same frames give the same samples. It knows no clock: a station paces
/// it by one, a file is rendered as fast as it goes.
#pragma once

#include "compose/compose.h"
#include "core/status.h"
#include "synth/instrument.h"
#include "synth/sequencer.h"

#include <stddef.h>
#include <stdint.h>

/// How much to render, and throw away, behind piece_skip() for the sound to be what it would have been.
enum { PIECE_SETTLE_S = 20 };

struct piece;

struct piece_options {
    const struct harmony *harmony; ///< shared; outlives the piece
    const struct preset *preset;   ///< shared; outlives the piece
    struct controls controls;      ///< checked by the caller
    uint64_t seed;
    double rate;                   ///< frames a second
    struct instrument *instrument; ///< goes over to the piece, on failure too
    struct sequencer_watch watch;  ///< told of notes and chords as they are rendered; zeroed for no interest
};

/// NULL when memory is out.
struct piece *piece_new(const struct piece_options *options);

/// NULL is fine. Frees the instrument too.
void piece_free(struct piece *piece);

/// New controls, and a new preset where that is not NULL, from the next frame on (see composer_change()).
MUST_USE enum status piece_change(struct piece *piece, const struct preset *preset, const struct controls *controls);

/// Composes, plays and renders the next \p frames frames, each sample from -1 to 1.
MUST_USE enum status piece_render(struct piece *piece, float *left, float *right, size_t frames);

/// Goes on to \p frame without sound, some 100,000 times faster than it plays; nothing where that has passed. Notes,
/// and what the watch is told of them, are those that piece_render() would have played. The first piece_render() behind
/// it finds the notes that sound by then as they would be (sequencer_skip()), but neither the reverb nor what has ended
/// and rings out. With the sampler and PIECE_SETTLE_S behind it, the sound is that of a piece which has played all the
/// way, but for differences of less than -90 dBFS. FluidSynth's reverb swings by a clock of its own: the same hall, and
/// not the same samples.
MUST_USE enum status piece_skip(struct piece *piece, uint64_t frame);

/// Frames by which sound is later than the watch says (the limiter looks ahead).
size_t piece_delay(const struct piece *piece);

/// Frames rendered so far.
uint64_t piece_frame(const struct piece *piece);

const struct composer *piece_composer(const struct piece *piece);
const struct instrument *piece_instrument(const struct piece *piece);
