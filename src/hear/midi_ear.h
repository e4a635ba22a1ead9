// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a performer plays on a MIDI instrument: onsets, the notes that sound, and dynamics.
///
/// Times are seconds on any clock that does not run backwards; a time before the latest one counts as the latest.
/// Channel 10 is drums: it has onsets, and no harmony. Nothing is asked of the sender: what makes no sense is counted
/// and passed over.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MIDI_EAR_NOTES = 128, ///< that are heard at once
    MIDI_EAR_ONSETS = 64, ///< that wait to be taken
    MIDI_EAR_BANDS = 3,   ///< below E3, up to B4, above; bass drums, snares and toms, cymbals
};

struct midi_ear;

struct midi_onset {
    double time;
    double strength; ///< 0 to 1, from the velocity of the note that told it
    uint32_t band;   ///< its, of MIDI_EAR_BANDS
    bool drum;       ///< it came on the drums' channel
};

struct midi_sounding {
    uint8_t key;
    bool drum;
    double velocity;   ///< 0 to 1
    double begin, end; ///< end: INFINITY while its key or the pedal holds it; of a drum: begin
};

struct midi_dynamics {
    double level; ///< dB, the mean of the last 4 s: 40 log10(velocity / 127); -84.2, the least, when nothing was played
    double slope; ///< dB a second that it grows by
    double slope_confidence; ///< 0 to 1 (trend.h)
    double density;          ///< onsets a second over the last 4 s
};

struct midi_ear_counts {
    uint64_t notes;       ///< begun
    uint64_t strays;      ///< ends of notes that had not begun
    uint64_t crowded_out; ///< notes that gave way because too many sounded
    uint64_t lost_onsets; ///< onsets that nobody took in time
    uint64_t nonsense;    ///< messages with data beyond 127, at no time, or that are none
};

/// NULL without memory. Not for audio callbacks.
struct midi_ear *midi_ear_new(void);

void midi_ear_free(struct midi_ear *ear);

/// Takes a channel message. Of use are note on and off, the sustain pedal, all notes off, all sound off and reset all
/// controllers; others are passed over.
void midi_ear_push(struct midi_ear *ear, double time, uint8_t status, uint8_t first, uint8_t second) REALTIME;

/// The oldest onset that waits. It is there as soon as its first note is; notes within 30 ms of that belong to it.
/// False when there is none.
MUST_USE bool midi_ear_onset(struct midi_ear *ear, struct midi_onset *onset) REALTIME;

/// Time has come to \p time: what ended long before is forgotten.
void midi_ear_pass(struct midi_ear *ear, double time) REALTIME;

/// The notes that sound or ended in the last 0.6 s, and the drums that were struck in the last 4 s, in no order: how
/// many, and each. Those that ended longer ago are there until midi_ear_pass() or until there is no room.
uint32_t midi_ear_sounding_count(const struct midi_ear *ear) REALTIME;
struct midi_sounding midi_ear_sounding(const struct midi_ear *ear, uint32_t number) REALTIME;

/// Of the 4 s before \p time.
void midi_ear_dynamics(const struct midi_ear *ear, double time, struct midi_dynamics *dynamics) REALTIME;

const struct midi_ear_counts *midi_ear_counts(const struct midi_ear *ear) REALTIME;
