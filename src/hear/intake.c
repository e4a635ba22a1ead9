// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/intake.h"

#include "hear/decimator.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double FAST_HZ = 40000.0;
static const double SLOW_HZ = 10500.0;

struct intake {
    struct decimator *to_fast, *to_slow;
    struct intake_stream fast, slow;
    float fast_frames[INTAKE_BLOCK + 1];
    float slow_frames[INTAKE_BLOCK + 1];
};

static uint32_t factor_to(double rate, double least)
{
    const double factor = floor(rate / least);
    return factor < 1.0 ? 1 : (uint32_t)factor;
}

struct intake *intake_new(uint32_t rate, struct complaint *complaint)
{
    if (rate < INTAKE_RATE_MIN || rate > INTAKE_RATE_MAX) {
        (void)complain(complaint, STATUS_RANGE,
                       "a rate of %u Hz: what is listened to has %d to %d Hz; convert it first", rate, INTAKE_RATE_MIN,
                       INTAKE_RATE_MAX);
        return NULL;
    }
    struct intake *intake = calloc(1, sizeof *intake);
    const uint32_t fast = factor_to(rate, FAST_HZ);
    const uint32_t slow = factor_to((double)rate / fast, SLOW_HZ);
    if (intake) {
        intake->to_fast = decimator_new(fast);
        intake->to_slow = decimator_new(slow);
    }
    if (!intake || !intake->to_fast || !intake->to_slow) {
        intake_free(intake);
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    const double delay = decimator_delay(intake->to_fast);
    intake->fast = (struct intake_stream){
        .rate = (double)rate / fast, .factor = fast, .delay = delay, .frames = intake->fast_frames};
    intake->slow = (struct intake_stream){.rate = (double)rate / (fast * slow),
                                          .factor = fast * slow,
                                          .delay = delay + (double)decimator_delay(intake->to_slow) * fast,
                                          .frames = intake->slow_frames};
    return intake;
}

void intake_free(struct intake *intake)
{
    if (intake) {
        decimator_free(intake->to_fast);
        decimator_free(intake->to_slow);
        free(intake);
    }
}

void intake_push(struct intake *intake, const float *in, size_t count)
{
    intake->fast.count = decimator_push(intake->to_fast, in, count, intake->fast_frames);
    intake->slow.count = decimator_push(intake->to_slow, intake->fast_frames, intake->fast.count, intake->slow_frames);
}

const struct intake_stream *intake_fast(const struct intake *intake)
{
    return &intake->fast;
}

const struct intake_stream *intake_slow(const struct intake *intake)
{
    return &intake->slow;
}

double intake_device_frame(const struct intake_stream *stream, double frame)
{
    return frame * stream->factor - stream->delay;
}
