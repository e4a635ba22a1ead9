// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the listener knows of the music at this moment: the one thing that a band needs to play along.
///
/// A plain struct, and a board on which one thread puts it and from which any thread takes it whole, without waiting.
#pragma once

#include "core/realtime.h"
#include "music/chord.h"
#include "music/scale.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// Confidences are from 0 (a guess, or nothing heard yet) to 1. Frames are the device's, counted from the start.
struct context {
    double rate;    ///< device frames a second
    uint64_t frame; ///< how much has been heard

    struct {
        double tempo;          ///< beats a minute; 0 before there is one
        double phase;          ///< since the last beat, in beats, 0 to 1
        double next_frame;     ///< when the next one is expected
        uint32_t beat;         ///< in the bar, from 1; 0 before there is a beat, see bar_confidence
        uint32_t beats;        ///< a bar; likewise
        uint32_t division;     ///< of a beat: 2, or 3 as in 6/8
        double confidence;     ///< that the next beat comes then
        double bar_confidence; ///< that beat and beats are right
    } beat;

    struct {
        bool sounds; ///< false: none, and `chord` says nothing
        struct chord chord;
        double since_frame; ///< when it was said
        double confidence;
    } chord;

    struct {
        bool known;     ///< false before the first
        struct key key; ///< Ionian or Aeolian
        double confidence;
    } key;

    struct {
        double rms_db, peak_db;                   ///< of the last 100 ms, dBFS; -100 for silence
        double momentary, short_term, integrated; ///< LUFS; -100 for silence
        double slope_db_s;                        ///< louder (crescendo) or softer, dB a second
        double slope_confidence;
    } level;

    struct {
        uint64_t count;  ///< onsets since the start
        double frame;    ///< of the last one
        double strength; ///< of the last one, 0 to 1
        double a_second; ///< density over the last seconds
    } onsets;

    struct {
        double hz; ///< 0: unvoiced, or nobody asked for it
        double confidence;
    } pitch;
};

enum { CONTEXT_WORDS = (sizeof(struct context) + 7) / 8 };

/// Zeroed memory is a board with an empty context on it.
struct context_board {
    _Atomic uint32_t turn; ///< odd while it is written
    _Atomic uint64_t words[CONTEXT_WORDS];
};

/// Puts \p context on the board. One thread only; never waits.
void context_put(struct context_board *board, const struct context *context) REALTIME;

/// Takes the latest context off the board, whole. Any thread; looks again while it is being written, which takes less
/// than a microsecond, so that a writer that is held up half-way holds up readers, and never the other way round.
void context_get(const struct context_board *board, struct context *context);

/// The same, but false, with \p context as it was, where it is being written: for a thread that must not wait at all.
bool context_try(const struct context_board *board, struct context *context) REALTIME;
