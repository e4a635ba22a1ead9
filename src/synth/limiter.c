// SPDX-License-Identifier: GPL-3.0-or-later
// Each frame asks for a gain: 1 below the ceiling, ceiling / peak above it. The gain that is applied to a frame is
//
//     the mean over the look-ahead  of  a slow rise towards  the minimum over the look-ahead  of  the gains asked for
//
// A frame leaves the delay when the newest frame is `delay` later. Every one of the `delay` values in the mean was then
// taken from a minimum that saw the leaving frame, so the mean is at most what that frame asked for: the ceiling holds,
// while the gain moves in a straight line over the look-ahead rather than in a step.
//
// Gains are whole numbers of 2^-30, rounded down. So the sum behind the mean is exact for ever however long the limiter
// runs, and when nothing asks for less, it is exactly 1 and the output is the input bit for bit. The minimum is a queue
// of the frames that may yet become it, ascending in both age and gain: a frame drops those behind it that ask for no
// less, and leaves at the front when it is too old (Lemire).
#include "synth/limiter.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    UNITY = 1 << 30,
    STEP_MIN = 1 << 10, ///< a millionth: brings the gain all the way back, as an exponential alone never does
};

struct ask {
    uint64_t frame;
    int32_t gain;
};

struct limiter {
    float ceiling;
    double rise; ///< part of the way back that the gain goes in a frame
    size_t delay;
    size_t slot;    ///< where in left, right and held the frame before `delay` frames stands
    uint64_t frame; ///< frames seen
    int64_t sum;    ///< of held
    int32_t gain;   ///< the last of held
    size_t first;   ///< the queue: its oldest place in asks, and how many it holds
    size_t count;
    float *left; ///< each of these has `delay` places
    float *right;
    int32_t *held;
    struct ask *asks; ///< has delay + 1
};

/// \p value within \p low to \p high; \p low for NaN.
static double hold(double value, double low, double high)
{
    return value > low ? fmin(value, high) : low;
}

struct limiter *limiter_new(double rate, double ceiling, double lookahead_ms, double release_ms)
{
    struct limiter *limiter = calloc(1, sizeof *limiter);
    if (!limiter) {
        return NULL;
    }
    const double frames_per_ms = hold(rate, 1000, 1e6) / 1000;
    limiter->ceiling = (float)hold(ceiling, 1e-6, 1e6);
    limiter->delay = (size_t)lround(hold(lookahead_ms, 1, 20) * frames_per_ms);
    limiter->rise = -expm1(-1 / (hold(release_ms, 1, 60000) * frames_per_ms));
    limiter->gain = UNITY;
    limiter->sum = (int64_t)limiter->delay * UNITY;
    limiter->left = calloc(limiter->delay, sizeof *limiter->left);
    limiter->right = calloc(limiter->delay, sizeof *limiter->right);
    limiter->held = calloc(limiter->delay, sizeof *limiter->held);
    limiter->asks = calloc(limiter->delay + 1, sizeof *limiter->asks);
    if (!limiter->left || !limiter->right || !limiter->held || !limiter->asks) {
        goto fail;
    }
    for (size_t i = 0; i < limiter->delay; i++) {
        limiter->held[i] = UNITY;
    }
    return limiter;
fail:
    limiter_free(limiter);
    return NULL;
}

size_t limiter_delay(const struct limiter *limiter)
{
    return limiter->delay;
}

static float clean(float sample)
{
    return isfinite(sample) ? sample : 0.0F;
}

static int32_t asked_gain(const struct limiter *limiter, float left, float right)
{
    const float peak = fmaxf(fabsf(left), fabsf(right));
    return peak <= limiter->ceiling ? UNITY : (int32_t)((double)limiter->ceiling / (double)peak * (double)UNITY);
}

/// The least gain asked for by this frame and the `delay` before it.
static int32_t least_gain(struct limiter *limiter, int32_t gain)
{
    const size_t places = limiter->delay + 1;
    if (limiter->count > 0 && limiter->asks[limiter->first].frame + limiter->delay < limiter->frame) {
        limiter->first = (limiter->first + 1) % places;
        limiter->count--;
    }
    while (limiter->count > 0 && limiter->asks[(limiter->first + limiter->count - 1) % places].gain >= gain) {
        limiter->count--;
    }
    limiter->asks[(limiter->first + limiter->count) % places] = (struct ask){.frame = limiter->frame, .gain = gain};
    limiter->count++;
    return limiter->asks[limiter->first].gain;
}

/// The gain for the frame that leaves now, where this frame asks for \p gain.
static float next_gain(struct limiter *limiter, int32_t gain)
{
    const int32_t least = least_gain(limiter, gain);
    const int32_t missing = least - limiter->gain;
    const int32_t step = (int32_t)(missing * limiter->rise) + STEP_MIN;
    limiter->gain = missing <= step ? least : limiter->gain + step;
    limiter->sum += limiter->gain - limiter->held[limiter->slot];
    limiter->held[limiter->slot] = limiter->gain;
    return (float)((double)limiter->sum / ((double)limiter->delay * (double)UNITY));
}

void limiter_process(struct limiter *limiter, float *left, float *right, size_t frames)
{
    const float ceiling = limiter->ceiling;
    for (size_t i = 0; i < frames; i++) {
        const float in_left = clean(left[i]);
        const float in_right = clean(right[i]);
        const float gain = next_gain(limiter, asked_gain(limiter, in_left, in_right));
        const size_t slot = limiter->slot;
        // The clamp meets only what float rounding put above the ceiling.
        left[i] = fmaxf(-ceiling, fminf(ceiling, limiter->left[slot] * gain));
        right[i] = fmaxf(-ceiling, fminf(ceiling, limiter->right[slot] * gain));
        limiter->left[slot] = in_left;
        limiter->right[slot] = in_right;
        limiter->slot = slot + 1 == limiter->delay ? 0 : slot + 1;
        limiter->frame++;
    }
}

void limiter_free(struct limiter *limiter)
{
    if (limiter) {
        free(limiter->left);
        free(limiter->right);
        free(limiter->held);
        free(limiter->asks);
        free(limiter);
    }
}
