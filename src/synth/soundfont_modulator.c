// SPDX-License-Identifier: GPL-3.0-or-later
// Version 2.01 had a switch as the amount source of the default modulator from velocity to filter cutoff, and files
// that turn the default off name that. It is read as the modulator of 2.04, which has none, and as the default itself:
// players that leave out the default leave it out in this form.
#include "synth/soundfont_modulator.h"

#include "synth/soundfont_riff.h"

enum {
    CC_FLAG = 0x80,
    CURVES = 4,
    LINEAR_TRANSFORM = 0,
    ABSOLUTE_TRANSFORM = 2,
    VELOCITY_TO_FILTER = 0x0102,
    SWITCH_OF_2_01 = 0x0d02,
};

/// Whether section 8.2 knows the source. Controllers that select banks and parameters, or are the low half of another,
/// are none; nor is the end of a link.
static bool is_source(uint16_t source)
{
    const int index = source & 0x7f;
    if (source >> 10 >= CURVES) {
        return false;
    }
    if (source & CC_FLAG) {
        return index != 0 && index != 6 && (index < 32 || index > 63) && (index < 98 || index > 101) && index < 120;
    }
    return index == 0 || index == 2 || index == 3 || index == 10 || index == 13 || index == 14 || index == 16;
}

/// Whether a modulator can move the generator while a note sounds or as it begins.
static bool is_destination(uint16_t destination)
{
    static const bool never[SOUNDFONT_GENERATORS] = {
        [14] = true,
        [18] = true,
        [19] = true,
        [20] = true,
        [GENERATOR_INSTRUMENT] = true,
        [42] = true,
        [GENERATOR_KEY_RANGE] = true,
        [GENERATOR_VELOCITY_RANGE] = true,
        [GENERATOR_KEY] = true,
        [GENERATOR_VELOCITY] = true,
        [49] = true,
        [GENERATOR_SAMPLE] = true,
        [GENERATOR_SAMPLE_MODES] = true,
        [55] = true,
        [GENERATOR_EXCLUSIVE_CLASS] = true,
        [GENERATOR_ROOT_KEY] = true,
        [59] = true,
    };
    return destination < SOUNDFONT_GENERATORS && !never[destination];
}

bool soundfont_modulator_read(const uint8_t *record, struct soundfont_modulator *out)
{
    const uint16_t source = soundfont_u16(record);
    const uint16_t destination = soundfont_u16(record + 2);
    const uint16_t amount_source = soundfont_u16(record + 6);
    const uint16_t transform = soundfont_u16(record + 8);
    const bool is_known = is_source(source) && is_source(amount_source) && is_destination(destination) &&
                          (transform == LINEAR_TRANSFORM || transform == ABSOLUTE_TRANSFORM);
    if (!is_known) {
        return false;
    }
    *out = (struct soundfont_modulator){
        .source = source,
        .amount_source = amount_source,
        .transform = transform,
        .destination = (uint8_t)destination,
        .amount = soundfont_s16(record + 4),
    };
    if (source == VELOCITY_TO_FILTER && destination == GENERATOR_FILTER_CUTOFF && amount_source == SWITCH_OF_2_01) {
        out->amount_source = 0;
        out->is_default = true;
    }
    return true;
}

bool soundfont_modulator_is_identical(const struct soundfont_modulator *a, const struct soundfont_modulator *b)
{
    return a->source == b->source && a->amount_source == b->amount_source && a->transform == b->transform &&
           a->destination == b->destination;
}
