// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Chord progressions: an order-2 Markov chain over chords relative to the tonic, one for each mode, learned from
/// annotated music (share/harmony, tools/learn_harmony). Pure but for memory; any thread, one at a time.
///
/// The next chord is drawn from the counts of what followed the last two; where those are few, from what followed the
/// last one, then from all, mixed by Witten and Bell's estimate (IEEE Trans. Inf. Theory 37(4), 1991, method C).
#pragma once

#include "core/random.h"
#include "core/status.h"
#include "music/chord.h"
#include "music/scale.h"

#include <stdbool.h>
#include <stddef.h>

/// The learned tables of all modes; immutable once loaded, so many composers share it.
struct harmony;

/// Loads the tables that are built into the program. STATUS_NO_MEMORY; STATUS_CORRUPT, naming file and line, when a
/// table is not what tools/learn_harmony writes.
MUST_USE enum status harmony_load(struct harmony **out, struct complaint *complaint);

/// NULL is fine.
void harmony_free(struct harmony *harmony);

/// The chord vocabulary of \p mode: how many, and the \p index th, relative to a tonic of 0.
size_t harmony_chord_count(const struct harmony *harmony, enum mode mode);
struct chord harmony_chord(const struct harmony *harmony, enum mode mode, size_t index);

/// The probability that \p next follows \p before, \p last in \p mode (all relative to a tonic of 0), as drawn by
/// harmony_next(); NULL for "the phrase starts here". 0 for a chord outside the vocabulary.
double harmony_probability(const struct harmony *harmony, enum mode mode, const struct chord *before,
                           const struct chord *last, struct chord next);

/// Fills \p chords with a progression of \p count (0 to 64) chords in \p key. It begins after \p before and \p last
/// (absolute; either may be NULL, as at the very start) and, where \p home, is drawn so that its last chord leads back
/// to the tonic chord of the mode (a phrase that will be followed by its beginning).
void harmony_progress(const struct harmony *harmony, struct key key, const struct chord *before,
                      const struct chord *last, bool home, struct random *random, struct chord *chords, size_t count);

/// The chord on the tonic that the mode's music rests on, in \p key: its most frequent chord on the tonic.
struct chord harmony_tonic(const struct harmony *harmony, struct key key);
