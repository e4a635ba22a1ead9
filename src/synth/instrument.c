// SPDX-License-Identifier: GPL-3.0-or-later
// Every call is checked here, once for all implementations: what comes from a performer, a file or a composer may be
// wrong, and an instrument must not be able to fall over it. A wrong call does nothing, since a note out of range has
// no better meaning. Note messages are turned into note calls here too, so that an implementation meets a note in one
// form only, and a note-on of velocity 0 is the note-off that running status makes of it. The same goes for options.
#include "synth/instrument.h"

#include <stdbool.h>

enum {
    DATA_MAX = 127,
    POLYPHONY_MAX = 4096,
};

static const double RATE_MIN = 44100;
static const double RATE_MAX = 192000;
static const double GAIN_MAX = 4;
static const double WET_MAX = 1;

enum status instrument_options_check(const struct instrument_options *options, struct complaint *complaint)
{
    // Written so that NaN fails.
    if (options->rate != 0 && !(options->rate >= RATE_MIN && options->rate <= RATE_MAX)) {
        return complain(complaint, STATUS_RANGE, "a sample rate of %g: give %g to %g", options->rate, RATE_MIN,
                        RATE_MAX);
    }
    if (options->polyphony < 0 || options->polyphony > POLYPHONY_MAX) {
        return complain(complaint, STATUS_RANGE, "a polyphony of %d: give 1 to %d", options->polyphony, POLYPHONY_MAX);
    }
    if (!(options->gain >= 0 && options->gain <= GAIN_MAX)) {
        return complain(complaint, STATUS_RANGE, "a gain of %g: give 0 to %g", options->gain, GAIN_MAX);
    }
    if (!(options->wet >= 0 && options->wet <= WET_MAX)) {
        return complain(complaint, STATUS_RANGE, "a mix that is %g wet: give 0 to %g", options->wet, WET_MAX);
    }
    if ((unsigned)options->interpolation > INSTRUMENT_SINC) {
        return complain(complaint, STATUS_RANGE, "an interpolation of %d: give one of enum instrument_interpolation",
                        (int)options->interpolation);
    }
    return STATUS_OK;
}

static bool channel_valid(int channel)
{
    return channel >= 0 && channel < INSTRUMENT_CHANNELS;
}

static bool data_valid(int value)
{
    return value >= 0 && value <= DATA_MAX;
}

void instrument_note_on(struct instrument *instrument, int channel, int key, int velocity)
{
    if (channel_valid(channel) && data_valid(key) && data_valid(velocity) && velocity > 0) {
        instrument->ops->note_on(instrument, channel, key, velocity);
    }
}

void instrument_note_off(struct instrument *instrument, int channel, int key)
{
    if (channel_valid(channel) && data_valid(key)) {
        instrument->ops->note_off(instrument, channel, key);
    }
}

void instrument_expect(struct instrument *instrument, const struct instrument_note *notes, int count)
{
    bool valid = count <= INSTRUMENT_EXPECTED;
    for (int i = 0; i < count && valid; i++) {
        valid = channel_valid(notes[i].channel) && data_valid(notes[i].key) && data_valid(notes[i].velocity) &&
                notes[i].velocity > 0;
    }
    if (instrument->ops->expect && valid && count > 0) {
        instrument->ops->expect(instrument, notes, count);
    }
}

void instrument_controller(struct instrument *instrument, int channel, int number, int value)
{
    instrument_message(instrument, MIDI_CONTROLLER, channel, number, value);
}

void instrument_program(struct instrument *instrument, int channel, int program)
{
    instrument_message(instrument, MIDI_PROGRAM, channel, program, 0);
}

void instrument_message(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    const int second = status == MIDI_PROGRAM || status == MIDI_PRESSURE ? 0 : data2;
    if (status < MIDI_NOTE_OFF || status > MIDI_BEND || (status & 0x0f) != 0 || !channel_valid(channel) ||
        !data_valid(data1) || !data_valid(second)) {
        return;
    }
    if (status == MIDI_NOTE_OFF || (status == MIDI_NOTE_ON && second == 0)) {
        instrument->ops->note_off(instrument, channel, data1);
    } else if (status == MIDI_NOTE_ON) {
        instrument->ops->note_on(instrument, channel, data1, second);
    } else {
        instrument->ops->message(instrument, status, channel, data1, second);
    }
}

void instrument_reset(struct instrument *instrument, enum midi_reset reset)
{
    if ((unsigned)reset < MIDI_RESETS) {
        instrument->ops->reset(instrument, reset);
    }
}

void instrument_render(struct instrument *instrument, float *left, float *right, size_t frames)
{
    if (frames > 0) {
        instrument->ops->render(instrument, left, right, frames);
    }
}

void instrument_skip(struct instrument *instrument, uint64_t frames)
{
    if (instrument->ops->skip && frames % INSTRUMENT_GRID == 0) {
        instrument->ops->skip(instrument, frames);
    }
}

int instrument_voices(const struct instrument *instrument)
{
    return instrument->ops->voices(instrument);
}

void instrument_free(struct instrument *instrument)
{
    if (instrument) {
        instrument->ops->free(instrument);
    }
}
