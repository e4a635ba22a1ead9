// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the tests of the composer share: everything that is built in, music to listen to, and a way through it.
#pragma once

#include "compose/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct band {
    struct harmony *harmony;
    struct presets *presets;
};

/// For cmocka_run_group_tests(): \p state becomes a struct band.
int band_setup(void **state);
int band_teardown(void **state);

/// The preset's own controls at another intensity.
struct controls controls_at(const struct preset *preset, double intensity);

/// Ticks that \p minutes last at the tempo of \p controls.
int64_t minutes_ticks(const struct controls *controls, double minutes);

/// Adds \p minutes of music to \p score (empty before), sorted, and \p counts where that is not NULL.
void band_play(const struct band *band, const struct preset *preset, const struct controls *controls, uint64_t seed,
               double minutes, struct score *score, struct melody_counts *counts);

/// A way through a sorted score, note by note, with the harmony of each moment.
struct walk {
    const struct score *score;
    size_t next;
    struct chord chord;
    struct key key;
    int64_t chord_tick; ///< when the chord began; -1 before the first
};

struct walk walk_start(const struct score *score);

/// The next note, or NULL at the end. The walk then stands at its moment.
const struct event *walk_note(struct walk *walk);

/// The next note of \p part, or NULL.
const struct event *walk_part(struct walk *walk, enum part part);

bool event_equal(const struct event *a, const struct event *b);
bool score_equal(const struct score *a, const struct score *b);
