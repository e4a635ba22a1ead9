// SPDX-License-Identifier: GPL-3.0-or-later
// The network's outputs are the logarithm of the odds of an onset, those of its being pitched, and its age in units of
// 10 ms. Certainty grows within some 10 ms of an onset and falls after some 20: the first look at which it is great
// enough tells the onset; the next may come when it has been below UNSURE and REST has passed.
#include "hear/onset.h"

#include "hear/flux.h"
#include "hear/intake.h"
#include "hear/layer.h"
#include "hear/learned.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { ODDS, PITCHED_ODDS, AGE, OUTPUTS };
enum { RISE_LAG = 3 }; // the lag of four hops
enum { FIRST_UNITS = 48, SECOND_UNITS = 16 };

static const double RATE_MIN = 8000.0, RATE_MAX = 80000.0;
static const float LEVEL_MAX = 9.0F;
static const float PEAK_FALL = 1.0F / 3.0F; // of a band's peak, levels a second
static const float PEAK_SPREAD = 5.0F;      // levels by which a band's peak lies below the highest one's at most
// A soft attack is believed sooner than a drum's, for what is mistaken for an onset is mostly a drum's rattling.
static const double SURE_OF_DRUM = 0.93;
static const double SURE_OF_TONE = 0.7;
static const double UNSURE = 0.5;
static const double REST = 0.03;     // s
static const double AGE_UNIT = 0.01; // s
static const double AGE_MAX = 0.04;  // s
// From the first sound, which is what the age has been learned from, to the moment at which listeners mark it.
static const double ATTACK = 0.010; // s

// Where a band ends, of flux.h's short ones.
static const uint32_t ENDS[ONSET_BANDS] = {4, 10, FLUX_SHORT_BANDS};

struct onset {
    double rate, rest;
    struct flux *flux;
    struct layer first, second, last;
    uint64_t taken; ///< frames
    double told;    ///< when the last onset was, as of the latest frame
    double frame;   ///< of the last onset
    bool armed;
    double activation;
    float peaks[FLUX_SHORT_BANDS]; ///< levels
    float highest, fall;           ///< of the peaks; of a peak a look
};

static enum status make_parts(struct onset *onset, double rate, struct complaint *complaint)
{
    const struct layer_slot slots[] = {{"first", FIRST_UNITS, FLUX_VALUES, &onset->first},
                                       {"second", SECOND_UNITS, FIRST_UNITS, &onset->second},
                                       {"last", OUTPUTS, SECOND_UNITS, &onset->last}};
    const enum status status =
        layer_read_all(embed_find(hear_files, "onset.txt"), slots, sizeof slots / sizeof slots[0], complaint);
    if (status != STATUS_OK) {
        return status;
    }
    onset->flux = flux_new(rate);
    return onset->flux ? STATUS_OK : complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

enum status onset_new(double rate, struct onset **out, struct complaint *complaint)
{
    // A comparison with what is no number is false.
    if (!(rate >= RATE_MIN && rate <= RATE_MAX)) {
        return complain(complaint, STATUS_RANGE, "a stream of %g Hz: onsets are heard at %g to %g Hz", rate, RATE_MIN,
                        RATE_MAX);
    }
    struct onset *onset = calloc(1, sizeof *onset);
    if (!onset) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const enum status status = make_parts(onset, rate, complaint);
    if (status != STATUS_OK) {
        onset_free(onset);
        return status;
    }
    onset->rate = rate;
    // So that no push brings two.
    onset->rest = fmax(REST * rate, INTAKE_BLOCK);
    onset->told = -onset->rest;
    onset->fall = PEAK_FALL * (float)(flux_hop(onset->flux) / rate);
    onset->armed = true;
    *out = onset;
    return STATUS_OK;
}

void onset_free(struct onset *onset)
{
    if (onset) {
        flux_free(onset->flux);
        layer_free(&onset->first);
        layer_free(&onset->second);
        layer_free(&onset->last);
        free(onset);
    }
}

static double chance_of(float odds) REALTIME;

static double chance_of(float odds)
{
    return 1.0 / (1.0 + exp(-(double)odds));
}

// What the network makes of what the bands do: layers that are each the tanh of a weighted sum of the one before, and a
// last one that is the sum itself.
static void consider(const struct onset *onset, float told[OUTPUTS]) REALTIME;

static void consider(const struct onset *onset, float told[OUTPUTS])
{
    float first[FIRST_UNITS];
    float second[SECOND_UNITS];
    layer_apply(&onset->first, flux_values(onset->flux), first);
    for (int i = 0; i < FIRST_UNITS; i++) {
        first[i] = tanhf(first[i]);
    }
    layer_apply(&onset->second, first, second);
    for (int i = 0; i < SECOND_UNITS; i++) {
        second[i] = tanhf(second[i]);
    }
    layer_apply(&onset->last, second, told);
}

// Keeps the level that each band had lately at most.
static void follow(struct onset *onset) REALTIME;

static void follow(struct onset *onset)
{
    const float *levels = flux_values(onset->flux);
    onset->highest = 0.0F;
    for (uint32_t i = 0; i < FLUX_SHORT_BANDS; i++) {
        onset->peaks[i] = fmaxf(levels[i], onset->peaks[i] - onset->fall);
        onset->highest = fmaxf(onset->highest, onset->peaks[i]);
    }
}

// The part of the spectrum that has risen most, each band measured against its own recent peak, and how loud what rose
// is.
static void describe(const struct onset *onset, struct onset_event *event) REALTIME;

static void describe(const struct onset *onset, struct onset_event *event)
{
    const float *levels = flux_values(onset->flux);
    const float *rises = levels + FLUX_SHORT_BANDS * (1 + RISE_LAG);
    float most = -1.0F;
    float sum = 1e-9F;
    float loudness = 0.0F;
    for (uint32_t band = 0, i = 0; band < ONSET_BANDS; band++) {
        const uint32_t first = i;
        float more = 0.0F;
        for (; i < ENDS[band]; i++) {
            const float rise = fmaxf(rises[i], 0.0F);
            const float level = levels[i] - fmaxf(onset->peaks[i], onset->highest - PEAK_SPREAD);
            more += exp2f(level) - exp2f(level - rise);
            loudness += rise * fmaxf(0.0F, 1.0F + level / LEVEL_MAX);
            sum += rise;
        }
        more /= (float)(i - first);
        if (more > most) {
            most = more;
            event->band = (enum onset_band)band;
        }
    }
    event->strength = fminf(1.0F, loudness / sum);
}

static bool look(struct onset *onset, struct onset_event *event) REALTIME;

static bool look(struct onset *onset, struct onset_event *event)
{
    float told[OUTPUTS];
    consider(onset, told);
    const double now = (double)onset->taken;
    follow(onset);
    onset->activation = chance_of(told[ODDS]);
    const bool rested = now - onset->told >= onset->rest;
    if (!onset->armed && rested && onset->activation < UNSURE) {
        onset->armed = true;
    }
    const bool pitched = told[PITCHED_ODDS] > 0.0F;
    if (!onset->armed || !rested || onset->activation < (pitched ? SURE_OF_TONE : SURE_OF_DRUM)) {
        return false;
    }
    const double age = fmin(fmax(told[AGE] * AGE_UNIT - ATTACK, 0.0), AGE_MAX);
    onset->armed = false;
    onset->frame = fmax(now - age * onset->rate, onset->frame);
    onset->told = now;
    event->frame = onset->frame;
    event->pitched = pitched;
    describe(onset, event);
    return true;
}

bool onset_push(struct onset *onset, const float *frames, size_t count, struct onset_event *event)
{
    bool found = false;
    while (count) {
        bool made;
        const size_t used = flux_push(onset->flux, frames, count, &made);
        onset->taken += used;
        found = (made && look(onset, event)) || found;
        frames += used;
        count -= used;
    }
    return found;
}

double onset_activation(const struct onset *onset)
{
    return onset->activation;
}
