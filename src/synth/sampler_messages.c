// SPDX-License-Identifier: GPL-3.0-or-later
// What a message means is the business of a channel (channel.c); what follows from that for voices, presets and MPE
// zones is done here.
#include "synth/polyphony.h"
#include "synth/sampler_parts.h"

static void find_preset(struct sampler *sampler, int index)
{
    struct channel *channel = &sampler->state->channels[index];
    const int bank = channel_bank(channel);
    // A bank that a SoundFont does not have is played from the General MIDI one, a drum set from the standard set.
    const int tries[][2] = {{bank, channel->program},
                            {channel->drums ? bank : 0, channel->drums ? 0 : channel->program},
                            {channel->drums ? CHANNEL_DRUM_BANK : 0, 0}};
    channel->preset = -1;
    for (size_t i = 0; i < sizeof tries / sizeof *tries && channel->preset < 0; i++) {
        channel->preset = soundfont_find_preset(sampler->soundfont, tries[i][0], tries[i][1]);
    }
    if (channel->preset >= 0) {
        soundfont_want(sampler->soundfont, (uint32_t)channel->preset);
    }
}

typedef void set_channel(struct sampler *sampler, int index, int data1, int data2) REALTIME;

static set_channel set_controller, set_key_pressure, set_program, set_pressure, set_bend;

/// Drums come and go with an MPE zone.
static void set_zone(struct sampler *sampler, int manager, int members)
{
    struct channel *channels = sampler->state->channels;
    bool drums[INSTRUMENT_CHANNELS];
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        drums[i] = channels[i].drums;
    }
    channels_set_zone(channels, manager, members);
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        if (channels[i].drums != drums[i]) {
            find_preset(sampler, i);
        }
    }
}

/// Whatever member of a zone is told a bend range, it is that of all ("MIDI Polyphonic Expression" 1.1, section 2.4).
static void share_bend_range(struct channel *channels, int index)
{
    const struct channel *told = &channels[index];
    for (int i = 0; told->manager != CHANNEL_NO_MANAGER && i < INSTRUMENT_CHANNELS; i++) {
        if (channels[i].manager == told->manager && channels[i].bend_range != told->bend_range) {
            channels[i].bend_range = told->bend_range;
            channels[i].dirty = true;
        }
    }
}

static void apply_effect(struct sampler *sampler, int index, enum channel_effect effect, int value,
                         bool sostenuto_pressed)
{
    struct sampler_state *state = sampler->state;
    struct channel *channel = &state->channels[index];
    switch (effect) {
    case CHANNEL_CHANGED:
        channel->dirty = true;
        share_bend_range(state->channels, index);
        break;
    case CHANNEL_SOUND_OFF:
        polyphony_sound_off(state, index);
        break;
    case CHANNEL_NOTES_OFF:
        polyphony_notes_off(state, index);
        break;
    case CHANNEL_PEDAL:
        channel->dirty = true;
        polyphony_pedals(state, index, sostenuto_pressed);
        break;
    case CHANNEL_RESET:
        polyphony_pedals(state, index, false);
        break;
    case CHANNEL_ZONE:
        if (index == 0 || index == INSTRUMENT_CHANNELS - 1) {
            set_zone(sampler, index, value < INSTRUMENT_CHANNELS ? value : INSTRUMENT_CHANNELS - 1);
        }
        break;
    case CHANNEL_NOTHING:
        break;
    }
}

static void set_controller(struct sampler *sampler, int index, int number, int value)
{
    struct channel *channel = &sampler->state->channels[index];
    const bool sostenuto_was_down = channel_pedal(channel, CONTROLLER_SOSTENUTO);
    const enum channel_effect effect = channel_control(channel, number, value);
    apply_effect(sampler, index, effect, value, !sostenuto_was_down && channel_pedal(channel, CONTROLLER_SOSTENUTO));
}

static void set_key_pressure(struct sampler *sampler, int index, int key, int value)
{
    sampler->state->channels[index].key_pressure[key] = (uint8_t)value;
    sampler->state->channels[index].dirty = true;
}

static void set_program(struct sampler *sampler, int index, int program, int unused)
{
    (void)unused;
    sampler->state->channels[index].program = (uint8_t)program;
    find_preset(sampler, index);
}

static void set_pressure(struct sampler *sampler, int index, int value, int unused)
{
    (void)unused;
    sampler->state->channels[index].pressure = (uint8_t)value;
    sampler->state->channels[index].dirty = true;
}

static void set_bend(struct sampler *sampler, int index, int low, int high)
{
    sampler->state->channels[index].bend = (int16_t)(low | high << 7);
    sampler->state->channels[index].dirty = true;
}

/// Whether the manager of an MPE zone speaks for its members with this message: all but what chooses parameters or
/// makes zones. Its bend is added to theirs instead (voice_values.c).
static bool speaks_for_members(int status, int data1)
{
    return status == MIDI_PROGRAM || status == MIDI_PRESSURE ||
           (status == MIDI_CONTROLLER && data1 != CONTROLLER_DATA && data1 != CONTROLLER_DATA_FINE &&
            (data1 < CONTROLLER_DATA_UP || data1 > CONTROLLER_RPN));
}

/// What each kind of message does to a channel.
static void (*const sets[])(struct sampler *, int, int, int) REALTIME = {
    [MIDI_KEY_PRESSURE >> 4] = set_key_pressure,
    [MIDI_CONTROLLER >> 4] = set_controller,
    [MIDI_PROGRAM >> 4] = set_program,
    [MIDI_PRESSURE >> 4] = set_pressure,
    [MIDI_BEND >> 4] = set_bend,
};

void sampler_message(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    struct sampler *sampler = sampler_of(instrument);
    struct channel *channels = sampler->state->channels;
    sets[status >> 4](sampler, channel, data1, data2);
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        if (channels[i].manager == channel && i != channel) {
            if (speaks_for_members(status, data1)) {
                sets[status >> 4](sampler, i, data1, data2);
            } else if (status == MIDI_BEND || status == MIDI_CONTROLLER) {
                channels[i].dirty = true;
            }
        }
    }
}

void sampler_reset(struct instrument *instrument, enum midi_reset reset)
{
    struct sampler *sampler = sampler_of(instrument);
    for (int i = 0; i < INSTRUMENT_CHANNELS; i++) {
        polyphony_sound_off(sampler->state, i);
        channel_init(&sampler->state->channels[i], i, reset);
        find_preset(sampler, i);
    }
}
