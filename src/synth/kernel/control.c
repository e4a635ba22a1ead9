// SPDX-License-Identifier: GPL-3.0-or-later
// What moves a voice, once a block, for sixteen voices at a time, and how loud that is: every line below is one vector
// operation over voices.
// Envelopes are straight lines whose sections end rarely, so that all they cost here is an addition, and the end of a
// section goes back to the caller as a bit.
//
// Pitch, volume and cutoff are sums of exponents (voice.h) and one exponential each. The filter's coefficients are
// those of Bristow-Johnson's "Audio EQ cookbook", low-pass, from the sine and cosine of half the angle, so that a low
// cutoff does not lose its digits in 1 - cos.
#include "synth/exponents.h"
#include "synth/kernel/lanes.h"
#include "synth/kernel/loops.h"
#include "synth/voice.h"

#include <math.h>
#include <stdbool.h>

static const float RELEASED_OCTAVES = 2.0F; ///< that a released voice counts for less, when others make way

static uint32_t count_down(int32_t *left)
{
    uint32_t over = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        lanes_int blocks = lanes_int_load(left + i);
        blocks += (lanes_int)((blocks != VOICE_FOREVER) & (blocks >= 0)); // A true comparison is -1.
        lanes_int_store(left + i, blocks);
        over |= lanes_bits(blocks < 0) << i;
    }
    return over;
}

uint32_t KERNEL_NAME(envelopes_end)(struct voice_group *group, uint32_t *modulation)
{
    *modulation = count_down(group->modulation_left) & group->active;
    const uint32_t volume = count_down(group->volume_left) & group->active;
    lanes_leave();
    return volume;
}

/// The next value of a triangle between -1 and 1 that starts from 0 upwards when its wait is over.
static lanes next_lfo(float *phases, const float *steps, int32_t *waits)
{
    const lanes phase = lanes_load(phases);
    const lanes_int wait = lanes_int_load(waits);
    const lanes_int moves = wait <= 0;
    lanes next = phase + lanes_choose(moves, lanes_load(steps), lanes_all(0.0F));
    next -= lanes_choose(next >= 1.0F, lanes_all(1.0F), lanes_all(0.0F));
    lanes_store(phases, next);
    lanes_int_store(waits, wait + ~moves);
    const lanes around = next * 4.0F - 2.0F;
    return lanes_max(around, -around) - 1.0F;
}

static lanes next_level(float *levels, const float *steps)
{
    const lanes level = lanes_load(levels) + lanes_load(steps);
    lanes_store(levels, level);
    return level;
}

/// The attack of the modulation envelope is convex. It is short and rare: no vector is made of it.
static lanes curve_attacks(const struct voice_group *group, int i, lanes level)
{
    if (lanes_bits(lanes_int_load(group->modulation_convex + i)) == 0) {
        return level;
    }
    float curved[LANES];
    lanes_store(curved, level);
    for (int lane = 0; lane < LANES; lane++) {
        if (group->modulation_convex[i + lane] != 0 && curved[lane] > 0.0F) {
            const float value = 1.0F + VOICE_CONVEX * exponent_log(curved[lane]);
            curved[lane] = value > 0.0F ? value : 0.0F;
        }
    }
    return lanes_load(curved);
}

/// Where the ramp goes from here, and that it starts where it ended.
static void aim(float *now, float *next, lanes target)
{
    lanes_store(now, lanes_load(next));
    lanes_store(next, target);
}

static void set_gains(struct voice_group *group, int i, lanes amplitude)
{
    aim(group->left + i, group->left_next + i, amplitude * lanes_load(group->pan_left + i));
    aim(group->right + i, group->right_next + i, amplitude * lanes_load(group->pan_right + i));
    aim(group->reverb + i, group->reverb_next + i, amplitude * lanes_load(group->reverb_send + i));
    aim(group->chorus + i, group->chorus_next + i, amplitude * lanes_load(group->chorus_send + i));
}

/// Sine and cosine of 0 to 1.42, to 1 in 10^7.
static lanes sine(lanes x)
{
    const lanes y = x * x;
    lanes sum = lanes_all(-2.5052108e-8F);
    sum = sum * y + 2.7557319e-6F;
    sum = sum * y - 1.9841270e-4F;
    sum = sum * y + 8.3333333e-3F;
    sum = sum * y - 1.6666667e-1F;
    return x + x * y * sum;
}

static lanes cosine(lanes x)
{
    const lanes y = x * x;
    lanes sum = lanes_all(2.0876757e-9F);
    sum = sum * y - 2.7557319e-7F;
    sum = sum * y + 2.4801587e-5F;
    sum = sum * y - 1.3888889e-3F;
    sum = sum * y + 4.1666667e-2F;
    sum = sum * y - 0.5F;
    return sum * y + 1.0F;
}

/// Where the coefficients were aimed at is where they are now; \p moved lanes go on to \p target, and those that are
/// \p fresh are there at once.
static void aim_filter(float *now, float *next, lanes target, lanes_int moved, lanes_int fresh)
{
    const lanes reached = lanes_load(next);
    lanes_store(now, lanes_choose(fresh, target, reached));
    lanes_store(next, lanes_choose(moved, target, reached));
}

static void aim_filters(struct voice_group *group, const struct voice_clock *clock, int i, lanes octaves,
                        lanes_int moved)
{
    const lanes_int fresh = lanes_load(group->b0_next + i) < 0.0F;
    const lanes hertz = lanes_max(lanes_min(lanes_exp2(octaves), lanes_all(clock->cutoff_max)), lanes_all(5.0F));
    const lanes half = hertz * (3.14159265F / clock->rate);
    const lanes s = sine(half);
    const lanes c = cosine(half);
    const lanes alpha = 2.0F * s * c * lanes_load(group->damping + i);
    const lanes scale = 1.0F / (1.0F + alpha);
    const lanes b0 = s * s * scale * lanes_load(group->resonance + i);
    aim_filter(group->b0 + i, group->b0_next + i, b0, moved, fresh);
    aim_filter(group->a1 + i, group->a1_next + i, (4.0F * s * s - 2.0F) * scale, moved, fresh);
    aim_filter(group->a2 + i, group->a2_next + i, (1.0F - alpha) * scale, moved, fresh);
}

static void hold_filters(struct voice_group *group, int i)
{
    lanes_store(group->b0 + i, lanes_load(group->b0_next + i));
    lanes_store(group->a1 + i, lanes_load(group->a1_next + i));
    lanes_store(group->a2 + i, lanes_load(group->a2_next + i));
}

/// A cutoff counts as moved when it is a cent from where it was taken last: a slow envelope then leaves the filter
/// alone in most blocks, and render.c has less work with one that stands still.
static void set_filters(struct voice_group *group, const struct voice_clock *clock, int i, lanes octaves)
{
    const lanes held = lanes_load(group->cutoff_held + i);
    const lanes_int moved =
        (lanes_max(octaves - held, held - octaves) > 1.0F / 1200.0F) & lanes_int_load(group->filtered + i);
    if ((lanes_bits(moved) & group->active >> i) == 0) {
        hold_filters(group, i);
        return;
    }
    lanes_store(group->cutoff_held + i, lanes_choose(moved, octaves, held));
    aim_filters(group, clock, i, octaves, moved);
}

/// The cutoff that messages ask for, which jumps, is followed by half an octave a block, so that nothing clicks.
static lanes next_cutoff(float *cutoffs, const float *goals)
{
    const lanes cutoff = lanes_load(cutoffs);
    const lanes way = lanes_load(goals) - cutoff;
    const lanes next = cutoff + lanes_max(lanes_min(way, lanes_all(0.5F)), lanes_all(-0.5F));
    lanes_store(cutoffs, next);
    return next;
}

static void control_lanes(struct voice_group *group, const struct voice_clock *clock, int i)
{
    const lanes mod_lfo = next_lfo(group->mod_lfo_phase + i, group->mod_lfo_step + i, group->mod_lfo_wait + i);
    const lanes vib_lfo = next_lfo(group->vib_lfo_phase + i, group->vib_lfo_step + i, group->vib_lfo_wait + i);
    const lanes level = next_level(group->volume_level + i, group->volume_step + i);
    const lanes mod_env = curve_attacks(group, i, next_level(group->modulation_level + i, group->modulation_step + i));

    const lanes pitch = lanes_load(group->pitch + i) + mod_lfo * lanes_load(group->mod_lfo_to_pitch + i) +
                        vib_lfo * lanes_load(group->vib_lfo_to_pitch + i) +
                        mod_env * lanes_load(group->mod_env_to_pitch + i);
    // Five octaves up is as far as a sample is read; an increment of nothing would never end.
    const lanes steps = lanes_exp2(lanes_min(pitch, lanes_all(5.0F)) + (float)VOICE_FRACTION_BITS);
    const lanes_int increment = __builtin_convertvector(lanes_max(steps, lanes_all(1.0F)), lanes_int);
    lanes_int_store((int32_t *)group->increment + i, increment);

    const lanes_int linear = lanes_int_load(group->volume_linear + i);
    const lanes down = lanes_choose(linear, lanes_all(0.0F), (level - 1.0F) * clock->envelope_range);
    const lanes volume = lanes_load(group->volume + i) + down + mod_lfo * lanes_load(group->mod_lfo_to_volume + i);
    set_gains(group, i, lanes_exp2(volume) * lanes_choose(linear, lanes_max(level, lanes_all(0.0F)), lanes_all(1.0F)));

    if (lanes_bits(lanes_int_load(group->filtered + i)) != 0) {
        set_filters(group, clock, i,
                    next_cutoff(group->cutoff + i, group->cutoff_goal + i) +
                        mod_lfo * lanes_load(group->mod_lfo_to_cutoff + i) +
                        mod_env * lanes_load(group->mod_env_to_cutoff + i));
    }
}

void KERNEL_NAME(control)(struct voice_group *group, const struct voice_clock *clock)
{
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        if ((group->active >> i & ((1ULL << LANES) - 1)) != 0) {
            control_lanes(group, clock, i);
        }
    }
    group->least.known = 0;
    lanes_leave();
}

/// How loud voices are, in octaves of amplitude.
static lanes loudness(const struct voice_group *group, const struct voice_clock *clock, int i)
{
    const lanes_int released = lanes_of_bits(group->released >> i);
    // Linear is the attack, or after a release what is made to fade.
    const lanes linear = lanes_choose(released, lanes_all(0.0F), lanes_all(1.0F));
    const lanes level =
        lanes_choose(lanes_int_load(group->volume_linear + i), linear, lanes_load(group->volume_level + i));
    return lanes_load(group->volume + i) + (level - 1.0F) * clock->envelope_range -
           lanes_choose(released, lanes_all(RELEASED_OCTAVES), lanes_all(0.0F));
}

/// The least of all lanes, in each of them.
static lanes least_lane(lanes value)
{
    for (int left = LANES; left > 1; left /= 2) {
        value = lanes_min(lanes_even(value, value), lanes_odd(value, value));
    }
    return value;
}

static int find_oldest(const uint32_t orders[VOICE_LANES], uint32_t among, uint32_t order)
{
    int oldest = __builtin_ctz(among);
    for (among &= among - 1; among != 0; among &= among - 1) {
        const int lane = __builtin_ctz(among);
        oldest = order - orders[lane] > order - orders[oldest] ? lane : oldest;
    }
    return oldest;
}

void KERNEL_NAME(find_least)(struct voice_group *group, const struct voice_clock *clock, uint32_t order)
{
    const uint32_t taken = group->active & ~group->stolen;
    alignas(64) float loud[VOICE_LANES];
    lanes least = lanes_all(INFINITY);
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        // What is no number, as a corrupt state may bring, is not above anything, and so is heard least.
        const lanes own = lanes_max(loudness(group, clock, i), lanes_all(-INFINITY));
        const lanes heard = lanes_choose(lanes_of_bits(taken >> i), own, lanes_all(INFINITY));
        lanes_store(loud + i, heard);
        least = lanes_min(heard, least);
    }
    least = least_lane(least);
    uint32_t equal = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        equal |= lanes_bits(lanes_load(loud + i) == least) << i;
    }
    const int lane = find_oldest(group->order, equal & taken, order);
    group->least =
        (struct voice_least){.loud = loud[lane], .order = group->order[lane], .lane = (uint16_t)lane, .known = 1};
    lanes_leave();
}
