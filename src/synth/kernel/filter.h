// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A voice's filter, b0 (1 + 2/z + 1/zz) / (1 + a1/z + a2/zz), over a block that is dealt to the lanes (deal.h). Part
/// of synth/kernel.
///
/// Each lane first filters its frames as if nothing had been before them. What truly was before, the two last outputs
/// of the lane below, then follows for all lanes at once: a lane hands on its own outputs and, times the matrix of its
/// recursion, what was handed to it, and by doubling steps each lane sums up all lanes below (Kogge and Stone, "A
/// parallel algorithm for the efficient solution of a general class of recurrence equations", IEEE Trans. Computers
/// C-22(8), 1973). Its answer to that is the impulse response, scaled.
///
/// A filter that stands still has the same matrix in all lanes, whose powers are kept from block to block. One that
/// moves is another one in each quarter of the block, on every kind of machine.
#pragma once

#include "synth/kernel/deal.h"

/// What it remembers from block to block: the later one first.
struct filter_past {
    float in1, in2, out1, out2;
};

/// The filter of each lane, by its impulse response up to the first frame behind a lane's.
struct filter {
    lanes b0, a2;
    lanes response[PARTS + 1];
};

/// From the two outputs before some frames to the two last ones of these.
struct filter_matrix {
    lanes a, b, c, d;
};

/// Doubling steps over the lanes.
enum { FILTER_STEPS = LANES == 16 ? 4 : LANES == 8 ? 3 : 2 };

/// What is kept of a filter that stands still.
struct filter_still {
    float powers[FILTER_STEPS][4]; ///< the matrix, its square, the square of that
    float b0, a2, response[PARTS + 1];
};

static inline void filter_set(struct filter *filter, lanes b0, lanes a1, lanes a2)
{
    filter->b0 = b0;
    filter->a2 = a2;
    filter->response[0] = lanes_all(1.0F);
    filter->response[1] = -a1;
    for (int i = 2; i <= PARTS; i++) {
        filter->response[i] = -a2 * filter->response[i - 2] - a1 * filter->response[i - 1];
    }
}

/// The matrix of PARTS frames.
static inline struct filter_matrix filter_matrix_of(const struct filter *filter)
{
    return (struct filter_matrix){.a = filter->response[PARTS],
                                  .b = -filter->a2 * filter->response[PARTS - 1],
                                  .c = filter->response[PARTS - 1],
                                  .d = -filter->a2 * filter->response[PARTS - 2]};
}

/// First \p first, then \p then.
static inline struct filter_matrix filter_matrix_join(struct filter_matrix then, struct filter_matrix first)
{
    return (struct filter_matrix){.a = then.a * first.a + then.b * first.c,
                                  .b = then.a * first.b + then.b * first.d,
                                  .c = then.c * first.a + then.d * first.c,
                                  .d = then.c * first.b + then.d * first.d};
}

/// Half as many lanes, in double precision: at a low cutoff the powers are small differences of large products.
enum { FILTER_DOUBLES = LANES / 2 };
typedef double filter_doubles __attribute__((vector_size(LANES_BYTES)));
typedef float filter_half __attribute__((vector_size(LANES_BYTES / 2)));

static inline filter_doubles filter_widen(const float *from)
{
    filter_half half;
    memcpy(&half, from, sizeof half);
    return __builtin_convertvector(half, filter_doubles);
}

static inline void filter_narrow(float *to, filter_doubles value)
{
    const filter_half half = __builtin_convertvector(value, filter_half);
    memcpy(to, &half, sizeof half);
}

/// FILTER_DOUBLES of struct filter_still at once, a number of all of them after the other.
struct filter_still_block {
    float powers[FILTER_STEPS][4][FILTER_DOUBLES];
    float response[PARTS + 1][FILTER_DOUBLES];
};

static inline void filter_still_of(const float *a1s, const float *a2s, struct filter_still_block *still)
{
    const filter_doubles a1 = filter_widen(a1s);
    const filter_doubles a2 = filter_widen(a2s);
    filter_doubles response[PARTS + 1] = {1.0 - (filter_doubles){0}, -a1};
    for (int i = 2; i <= PARTS; i++) {
        response[i] = -a2 * response[i - 2] - a1 * response[i - 1];
    }
    filter_doubles a = response[PARTS];
    filter_doubles b = -a2 * response[PARTS - 1];
    filter_doubles c = response[PARTS - 1];
    filter_doubles d = -a2 * response[PARTS - 2];
    for (int i = 0; i < FILTER_STEPS; i++) {
        const filter_doubles squared[4] = {a * a + b * c, b * (a + d), c * (a + d), b * c + d * d};
        filter_narrow(still->powers[i][0], a);
        filter_narrow(still->powers[i][1], b);
        filter_narrow(still->powers[i][2], c);
        filter_narrow(still->powers[i][3], d);
        a = squared[0];
        b = squared[1];
        c = squared[2];
        d = squared[3];
    }
    for (int i = 0; i <= PARTS; i++) {
        filter_narrow(still->response[i], response[i]);
    }
}

/// The one of number \p lane, whose b0 and a2 these are.
static inline void filter_still_take(const struct filter_still_block *block, int lane, float b0, float a2,
                                     struct filter_still *still)
{
    for (int i = 0; i < FILTER_STEPS; i++) {
        for (int j = 0; j < 4; j++) {
            still->powers[i][j] = block->powers[i][j][lane];
        }
    }
    still->b0 = b0;
    still->a2 = a2;
    for (int i = 0; i <= PARTS; i++) {
        still->response[i] = block->response[i][lane];
    }
}

/// \p value \p step lanes up, with 0 below.
static inline __attribute__((always_inline)) lanes filter_raise(lanes value, int step)
{
    const lanes none = {0};
#if LANES_BYTES == 64
    if (step == 8) {
        return lanes_after8(none, value);
    }
#endif
#if LANES_BYTES >= 32
    if (step == 4) {
        return lanes_after4(none, value);
    }
#endif
    return step == 2 ? lanes_after2(none, value) : lanes_after1(none, value);
}

static inline struct filter_matrix filter_matrix_raise(struct filter_matrix matrix, int step)
{
    return (struct filter_matrix){.a = filter_raise(matrix.a, step),
                                  .b = filter_raise(matrix.b, step),
                                  .c = filter_raise(matrix.c, step),
                                  .d = filter_raise(matrix.d, step)};
}

/// The two outputs before each lane's frames.
struct filter_carry {
    lanes out1, out2;
};

static inline __attribute__((always_inline)) void filter_carry_add(struct filter_carry *carry, int step,
                                                                   struct filter_matrix matrix)
{
    const lanes out1 = filter_raise(carry->out1, step);
    const lanes out2 = filter_raise(carry->out2, step);
    carry->out1 = carry->out1 + matrix.a * out1 + matrix.b * out2;
    carry->out2 = carry->out2 + matrix.c * out1 + matrix.d * out2;
}

/// \p block becomes what each lane makes of its own frames; returns what the lanes below hand on, each for itself.
static inline __attribute__((always_inline)) struct filter_carry
filter_lanes(const struct filter *filter, const struct filter_past *past, lanes block[PARTS])
{
    const lanes before1 = lanes_after1(lanes_all(past->in1), block[PARTS - 1]);
    const lanes before2 = lanes_after1(lanes_all(past->in2), block[PARTS - 2]);
    for (int i = PARTS - 1; i >= 0; i--) {
        const lanes in1 = i > 0 ? block[i - 1] : before1;
        const lanes in2 = i > 1 ? block[i - 2] : i > 0 ? before1 : before2;
        block[i] = (block[i] + 2.0F * in1 + in2) * filter->b0;
    }
    block[1] += filter->response[1] * block[0];
    for (int i = 2; i < PARTS; i++) {
        block[i] = block[i] - filter->a2 * block[i - 2] + filter->response[1] * block[i - 1];
    }
    return (struct filter_carry){.out1 = lanes_after1(lanes_all(past->out1), block[PARTS - 1]),
                                 .out2 = lanes_after1(lanes_all(past->out2), block[PARTS - 2])};
}

/// The answer of each lane to what was before it.
static inline __attribute__((always_inline)) void filter_answer(const struct filter *filter,
                                                                const struct filter_carry *carry, lanes block[PARTS])
{
    const lanes out2 = -filter->a2 * carry->out2;
    block[0] = block[0] + out2 + filter->response[1] * carry->out1;
    for (int i = 1; i < PARTS; i++) {
        block[i] = block[i] + filter->response[i] * out2 + filter->response[i + 1] * carry->out1;
    }
}

/// Through a filter that stands still.
static inline __attribute__((always_inline)) void filter_run_still(const struct filter_still *still,
                                                                   const struct filter_past *past, lanes block[PARTS])
{
    struct filter filter = {.b0 = lanes_all(still->b0), .a2 = lanes_all(still->a2)};
    for (int i = 0; i <= PARTS; i++) {
        filter.response[i] = lanes_all(still->response[i]);
    }
    struct filter_carry carry = filter_lanes(&filter, past, block);
    for (int i = 0; i < FILTER_STEPS; i++) {
        const float *power = still->powers[i];
        filter_carry_add(&carry, 1 << i,
                         (struct filter_matrix){.a = lanes_all(power[0]),
                                                .b = lanes_all(power[1]),
                                                .c = lanes_all(power[2]),
                                                .d = lanes_all(power[3])});
    }
    filter_answer(&filter, &carry, block);
}

/// Through a filter that is another one in some lanes.
static inline __attribute__((always_inline)) void filter_run_moving(const struct filter *filter,
                                                                    const struct filter_past *past, lanes block[PARTS])
{
    struct filter_carry carry = filter_lanes(filter, past, block);
    // From what a lane gets to what it hands on is its own matrix, but what it gets came through the one below.
    struct filter_matrix matrix = filter_matrix_raise(filter_matrix_of(filter), 1);
    for (int i = 0; i < FILTER_STEPS; i++) {
        filter_carry_add(&carry, 1 << i, matrix);
        matrix = filter_matrix_join(matrix, filter_matrix_raise(matrix, 1 << i));
    }
    filter_answer(filter, &carry, block);
}
