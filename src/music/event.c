// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/event.h"

enum { CHANNEL_LAST = 15, DATA_LAST = 127 };

static uint8_t clamp(int value, int low, int high)
{
    return (uint8_t)(value < low ? low : value > high ? high : value);
}

static struct event event_at(int64_t tick, enum event_kind kind, int channel)
{
    return (struct event){.tick = tick < 0 ? 0 : tick, .kind = kind, .channel = clamp(channel, 0, CHANNEL_LAST)};
}

struct event event_note(int64_t tick, int channel, int key, int velocity, int32_t duration)
{
    struct event event = event_at(tick, EVENT_NOTE, channel);
    event.note.key = clamp(key, 0, DATA_LAST);
    event.note.velocity = clamp(velocity, 1, DATA_LAST);
    event.note.duration = duration < 1 ? 1 : duration;
    return event;
}

struct event event_cut(int64_t tick, int channel)
{
    return event_at(tick, EVENT_CUT, channel);
}

struct event event_midi(int64_t tick, int channel, int status, int data1, int data2)
{
    struct event event = event_at(tick, EVENT_MIDI, channel);
    event.midi.status = (uint8_t)(clamp(status, MIDI_NOTE_OFF, MIDI_BEND) & 0xf0);
    event.midi.data[0] = clamp(data1, 0, DATA_LAST);
    event.midi.data[1] = clamp(data2, 0, DATA_LAST);
    return event;
}

struct event event_controller(int64_t tick, int channel, int number, int value)
{
    return event_midi(tick, channel, MIDI_CONTROLLER, number, value);
}

struct event event_program(int64_t tick, int channel, int program)
{
    return event_midi(tick, channel, MIDI_PROGRAM, program, 0);
}

struct event event_tempo(int64_t tick, double bpm)
{
    struct event event = event_at(tick, EVENT_TEMPO, 0);
    event.bpm = bpm;
    return event;
}

struct event event_chord(int64_t tick, struct chord chord, struct key key)
{
    struct event event = event_at(tick, EVENT_CHORD, 0);
    event.harmony.chord = chord;
    event.harmony.key = key;
    return event;
}

struct event event_reset(int64_t tick, enum midi_reset reset)
{
    struct event event = event_at(tick, EVENT_RESET, 0);
    event.reset = (enum midi_reset)clamp((int)reset, MIDI_RESET_GM, MIDI_RESET_XG);
    return event;
}
