// SPDX-License-Identifier: GPL-3.0-or-later
// The reference level jumps up with the sound and sinks slowly; below its floor there is nothing to hear. Beside it
// there is a usual level, which rises and falls slowly: what is far above that is too loud to be true, as when a plug
// is pulled, and is soon forgotten.
#include "hear/band_levels.h"

#include <math.h>
#include <string.h>

const double band_levels_window = 0.04;
const double band_levels_fall = 0.01;

static const double LOWEST_HZ = 30.0;
static const double HIGHEST_HZ = 15000.0;
static const double BEND_HZ = 400.0; ///< where the axis turns from linear to logarithmic
static const double MEMORY_SECONDS = 8.0;
static const double GLITCH_SECONDS = 0.3;
static const double USUAL_SECONDS = 30.0;
static const double RISE_DB_PER_SECOND = 20.0;
static const double BEGINNING_SECONDS = 2.0; ///< in which whatever is heard is usual
static const float GLITCH_RATIO = 4.0F;      ///< above the usual level: too loud to be true
static const float FLOOR = 1e-4F;            ///< the reference level is never lower: 80 dB below full scale
static const float STRETCH = 1000.0F;        ///< of the logarithm: it reaches 60 dB down

static double to_axis(double hz)
{
    return log1p(hz / BEND_HZ);
}

double band_levels_edge(int i)
{
    const double low = to_axis(LOWEST_HZ);
    const double step = (to_axis(HIGHEST_HZ) - low) / (BEAT_BANDS + 1);
    return BEND_HZ * expm1(low + step * i);
}

double band_levels_weight(int i, double hz)
{
    const double low = band_levels_edge(i);
    const double middle = band_levels_edge(i + 1);
    const double high = band_levels_edge(i + 2);
    return fmax(0.0, hz < middle ? (hz - low) / (middle - low) : (high - hz) / (high - middle));
}

void band_levels_init(struct band_levels *levels, double seconds)
{
    *levels = (struct band_levels){.level = FLOOR,
                                   .sink = (float)exp(-seconds / MEMORY_SECONDS),
                                   .forget = (float)exp(-seconds / GLITCH_SECONDS),
                                   .usual = FLOOR,
                                   .ebb = (float)exp(-seconds / USUAL_SECONDS),
                                   .rise = (float)pow(10.0, RISE_DB_PER_SECOND * seconds / 20.0),
                                   .begun = (int)lround(BEGINNING_SECONDS / seconds)};
}

static void follow(struct band_levels *levels, float total) REALTIME;

static void follow(struct band_levels *levels, float total)
{
    const float risen = levels->begun > 0 ? total : fminf(total, levels->usual * levels->rise);
    // The beginning is that of sound.
    levels->begun -= levels->begun > 0 && total > FLOOR;
    levels->usual = fmaxf(fmaxf(risen, FLOOR), levels->usual * levels->ebb);
    const float keep = levels->level > levels->usual * GLITCH_RATIO ? levels->forget : levels->sink;
    levels->level = fmaxf(fmaxf(total, FLOOR), levels->level * keep);
}

void band_levels_push(struct band_levels *levels, const float sums[BEAT_BANDS])
{
    float total = 0.0F;
    for (int i = 0; i < BEAT_BANDS; i++) {
        total += sums[i];
    }
    follow(levels, total);
    const float scale = STRETCH / levels->level;
    const float top = 1.0F / log1pf(STRETCH);
    for (int i = 0; i < BEAT_BANDS; i++) {
        const float value = log1pf(sums[i] * scale) * top;
        levels->values[i] = value;
        levels->values[BEAT_BANDS + i] = fmaxf(0.0F, value - levels->past[BAND_LEVELS_BACK - 1][i]);
    }
    memmove(levels->past[1], levels->past[0], (BAND_LEVELS_BACK - 1) * sizeof levels->past[0]);
    memcpy(levels->past[0], levels->values, sizeof levels->past[0]);
}
