// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a MIDI channel of the sampler remembers: controllers, program, bend, pressures, parameters, MPE zones.
///
/// Part of synth/sampler. Plain state, without pointers; the sampler's owner calls. It knows nothing of voices: a
/// message changes the state and says what its change means for them.
#pragma once

#include "core/realtime.h"
#include "music/event.h"
#include "synth/instrument.h"
#include "synth/soundfont.h"

#include <stdbool.h>
#include <stdint.h>

enum channel_controller {
    CONTROLLER_BANK = 0,
    CONTROLLER_MODULATION = 1,
    CONTROLLER_DATA = 6,
    CONTROLLER_VOLUME = 7,
    CONTROLLER_PAN = 10,
    CONTROLLER_EXPRESSION = 11,
    CONTROLLER_BANK_FINE = 32,
    CONTROLLER_DATA_FINE = 38,
    CONTROLLER_SUSTAIN = 64,
    CONTROLLER_SOSTENUTO = 66,
    CONTROLLER_SOFT = 67,
    CONTROLLER_RESONANCE = 71,
    CONTROLLER_RELEASE = 72,
    CONTROLLER_ATTACK = 73,
    CONTROLLER_BRIGHTNESS = 74,
    CONTROLLER_DECAY = 75,
    CONTROLLER_REVERB = 91,
    CONTROLLER_CHORUS = 93,
    CONTROLLER_DATA_UP = 96,
    CONTROLLER_DATA_DOWN = 97,
    CONTROLLER_NRPN_FINE = 98,
    CONTROLLER_NRPN = 99,
    CONTROLLER_RPN_FINE = 100,
    CONTROLLER_RPN = 101,
    CONTROLLER_SOUND_OFF = 120,
    CONTROLLER_RESET = 121,
    CONTROLLER_NOTES_OFF = 123,
    CONTROLLERS = 128
};

enum { CHANNEL_BEND_CENTRE = 8192, CHANNEL_DRUMS = 9, CHANNEL_DRUM_BANK = 128, CHANNEL_NO_MANAGER = -1 };

struct channel {
    uint8_t controllers[CONTROLLERS];
    uint8_t key_pressure[128];
    uint8_t pressure;
    uint8_t program;
    bool drums;                          ///< plays the drum bank
    bool parameter_nrpn;                 ///< data entry goes to an NRPN, else to an RPN
    bool dirty;                          ///< voices have to be computed anew
    int8_t manager;                      ///< the channel whose bend is added (MPE), or CHANNEL_NO_MANAGER
    uint8_t rules;                       ///< enum midi_reset: whose rules the bank numbers follow
    int16_t bend;                        ///< 0 to 16383
    uint16_t bend_range;                 ///< cents
    int16_t fine_tune;                   ///< cents x 81.92: RPN 1, -8192 to 8191
    int8_t coarse_tune;                  ///< semitones: RPN 2
    int32_t preset;                      ///< index in the SoundFont, -1 for none
    float offsets[SOUNDFONT_GENERATORS]; ///< what NRPNs add to generators
};

/// What a message means for the voices of its channel.
enum channel_effect {
    CHANNEL_NOTHING,
    CHANNEL_CHANGED,   ///< compute them anew
    CHANNEL_SOUND_OFF, ///< silence them
    CHANNEL_NOTES_OFF, ///< release them, pedals permitting
    CHANNEL_PEDAL,     ///< a pedal went up or down: look at the controllers
    CHANNEL_ZONE,      ///< an MPE zone is asked for: see channels_set_zone()
    CHANNEL_RESET      ///< controllers were reset, pedals went up
};

/// Power-on state; \p index is its number, which decides whether it plays drums.
void channel_init(struct channel *channel, int index, enum midi_reset rules) REALTIME;

/// Controller \p number to \p value, both 0 to 127.
enum channel_effect channel_control(struct channel *channel, int number, int value) REALTIME;

/// What MIDI Recommended Practice 015 has controller 121 reset.
void channel_reset_controllers(struct channel *channel) REALTIME;

/// The bank that the next program change chooses from.
int channel_bank(const struct channel *channel) REALTIME;

/// Makes \p manager (0 or 15) the manager of \p members channels above or below it, 0 to 15; 0 dissolves its zone.
/// "MIDI Polyphonic Expression" 1.1, section 2.1.
void channels_set_zone(struct channel *channels, int manager, int members) REALTIME;

/// Whether a pedal is down.
static inline bool channel_pedal(const struct channel *channel, enum channel_controller pedal)
{
    return channel->controllers[pedal] >= 64;
}
