// SPDX-License-Identifier: GPL-3.0-or-later
// The send goes through a low cut and a pre-delay to four all-pass diffusers in a row (Schroeder, "Natural sounding
// artificial reverberation", JAES 10(3), 1962) and from there into the tank: eight delay lines whose ends, each through
// a damper, come back to all beginnings through a Hadamard matrix (Jot and Chaigne, "Digital delay networks for
// designing artificial reverberators", AES 90th convention, 1991, preprint 3030). synth/reverb.c says how their numbers
// follow from the settings.
//
// Every delay is longer than a block. So nothing within a block depends on another frame of it but through the one-pole
// filters, and each stage is run over the whole block, time along the lanes; the filters recur by doubling steps.
//
// Four of the lines are read at a point that wanders, which spreads the modes of the network and keeps them from
// ringing. It moves by an eighth of a frame in a block at most: the same four frames serve all of the block, with
// weights that run straight from those of the start to those of the end. Left hears the even lines and right the odd
// ones.
//
// Both halves sleep. When what came in and what came out has been silent for as long as a frame can stay inside, a half
// is cleared and left alone until it is fed again; the diffusers, which forget within a second, so never fade into
// denormal numbers while a long tail rings on.
#include "synth/reverb.h"

#include "synth/kernel/block.h"
#include "synth/kernel/loops.h"

static const float diffusion[REVERB_DIFFUSERS] = {0.7F, 0.7F, 0.625F, 0.625F};

static void low_cut(struct reverb *reverb, const float *in, float *out)
{
    const float rest = 1 - reverb->low_cut[0];
    lanes carry = lanes_all(reverb->low_cut_carry);
    for (size_t at = 0; at < KERNEL_BLOCK; at += GROUP * LANES) {
        lanes low[GROUP];
        for (size_t i = 0; i < GROUP; i++) {
            low[i] = rest * lanes_load(in + at + i * LANES);
        }
        group_recur(low, reverb->low_cut, &carry);
        for (size_t i = 0; i < GROUP; i++) {
            lanes_store(out + at + i * LANES, lanes_load(in + at + i * LANES) - low[i]);
        }
    }
    reverb->low_cut_carry = without_dust(carry[0]);
}

/// From the send to what goes into the tank.
static void run_front(struct reverb *reverb, const float *in, float *out)
{
    lanes block[PARTS];
    low_cut(reverb, in, delay_head(reverb->lines, &reverb->predelay));
    delay_advance(reverb->lines, &reverb->predelay);
    const float *past = delay_past(reverb->lines, &reverb->predelay, KERNEL_BLOCK + reverb->predelay.ago);
    for (size_t i = 0; i < PARTS; i++) {
        block[i] = lanes_load(past + i * LANES);
    }
    for (size_t d = 0; d < REVERB_DIFFUSERS; d++) {
        struct delay *diffuser = &reverb->diffusers[d];
        past = delay_past(reverb->lines, diffuser, diffuser->ago);
        float *head = delay_head(reverb->lines, diffuser);
        for (size_t i = 0; i < PARTS; i++) {
            const lanes old = lanes_load(past + i * LANES);
            const lanes new = block[i] + diffusion[d] * old;
            lanes_store(head + i * LANES, new);
            block[i] = old - diffusion[d] * new;
        }
        delay_advance(reverb->lines, diffuser);
    }
    for (size_t i = 0; i < PARTS; i++) {
        lanes_store(out + i * LANES, block[i] * reverb->drive);
    }
}

/// How the moving lines are read in a block.
struct motion {
    four_int shift;  ///< frames further back than they say
    four weights[4]; ///< of four frames, from the youngest, at the start
    four slopes[4];  ///< and their growth in a frame
};

/// Lagrange's, for a point \p f of the way from the second frame to the third, times \p gain.
static inline void weigh(four weights[4], four f, four gain)
{
    const four inner = gain * (f + 1) * (f - 2) * 0.5F;
    const four outer = gain * f * (f - 1) * (1 / 6.0F);
    weights[0] = outer * (2 - f);
    weights[1] = inner * (f - 1);
    weights[2] = -inner * f;
    weights[3] = outer * (f + 1);
}

static void move(struct reverb *reverb, struct motion *motion)
{
    four_uint phases;
    four_uint steps;
    four gains;
    four ends[4];
    memcpy(&phases, reverb->phases, sizeof phases);
    memcpy(&steps, reverb->steps, sizeof steps);
    memcpy(&gains, reverb->gains, sizeof gains);
    const four from = reverb->depth * four_sine(phases);
    phases += steps;
    const four to = reverb->depth * four_sine(phases);
    memcpy(reverb->phases, &phases, sizeof phases);
    motion->shift = four_floor((from + to) * 0.5F);
    const four whole = __builtin_convertvector(motion->shift, four);
    weigh(motion->weights, from - whole, gains);
    weigh(ends, to - whole, gains);
    for (size_t j = 0; j < 4; j++) {
        motion->slopes[j] = (ends[j] - motion->weights[j]) * (1.0F / KERNEL_BLOCK);
    }
}

static inline void read_moving(struct reverb *reverb, size_t line, const struct motion *motion, float *out)
{
    const struct delay *delay = &reverb->tank[line];
    const float *past = delay_past(reverb->lines, delay, delay->ago + motion->shift[line] + 2);
    lanes carry = lanes_all(reverb->carries[line]);
    for (size_t at = 0; at < KERNEL_BLOCK; at += GROUP * LANES) {
        lanes x[GROUP] = {{0}};
        const lanes time = (float)at + lanes_ramp();
        for (size_t j = 0; j < 4; j++) {
            const lanes weight = motion->weights[j][line] + motion->slopes[j][line] * time;
            const float growth = motion->slopes[j][line] * LANES;
            for (size_t i = 0; i < GROUP; i++) {
                x[i] += (weight + (float)i * growth) * lanes_load(past + at + i * LANES + 3 - j);
            }
        }
        group_recur(x, reverb->dampers[line], &carry);
        for (size_t i = 0; i < GROUP; i++) {
            lanes_store(out + at + i * LANES, x[i]);
        }
    }
    reverb->carries[line] = without_dust(carry[0]);
}

static inline void read_still(struct reverb *reverb, size_t line, float *out)
{
    const struct delay *delay = &reverb->tank[line];
    const float *past = delay_past(reverb->lines, delay, delay->ago);
    lanes carry = lanes_all(reverb->carries[line]);
    for (size_t at = 0; at < KERNEL_BLOCK; at += GROUP * LANES) {
        lanes x[GROUP];
        for (size_t i = 0; i < GROUP; i++) {
            x[i] = reverb->gains[line] * lanes_load(past + at + i * LANES);
        }
        group_recur(x, reverb->dampers[line], &carry);
        for (size_t i = 0; i < GROUP; i++) {
            lanes_store(out + at + i * LANES, x[i]);
        }
    }
    reverb->carries[line] = without_dust(carry[0]);
}

/// All eight at one time, times the Hadamard matrix.
static inline void mix(lanes x[REVERB_LINES])
{
    for (size_t half = 1; half < REVERB_LINES; half *= 2) {
        for (size_t i = 0; i < REVERB_LINES; i++) {
            if ((i & half) == 0) {
                const lanes a = x[i];
                const lanes b = x[i + half];
                x[i] = a + b;
                x[i + half] = a - b;
            }
        }
    }
}

/// From \p ends of the lines to their beginnings and to the return. Gives the energy of the return.
static float run_loop(struct reverb *reverb, float ends[REVERB_LINES][KERNEL_BLOCK], const float *in, float *left,
                      float *right)
{
    float *heads[REVERB_LINES];
    for (size_t j = 0; j < REVERB_LINES; j++) {
        heads[j] = delay_head(reverb->lines, &reverb->tank[j]);
    }
    lanes energy = {0};
    for (size_t i = 0; i < KERNEL_BLOCK; i += LANES) {
        lanes x[REVERB_LINES];
        for (size_t j = 0; j < REVERB_LINES; j++) {
            x[j] = lanes_load(ends[j] + i);
        }
        const lanes even = (x[0] - x[2]) + (x[4] - x[6]);
        const lanes odd = (x[1] + x[3]) - (x[5] + x[7]);
        energy += even * even + odd * odd;
        lanes_store(left + i, lanes_load(left + i) + reverb->direct * even + reverb->crossed * odd);
        lanes_store(right + i, lanes_load(right + i) + reverb->direct * odd + reverb->crossed * even);
        mix(x);
        const lanes fed = lanes_load(in + i);
        for (size_t j = 0; j < REVERB_LINES; j++) {
            lanes_store(heads[j] + i, (j & 2) != 0 ? x[j] - fed : x[j] + fed);
        }
    }
    for (size_t j = 0; j < REVERB_LINES; j++) {
        delay_advance(reverb->lines, &reverb->tank[j]);
    }
    return lanes_sum(energy);
}

static float run_tank(struct reverb *reverb, const float *in, float *left, float *right)
{
    _Alignas(LANES_BYTES) float ends[REVERB_LINES][KERNEL_BLOCK];
    struct motion motion;
    move(reverb, &motion);
    for (size_t line = 0; line < REVERB_MOVING; line++) {
        read_moving(reverb, line, &motion, ends[line]);
    }
    for (size_t line = REVERB_MOVING; line < REVERB_LINES; line++) {
        read_still(reverb, line, ends[line]);
    }
    return run_loop(reverb, ends, in, left, right);
}

static void clear_front(struct reverb *reverb)
{
    memset(reverb->lines, 0, (size_t)reverb->front_size * sizeof *reverb->lines);
    reverb->low_cut_carry = 0;
    reverb->front_awake = 0;
}

static void clear_tank(struct reverb *reverb)
{
    memset(reverb->lines + reverb->front_size, 0, (size_t)(reverb->size - reverb->front_size) * sizeof *reverb->lines);
    memset(reverb->carries, 0, sizeof reverb->carries);
    reverb->tank_awake = 0;
}

void KERNEL_NAME(reverb_process)(struct reverb *reverb, const float *in, float *left, float *right)
{
    _Alignas(LANES_BYTES) float diffused[KERNEL_BLOCK];
    const float energy = block_energy(in);
    const bool sound = energy_is_sound(energy);
    const bool fed = sound && !energy_is_silent(energy);
    const float *into_tank = block_silence;
    if (fed || reverb->front_awake > 0) {
        run_front(reverb, sound ? in : block_silence, diffused);
        into_tank = diffused;
        const bool quiet = !fed && energy_is_silent(block_energy(diffused));
        reverb->front_awake = quiet ? reverb->front_awake - KERNEL_BLOCK : reverb->front_span;
        reverb->tank_awake = quiet ? reverb->tank_awake : reverb->tank_span;
        if (reverb->front_awake <= 0) {
            clear_front(reverb);
        }
    }
    if (reverb->tank_awake <= 0) {
        // Where the modulation stands is a matter of time alone, so that it can be told without rendering.
        reverb_skip(reverb, 1);
    } else {
        const float heard = run_tank(reverb, into_tank, left, right);
        reverb->tank_awake = energy_is_silent(heard) ? reverb->tank_awake - KERNEL_BLOCK : reverb->tank_span;
        if (!energy_is_sound(heard)) {
            clear_front(reverb);
            reverb->tank_awake = 0;
        }
        if (reverb->tank_awake <= 0) {
            clear_tank(reverb);
        }
    }
    lanes_leave();
}
