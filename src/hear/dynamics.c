// SPDX-License-Identifier: GPL-3.0-or-later
// Level and peak are kept for each of the last ten steps of 10 ms. The slope is a line of least squares through the
// momentary loudness of each 100 ms of the last 4 s. Its standard error is taken for a quarter as many points as there
// are, since each is a mean of 400 ms and so says what three of its neighbours say; the confidence is 1 / (1 +
// error^2), times the part of the 4 s that could be heard.
#include "hear/dynamics.h"

#include "hear/trend.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    STEPS = 10,  ///< of level
    POINTS = 40, ///< of loudness
    STEPS_A_POINT = 10,
    OVERLAP = 4, ///< points that share a sound
    ONSETS = 256,
};

static const double SPAN = 4.0; // seconds
static const double POINT = 0.1;
static const double AUDIBLE = -70.0; // LUFS

struct step {
    double mean_square, peak;
};

struct dynamics {
    struct loudness *loudness;
    double rate;
    uint32_t channels;
    double next; ///< the count of frames with which the present step ends
    uint64_t frames, begun, steps;
    double sum, peak; ///< of the present step
    struct step past[STEPS];
    uint64_t points;
    double loudnesses[POINTS];
    double slope, slope_confidence, integrated;
    uint64_t onsets;
    double onset_frames[ONSETS];
};

static void find_slope(struct dynamics *dynamics) REALTIME;
static void end_step(struct dynamics *dynamics) REALTIME;
static double decibels(double mean_square) REALTIME;
static double density(const struct dynamics *dynamics) REALTIME;

struct dynamics *dynamics_new(const struct loudness_options *options)
{
    struct dynamics *dynamics = calloc(1, sizeof *dynamics);
    if (!dynamics) {
        return NULL;
    }
    dynamics->loudness = loudness_new(options);
    if (!dynamics->loudness) {
        dynamics_free(dynamics);
        return NULL;
    }
    dynamics->rate = options->rate;
    dynamics->channels = options->channels;
    dynamics->next = options->rate / LOUDNESS_STEPS;
    dynamics->integrated = LOUDNESS_SILENCE;
    return dynamics;
}

void dynamics_free(struct dynamics *dynamics)
{
    if (dynamics) {
        loudness_free(dynamics->loudness);
        free(dynamics);
    }
}

// What cannot be heard is left out.
static void find_slope(struct dynamics *dynamics)
{
    const uint32_t room = dynamics->points < POINTS ? (uint32_t)dynamics->points : POINTS;
    struct trend trend = {0};
    for (uint32_t i = 0; i < room; i++) {
        const double value = dynamics->loudnesses[(dynamics->points - 1 - i) % POINTS];
        if (value >= AUDIBLE) {
            trend_add(&trend, -POINT * i, value);
        }
    }
    const struct trend_line line = trend_fit(&trend, OVERLAP);
    dynamics->slope = line.slope;
    dynamics->slope_confidence = line.confidence * trend.count / POINTS;
}

static void end_step(struct dynamics *dynamics)
{
    const double values = (double)(dynamics->frames - dynamics->begun) * dynamics->channels;
    dynamics->past[dynamics->steps % STEPS] = (struct step){dynamics->sum / values, dynamics->peak};
    dynamics->steps++;
    dynamics->begun = dynamics->frames;
    dynamics->next = (double)(dynamics->steps + 1) * dynamics->rate / LOUDNESS_STEPS;
    dynamics->sum = dynamics->peak = 0.0;
    if (dynamics->steps % STEPS_A_POINT == 0) {
        dynamics->loudnesses[dynamics->points++ % POINTS] = loudness_momentary(dynamics->loudness);
        dynamics->integrated = loudness_integrated(dynamics->loudness);
        find_slope(dynamics);
    }
}

void dynamics_push(struct dynamics *dynamics, const float *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float *frame = frames + i * dynamics->channels;
        for (uint32_t channel = 0; channel < dynamics->channels; channel++) {
            const double value = fabs((double)frame[channel]);
            dynamics->sum += value * value;
            dynamics->peak = value > dynamics->peak ? value : dynamics->peak;
        }
        loudness_push(dynamics->loudness, frame, 1);
        dynamics->frames++;
        if ((double)dynamics->frames >= dynamics->next) {
            end_step(dynamics);
        }
    }
}

void dynamics_onset(struct dynamics *dynamics, double frame)
{
    dynamics->onset_frames[dynamics->onsets++ % ONSETS] = frame;
}

static double decibels(double mean_square)
{
    return mean_square > 0.0 ? fmax(LOUDNESS_SILENCE, 10.0 * log10(mean_square)) : LOUDNESS_SILENCE;
}

static double density(const struct dynamics *dynamics)
{
    const double now = (double)dynamics->frames;
    const uint32_t room = dynamics->onsets < ONSETS ? (uint32_t)dynamics->onsets : ONSETS;
    uint32_t count = 0;
    for (uint32_t i = 0; i < room; i++) {
        count += dynamics->onset_frames[i] >= now - SPAN * dynamics->rate ? 1 : 0;
    }
    return count / fmin(SPAN, fmax(1.0, now / dynamics->rate));
}

void dynamics_read(const struct dynamics *dynamics, struct dynamics_report *report)
{
    const uint32_t count = dynamics->steps < STEPS ? (uint32_t)dynamics->steps : STEPS;
    double sum = 0.0;
    double peak = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        sum += dynamics->past[i].mean_square;
        peak = fmax(peak, dynamics->past[i].peak);
    }
    *report = (struct dynamics_report){
        .rms = decibels(count ? sum / count : 0.0),
        .peak = decibels(peak * peak),
        .momentary = loudness_momentary(dynamics->loudness),
        .short_term = loudness_short_term(dynamics->loudness),
        .integrated = dynamics->integrated,
        .slope = dynamics->slope,
        .slope_confidence = dynamics->slope_confidence,
        .density = density(dynamics),
    };
}
