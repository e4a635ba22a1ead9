// SPDX-License-Identifier: GPL-3.0-or-later
// The filter over lanes, against the same recursion frame by frame in double precision, from which it may be four times
// as far as that recursion is in single precision, and 2e-5 of the greatest frame. Compiled once for each kind of
// machine, as the kernels are.
#include "synth/kernel/filter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { QUARTER = KERNEL_BLOCK / 4 };

#define KIND_TEXT(kind)          KIND_TEXT_EXPANDED(kind)
#define KIND_TEXT_EXPANDED(kind) #kind

static uint32_t random_state = 1;

/// -1 to 1.
static float noise(void)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (float)(int32_t)random_state * 0x1p-31F;
}

/// As they are kept: what their rounding does to a filter is not the matter here.
struct coefficients {
    float b0, a1, a2;
};

/// Bristow-Johnson's low-pass, \p cutoff in parts of the rate.
static struct coefficients low_pass(double cutoff, double q)
{
    const double omega = 2 * 3.14159265358979 * cutoff;
    const double alpha = sin(omega) / (2 * q);
    return (struct coefficients){.b0 = (float)((1 - cos(omega)) / 2 / (1 + alpha)),
                                 .a1 = (float)(-2 * cos(omega) / (1 + alpha)),
                                 .a2 = (float)((1 - alpha) / (1 + alpha))};
}

struct take {
    float in[KERNEL_BLOCK];
    double out[KERNEL_BLOCK];
    double error; ///< of the recursion in single precision
    struct filter_past past;
};

static void take_init(struct take *take)
{
    for (int i = 0; i < KERNEL_BLOCK; i++) {
        take->in[i] = noise();
    }
    take->past = (struct filter_past){.in1 = noise(), .in2 = noise(), .out1 = noise(), .out2 = noise()};
}

/// With the coefficients of each quarter of the block.
static void filter_plainly(struct take *take, const struct coefficients quarters[4])
{
    double in1 = take->past.in1;
    double in2 = take->past.in2;
    double out1 = take->past.out1;
    double out2 = take->past.out2;
    float single1 = take->past.out1;
    float single2 = take->past.out2;
    take->error = 0;
    for (int i = 0; i < KERNEL_BLOCK; i++) {
        const struct coefficients *c = &quarters[i / QUARTER];
        const double in = take->in[i];
        const double fed = (double)c->b0 * (in + 2 * in1 + in2);
        const double out = fed - (double)c->a1 * out1 - (double)c->a2 * out2;
        const float single = (float)fed - c->a1 * single1 - c->a2 * single2;
        in2 = in1;
        in1 = in;
        out2 = out1;
        out1 = out;
        single2 = single1;
        single1 = single;
        take->out[i] = out;
        take->error = fmax(take->error, fabs((double)single - out));
    }
}

static void deal(const float frames[KERNEL_BLOCK], lanes block[PARTS])
{
    for (int i = 0; i < PARTS; i++) {
        block[i] = lanes_load(frames + (ptrdiff_t)i * LANES);
    }
    block_deal(block);
}

static void expect_take(const struct take *take, lanes block[PARTS])
{
    float frames[KERNEL_BLOCK];
    double greatest = 1;
    for (int i = 0; i < KERNEL_BLOCK; i++) {
        greatest = fmax(greatest, fabs(take->out[i]));
    }
    const double limit = 4 * take->error + 2e-5 * greatest;
    block_gather(block);
    for (int i = 0; i < PARTS; i++) {
        lanes_store(frames + (ptrdiff_t)i * LANES, block[i]);
    }
    for (int i = 0; i < KERNEL_BLOCK; i++) {
        if (!(fabs((double)frames[i] - take->out[i]) < limit)) {
            fail_msg("frame %d is %g, not %g", i, (double)frames[i], take->out[i]);
        }
    }
}

static void test_each_lane_is_dealt_frames_in_a_row(void **state)
{
    (void)state;
    float frames[KERNEL_BLOCK];
    lanes block[PARTS];
    for (int i = 0; i < KERNEL_BLOCK; i++) {
        frames[i] = (float)i;
    }
    deal(frames, block);
    for (int part = 0; part < PARTS; part++) {
        for (int lane = 0; lane < LANES; lane++) {
            assert_true(block[part][lane] == (float)(lane * PARTS + part));
        }
    }
    block_gather(block);
    for (int part = 0; part < PARTS; part++) {
        for (int lane = 0; lane < LANES; lane++) {
            assert_true(block[part][lane] == (float)(part * LANES + lane));
        }
    }
}

static const double cutoffs[] = {0.0002, 0.002, 0.02, 0.1, 0.25, 0.44};
static const double qs[] = {0.5, 0.71, 3, 60};

enum { CUTOFFS = sizeof cutoffs / sizeof *cutoffs, QS = sizeof qs / sizeof *qs };

static void test_a_filter_that_stands_still(void **state)
{
    (void)state;
    for (int i = 0; i < CUTOFFS * QS; i++) {
        const struct coefficients c = low_pass(cutoffs[i / QS], qs[i % QS]);
        const struct coefficients quarters[4] = {c, c, c, c};
        struct take take;
        struct filter_still_block all;
        struct filter_still still;
        float a1[LANES];
        float a2[LANES];
        lanes block[PARTS];
        take_init(&take);
        filter_plainly(&take, quarters);
        lanes_store(a1, lanes_all(c.a1));
        lanes_store(a2, lanes_all(c.a2));
        filter_still_of(a1, a2, &all);
        filter_still_take(&all, i % FILTER_DOUBLES, c.b0, c.a2, &still);
        deal(take.in, block);
        filter_run_still(&still, &take.past, block);
        expect_take(&take, block);
    }
}

/// One lane's share of what each quarter has.
static lanes of_quarters(const float values[4])
{
    lanes out;
    for (int i = 0; i < LANES; i++) {
        out[i] = values[i * PARTS / QUARTER];
    }
    return out;
}

static void test_a_filter_that_is_another_one_in_each_quarter(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct coefficients quarters[4];
        float b0[4];
        float a1[4];
        float a2[4];
        for (int i = 0; i < 4; i++) {
            quarters[i] = low_pass(0.02 + 0.2 * fabs((double)noise()), 0.6 + 3 * fabs((double)noise()));
            b0[i] = quarters[i].b0;
            a1[i] = quarters[i].a1;
            a2[i] = quarters[i].a2;
        }
        struct take take;
        struct filter filter;
        lanes block[PARTS];
        take_init(&take);
        filter_plainly(&take, quarters);
        filter_set(&filter, of_quarters(b0), of_quarters(a1), of_quarters(a2));
        deal(take.in, block);
        filter_run_moving(&filter, &take.past, block);
        expect_take(&take, block);
    }
}

int main(void)
{
    if (!kernel_find(KIND_TEXT(KERNEL))) {
        print_message("skipped: this processor has no %s\n", KIND_TEXT(KERNEL));
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_lane_is_dealt_frames_in_a_row),
        cmocka_unit_test(test_a_filter_that_stands_still),
        cmocka_unit_test(test_a_filter_that_is_another_one_in_each_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
