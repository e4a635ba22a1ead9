// SPDX-License-Identifier: GPL-3.0-or-later
#include "sampler_phrase.h"

enum { CHANNELS = 16, KEY_PRESSURE = 0xa0, PRESSURE = 0xd0 };

/// A preset of one zone.
static void add_preset(struct font *font, int bank, int program, int sample, const struct setting *settings)
{
    font_preset(font, bank, program);
    font_zone(font, sample, settings);
}

static void add_melodic(struct font *font, int sine, int noise, int brief, int variant)
{
    add_preset(
        font, 0, 0, sine,
        (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_VOL_ENV_RELEASE, -2400 + variant}, {0}});
    // A swell with a moving filter.
    add_preset(font, 0, 1, noise,
               (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1},
                                        {GENERATOR_VOL_ENV_ATTACK, -1200},
                                        {GENERATOR_VOL_ENV_RELEASE, 0},
                                        {GENERATOR_FILTER_CUTOFF, 6000},
                                        {GENERATOR_FILTER_Q, 120},
                                        {GENERATOR_MOD_ENV_TO_FILTER, 3600},
                                        {GENERATOR_MOD_ENV_ATTACK, -2400},
                                        {GENERATOR_MOD_ENV_DECAY, 0},
                                        {GENERATOR_MOD_ENV_SUSTAIN, 700},
                                        {GENERATOR_MOD_LFO_TO_FILTER, 600},
                                        {0}});
    add_preset(font, 0, 2, sine,
               (const struct setting[]){{GENERATOR_SAMPLE_MODES, 3},
                                        {GENERATOR_VOL_ENV_DELAY, -4800},
                                        {GENERATOR_VOL_ENV_HOLD, -3600},
                                        {GENERATOR_VOL_ENV_DECAY, 0},
                                        {GENERATOR_VOL_ENV_SUSTAIN, 250},
                                        {GENERATOR_VOL_ENV_RELEASE, 1200},
                                        {GENERATOR_VIB_LFO_TO_PITCH, 30},
                                        {GENERATOR_MOD_LFO_TO_VOLUME, 40},
                                        {GENERATOR_REVERB_SEND, 300},
                                        {GENERATOR_CHORUS_SEND, 300},
                                        {0}});
    // Two layers, left and right, the one with a modulator.
    font_preset(font, 0, 3);
    font_zone(font, brief, (const struct setting[]){{GENERATOR_PAN, -500}, {GENERATOR_SAMPLE_MODES, 1}, {0}});
    maker_modulator(&font->maker, MAKER_INSTRUMENT, 0x000a, GENERATOR_FINE_TUNE, 50, 0, 0);
    font_zone(font, noise, (const struct setting[]){{GENERATOR_PAN, 500}, {GENERATOR_ATTENUATION, 300}, {0}});
}

void phrase_font(struct font *font, int variant)
{
    const int sine = font_sine(font, (struct font_sine){.tail = 20000});
    const int noise = font_noise(font, 3000);
    const int brief = font_sine(font, (struct font_sine){.cycles = 1, .loop = 20, .intro = 20, .tail = 8});
    add_melodic(font, sine, noise, brief, variant);
    add_preset(font, 1, 0, brief,
               (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_COARSE_TUNE, 24}, {0}});
    font_preset(font, 128, 0);
    for (int key = 35; key < 82; key++) {
        font_zone(font, key % 2 ? noise : sine,
                  (const struct setting[]){{GENERATOR_KEY_RANGE, key | key << 8},
                                           {GENERATOR_EXCLUSIVE_CLASS, key % 4},
                                           {GENERATOR_VOL_ENV_DECAY, -2400},
                                           {GENERATOR_VOL_ENV_SUSTAIN, 1000},
                                           {0}});
    }
    font_write(font);
}

static int below(struct random *random, int bound)
{
    return (int)random_below(random, (uint32_t)bound);
}

static void play_any_controller(struct random *random, struct instrument *instrument, int channel)
{
    static const int numbers[] = {1, 7, 10, 11, 64, 66, 67, 71, 72, 73, 74, 75, 91, 93};
    const int number = numbers[below(random, sizeof numbers / sizeof *numbers)];
    const int value = below(random, 128);
    play_controller(instrument, channel, number, number == 7 || number == 11 ? 64 + value / 2 : value);
}

void phrase_play(struct random *random, struct instrument *instrument)
{
    const int channel = below(random, CHANNELS);
    const int key = 24 + below(random, 84);
    switch (below(random, 16)) {
    case 0:
        play_program(instrument, channel, below(random, 5));
        break;
    case 1:
    case 2:
        play_any_controller(random, instrument, channel);
        break;
    case 3:
        play_bend(instrument, channel, below(random, 16384));
        break;
    case 4:
        sampler_message(instrument, PRESSURE, channel, below(random, 128), 0);
        break;
    case 5:
        sampler_message(instrument, KEY_PRESSURE, channel, key, below(random, 128));
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        for (int i = 0; i < 24; i++) {
            sampler_note_off(instrument, channel, 24 + below(random, 84));
        }
        break;
    default:
        sampler_note_on(instrument, channel, key, 1 + below(random, 127));
    }
}

static void play_parameter(struct random *random, struct instrument *instrument, int channel)
{
    switch (below(random, 5)) {
    case 0:
        play_rpn(instrument, channel, below(random, 8), below(random, 128), below(random, 128));
        break;
    case 1:
        play_rpn(instrument, below(random, 2) * 15, 6, below(random, 20), 0);
        break;
    case 2:
        play_nrpn(instrument, channel, 120, below(random, 128), below(random, 128), below(random, 128));
        break;
    case 3:
        play_nrpn(instrument, channel, below(random, 3), below(random, 128), below(random, 128), 0);
        break;
    default:
        play_controller(instrument, channel, 96 + below(random, 6), below(random, 128));
    }
}

void phrase_play_anything(struct random *random, struct instrument *instrument)
{
    const int channel = below(random, CHANNELS);
    switch (below(random, 20)) {
    case 0:
        play_parameter(random, instrument, channel);
        break;
    case 1:
        play_controller(instrument, channel, below(random, 128), below(random, 128));
        break;
    case 2:
        play_controller(instrument, channel, below(random, 2) * 32, below(random, 128));
        play_program(instrument, channel, below(random, 128));
        break;
    case 3:
        if (below(random, 50) == 0) {
            sampler_reset(instrument, (enum midi_reset)below(random, MIDI_RESETS));
        }
        sampler_note_on(instrument, channel, below(random, 128), 1 + below(random, 127));
        break;
    default:
        phrase_play(random, instrument);
    }
}
