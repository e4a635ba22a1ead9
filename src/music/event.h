// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a score is made of: notes with a duration, MIDI messages, marks and resets, each on a tick. Plain data.
#pragma once

#include "music/chord.h"
#include "music/scale.h"

#include <stdint.h>

enum event_kind {
    EVENT_NOTE,  ///< a note with its duration
    EVENT_CUT,   ///< every sounding note of the channel ends here
    EVENT_MIDI,  ///< a channel message as it goes over a wire: note on and off, controller, program, bend, pressure
    EVENT_TEMPO, ///< beats a minute from here on
    EVENT_CHORD, ///< the harmony from here on; sounds nothing
    EVENT_RESET, ///< everything ends, and all channels are as one of the standards has them at the start
};

/// Kinds of channel message: the status byte without the channel.
enum midi_status {
    MIDI_NOTE_OFF = 0x80,
    MIDI_NOTE_ON = 0x90,
    MIDI_KEY_PRESSURE = 0xa0,
    MIDI_CONTROLLER = 0xb0,
    MIDI_PROGRAM = 0xc0,
    MIDI_PRESSURE = 0xd0,
    MIDI_BEND = 0xe0
};

/// The standards that a system-exclusive message can ask a synthesizer to follow from here on: General MIDI 1 and 2,
/// Roland's GS, Yamaha's XG.
enum midi_reset { MIDI_RESET_GM, MIDI_RESET_GM2, MIDI_RESET_GS, MIDI_RESET_XG };
enum { MIDI_RESETS = 4 };

struct event {
    int64_t tick; ///< from the start of the score, at least 0
    enum event_kind kind;
    uint8_t channel; ///< 0 to 15; 0 for what concerns them all
    union {
        struct {
            uint8_t key;      ///< 0 to 127
            uint8_t velocity; ///< 1 to 127
            int32_t duration; ///< ticks, at least 1
        } note;
        struct {
            uint8_t status; ///< enum midi_status
            uint8_t data[2];
        } midi;
        double bpm;
        enum midi_reset reset;
        struct {
            struct chord chord;
            struct key key;
        } harmony;
    };
};

/// \name Making events
/// A number outside its range becomes the nearest inside.
/// @{
struct event event_note(int64_t tick, int channel, int key, int velocity, int32_t duration);
struct event event_cut(int64_t tick, int channel);
struct event event_midi(int64_t tick, int channel, int status, int data1, int data2);
struct event event_controller(int64_t tick, int channel, int number, int value);
struct event event_program(int64_t tick, int channel, int program);
struct event event_tempo(int64_t tick, double bpm);
struct event event_chord(int64_t tick, struct chord chord, struct key key);
struct event event_reset(int64_t tick, enum midi_reset reset);
/// @}
