// SPDX-License-Identifier: GPL-3.0-or-later
// A source is an index (of a MIDI controller, or of the palette of section 8.2.1), mapped by direction, polarity and
// curve. Concave is -20/96 log10(x^2) seen from its other end, so that an attenuation of 960 cB by it makes amplitude
// the square of the controller, and convex is its mirror image (section 8.2.4).
#include "synth/modulator.h"

#include "synth/exponents.h"

#include <math.h>

enum {
    SOURCE_INDEX = 0x7f,
    SOURCE_CONTROLLER = 0x80,
    SOURCE_NEGATIVE = 0x100,
    SOURCE_BIPOLAR = 0x200,
    SOURCE_CURVE_SHIFT = 10,

    PALETTE_NONE = 0,
    PALETTE_VELOCITY = 2,
    PALETTE_KEY = 3,
    PALETTE_KEY_PRESSURE = 10,
    PALETTE_PRESSURE = 13,
    PALETTE_BEND = 14,
    PALETTE_BEND_RANGE = 16,

    TRANSFORM_ABSOLUTE = 2,
};

static const float LOG10_2 = 0.301029996F;

static float line(float x) REALTIME;
static float concave(float x) REALTIME;
static float convex(float x) REALTIME;
static float step_up(float x) REALTIME;

/// -1 to 1 of bipolar, 0 to 1 of unipolar, still straight.
static float straight(int value, int range, bool bipolar, bool negative)
{
    const int centre = (range + 1) / 2;
    float x = (float)value / (float)range;
    if (bipolar) {
        x = value <= centre ? (float)(value - centre) / (float)centre
                            : (float)(value - centre) / (float)(range - centre);
        return negative ? -x : x;
    }
    return negative ? 1.0F - x : x;
}

static float concave(float x)
{
    // 0 at 0, and 1 from where the square is 96 dB down.
    const float y = x >= 1.0F ? 1.0F : -(400.0F / 960.0F) * LOG10_2 * exponent_log(1.0F - x);
    return y < 1.0F ? y : 1.0F;
}

static float convex(float x)
{
    return 1.0F - concave(1.0F - x);
}

static float step_up(float x)
{
    return x >= 0.5F ? 1.0F : 0.0F;
}

static float line(float x)
{
    return x;
}

/// By their numbers in section 8.2.4.
static float (*const curves[])(float) REALTIME = {line, concave, convex, step_up};

static float shape(float x, unsigned curve)
{
    if (curve >= sizeof curves / sizeof *curves) {
        return 0.0F;
    }
    if (curve == 3) {
        return x < 0.0F ? -1.0F : step_up(x);
    }
    return x < 0.0F ? -curves[curve](-x) : curves[curve](x);
}

/// The source's number, its range in \p range; -1 where there is none of that number.
static int palette(unsigned index, const struct modulator_input *input, int *range)
{
    switch (index) {
    case PALETTE_VELOCITY:
        return input->velocity;
    case PALETTE_KEY:
        return input->key;
    case PALETTE_KEY_PRESSURE:
        return input->channel->key_pressure[input->played_key];
    case PALETTE_PRESSURE:
        return input->channel->pressure;
    case PALETTE_BEND:
        *range = 16383;
        return input->channel->bend;
    case PALETTE_BEND_RANGE:
        *range = 12700;
        return input->channel->bend_range;
    default:
        return -1;
    }
}

static float source_value(uint16_t source, const struct modulator_input *input)
{
    const unsigned index = source & SOURCE_INDEX;
    int range = 127;
    if ((source & SOURCE_CONTROLLER) == 0 && index == PALETTE_NONE) {
        return 1.0F;
    }
    const int value = source & SOURCE_CONTROLLER ? input->channel->controllers[index] : palette(index, input, &range);
    if (value < 0) {
        return 0.0F;
    }
    const bool bipolar = (source & SOURCE_BIPOLAR) != 0;
    const unsigned curve = (unsigned)source >> SOURCE_CURVE_SHIFT;
    const float x = straight(value, range, bipolar, (source & SOURCE_NEGATIVE) != 0);
    // A bipolar switch is on from the middle up.
    return bipolar && curve == 3 ? (x >= 0.0F ? 1.0F : -1.0F) : shape(x, curve);
}

static bool is_velocity_filter(const struct soundfont_modulator *modulator)
{
    return modulator->is_default && modulator->destination == GENERATOR_FILTER_CUTOFF;
}

void modulators_add(const struct soundfont_modulator *modulators, int count, const struct modulator_input *input,
                    bool velocity_filter, float *generators)
{
    for (int i = 0; i < count; i++) {
        const struct soundfont_modulator *modulator = &modulators[i];
        if (!velocity_filter && is_velocity_filter(modulator)) {
            continue;
        }
        float value = source_value(modulator->source, input);
        if (value != 0.0F) {
            value *= modulator->amount * source_value(modulator->amount_source, input);
            generators[modulator->destination] += modulator->transform == TRANSFORM_ABSOLUTE ? fabsf(value) : value;
        }
    }
}
