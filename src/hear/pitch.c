// SPDX-License-Identifier: GPL-3.0-or-later
// The stream is made 15 to 30 kHz and rid of DC. Its last 50 ms are kept twice, a span apart, so that they are always
// in one piece. Every 5 ms their periodicity is measured at each lag: that is one piece of work of about 15 us, and
// nothing between is worth mention, so it is not spread further.
//
// Every top of the periodicity is a candidate. Its strength is the value there, and a little more the higher it is,
// because what repeats itself after one period does so after two. Against them stands silence, whose strength is that
// of a note just good enough, and which grows as the sound falls far below the loudest of late, so that what only rings
// on is let go. The path decides.
#include "hear/pitch.h"

#include "hear/decimator.h"
#include "hear/intake.h"
#include "hear/periodicity.h"
#include "hear/pitch_path.h"

#include <math.h>
#include <stdlib.h>

static const double RATE = 15000.0; // Hz; at least, of the stream that is looked at
static const double STEP = 0.005;   // seconds between two estimates
static const uint32_t PERIODS = 4;  // that a note is judged by, within:
static const double LEAST = 0.008;  // seconds
static const double MOST = 0.02;
static const double DC_HZ = 20.0;
static const double FLOOR = 1e-9; // mean square; what is less is silence

static const double VOICING = 0.5;      // the value of a note just good enough
static const double WEAKEST = 0.25;     // the value below which nothing is a candidate
static const double OCTAVE_GAIN = 0.07; // strength
static const double MIDDLE_HZ = 400.0;  // where it is 0
static const double QUIET = 0.05;       // of the loudest amplitude; below, silence grows stronger
static const double QUIET_GAIN = 2.0;   // by so much, at nothing
static const double FADE = 2.0;         // dB a second that the loudest is forgotten with
static const double LEVEL = 0.02;       // seconds that a level is taken over

struct pitch {
    struct decimator *decimator;
    struct periodicity *periodicity;
    double rate; ///< of what is looked at
    uint32_t factor, span, step, level;
    uint32_t at;    ///< where the next frame goes
    uint32_t until; ///< frames until the next estimate
    double newest;  ///< the number of the latest frame
    double time;    ///< of the latest estimate, in frames of the stream
    double loudest, fade;
    float dc, dc_weight;
    float *past;
    struct pitch_path path;
};

static double octave_gain(double frequency) REALTIME;
static double measure_silence(struct pitch_candidate *candidates, uint32_t count) REALTIME;
static uint32_t gather(const struct pitch *pitch, struct pitch_candidate *candidates) REALTIME;
static struct pitch_candidate silence(struct pitch *pitch) REALTIME;
static void admit(struct pitch_candidate *candidates, uint32_t *count, const struct pitch_candidate *one) REALTIME;
static struct pitch_estimate estimate(struct pitch *pitch) REALTIME;

static struct periodicity *make_periodicity(double rate)
{
    const struct periodicity_options options = {
        .longest = (uint32_t)ceil(rate / PITCH_LOWEST_HZ) + 2,
        .periods = PERIODS,
        .least = (uint32_t)lround(LEAST * rate),
        .most = (uint32_t)lround(MOST * rate),
    };
    return periodicity_new(&options);
}

struct pitch *pitch_new(double rate)
{
    struct pitch *pitch = rate >= 8000.0 && rate <= 80000.0 ? calloc(1, sizeof *pitch) : NULL;
    if (!pitch) {
        return NULL;
    }
    pitch->factor = rate < 2.0 * RATE ? 1 : (uint32_t)(rate / RATE);
    pitch->rate = rate / pitch->factor;
    pitch->decimator = decimator_new(pitch->factor);
    pitch->periodicity = make_periodicity(pitch->rate);
    pitch->span = pitch->periodicity ? periodicity_span(pitch->periodicity) : 0;
    pitch->past = calloc(2 * (size_t)pitch->span + 1, sizeof(float));
    if (!pitch->decimator || !pitch->periodicity || !pitch->past) {
        pitch_free(pitch);
        return NULL;
    }
    pitch->step = pitch->until = (uint32_t)lround(STEP * pitch->rate);
    pitch->level = (uint32_t)lround(LEVEL * pitch->rate);
    pitch->newest = -1.0;
    pitch->dc_weight = (float)(1.0 - exp(-2.0 * M_PI * DC_HZ / pitch->rate));
    pitch->fade = pow(10.0, -FADE * STEP / 10.0);
    pitch_path_init(&pitch->path);
    return pitch;
}

void pitch_free(struct pitch *pitch)
{
    if (pitch) {
        decimator_free(pitch->decimator);
        periodicity_free(pitch->periodicity);
        free(pitch->past);
        free(pitch);
    }
}

static double octave_gain(double frequency)
{
    return OCTAVE_GAIN * log2(frequency / MIDDLE_HZ);
}

// Takes one in, in place of the weakest note where there is no room.
static void admit(struct pitch_candidate *candidates, uint32_t *count, const struct pitch_candidate *one)
{
    uint32_t place = *count;
    if (place < PITCH_PATH_CANDIDATES) {
        ++*count;
    } else {
        place = 1;
        for (uint32_t i = 2; i < PITCH_PATH_CANDIDATES; i++) {
            place = candidates[i].strength < candidates[place].strength ? i : place;
        }
        if (!(one->strength > candidates[place].strength)) {
            return;
        }
    }
    candidates[place] = *one;
}

// Beside the first, which is silence.
static uint32_t gather(const struct pitch *pitch, struct pitch_candidate *candidates)
{
    const float *values = periodicity_values(pitch->periodicity);
    const uint32_t first = (uint32_t)fmax(2.0, floor(pitch->rate / PITCH_HIGHEST_HZ));
    const uint32_t last = (uint32_t)ceil(pitch->rate / PITCH_LOWEST_HZ);
    uint32_t count = 1;
    for (uint32_t lag = first; lag <= last; lag++) {
        if (!(values[lag] >= WEAKEST && values[lag] > values[lag - 1] && values[lag] >= values[lag + 1])) {
            continue;
        }
        double value = 0.0;
        const double frequency = pitch->rate / periodicity_top(pitch->periodicity, lag, &value);
        const struct pitch_candidate one = {
            .frequency = frequency,
            .strength = value + octave_gain(frequency),
            .value = value,
            .age = 0.5 * periodicity_reach(pitch->periodicity, lag),
        };
        admit(candidates, &count, &one);
    }
    return count;
}

static struct pitch_candidate silence(struct pitch *pitch)
{
    const float *end = pitch->past + pitch->at + pitch->span;
    double energy = 0.0;
    for (uint32_t i = 1; i <= pitch->level; i++) {
        energy += (double)end[-(int)i] * end[-(int)i];
    }
    pitch->loudest = fmax(energy, pitch->loudest * pitch->fade);
    const double ratio = pitch->loudest > 0.0 ? sqrt(energy / pitch->loudest) : 1.0;
    return (struct pitch_candidate){
        .strength = VOICING + QUIET_GAIN * fmax(0.0, 1.0 - ratio / QUIET),
        .age = 0.5 * pitch->level,
    };
}

// Gives silence what the strongest note has for its height, so that only the note's value decides between them. Returns
// the highest value of any note.
static double measure_silence(struct pitch_candidate *candidates, uint32_t count)
{
    double most = 0.0;
    uint32_t strongest = 0;
    for (uint32_t i = 1; i < count; i++) {
        most = fmax(most, candidates[i].value);
        strongest = strongest == 0 || candidates[i].strength > candidates[strongest].strength ? i : strongest;
    }
    if (strongest > 0) {
        candidates[0].strength += octave_gain(candidates[strongest].frequency);
    }
    return most;
}

static struct pitch_estimate estimate(struct pitch *pitch)
{
    struct pitch_candidate candidates[PITCH_PATH_CANDIDATES];
    periodicity_measure(pitch->periodicity, pitch->past + pitch->at, FLOOR);
    candidates[0] = silence(pitch);
    const uint32_t count = gather(pitch, candidates);
    const double most = measure_silence(candidates, count);
    const struct pitch_candidate *best = &candidates[pitch_path_add(&pitch->path, candidates, count)];
    const double middle = (pitch->newest - best->age) * pitch->factor - decimator_delay(pitch->decimator);
    pitch->time = fmax(pitch->time, middle);
    return (struct pitch_estimate){
        .time = pitch->time,
        .frequency = best->frequency,
        .confidence = best->frequency > 0.0 ? best->value : 1.0 - most,
    };
}

size_t pitch_push(struct pitch *pitch, const float *frames, size_t count, struct pitch_estimate *out)
{
    float low[INTAKE_BLOCK + 1];
    const size_t some = decimator_push(pitch->decimator, frames, count, low);
    size_t made = 0;
    for (size_t i = 0; i < some; i++) {
        pitch->dc += pitch->dc_weight * (low[i] - pitch->dc);
        pitch->past[pitch->at] = pitch->past[pitch->at + pitch->span] = low[i] - pitch->dc;
        pitch->at = pitch->at + 1 < pitch->span ? pitch->at + 1 : 0;
        pitch->newest += 1.0;
        if (--pitch->until == 0) {
            pitch->until = pitch->step;
            out[made++] = estimate(pitch);
        }
    }
    return made;
}
