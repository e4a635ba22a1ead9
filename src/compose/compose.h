// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The composer: endless ambient music for four parts, from a seed, step by step, steered while it runs.
///
/// The same seed, preset and timed changes give the same events. It is asked for music only just ahead of the moment
/// when it sounds, so that a change never waits for what was composed before. One thread owns a composer; it needs no
/// clock and does no I/O.
#pragma once

#include "compose/controls.h"
#include "compose/harmony.h"
#include "compose/melody.h"
#include "compose/part.h"
#include "compose/preset.h"
#include "core/status.h"
#include "music/score.h"

#include <stdbool.h>
#include <stdint.h>

struct composer;

/// A composer at tick 0. \p harmony and \p preset are shared and must outlive it; \p controls (checked by the caller)
/// are copied. NULL when memory is out.
struct composer *composer_new(const struct harmony *harmony, const struct preset *preset,
                              const struct controls *controls, uint64_t seed);

/// NULL is fine.
void composer_free(struct composer *composer);

/// Adds to \p out all events of the steps (sixteenth notes) that begin before tick \p until and have not been composed.
/// Events are nearly in order; score_sort() puts them in order. Whatever was changed before, they begin at tick 0 with
/// each part's program, volume, place and expression. STATUS_NO_MEMORY.
MUST_USE enum status composer_advance(struct composer *composer, int64_t until, struct score *out);

/// Takes new \p controls, and a new \p preset where that is not NULL, at tick \p now (which sounds next). What that
/// asks for at once is added to \p out. Intensity moves every part's expression within 200 ms, as the music is
/// advanced, and a change on the way goes on from there. A new key, mode or preset begins with its tonic chord: on the
/// next sixteenth where that is at most 120 ms away, else as a crossing chord right now, over the old one as it rings
/// out. The tempo is taken note of; playing by it is the sequencer's affair. STATUS_NO_MEMORY.
MUST_USE enum status composer_change(struct composer *composer, const struct preset *preset,
                                     const struct controls *controls, int64_t now, struct score *out);

/// Whether changing to \p preset (NULL for no change) and \p controls begins with a chord: a new key, mode or preset.
bool composer_crosses(const struct composer *composer, const struct preset *preset, const struct controls *controls);

/// What it follows now.
const struct controls *composer_controls(const struct composer *composer);
const struct preset *composer_preset(const struct composer *composer);

/// What the melody has played since the start.
const struct melody_counts *composer_melody_counts(const struct composer *composer);
