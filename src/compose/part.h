// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The parts of the ensemble and the moment that they all play in. Internal to compose but for the names.
#pragma once

#include "compose/preset.h"
#include "core/random.h"
#include "core/status.h"
#include "music/chord.h"
#include "music/meter.h"
#include "music/score.h"

#include <stdbool.h>
#include <stdint.h>

/// A part's number is its MIDI channel.
enum part { PART_MELODY, PART_PAD, PART_BASS, PART_SPARKLE, PART_COUNT };

/// Composition goes by sixteenth notes.
enum { STEP_TICKS = TICKS_PER_BEAT / 4 };

/// "melody", "pad", "bass", "sparkle"; static. Any thread.
const char *part_name(enum part part);

/// How \p preset wants \p part to play. Any thread.
const struct preset_part *part_settings(const struct preset *preset, enum part part);

/// One step of the music as a part sees it, and where its events go.
struct moment {
    int64_t tick; ///< where the events of this moment begin
    const struct preset *preset;
    struct key key;
    double intensity;
    struct chord chord; ///< what sounds now
    int64_t chord_end;  ///< when it gives way
    struct chord next;  ///< to this one
    int64_t next_end;   ///< which lasts until here, unless something is changed
    bool chord_starts;  ///< it begins with this moment
    bool crossing;      ///< and it does so out of turn, because the key or the mode was changed
    bool phrase_starts;
    int64_t phrase_start; ///< a bar line
    struct score *out;
    int64_t latest;     ///< the last tick on which a note has been put
    enum status status; ///< the first failure to add an event
};

/// Adds \p event to the moment's score; a failure is kept in its status.
void moment_emit(struct moment *moment, struct event event);

/// Adds a note of \p part, \p delay ticks after the moment, its velocity kept within 20 to 100.
void moment_note(struct moment *moment, enum part part, int key, double velocity, int32_t delay, int64_t duration);

/// Whether \p part plays at this intensity.
bool moment_plays(const struct moment *moment, enum part part);

/// The velocity of \p part at this intensity.
double moment_velocity(const struct moment *moment, enum part part);

/// One of \p choices.
int choices_draw(const struct preset_choices *choices, struct random *random);
