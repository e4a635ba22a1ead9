// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Presets: the characters of ambient music that a station can take, as YAML data (share/presets).
///
/// A preset says how phrases are built and how each part plays; where a field has a pair of values, the first is for
/// intensity 0 (or the least), the second for intensity 1 (or the most).
#pragma once

#include "compose/controls.h"
#include "core/status.h"
#include "music/meter.h"

#include <stdbool.h>
#include <stddef.h>

enum { PRESET_CHOICES = 8 };

/// A few numbers, each equally likely to be taken.
struct preset_choices {
    int values[PRESET_CHOICES];
    unsigned count;
};

/// The value at intensity 0 and the value at intensity 1.
struct preset_pair {
    double at[2];
};

/// What every part has.
struct preset_part {
    int program;                 ///< General MIDI program, 0 to 127
    int volume;                  ///< MIDI controller 7, 0 to 127
    int pan;                     ///< MIDI controller 10, 0 left to 127 right
    int low, high;               ///< the register, MIDI keys
    double enters;               ///< the intensity from which the part plays, 0 to 1
    struct preset_pair velocity; ///< 20 to 100
};

/// How phrases are built.
struct preset_harmony {
    struct preset_choices chord_bars;  ///< how many bars a chord lasts, 1 to 8
    struct preset_choices phrase_bars; ///< 8 to 16
    struct preset_choices chord_notes; ///< how far a chord grows: 3 a triad, 4 a seventh, 5 a ninth
    double recall;                     ///< the chance that a phrase takes up an earlier progression
};

struct preset {
    char *name;
    char *title;
    char *description;
    struct controls defaults;
    struct meter meter;
    double gain_db; ///< of the whole, so that presets are equally loud

    struct preset_harmony harmony;

    struct preset_part pad;
    struct preset_choices pad_voices; ///< 3 to 5, from calm to full

    struct preset_part melody;
    double slot_beats;                   ///< beats between two places where a note may fall: 0.5, 1 or 2
    struct preset_pair divide;           ///< the chance that such a slot is divided in two
    struct preset_choices gesture_slots; ///< slots of a gesture, 4 to 16
    struct preset_pair breath_beats;     ///< rest after a gesture

    struct preset_part bass;
    struct preset_part sparkle;
    struct preset_pair sparkle_density; ///< the chance that an eighth note sounds
};

/// The presets that are built into the program; immutable once loaded.
struct presets;

/// STATUS_NO_MEMORY, or STATUS_CORRUPT naming the file, the field and what it should be.
MUST_USE enum status presets_load(struct presets **out, struct complaint *complaint);

/// NULL is fine.
void presets_free(struct presets *presets);

size_t presets_count(const struct presets *presets);

/// The \p index th, in alphabetical order.
const struct preset *presets_at(const struct presets *presets, size_t index);

/// The preset called \p name, or NULL with a complaint that lists the names there are.
const struct preset *presets_find(const struct presets *presets, const char *name, struct complaint *complaint);

/// The value of \p pair at \p intensity, in a straight line.
double preset_pair_at(struct preset_pair pair, double intensity);

/// Reads one preset from YAML \p bytes; \p name is for messages. Give it back with preset_free().
MUST_USE enum status preset_parse(const char *name, const void *bytes, size_t size, struct preset **out,
                                  struct complaint *complaint);

/// NULL is fine.
void preset_free(struct preset *preset);
