// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of what synth/kernel/chorus.c runs.
//
// The copies' delays swing around different middles, a quarter of a turn apart; the two of a side are opposite, so that
// while one is sharp the other is flat, and a side as a whole neither rises nor falls. The phases of left and right
// differ, which makes the width. At a distance of some milliseconds the copies of white noise are unrelated, so that
// their powers add up; that reading between frames takes some of the highs is counted in.
//
// A swing of depth d at f Hz bends the pitch by 2 pi f d. Above 3%, half a semitone, it is out of tune whatever one
// does, so the depth gives way.
#include "synth/chorus.h"

#include <math.h>
#include <string.h>

static const double RATE_MIN = 44100;
static const double RATE_MAX = 192000;
static const double DEPTH_MAX_MS = 8;
static const double BEND_MAX = 0.03;
static const double LEVEL_HZ = 20000; ///< noise of this bandwidth is what the level means
static const double TURN = 6.283185307179586;

/// Left and right take turns.
static const double middle_ms[CHORUS_TAPS] = {10.3, 12.1, 17.9, 15.7};
static const uint32_t first_phase[CHORUS_TAPS] = {0, 1U << 30, 1U << 31, 3U << 30};

/// \p value within \p low to \p high; \p low for NaN.
static double hold(double value, double low, double high)
{
    return value > low ? fmin(value, high) : low;
}

static int32_t room(double rate)
{
    return delay_room((int32_t)((18 + DEPTH_MAX_MS) * rate / 1000) + KERNEL_BLOCK);
}

size_t chorus_footprint(double rate)
{
    return sizeof(struct chorus) + (size_t)room(hold(rate, RATE_MIN, RATE_MAX)) * sizeof(float);
}

/// The gain that makes the power of each side, of two copies of the send, that of the send.
static double find_gain(double rate)
{
    enum { STEPS = 200 };
    const double width = TURN * fmin(LEVEL_HZ, rate / 2) / rate;
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        sum += delay_power(width * (i + 0.5) / STEPS);
    }
    return sqrt(STEPS / (2 * sum));
}

void chorus_init(struct chorus *chorus, double rate, const struct chorus_settings *settings)
{
    const double held = hold(rate, RATE_MIN, RATE_MAX);
    const double rate_hz = hold(settings->rate_hz, 0.01, 10);
    const double depth_s = fmin(hold(settings->depth_ms, 0, DEPTH_MAX_MS) / 1000, BEND_MAX / (TURN * rate_hz));
    const double gain = hold(settings->level, 0, 1000) * find_gain(held);
    const double angle = (1 - hold(settings->width, 0, 1)) * TURN / 8;
    memset(chorus, 0, chorus_footprint(rate));
    chorus->size = room(held);
    chorus->delay = delay_layout(0, chorus->size, 0);
    chorus->span = chorus->size;
    chorus->depth = (float)(depth_s * held);
    chorus->step = (uint32_t)(rate_hz * KERNEL_BLOCK / held * 0x1p32);
    chorus->direct = (float)(gain * cos(angle));
    chorus->crossed = (float)(gain * sin(angle));
    for (size_t i = 0; i < CHORUS_TAPS; i++) {
        chorus->middles[i] = (int32_t)lround(middle_ms[i] * held / 1000);
        chorus->phases[i] = first_phase[i];
    }
}
