// SPDX-License-Identifier: GPL-3.0-or-later
// The states of one period stand in a ring, ordered by how many steps are left until its next beat, and the ring's
// beginning moves on by a place each step, so that all states come nearer to the beat without being touched. What
// arrives at the beat is spread over the far ends of all rings by the matrix of tempo changes, of which only the part
// that matters is kept. The likelihoods are divided by that of no beat, so that only the states about a beat are
// multiplied. Where nothing has been heard for a while, that no beat is heard says nothing
// either: otherwise a silence would speak for the slowest tempo. All masses are summed by what is left; that sum is the
// forecast, and its total keeps the scale.
#include "hear/beat_pointer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float ACTIVATION_LEAST = 0.005F;
static const float ACTIVATION_MOST = 0.95F;
static const double CHANGE_LEAST = 1e-4; ///< rarer changes of tempo are left out
static const float SUM_LEAST = 1e-6F;
static const float SUM_MOST = 1e6F;
static const float MASS_LEAST = 1e-20F; ///< no state is ever lost, nor a denormal

static const double LEAP = 6.0;          ///< how much farther a leap goes than a usual change
static const float RECENT_ENOUGH = 0.2F; ///< below it, what is not heard says less and less
static const double RECENT_SECONDS = 4.0;
static const double SILENT_LOSS = 1e-3; ///< probability a step

enum { AROUND = 2 }; ///< steps to either side that are the same beat

struct ring {
    uint32_t period, begin; ///< begin: the place from which a beat is one step away
    uint32_t expecting;     ///< places about a beat
    uint32_t first, count;  ///< the periods from which one gets here
    float prior;
    float *places;
    const float *changes; ///< a weight for each of them
};

struct beat_pointer {
    struct beat_pointer_options options;
    uint32_t count, states;
    uint32_t longest;
    struct ring *rings;
    float *places, *changes, *arrived;
    float *left; ///< the mass that has so many steps left, less one
    float sum;
    float recent; ///< the highest activation of the last moments
    float fade;   ///< of that, a step
};

static void move_on(struct beat_pointer *pointer, double loss) REALTIME;
static void weigh(struct ring *ring, float ratio) REALTIME;
static void forecast(struct beat_pointer *pointer) REALTIME;
static void scale(struct beat_pointer *pointer) REALTIME;
static float mass_about(const float *masses, uint32_t count, uint32_t at) REALTIME;
static float ring_mass_about(const struct ring *ring, uint32_t at) REALTIME;

static bool are_valid(const struct beat_pointer_options *options)
{
    return options->step >= 0.002 && options->step <= 0.05 && options->slowest >= 20.0 && options->fastest <= 400.0 &&
           options->slowest < options->fastest && 60.0 / options->fastest / options->step >= 4.0 &&
           options->usual > 0.0 && options->spread > 0.0 && options->steadiness > 0.0 && options->loss >= 0.0 &&
           options->loss < 1.0 && options->leaps >= 0.0 && options->leaps <= 1.0 && options->neutral >= 0.01 &&
           options->neutral <= 0.5 && options->fraction >= 0.02 && options->fraction <= 0.25;
}

static double change_weight(const struct beat_pointer *pointer, uint32_t from, uint32_t to)
{
    const double ratio = (double)pointer->rings[to].period / pointer->rings[from].period;
    const double unlikely = pointer->options.steadiness * fabs(ratio - 1.0);
    return exp(-unlikely) + pointer->options.leaps * exp(-unlikely / LEAP);
}

// Column by column, so that what leaves a period has a sum of 1.
static void make_changes(struct beat_pointer *pointer)
{
    float *at = pointer->changes;
    for (uint32_t to = 0; to < pointer->count; to++) {
        struct ring *ring = &pointer->rings[to];
        ring->changes = at;
        for (uint32_t from = 0; from < pointer->count; from++) {
            const double weight = change_weight(pointer, from, to);
            if (weight < CHANGE_LEAST) {
                continue;
            }
            double all = 0.0;
            for (uint32_t k = 0; k < pointer->count; k++) {
                const double other = change_weight(pointer, from, k);
                all += other < CHANGE_LEAST ? 0.0 : other;
            }
            if (ring->count == 0) {
                ring->first = from;
            }
            ring->count++;
            *at++ = (float)(weight / all);
        }
    }
}

static void make_rings(struct beat_pointer *pointer, uint32_t shortest)
{
    const double usual = 60.0 / pointer->options.usual / pointer->options.step;
    double all = 0.0;
    float *places = pointer->places;
    for (uint32_t i = 0; i < pointer->count; i++) {
        const uint32_t period = shortest + i;
        const double octaves = log2(period / usual) / pointer->options.spread;
        const double weight = exp(-0.5 * octaves * octaves) / period; // even in octaves
        const uint32_t expecting = (uint32_t)ceil(period * pointer->options.fraction);
        pointer->rings[i] =
            (struct ring){.period = period, .expecting = expecting, .prior = (float)weight, .places = places};
        places += period;
        all += weight;
    }
    for (uint32_t i = 0; i < pointer->count; i++) {
        struct ring *ring = &pointer->rings[i];
        ring->prior = (float)(ring->prior / all);
        for (uint32_t k = 0; k < ring->period; k++) {
            ring->places[k] = ring->prior / (float)ring->period;
        }
    }
}

struct beat_pointer *beat_pointer_new(const struct beat_pointer_options *options)
{
    struct beat_pointer *pointer = are_valid(options) ? calloc(1, sizeof *pointer) : NULL;
    if (!pointer) {
        return NULL;
    }
    const uint32_t shortest = (uint32_t)floor(60.0 / options->fastest / options->step);
    pointer->options = *options;
    pointer->fade = (float)exp(-options->step / RECENT_SECONDS);
    pointer->longest = (uint32_t)ceil(60.0 / options->slowest / options->step);
    pointer->count = pointer->longest - shortest + 1;
    pointer->states = pointer->count * (shortest + pointer->longest) / 2;
    pointer->rings = calloc(pointer->count, sizeof *pointer->rings);
    pointer->places = calloc(pointer->states, sizeof *pointer->places);
    pointer->changes = calloc((size_t)pointer->count * pointer->count, sizeof *pointer->changes);
    pointer->arrived = calloc(pointer->count, sizeof *pointer->arrived);
    pointer->left = calloc(pointer->longest, sizeof *pointer->left);
    if (!pointer->rings || !pointer->places || !pointer->changes || !pointer->arrived || !pointer->left) {
        beat_pointer_free(pointer);
        return NULL;
    }
    make_rings(pointer, shortest);
    make_changes(pointer);
    forecast(pointer);
    return pointer;
}

void beat_pointer_free(struct beat_pointer *pointer)
{
    if (pointer) {
        free(pointer->rings);
        free(pointer->places);
        free(pointer->changes);
        free(pointer->arrived);
        free(pointer->left);
        free(pointer);
    }
}

uint32_t beat_pointer_states(const struct beat_pointer *pointer)
{
    return pointer->states;
}

double beat_pointer_step(const struct beat_pointer *pointer)
{
    return pointer->options.step;
}

static void move_on(struct beat_pointer *pointer, double loss)
{
    for (uint32_t i = 0; i < pointer->count; i++) {
        const struct ring *ring = &pointer->rings[i];
        pointer->arrived[i] = ring->places[ring->begin];
    }
    const float lost = (float)loss * pointer->sum;
    for (uint32_t i = 0; i < pointer->count; i++) {
        struct ring *ring = &pointer->rings[i];
        const float *arrived = pointer->arrived + ring->first;
        float sum = lost * ring->prior;
        for (uint32_t k = 0; k < ring->count; k++) {
            sum += ring->changes[k] * arrived[k];
        }
        ring->places[ring->begin] = sum;
        ring->begin = ring->begin + 1 < ring->period ? ring->begin + 1 : 0;
    }
}

// Multiplies the places about the beat: half of them are just before it, at the beginning of the ring, and half after.
static void weigh(struct ring *ring, float ratio)
{
    uint32_t at = ring->expecting / 2;
    for (uint32_t k = 0; k < ring->expecting; k++) {
        at = (at ? at : ring->period) - 1;
        const uint32_t place = ring->begin + at;
        ring->places[place < ring->period ? place : place - ring->period] *= ratio;
    }
}

static void forecast(struct beat_pointer *pointer)
{
    float *left = pointer->left;
    memset(left, 0, pointer->longest * sizeof *left);
    for (uint32_t i = 0; i < pointer->count; i++) {
        const struct ring *ring = &pointer->rings[i];
        const uint32_t tail = ring->period - ring->begin;
        for (uint32_t k = 0; k < tail; k++) {
            left[k] += ring->places[ring->begin + k];
        }
        for (uint32_t k = 0; k < ring->begin; k++) {
            left[tail + k] += ring->places[k];
        }
    }
    pointer->sum = 0.0F;
    for (uint32_t k = 0; k < pointer->longest; k++) {
        pointer->sum += left[k];
    }
}

static void scale(struct beat_pointer *pointer)
{
    const float factor = 1.0F / pointer->sum;
    for (uint32_t i = 0; i < pointer->states; i++) {
        pointer->places[i] = pointer->places[i] * factor + MASS_LEAST;
    }
    forecast(pointer);
}

void beat_pointer_push(struct beat_pointer *pointer, float activation)
{
    // A comparison with what is no number is false.
    const float heard = activation >= ACTIVATION_LEAST ? fminf(activation, ACTIVATION_MOST) : ACTIVATION_LEAST;
    pointer->recent = fmaxf(heard, pointer->recent * pointer->fade);
    const float weight = fminf(1.0F, pointer->recent / RECENT_ENOUGH);
    const float ratio = powf(heard * (float)(1.0 / pointer->options.neutral - 1.0) / (1.0F - heard), weight);
    move_on(pointer, pointer->options.loss + (1.0 - (double)weight) * SILENT_LOSS);
    for (uint32_t i = 0; i < pointer->count; i++) {
        weigh(&pointer->rings[i], ratio);
    }
    forecast(pointer);
    if (!(pointer->sum > SUM_LEAST && pointer->sum < SUM_MOST)) {
        scale(pointer);
    }
}

static float mass_about(const float *masses, uint32_t count, uint32_t at)
{
    const uint32_t first = at > AROUND ? at - AROUND : 0;
    const uint32_t last = at + AROUND < count ? at + AROUND : count - 1;
    float sum = 0.0F;
    for (uint32_t k = first; k <= last; k++) {
        sum += masses[k];
    }
    return sum;
}

static float ring_mass_about(const struct ring *ring, uint32_t at)
{
    float sum = 0.0F;
    for (uint32_t k = at > AROUND ? at - AROUND : 0; k <= at + AROUND && k < ring->period; k++) {
        const uint32_t place = ring->begin + k;
        sum += ring->places[place < ring->period ? place : place - ring->period];
    }
    return sum;
}

void beat_pointer_read(const struct beat_pointer *pointer, struct beat_pointer_reading *reading)
{
    uint32_t best = 0;
    float most = 0.0F;
    for (uint32_t k = 0; k < pointer->longest; k++) {
        const float mass = mass_about(pointer->left, pointer->longest, k);
        if (mass > most) {
            most = mass;
            best = k;
        }
    }
    double mass = 0.0;
    double moment = 0.0;
    for (uint32_t i = 0; i < pointer->count; i++) {
        const double here = ring_mass_about(&pointer->rings[i], best);
        mass += here;
        moment += here * pointer->rings[i].period;
    }
    double next = 0.0;
    for (uint32_t k = best > AROUND ? best - AROUND : 0; k <= best + AROUND && k < pointer->longest; k++) {
        next += (k + 1.0) * pointer->left[k];
    }
    *reading = (struct beat_pointer_reading){
        .next = next / most, .period = moment / mass, .trust = fmin(1.0, (double)most / pointer->sum)};
}
