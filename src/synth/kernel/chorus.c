// SPDX-License-Identifier: GPL-3.0-or-later
// Each tap's delay runs straight from where its sine stands at the start of the block to where it stands at the end,
// and the block is read between frames by third-order Lagrange polynomials, time along the lanes.
//
// Within a vector the delay moves by less than a frame (synth/chorus.c sees to that), so that the frames around the
// point that each lane reads are among five neighbours: the vector is loaded at five places, and each lane takes the
// first four or the last four of them. So it reads by the right polynomial always, without gathering, and as the
// polynomials meet at the frames, nothing jumps.
#include "synth/chorus.h"

#include "synth/kernel/block.h"
#include "synth/kernel/loops.h"

/// How the taps are read in a block.
struct swing {
    four_int whole; ///< frames back
    four part;      ///< and the part of one, at the start
    four slope;     ///< its growth in a frame
};

static struct swing advance(struct chorus *chorus)
{
    four_uint phases;
    four_int middles;
    memcpy(&phases, chorus->phases, sizeof phases);
    memcpy(&middles, chorus->middles, sizeof middles);
    const four from = chorus->depth * four_sine(phases);
    phases += chorus->step;
    const four to = chorus->depth * four_sine(phases);
    memcpy(chorus->phases, &phases, sizeof phases);
    // Counted from before both ends, the part is small and positive all along.
    const four slope = (to - from) * (1.0F / KERNEL_BLOCK);
    const four_int falls = to < from;
    const four_int shift = four_floor((four)((falls & (four_int)to) | (~falls & (four_int)from)));
    return (struct swing){
        .whole = middles + shift, .part = from - __builtin_convertvector(shift, four), .slope = slope};
}

/// Where the vector at \p at begins to be read for each tap, four frames before the last that it takes; leaves the part
/// of a frame in \p part.
static inline four_int find_frames(const struct chorus *chorus, const struct swing *swing, size_t at, four *part)
{
    const four first = swing->part + swing->slope * (float)at;
    const four last = first + swing->slope * (float)(LANES - 1);
    const four_int falls = last < first;
    const four_int whole =
        __builtin_convertvector((four)((falls & (four_int)last) | (~falls & (four_int)first)), four_int);
    *part = first - __builtin_convertvector(whole, four);
    const four_int from = chorus->delay.position - (swing->whole + whole + KERNEL_BLOCK + 3);
    return from + ((from < 0) & chorus->delay.size) + (chorus->delay.start + (int32_t)at);
}

/// Six times what stands between \p b and \p c, \p f of the way; \p a stands before them and \p d behind.
static inline lanes between(lanes f, lanes a, lanes b, lanes c, lanes d)
{
    const lanes down = f - 1;
    const lanes further = f - 2;
    const lanes outer = (f + 1) * d - further * a;
    const lanes inner = down * b - f * c;
    return f * down * outer + (3 * f + 3) * further * inner;
}

static inline lanes read_tap(const float *past, float part, float slope)
{
    const lanes parts = part + slope * lanes_ramp();
    const lanes a = lanes_load(past + 4);
    const lanes b = lanes_load(past + 3);
    const lanes c = lanes_load(past + 2);
    const lanes d = lanes_load(past + 1);
    if (part < 1 && part + slope * (LANES - 1) < 1) {
        return between(parts, a, b, c, d);
    }
    const lanes_int beyond = parts >= 1.0F;
    return between(lanes_choose(beyond, parts - 1, parts), lanes_choose(beyond, b, a), lanes_choose(beyond, c, b),
                   lanes_choose(beyond, d, c), lanes_choose(beyond, lanes_load(past), d));
}

static void add_taps(struct chorus *chorus, float *left, float *right)
{
    const struct swing swing = advance(chorus);
    const float direct = chorus->direct / 6;
    const float crossed = chorus->crossed / 6;
    for (size_t at = 0; at < KERNEL_BLOCK; at += LANES) {
        four part;
        const four_int from = find_frames(chorus, &swing, at, &part);
        lanes heard[CHORUS_TAPS];
        for (size_t tap = 0; tap < CHORUS_TAPS; tap++) {
            heard[tap] = read_tap(chorus->lines + from[tap], part[tap], swing.slope[tap]);
        }
        const lanes even = heard[0] + heard[2];
        const lanes odd = heard[1] + heard[3];
        lanes_store(left + at, lanes_load(left + at) + direct * even + crossed * odd);
        lanes_store(right + at, lanes_load(right + at) + direct * odd + crossed * even);
    }
}

void KERNEL_NAME(chorus_process)(struct chorus *chorus, const float *in, float *left, float *right)
{
    const float energy = block_energy(in);
    const bool sound = energy_is_sound(energy);
    const bool quiet = !sound || energy_is_silent(energy);
    if (quiet && chorus->awake <= 0) {
        chorus_skip(chorus, 1);
        lanes_leave();
        return;
    }
    chorus->awake = quiet ? chorus->awake - KERNEL_BLOCK : chorus->span;
    memcpy(delay_head(chorus->lines, &chorus->delay), sound ? in : block_silence, KERNEL_BLOCK * sizeof *in);
    delay_advance(chorus->lines, &chorus->delay);
    add_taps(chorus, left, right);
    if (chorus->awake <= 0) {
        chorus->awake = 0;
        memset(chorus->lines, 0, (size_t)chorus->size * sizeof *chorus->lines);
    }
    lanes_leave();
}
