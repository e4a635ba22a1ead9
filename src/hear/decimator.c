// SPDX-License-Identifier: GPL-3.0-or-later
// Only the frames that remain are computed. The last frames of the input are kept twice, a filter's length apart, so
// that a window of them is always in one piece.
#include "hear/decimator.h"

#include "core/kaiser.h"

#include <math.h>
#include <stdlib.h>

static const double PASS = 0.4;         // of the lower rate
static const double STOP = 0.6;         // of the lower rate
static const double ATTENUATION = 80.0; // dB

struct decimator {
    uint32_t factor, taps;
    uint32_t at;    ///< where the next frame goes, 0 to taps - 1
    uint32_t until; ///< frames until the next one of the output
    float *filter, *past;
};

static void design(struct decimator *decimator)
{
    const double beta = 0.1102 * (ATTENUATION - 8.7);
    const double middle = (decimator->taps - 1) / 2.0;
    const double cutoff = 0.5 * (PASS + STOP) / decimator->factor;
    double sum = 0.0;
    for (uint32_t i = 0; i < decimator->taps; i++) {
        const double x = 2.0 * M_PI * cutoff * (i - middle);
        const double sinc = fabs(x) < 1e-9 ? 1.0 : sin(x) / x;
        const double place = (i - middle) / (middle + 1.0);
        const double value = sinc * kaiser(place, beta);
        decimator->filter[i] = (float)value;
        sum += value;
    }
    for (uint32_t i = 0; i < decimator->taps; i++) {
        decimator->filter[i] = (float)(decimator->filter[i] / sum);
    }
}

struct decimator *decimator_new(uint32_t factor)
{
    if (factor < 1 || factor > DECIMATOR_FACTOR_MAX) {
        return NULL;
    }
    const double width = 2.0 * M_PI * (STOP - PASS) / factor;
    const uint32_t taps = factor == 1 ? 1 : ((uint32_t)ceil((ATTENUATION - 8.0) / (2.285 * width)) | 1U);
    struct decimator *decimator = calloc(1, sizeof *decimator);
    float *memory = calloc(3 * (size_t)taps, sizeof *memory);
    if (!decimator || !memory) {
        free(memory);
        free(decimator);
        return NULL;
    }
    *decimator = (struct decimator){.factor = factor, .taps = taps, .filter = memory, .past = memory + taps};
    design(decimator);
    return decimator;
}

void decimator_free(struct decimator *decimator)
{
    if (decimator) {
        free(decimator->filter);
        free(decimator);
    }
}

uint32_t decimator_delay(const struct decimator *decimator)
{
    return decimator->taps / 2;
}

// The filter is symmetric, so it may run over the past in either direction.
static float filter(const struct decimator *decimator) REALTIME;

static float filter(const struct decimator *decimator)
{
    const float *past = decimator->past + decimator->at;
    float sum = 0.0F;
    for (uint32_t i = 0; i < decimator->taps; i++) {
        sum += decimator->filter[i] * past[i];
    }
    return sum;
}

size_t decimator_push(struct decimator *decimator, const float *in, size_t count, float *out)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        decimator->past[decimator->at] = decimator->past[decimator->at + decimator->taps] = in[i];
        decimator->at = decimator->at + 1 < decimator->taps ? decimator->at + 1 : 0;
        if (decimator->until == 0) {
            out[made++] = filter(decimator);
            decimator->until = decimator->factor;
        }
        decimator->until--;
    }
    return made;
}
