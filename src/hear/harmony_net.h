// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How likely each chord, bass and key is, given all that has sounded: a small recurrent network.
///
/// Gated recurrent units (Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014), once
/// for each of the twelve roots, with the same weights and the semitones counted from that root: what is learned in one
/// key holds in all. Learned by tools/learn_hearing with each chord's label from its first moment on, so that it says
/// what is likely now and not what was certain half a second ago.
///
/// It was learned from steps of a thirtieth of a second. So that a change need not wait for the next of them, two of it
/// take turns at the steps of chroma.h, each at every second one.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "hear/chroma.h"

#include <stdbool.h>

/// The kinds of chord that are told apart.
enum harmony_kind {
    HARMONY_MAJ,
    HARMONY_MIN,
    HARMONY_7,
    HARMONY_MAJ7,
    HARMONY_MIN7,
    HARMONY_DIM,
    HARMONY_HDIM7,
    HARMONY_AUG,
    HARMONY_SUS4,
    HARMONY_SUS2,
    HARMONY_KINDS
};

/// Probabilities; those of the chords and of none have a sum of 1, and so have the basses and the keys.
struct harmony_evidence {
    double frame; ///< the stream's frame from which they are
    float chords[12][HARMONY_KINDS];
    float none;
    float bass[12];
    float keys[2][12]; ///< major, minor
};

struct harmony_net;

/// With what the program has learned. STATUS_NO_MEMORY, or STATUS_CORRUPT where harmony.txt is something else. Not for
/// audio callbacks.
MUST_USE enum status harmony_net_new(struct harmony_net **net, struct complaint *complaint);

void harmony_net_free(struct harmony_net *net);

/// Takes a step's frame, which is copied. The work on the one before it is given up if it is not done.
void harmony_net_begin(struct harmony_net *net, const struct chroma_frame *frame) REALTIME;

/// Does the next piece of the work on the frame, a sixth. True when that was the last one and there is new evidence;
/// false also where there is nothing to do.
bool harmony_net_work(struct harmony_net *net) REALTIME;

/// The latest; all 0 before the first.
const struct harmony_evidence *harmony_net_evidence(const struct harmony_net *net) REALTIME;

/// The latest of the first of the two, thirty times a second.
const struct harmony_evidence *harmony_net_first(const struct harmony_net *net) REALTIME;
