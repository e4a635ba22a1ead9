// SPDX-License-Identifier: GPL-3.0-or-later
// Controllers are kept as they come; those that do more than be read by modulators have a function in the table
// `specials`. Data entry reaches the parameter that controllers 98 to 101 chose last:
//
// - RPN 0 bend range, 1 fine and 2 coarse tuning, 6 (on the first or last channel) an MPE zone; 127/127 none.
// - NRPN with MSB 120, section 9.6 of the SoundFont specification: the LSB is a generator (100 and above would count it
//   up by hundreds, and choose nothing, as no generator is so high); the value, 8192 the middle, is added to that
//   generator in its unit, times the scale of the table `nrpn_scales`. Its fine half may come before its coarse one.
// - NRPN with MSB 1, which Roland's GS defines, as far as it has controllers of the same meaning.
#include "synth/channel.h"

#include <string.h>

enum {
    PARAMETER_NONE = 127,
    RPN_BEND_RANGE = 0,
    RPN_FINE_TUNE = 1,
    RPN_COARSE_TUNE = 2,
    RPN_ZONE = 6,
    NRPN_SOUNDFONT = 120,
    NRPN_GS = 1,
    MEMBER_BEND_RANGE = 4800,
    BEND_RANGE = 200,
    CENTRE = 64,
    REVERB_SEND = 40,
};

/// What controllers do beyond being remembered.
/// @{
static enum channel_effect set_bank(struct channel *channel, int value) REALTIME;
static enum channel_effect later(struct channel *channel, int value) REALTIME;
static enum channel_effect set_data_coarse(struct channel *channel, int value) REALTIME;
static enum channel_effect set_data_fine(struct channel *channel, int value) REALTIME;
static enum channel_effect pedal(struct channel *channel, int value) REALTIME;
static enum channel_effect data_up(struct channel *channel, int value) REALTIME;
static enum channel_effect data_down(struct channel *channel, int value) REALTIME;
static enum channel_effect choose_nrpn(struct channel *channel, int value) REALTIME;
static enum channel_effect choose_rpn(struct channel *channel, int value) REALTIME;
static enum channel_effect sound_off(struct channel *channel, int value) REALTIME;
static enum channel_effect reset(struct channel *channel, int value) REALTIME;
static enum channel_effect notes_off(struct channel *channel, int value) REALTIME;
/// @}

/// Section 9.6.3 of the specification: so many units a step; what is not named here is 1.
static const uint8_t nrpn_scales[SOUNDFONT_GENERATORS] = {
    [GENERATOR_MOD_LFO_TO_PITCH] = 2,  [GENERATOR_VIB_LFO_TO_PITCH] = 2,  [GENERATOR_MOD_ENV_TO_PITCH] = 2,
    [GENERATOR_FILTER_CUTOFF] = 2,     [GENERATOR_MOD_LFO_TO_FILTER] = 2, [GENERATOR_MOD_ENV_TO_FILTER] = 2,
    [GENERATOR_MOD_LFO_DELAY] = 2,     [GENERATOR_MOD_LFO_FREQUENCY] = 4, [GENERATOR_VIB_LFO_DELAY] = 2,
    [GENERATOR_VIB_LFO_FREQUENCY] = 4, [GENERATOR_MOD_ENV_DELAY] = 2,     [GENERATOR_MOD_ENV_ATTACK] = 2,
    [GENERATOR_MOD_ENV_HOLD] = 2,      [GENERATOR_MOD_ENV_DECAY] = 2,     [GENERATOR_MOD_ENV_RELEASE] = 2,
    [GENERATOR_VOL_ENV_DELAY] = 2,     [GENERATOR_VOL_ENV_ATTACK] = 2,    [GENERATOR_VOL_ENV_HOLD] = 2,
    [GENERATOR_VOL_ENV_DECAY] = 2,     [GENERATOR_VOL_ENV_RELEASE] = 2,
};

/// What controller 121 resets. Bank, volume, pan, program, effect levels and sound controllers stay (RP-015).
static const struct {
    uint8_t number, value;
} resets[] = {{CONTROLLER_MODULATION, 0},
              {CONTROLLER_EXPRESSION, 127},
              {CONTROLLER_SUSTAIN, 0},
              {65, 0},
              {CONTROLLER_SOSTENUTO, 0},
              {CONTROLLER_SOFT, 0},
              {CONTROLLER_NRPN_FINE, PARAMETER_NONE},
              {CONTROLLER_NRPN, PARAMETER_NONE},
              {CONTROLLER_RPN_FINE, PARAMETER_NONE},
              {CONTROLLER_RPN, PARAMETER_NONE}};

void channel_reset_controllers(struct channel *channel)
{
    for (size_t i = 0; i < sizeof resets / sizeof *resets; i++) {
        channel->controllers[resets[i].number] = resets[i].value;
    }
    channel->bend = CHANNEL_BEND_CENTRE;
    channel->pressure = 0;
    memset(channel->key_pressure, 0, sizeof channel->key_pressure);
    channel->dirty = true;
}

void channel_init(struct channel *channel, int index, enum midi_reset rules)
{
    memset(channel, 0, sizeof *channel);
    channel_reset_controllers(channel);
    channel->controllers[CONTROLLER_VOLUME] = 100;
    channel->controllers[CONTROLLER_PAN] = CENTRE;
    channel->controllers[CONTROLLER_REVERB] = REVERB_SEND; // As GS and General MIDI 2 have it.
    for (int number = 70; number < 80; number++) {
        channel->controllers[number] = CENTRE;
    }
    channel->bend_range = BEND_RANGE;
    channel->manager = CHANNEL_NO_MANAGER;
    channel->drums = index == CHANNEL_DRUMS;
    channel->rules = (uint8_t)rules;
    channel->preset = -1;
}

/// General MIDI 2 and XG choose drums by the bank, for the channel that is told so.
static void choose_drums(struct channel *channel, int bank)
{
    if (channel->rules == MIDI_RESET_GM2 && (bank == 120 || bank == 121)) {
        channel->drums = bank == 120;
    } else if (channel->rules == MIDI_RESET_XG) {
        channel->drums = bank >= 126 || (channel->drums && bank == 0);
    }
}

static enum channel_effect set_bank(struct channel *channel, int value)
{
    choose_drums(channel, value);
    return CHANNEL_NOTHING;
}

int channel_bank(const struct channel *channel)
{
    if (channel->drums) {
        return CHANNEL_DRUM_BANK;
    }
    const int coarse = channel->controllers[CONTROLLER_BANK];
    const bool fine_counts = (channel->rules == MIDI_RESET_GM2 && coarse == 121) || channel->rules == MIDI_RESET_XG;
    return fine_counts ? channel->controllers[CONTROLLER_BANK_FINE] : coarse;
}

static enum channel_effect set_rpn(struct channel *channel, int coarse, int fine)
{
    if (channel->controllers[CONTROLLER_RPN] != 0) {
        return CHANNEL_NOTHING;
    }
    switch (channel->controllers[CONTROLLER_RPN_FINE]) {
    case RPN_BEND_RANGE:
        channel->bend_range = (uint16_t)(coarse * 100 + (fine < 100 ? fine : 99));
        return CHANNEL_CHANGED;
    case RPN_FINE_TUNE:
        channel->fine_tune = (int16_t)((coarse << 7 | fine) - CHANNEL_BEND_CENTRE);
        return CHANNEL_CHANGED;
    case RPN_COARSE_TUNE:
        channel->coarse_tune = (int8_t)(coarse - CENTRE);
        return CHANNEL_CHANGED;
    case RPN_ZONE:
        return CHANNEL_ZONE;
    default:
        return CHANNEL_NOTHING;
    }
}

/// NRPNs of Roland's GS that are controllers.
static const struct {
    uint8_t parameter, controller;
} gs_controllers[] = {{8, 76},
                      {9, 77},
                      {10, 78},
                      {32, CONTROLLER_BRIGHTNESS},
                      {33, CONTROLLER_RESONANCE},
                      {99, CONTROLLER_ATTACK},
                      {100, CONTROLLER_DECAY},
                      {102, CONTROLLER_RELEASE}};

/// The controller that the GS parameter of NRPN \p fine is, or -1.
static int gs_controller(int fine)
{
    for (size_t i = 0; i < sizeof gs_controllers / sizeof *gs_controllers; i++) {
        if (gs_controllers[i].parameter == fine) {
            return gs_controllers[i].controller;
        }
    }
    return -1;
}

static bool is_generator(const struct channel *channel)
{
    return channel->controllers[CONTROLLER_NRPN] == NRPN_SOUNDFONT &&
           channel->controllers[CONTROLLER_NRPN_FINE] < SOUNDFONT_GENERATORS;
}

static int nrpn_scale(int generator)
{
    return nrpn_scales[generator] > 0 ? nrpn_scales[generator] : 1;
}

static enum channel_effect set_nrpn(struct channel *channel, int coarse, int fine)
{
    const int parameter = channel->controllers[CONTROLLER_NRPN_FINE];
    if (is_generator(channel)) {
        channel->offsets[parameter] = (float)(((coarse << 7 | fine) - CHANNEL_BEND_CENTRE) * nrpn_scale(parameter));
        return CHANNEL_CHANGED;
    }
    const int same = channel->controllers[CONTROLLER_NRPN] == NRPN_GS ? gs_controller(parameter) : -1;
    if (same < 0) {
        return CHANNEL_NOTHING;
    }
    channel->controllers[same] = (uint8_t)coarse;
    return CHANNEL_CHANGED;
}

/// What the chosen parameter is, in the 14 bits that set it; -1 where there is none that steps or a fine half move.
static int data_of(const struct channel *channel)
{
    if (channel->parameter_nrpn) {
        const int parameter = channel->controllers[CONTROLLER_NRPN_FINE];
        if (is_generator(channel)) {
            const float value = channel->offsets[parameter] / (float)nrpn_scale(parameter) + CHANNEL_BEND_CENTRE;
            return value > 0.0F ? value < 16383.0F ? (int)value : 16383 : 0;
        }
        const int same = channel->controllers[CONTROLLER_NRPN] == NRPN_GS ? gs_controller(parameter) : -1;
        return same < 0 ? -1 : channel->controllers[same] << 7;
    }
    const int parameter = channel->controllers[CONTROLLER_RPN] << 7 | channel->controllers[CONTROLLER_RPN_FINE];
    switch (parameter) {
    case RPN_BEND_RANGE:
        return channel->bend_range / 100 << 7 | channel->bend_range % 100;
    case RPN_FINE_TUNE:
        return channel->fine_tune + CHANNEL_BEND_CENTRE;
    case RPN_COARSE_TUNE:
        return (channel->coarse_tune + CENTRE) << 7;
    default:
        return -1;
    }
}

static enum channel_effect set_data(struct channel *channel, int coarse, int fine)
{
    return channel->parameter_nrpn ? set_nrpn(channel, coarse, fine) : set_rpn(channel, coarse, fine);
}

static enum channel_effect set_data_coarse(struct channel *channel, int value)
{
    // A new coarse value begins with a fine one of 0, as devices do it; but a generator's fine half comes first.
    if (!channel->parameter_nrpn || !is_generator(channel)) {
        channel->controllers[CONTROLLER_DATA_FINE] = 0;
    }
    return set_data(channel, value, channel->controllers[CONTROLLER_DATA_FINE]);
}

static enum channel_effect set_data_fine(struct channel *channel, int value)
{
    const int now = data_of(channel);
    return now < 0 ? CHANNEL_NOTHING : set_data(channel, now >> 7, value);
}

static enum channel_effect move_data(struct channel *channel, int step)
{
    const int now = data_of(channel);
    const int coarse = (now >> 7) + step;
    return now < 0 || coarse < 0 || coarse > 127 ? CHANNEL_NOTHING : set_data(channel, coarse, now & 127);
}

static enum channel_effect data_up(struct channel *channel, int value)
{
    (void)value;
    return move_data(channel, 1);
}

static enum channel_effect data_down(struct channel *channel, int value)
{
    (void)value;
    return move_data(channel, -1);
}

static enum channel_effect choose_nrpn(struct channel *channel, int value)
{
    (void)value;
    channel->parameter_nrpn = true;
    channel->controllers[CONTROLLER_DATA_FINE] = 0;
    return CHANNEL_NOTHING;
}

static enum channel_effect choose_rpn(struct channel *channel, int value)
{
    (void)value;
    channel->parameter_nrpn = false;
    channel->controllers[CONTROLLER_DATA_FINE] = 0;
    return CHANNEL_NOTHING;
}

static enum channel_effect pedal(struct channel *channel, int value)
{
    (void)channel;
    (void)value;
    return CHANNEL_PEDAL;
}

/// For what counts when the next note or program comes: the soft pedal, the fine part of the bank.
static enum channel_effect later(struct channel *channel, int value)
{
    (void)channel;
    (void)value;
    return CHANNEL_NOTHING;
}

static enum channel_effect sound_off(struct channel *channel, int value)
{
    (void)channel;
    (void)value;
    return CHANNEL_SOUND_OFF;
}

static enum channel_effect reset(struct channel *channel, int value)
{
    (void)value;
    channel_reset_controllers(channel);
    return CHANNEL_RESET;
}

/// All notes off, and the mode messages 124 to 127, which imply it.
static enum channel_effect notes_off(struct channel *channel, int value)
{
    (void)channel;
    (void)value;
    return CHANNEL_NOTES_OFF;
}

static enum channel_effect (*const specials[CONTROLLERS])(struct channel *, int) REALTIME = {
    [CONTROLLER_BANK] = set_bank,
    [CONTROLLER_BANK_FINE] = later,
    [CONTROLLER_DATA] = set_data_coarse,
    [CONTROLLER_DATA_FINE] = set_data_fine,
    [CONTROLLER_SUSTAIN] = pedal,
    [CONTROLLER_SOSTENUTO] = pedal,
    [CONTROLLER_SOFT] = later,
    [CONTROLLER_DATA_UP] = data_up,
    [CONTROLLER_DATA_DOWN] = data_down,
    [CONTROLLER_NRPN_FINE] = choose_nrpn,
    [CONTROLLER_NRPN] = choose_nrpn,
    [CONTROLLER_RPN_FINE] = choose_rpn,
    [CONTROLLER_RPN] = choose_rpn,
    [CONTROLLER_SOUND_OFF] = sound_off,
    [CONTROLLER_RESET] = reset,
    [CONTROLLER_NOTES_OFF] = notes_off,
    [124] = notes_off,
    [125] = notes_off,
    [126] = notes_off,
    [127] = notes_off,
};

enum channel_effect channel_control(struct channel *channel, int number, int value)
{
    if (number != CONTROLLER_DATA_UP && number != CONTROLLER_DATA_DOWN && number < CONTROLLER_SOUND_OFF) {
        channel->controllers[number] = (uint8_t)value;
    }
    return specials[number] ? specials[number](channel, value) : CHANNEL_CHANGED;
}

static void leave_zone(struct channel *channel, int index)
{
    channel->manager = CHANNEL_NO_MANAGER;
    channel->bend_range = BEND_RANGE;
    channel->drums = index == CHANNEL_DRUMS;
    channel->dirty = true;
}

void channels_set_zone(struct channel *channels, int manager, int members)
{
    const int step = manager == 0 ? 1 : -1;
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        if (channels[i].manager == manager) {
            leave_zone(&channels[i], i);
        }
    }
    if (members > 0) {
        leave_zone(&channels[manager], manager);
    }
    const int other = manager == 0 ? INSTRUMENT_CHANNELS - 1 : 0;
    for (int i = 1; i <= members && i < INSTRUMENT_CHANNELS; i++) {
        struct channel *member = &channels[manager + i * step];
        // The newer zone takes what both claim, and a zone that has lost its manager is none.
        if (manager + i * step == other) {
            channels_set_zone(channels, other, 0);
        }
        member->manager = (int8_t)manager;
        member->bend_range = MEMBER_BEND_RANGE;
        member->drums = false;
        member->dirty = true;
    }
}
