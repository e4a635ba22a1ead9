// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Plays the same notes on two instruments and tells where they sound different.
#pragma once

#include "synth/instrument.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum note_feature {
    NOTE_PITCH,    ///< cents, of the tested against the reference
    NOTE_LEVEL,    ///< dB; the greatest of both sides together and each that is within 30 dB of the whole
    NOTE_ONSET,    ///< ms
    NOTE_ATTACK,   ///< ms
    NOTE_RELEASE,  ///< ms, of the fall by 20 dB and that by 60 or as far as both fall, whichever is further off
    NOTE_CENTROID, ///< %
    NOTE_FEATURES
};

/// Why a note may be an exception; see note_reason.h.
enum note_reason { NOTE_UNEXPLAINED, NOTE_TREMOLO, NOTE_CENTS, NOTE_PLACE, NOTE_REASONS };

enum { NOTE_VELOCITIES = 8, NOTE_DRUM_CHANNEL = 9 };

/// Which notes: every one of the ranges and velocities. At NOTE_RATE, each alone, after silence.
struct note_grid {
    int program_first, program_last;
    int key_first, key_last, key_step;
    int velocities[NOTE_VELOCITIES];
    int velocity_count;
    bool drums;    ///< programs are kits on the drum channel
    int bank;      ///< of melodic programs, as controller 0 chooses it
    double hold_s; ///< 0.1 to 2
    double tail_s; ///< rendered after the note-off at most, to 4
};

/// One note on both instruments. Where only one of them sounds, the level tells.
struct note_result {
    bool drum;
    int program, key, velocity;
    double reference[NOTE_FEATURES]; ///< as measured: Hz, dB, ms; 0 for the pitch
    double tested[NOTE_FEATURES];
    double error[NOTE_FEATURES];  ///< in the unit of the feature; NAN where there is nothing to compare
    double excess[NOTE_FEATURES]; ///< the error's magnitude by what is allowed: above 1 it is an exception
    double coherence;             ///< of the pitch (note_pitch.h); below 0.5 the pitch is an exception
    enum note_reason reason;      ///< set by note_results_explain()
};

struct note_results {
    struct note_result *notes;
    size_t count, room;
    size_t silent; ///< notes that neither instrument has: they are not in the list
};

/// Adds the notes of \p grid to \p results, which begins zeroed. Both instruments render at NOTE_RATE. Messages that
/// they got before, such as a bend, count, on channels 0 and NOTE_DRUM_CHANNEL. Aborts when memory is out.
void note_compare(struct instrument *reference, struct instrument *tested, const struct note_grid *grid,
                  struct note_results *results);

void note_results_done(struct note_results *results);

/// Whether \p note is within all limits: 1 cent, 0.5 dB, 5% or 2 ms, 3%.
bool note_result_good(const struct note_result *note);

/// The part of the notes for which that is so; 1 for none.
double note_results_good(const struct note_results *results);

/// One line for each exception, at most \p lines, then a summary with a line for each feature.
void note_results_print(const struct note_results *results, size_t lines, FILE *out);

/// {"notes", "silent", "good", "features": {NAME: {"unit", "within", "compared", "median", "worst"}}, "exceptions":
/// []}.
json_t *note_results_json(const struct note_results *results);
