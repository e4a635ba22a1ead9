// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the learned chord progressions of one mode count, and their reader (share/harmony/MODE.txt). Pure; any thread.
#pragma once

#include "core/embed.h"
#include "core/status.h"
#include "music/chord.h"
#include "music/scale.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HARMONY_CHORDS = 32,            ///< most chords of a mode
    HARMONY_START = HARMONY_CHORDS, ///< the context "a phrase begins here", "^" in a table
    HARMONY_ANY,                    ///< the context that is not told, "*" in a table
    HARMONY_CONTEXTS
};

/// The tables that the build put into the program, by their file names.
extern const struct embed harmony_files[];

struct harmony_table {
    enum mode mode;
    size_t count;                        ///< chords in the vocabulary, at least 3
    struct chord chords[HARMONY_CHORDS]; ///< over a tonic of 0, all different, in the mode
    /// How often a chord followed two contexts, by index: [before][last][next].
    uint32_t counts[HARMONY_CONTEXTS][HARMONY_CONTEXTS][HARMONY_CHORDS];
};

/// Reads a table, which is 150 KB: not for the stack. STATUS_CORRUPT, naming \p name and the line, for anything that
/// tools/learn_harmony would not write, such as a chord that is not in the mode, that repeats itself or never comes.
MUST_USE enum status harmony_table_read(const char *name, const void *bytes, size_t size, struct harmony_table *table,
                                        struct complaint *complaint);
