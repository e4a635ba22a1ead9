// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a listener says, when it says it.
#pragma once

#include "hear/onset.h"
#include "music/chord.h"
#include "music/scale.h"

#include <stdbool.h>
#include <stdint.h>

enum hear_kind { HEAR_ONSET, HEAR_BEAT, HEAR_CHORD, HEAR_KEY, HEAR_PITCH, HEAR_KINDS };

/// Confidences and strengths are from 0 to 1.
struct hear_event {
    enum hear_kind kind;
    double frame;     ///< of the device: when it is, or was; a beat may lie ahead
    uint64_t emitted; ///< how many frames of the device had been heard when it was said
    union {
        struct {
            double strength;
            enum onset_band band;
            bool pitched; ///< or percussive
        } onset;
        struct {
            uint32_t number; ///< in the bar, from 1; 0: not known
            uint32_t beats;  ///< a bar; 0: not known
            double tempo;    ///< beats a minute
            double confidence;
        } beat;
        struct {
            bool sounds; ///< false: no chord, and `chord` says nothing
            struct chord chord;
            double confidence;
        } chord;
        struct {
            struct key key; ///< Ionian or Aeolian
            double confidence;
        } key;
        struct {
            double hz; ///< 0: unvoiced
            double confidence;
        } pitch;
    };
};

/// "onset", "beat", "chord", "key", "pitch"; static. Any thread.
const char *hear_kind_name(enum hear_kind kind);

/// "low", "mid", "high"; static. Any thread.
const char *hear_band_name(enum onset_band band);

enum { HEAR_LABEL_SIZE = 24 };

/// The chord or key of \p event as programs read it: "A:min7/b3" and "N" in Harte's notation (Harte et al., "Symbolic
/// representation of musical chords", ISMIR 2005), "Gb:maj". Empty for other kinds. Any thread.
void hear_label(const struct hear_event *event, char out[HEAR_LABEL_SIZE]);
