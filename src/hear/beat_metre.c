// SPDX-License-Identifier: GPL-3.0-or-later
// A state is a length of the bar and a place in it, for the beat that comes next. Each beat that was heard weighs the
// states, then all move on by one; at a bar's end a little goes to bars of other lengths, and at each beat a little to
// all states, since a beat may have been missed or a bar been cut short.
#include "hear/beat_metre.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTHS = 3, SHORTEST = 2 };

static const double PRIOR[LENGTHS] = {0.1, 0.2, 0.7};
static const double NEW_LENGTH = 0.01; ///< probability a bar
static const double SLIP = 0.004;      ///< probability a beat
static const double BELIEF = 0.7;      ///< exponent: what is heard at beats is not independent
static const double LEAST = 0.03;      ///< no single beat says more than this
// Speaks neither for a downbeat nor against one; above a half, since the third beat of four sounds like one, too.
static const double NEUTRAL = 0.6;
static const double FORGET = 0.92; ///< of the onsets, a beat
static const double WIDTH = 0.06;  ///< beats to either side of a division
static const double TURN = 1.3;    ///< how much more speaks for the other division before it is believed

struct beat_metre {
    double mass[LENGTHS][BEAT_METRE_MOST]; ///< of the place of the next beat
    double at_half, at_third, at_two_thirds;
    unsigned division;
};

struct beat_metre *beat_metre_new(void)
{
    struct beat_metre *metre = calloc(1, sizeof *metre);
    if (metre) {
        metre->division = 2;
        for (int i = 0; i < LENGTHS; i++) {
            for (int k = 0; k < SHORTEST + i; k++) {
                metre->mass[i][k] = PRIOR[i] / (SHORTEST + i);
            }
        }
    }
    return metre;
}

void beat_metre_free(struct beat_metre *metre)
{
    free(metre);
}

void beat_metre_push_onset(struct beat_metre *metre, double phase, double strength)
{
    metre->at_half += fabs(phase - 0.5) < WIDTH ? strength : 0.0;
    metre->at_third += fabs(phase - 1.0 / 3.0) < WIDTH ? strength : 0.0;
    metre->at_two_thirds += fabs(phase - 2.0 / 3.0) < WIDTH ? strength : 0.0;
}

static void weigh(struct beat_metre *metre, double downbeat) REALTIME;
static void move_on(struct beat_metre *metre) REALTIME;
static void divide(struct beat_metre *metre) REALTIME;

static void weigh(struct beat_metre *metre, double downbeat)
{
    const double heard = isnan(downbeat) ? NEUTRAL : fmin(fmax(downbeat, LEAST), 1.0 - LEAST);
    const double ratio = pow(heard / (1.0 - heard) * (1.0 - NEUTRAL) / NEUTRAL, BELIEF);
    double sum = 0.0;
    for (int i = 0; i < LENGTHS; i++) {
        metre->mass[i][0] *= ratio;
        for (int k = 0; k < SHORTEST + i; k++) {
            sum += metre->mass[i][k];
        }
    }
    for (int i = 0; i < LENGTHS; i++) {
        for (int k = 0; k < SHORTEST + i; k++) {
            metre->mass[i][k] /= sum;
        }
    }
}

static void move_on(struct beat_metre *metre)
{
    double ends = 0.0;
    double next[LENGTHS][BEAT_METRE_MOST] = {{0.0}};
    for (int i = 0; i < LENGTHS; i++) {
        const int last = SHORTEST + i - 1;
        ends += metre->mass[i][last];
        next[i][0] = (1.0 - NEW_LENGTH) * metre->mass[i][last];
        for (int k = 0; k < last; k++) {
            next[i][k + 1] = metre->mass[i][k];
        }
    }
    for (int i = 0; i < LENGTHS; i++) {
        next[i][0] += NEW_LENGTH * ends * PRIOR[i];
        for (int k = 0; k < SHORTEST + i; k++) {
            next[i][k] = (1.0 - SLIP) * next[i][k] + SLIP * PRIOR[i] / (SHORTEST + i);
        }
    }
    memcpy(metre->mass, next, sizeof next);
}

static void divide(struct beat_metre *metre)
{
    // In a swing the second third stays empty, so that both have to be there.
    const double thirds = sqrt(metre->at_third * metre->at_two_thirds);
    if (metre->division == 2 && thirds > TURN * metre->at_half) {
        metre->division = 3;
    } else if (metre->division == 3 && metre->at_half > TURN * thirds) {
        metre->division = 2;
    }
    metre->at_half *= FORGET;
    metre->at_third *= FORGET;
    metre->at_two_thirds *= FORGET;
}

void beat_metre_push_beat(struct beat_metre *metre, double downbeat)
{
    weigh(metre, downbeat);
    move_on(metre);
    divide(metre);
}

void beat_metre_read(const struct beat_metre *metre, struct beat_metre_reading *reading)
{
    *reading = (struct beat_metre_reading){.beats = SHORTEST, .number = 1, .division = metre->division};
    for (int i = 0; i < LENGTHS; i++) {
        for (int k = 0; k < SHORTEST + i; k++) {
            if (metre->mass[i][k] > reading->trust) {
                reading->trust = metre->mass[i][k];
                reading->beats = (unsigned)(SHORTEST + i);
                reading->number = (unsigned)(k + 1);
            }
        }
    }
}
