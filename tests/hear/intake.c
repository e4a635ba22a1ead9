// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/intake.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t RATES[] = {8000,  11025, 12000, 16000, 22050, 24000,  32000,  44100,  48000,
                                 64000, 79999, 80000, 88200, 96000, 119999, 120000, 176400, 192000};

static void rates_are_what_the_ears_can_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RATES / sizeof RATES[0]; i++) {
        struct intake *intake = intake_new(RATES[i], NULL);
        assert_non_null(intake);
        const struct intake_stream *fast = intake_fast(intake);
        const struct intake_stream *slow = intake_slow(intake);
        assert_true(fast->rate * fast->factor == RATES[i]);
        assert_true(fabs(slow->rate * slow->factor - RATES[i]) < 1e-6);
        assert_true(fast->rate >= fmin(RATES[i], 40000.0) && fast->rate < 80000.0);
        assert_true(slow->rate >= fmin(RATES[i], 10500.0) && slow->rate < 21000.0);
        intake_free(intake);
    }
}

// Where the peak of a bump lies in a stream, in device frames, found to a fraction of a frame by a parabola.
struct peak {
    float before, value, after;
    size_t at, count;
    float last;
};

static void peak_take(struct peak *peak, const struct intake_stream *stream)
{
    for (size_t k = 0; k < stream->count; k++, peak->count++) {
        const float value = stream->frames[k];
        if (peak->count == peak->at + 1) {
            peak->after = value;
        }
        if (value > peak->value) {
            *peak = (struct peak){.before = peak->last, .value = value, .at = peak->count, .count = peak->count};
        }
        peak->last = value;
    }
}

static double peak_frame(const struct peak *peak, const struct intake_stream *stream)
{
    const double bend = peak->before - 2.0 * peak->value + peak->after;
    return intake_device_frame(stream, (double)peak->at + 0.5 * (peak->before - peak->after) / bend);
}

static void device_frames_lie_where_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RATES / sizeof RATES[0]; i++) {
        struct intake *intake = intake_new(RATES[i], NULL);
        struct peak fast = {.value = 0.0F};
        struct peak slow = {.value = 0.0F};
        const double middle = 3001.0;
        for (int block = 0; block < 200; block++) {
            float in[32];
            for (int k = 0; k < 32; k++) {
                const double away = (block * 32 + k - middle) / RATES[i] * 1500.0;
                in[k] = (float)exp(-away * away);
            }
            intake_push(intake, in, 32);
            peak_take(&fast, intake_fast(intake));
            peak_take(&slow, intake_slow(intake));
        }
        const double tolerance = RATES[i] * 1e-5; // 10 us: what the parabola can tell of a bell
        assert_true(fabs(peak_frame(&fast, intake_fast(intake)) - middle) < tolerance);
        assert_true(fabs(peak_frame(&slow, intake_slow(intake)) - middle) < tolerance);
        intake_free(intake);
    }
}

static void does_not_care_how_pushes_are_cut(void **state)
{
    (void)state;
    struct intake *whole = intake_new(192000, NULL);
    struct intake *cut = intake_new(192000, NULL);
    float in[INTAKE_BLOCK];
    for (size_t k = 0; k < INTAKE_BLOCK; k++) {
        in[k] = (float)(k * 7919 % 1009) / 1000.0F;
    }
    for (int block = 0; block < 10; block++) {
        float fast[INTAKE_BLOCK];
        float slow[INTAKE_BLOCK];
        size_t fasts = 0;
        size_t slows = 0;
        intake_push(whole, in, INTAKE_BLOCK);
        for (size_t k = 0, step = 0; k < INTAKE_BLOCK; k += step) {
            step = k % 7 + 1 < INTAKE_BLOCK - k ? k % 7 + 1 : INTAKE_BLOCK - k;
            intake_push(cut, in + k, step);
            memcpy(fast + fasts, intake_fast(cut)->frames, intake_fast(cut)->count * sizeof *fast);
            memcpy(slow + slows, intake_slow(cut)->frames, intake_slow(cut)->count * sizeof *slow);
            fasts += intake_fast(cut)->count;
            slows += intake_slow(cut)->count;
        }
        assert_int_equal(fasts, intake_fast(whole)->count);
        assert_int_equal(slows, intake_slow(whole)->count);
        assert_memory_equal(fast, intake_fast(whole)->frames, fasts * sizeof *fast);
        assert_memory_equal(slow, intake_slow(whole)->frames, slows * sizeof *slow);
    }
    intake_free(whole);
    intake_free(cut);
}

static void refuses_a_rate_that_cannot_be(void **state)
{
    (void)state;
    static const uint32_t bad[] = {0, 7999, 192001, UINT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct complaint complaint = {.text = ""};
        assert_null(intake_new(bad[i], &complaint));
        assert_non_null(strstr(complaint.text, "8000 to 192000"));
        assert_null(intake_new(bad[i], NULL));
    }
    intake_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_what_the_ears_can_take),
        cmocka_unit_test(device_frames_lie_where_they_say),
        cmocka_unit_test(does_not_care_how_pushes_are_cut),
        cmocka_unit_test(refuses_a_rate_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
