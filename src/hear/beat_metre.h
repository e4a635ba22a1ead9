// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Which beat of the bar comes, how many a bar has, and whether a beat is halved or divided in three.
///
/// A forward hidden Markov model over bars of two, three and four beats that moves on at each beat, as the bar level of
/// Krebs, Böck and Widmer ("An efficient state-space model for joint tempo and meter tracking", ISMIR 2015) does, but
/// apart from the tempo. Division is told by how much begins at a half and at the thirds of the latest beats.
#pragma once

#include "core/realtime.h"

enum { BEAT_METRE_MOST = 4 };

struct beat_metre;

/// What is most likely.
struct beat_metre_reading {
    unsigned beats;    ///< in a bar: 2, 3 or 4
    unsigned number;   ///< of the beat that comes next, 1 is the downbeat
    unsigned division; ///< of a beat: 2, or 3 as in 6/8
    double trust;      ///< 0 to 1: probability that number and beats are right
};

/// NULL when there is no memory. Not for audio callbacks.
struct beat_metre *beat_metre_new(void);

void beat_metre_free(struct beat_metre *metre);

/// Takes how strongly something begins (0 to 1), at a moment \p phase beats (0 to 1) after a beat.
void beat_metre_push_onset(struct beat_metre *metre, double phase, double strength) REALTIME;

/// A beat is over and the next one comes; what was heard at it: the probability that it was a downbeat, 0 to 1, NAN
/// when nothing was heard.
void beat_metre_push_beat(struct beat_metre *metre, double downbeat) REALTIME;

void beat_metre_read(const struct beat_metre *metre, struct beat_metre_reading *reading) REALTIME;
