// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Where within the beat the music is, and how fast it goes: a hidden Markov model that is only run forward.
///
/// The states are those of Krebs, Böck and Widmer, "An efficient state-space model for joint tempo and meter tracking"
/// (ISMIR 2015), sections 3.1 and 3.2: for each beat period of a whole number of steps, as many places as it has
/// steps; the tempo changes at beats only. What is read out is the distribution of the time until the next beat,
/// summed over all tempi, as far as it is known at that moment (filtering, nothing is looked at twice).
#pragma once

#include "core/realtime.h"

#include <stdbool.h>
#include <stdint.h>

struct beat_pointer_options {
    double step;       ///< seconds between two activations, 0.002 to 0.05
    double slowest;    ///< BPM, at least 20
    double fastest;    ///< BPM, at most 400, above slowest, with a period of at least 4 steps
    double usual;      ///< BPM about which tempi lie at the start and after a loss
    double spread;     ///< standard deviation about it, in octaves
    double steadiness; ///< how unlikely a change is: exp(-steadiness * |ratio of periods - 1|)
    double loss;       ///< probability a step that all was wrong and a beat begins just now
    double leaps;      ///< weight, beside that, of changes that are far less unlikely: 0 to 1
    double neutral;    ///< activation that speaks neither for a beat nor against one: 0.01 to 0.5
    double fraction;   ///< of a period, about the beat, in which an activation is expected: 0.02 to 0.25
};

/// What is known now. Times are in steps, from the latest activation on.
struct beat_pointer_reading {
    double next;   ///< until the activation of the next beat
    double period; ///< of the beat
    double trust;  ///< 0 to 1: probability that the next beat comes about then
};

struct beat_pointer;

/// NULL when there is no memory or an option is outside its range. Not for audio callbacks.
struct beat_pointer *beat_pointer_new(const struct beat_pointer_options *options);

void beat_pointer_free(struct beat_pointer *pointer);

/// How many states there are.
uint32_t beat_pointer_states(const struct beat_pointer *pointer) REALTIME;

/// Seconds a step.
double beat_pointer_step(const struct beat_pointer *pointer) REALTIME;

/// Takes the next activation, 0 to 1 (what is no number is 0): the probability that a beat is just now.
void beat_pointer_push(struct beat_pointer *pointer, float activation) REALTIME;

/// What is known after the latest activation. It costs about as much as a push.
void beat_pointer_read(const struct beat_pointer *pointer, struct beat_pointer_reading *reading) REALTIME;
