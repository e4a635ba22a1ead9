// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the network that synth/kernel/reverb.c runs.
//
// Lines. Their lengths are primes, so that echoes of different lines rarely meet, and spread evenly in their logarithm.
// For decays below 2 s all of them shrink, to a third at 0.2 s: a small room has dense echoes, and its sound
// must pass the lines often enough for the dampers to act.
//
// Dampers. A sound that has passed a line of D frames must have lost 60 D / (rate T60) dB whatever the line (Jot and
// Chaigne 1991, section 3): then all modes of a frequency decay alike. A one-pole low-pass g (1 - p) / (1 - p z^-1)
// meets that at two frequencies. With c1 and c6 the cosines of 1 and 6 kHz and R the ratio of powers wanted at 6 kHz
// and 1 kHz, p solves (1 + p^2 - 2 p c1) / (1 + p^2 - 2 p c6) = R, that is p^2 - 2 B p + 1 = 0, B = (c1 - R c6) / (1 -
// R); g then follows from the gain at 1 kHz. The pole stops where the decay at 0 Hz, which is longer, would be 1.5
// times that at 1 kHz. What reading between frames takes at 6 kHz is taken off what the damper has to do.
//
// Level. The power that the network keeps is found as if lines were unrelated noises, at each frequency: with A(f) the
// mean power gain of the dampers, and eight lines fed with power q each, what leaves all dampers is S = A (S + 8 q), as
// the Hadamard matrix shares power out evenly. So S = 8 q A / (1 - A), and its mean from 0 to 20 kHz says how strongly
// to feed the lines for a return of the send's power. It is up to 20 kHz at any rate because music is: counting the
// empty octaves of 192 kHz, which the dampers swallow, would make the same settings sound louder at a higher rate.
//
// After a silent send has left the network silent for longer than the longest way through a half, that half is empty.
#include "synth/reverb.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const double RATE_MIN = 44100;
static const double RATE_MAX = 192000;
static const double PREDELAY_MAX_MS = 100;
static const double LOW_CUT_HZ = 30;
static const double MIDDLE_HZ = 1000;
static const double HIGH_HZ = 6000;
static const double LEVEL_HZ = 20000; ///< noise of this bandwidth is what the level means
static const double DEPTH_MS = 0.5;   ///< with moving_hz, each pass bends the pitch by up to 3 cents
static const double FULL_SIZE_S = 2;
static const double TURN = 6.283185307179586;

/// The moving lines stand first; left and right take turns, and share out long and short ones fairly.
static const double line_ms[REVERB_LINES] = {28.9, 38.9, 57.7, 66.7, 45.1, 25.3, 78.3, 51.1};
static const double diffuser_ms[REVERB_DIFFUSERS] = {4.77, 3.59, 12.73, 9.31};
static const double moving_hz[REVERB_MOVING] = {0.47, 0.61, 0.53, 0.37};

/// \p value within \p low to \p high; \p low for NaN.
static double hold(double value, double low, double high)
{
    return value > low ? fmin(value, high) : low;
}

static bool is_prime(int32_t number)
{
    for (int32_t i = 2; i * i <= number; i++) {
        if (number % i == 0) {
            return false;
        }
    }
    return true;
}

static int32_t prime_from(double number)
{
    int32_t prime = (int32_t)number;
    while (!is_prime(prime)) {
        prime++;
    }
    return prime;
}

static int32_t predelay_room(double rate)
{
    return delay_room((int32_t)(PREDELAY_MAX_MS * rate / 1000) + KERNEL_BLOCK);
}

static int32_t diffuser_room(double rate, size_t i)
{
    return delay_room(prime_from(diffuser_ms[i] * rate / 1000));
}

/// With the way that the modulation goes and the frames around it.
static int32_t line_room(double rate, size_t i)
{
    return delay_room(prime_from(line_ms[i] * rate / 1000) + (int32_t)(DEPTH_MS * rate / 1000) + 8);
}

static int32_t front_frames(double rate)
{
    int32_t frames = predelay_room(rate);
    for (size_t i = 0; i < REVERB_DIFFUSERS; i++) {
        frames += diffuser_room(rate, i);
    }
    return frames;
}

static int32_t tank_frames(double rate)
{
    int32_t frames = 0;
    for (size_t i = 0; i < REVERB_LINES; i++) {
        frames += line_room(rate, i);
    }
    return frames;
}

size_t reverb_footprint(double rate)
{
    const double held = hold(rate, RATE_MIN, RATE_MAX);
    return sizeof(struct reverb) + (size_t)(front_frames(held) + tank_frames(held)) * sizeof(float);
}

static void lay_out(struct reverb *reverb, double rate, double predelay_ms, double size)
{
    const double per_ms = rate / 1000;
    reverb->predelay = delay_layout(0, predelay_room(rate), (int32_t)lround(predelay_ms * per_ms));
    int32_t start = predelay_room(rate);
    int32_t longest = reverb->predelay.ago;
    for (size_t i = 0; i < REVERB_DIFFUSERS; i++) {
        const int32_t room = diffuser_room(rate, i);
        reverb->diffusers[i] =
            delay_layout(start, room, prime_from(fmax(size * diffuser_ms[i] * per_ms, KERNEL_BLOCK)));
        longest += reverb->diffusers[i].ago;
        start += room;
    }
    reverb->front_size = start;
    reverb->front_span = longest + 2 * KERNEL_BLOCK;
    longest = 0;
    for (size_t i = 0; i < REVERB_LINES; i++) {
        const int32_t room = line_room(rate, i);
        reverb->tank[i] = delay_layout(start, room, prime_from(size * line_ms[i] * per_ms));
        longest = room > longest ? room : longest;
        start += room;
    }
    reverb->size = start;
    reverb->tank_span = longest;
}

/// The pole of the low-pass whose power at the second frequency is \p ratio of that at the first, by the cosines of
/// both; 1 where none does that.
static double pole_for(double ratio, double first, double second)
{
    if (ratio >= 1) {
        return 0;
    }
    const double half = (first - ratio * second) / (1 - ratio);
    return half > 1 ? half - sqrt(half * half - 1) : 1;
}

static double pole_power(double pole, double omega)
{
    return (1 - pole) * (1 - pole) / (1 + pole * pole - 2 * pole * cos(omega));
}

static void fill_powers(float *powers, double pole)
{
    for (int i = 0; i < REVERB_POWERS; i++) {
        powers[i] = (float)pow(pole, i + 1);
    }
}

/// Makes the damper of \p line. Gives its power at 0 Hz.
static double damp_line(struct reverb *reverb, size_t line, double rate, double decay_s, double damping)
{
    const double middle = TURN * MIDDLE_HZ / rate;
    const double high = TURN * HIGH_HZ / rate;
    const double kept = pow(10, -6 * reverb->tank[line].ago / (rate * decay_s));
    const double read = line < REVERB_MOVING ? delay_power(high) : 1;
    const double pole = fmin(pole_for(pow(kept, 1 / damping - 1) / read, cos(middle), cos(high)),
                             pole_for(pow(kept, 1 / 3.0), 1, cos(middle)));
    const double power = kept / pole_power(pole, middle);
    fill_powers(reverb->dampers[line], pole);
    reverb->gains[line] = (float)((1 - pole) * sqrt(power / REVERB_LINES));
    return power;
}

/// How strongly to feed the lines, whose dampers have these \p powers at 0 Hz.
static float find_drive(const struct reverb *reverb, double rate, const double *powers)
{
    enum { STEPS = 500 };
    const double width = TURN * fmin(LEVEL_HZ, rate / 2) / rate;
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        const double omega = width * (i + 0.5) / STEPS;
        const double read = delay_power(omega);
        double mean = 0;
        for (size_t j = 0; j < REVERB_LINES; j++) {
            const double power = powers[j] * pole_power((double)reverb->dampers[j][0], omega);
            mean += power * (j < REVERB_MOVING ? read : 1) / REVERB_LINES;
        }
        sum += mean / (1 - mean);
    }
    // The gains of the lines hold the 1 / sqrt(8) of the matrix, and left and right share the S / 8 that is so left.
    return (float)sqrt(2 * STEPS / sum);
}

void reverb_init(struct reverb *reverb, double rate, const struct reverb_settings *settings)
{
    const double held = hold(rate, RATE_MIN, RATE_MAX);
    const double decay_s = hold(settings->decay_s, 0.2, 20);
    const double damping = hold(settings->damping, 0.1, 1);
    const double level = hold(settings->level, 0, 1000);
    const double angle = (1 - hold(settings->width, 0, 1)) * TURN / 8;
    double powers[REVERB_LINES];
    memset(reverb, 0, reverb_footprint(rate));
    lay_out(reverb, held, hold(settings->predelay_ms, 0, PREDELAY_MAX_MS), fmin(sqrt(decay_s / FULL_SIZE_S), 1));
    for (size_t i = 0; i < REVERB_LINES; i++) {
        powers[i] = damp_line(reverb, i, held, decay_s, damping);
    }
    fill_powers(reverb->low_cut, exp(-TURN * LOW_CUT_HZ / held));
    reverb->drive = find_drive(reverb, held, powers);
    reverb->direct = (float)(level * cos(angle));
    reverb->crossed = (float)(level * sin(angle));
    reverb->depth = (float)(DEPTH_MS * held / 1000);
    for (uint32_t i = 0; i < REVERB_MOVING; i++) {
        reverb->phases[i] = i << 30;
        reverb->steps[i] = (uint32_t)(moving_hz[i] * KERNEL_BLOCK / held * 0x1p32);
    }
}
