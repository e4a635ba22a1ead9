// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Something that turns notes into sound, whatever is behind it: FluidSynth now, Tutti's own sampler next.
///
/// One thread owns an instrument and makes every call on it. All state is its own: two instruments fed the same calls
/// and asked for the same frames give the same samples.
#pragma once

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { INSTRUMENT_CHANNELS = 16 };

struct instrument;

/// What an implementation provides; see the functions below for the meaning of each. Arguments come checked, notes
/// only through note_on and note_off, and render is asked for 1 frame at least.
struct instrument_ops {
    void (*note_on)(struct instrument *instrument, int channel, int key, int velocity);
    void (*note_off)(struct instrument *instrument, int channel, int key);
    void (*message)(struct instrument *instrument, int status, int channel, int data1, int data2);
    void (*render)(struct instrument *instrument, float *left, float *right, size_t frames);
    int (*voices)(const struct instrument *instrument);
    void (*free)(struct instrument *instrument);
};

/// Embedded first in every implementation.
struct instrument {
    const struct instrument_ops *ops;
    const char *name; ///< what renders, such as "fluidsynth 2.3.1"; lives as long as the instrument
};

/// How an instrument is to be made; zeroed means the defaults.
struct instrument_options {
    const char *soundfont; ///< path of an .sf2 or .sf3 file; NULL for the system's General MIDI set
    double rate;           ///< frames a second, 44100 to 192000; 0 for 48000
    int polyphony;         ///< voices at once, 1 to 4096; 0 for 32. The least audible is stolen beyond it.
    double gain;           ///< linear, 0 to 4; 0 for the instrument's default
    int dry;               ///< no reverb and chorus
};

// Arguments outside the ranges given are ignored: the call does nothing.

/// Starts \p key (0 to 127) at \p velocity (1 to 127) on \p channel (0 to 15).
void instrument_note_on(struct instrument *instrument, int channel, int key, int velocity);

/// Releases \p key on \p channel; nothing where it does not sound.
void instrument_note_off(struct instrument *instrument, int channel, int key);

/// Sets controller \p number to \p value, both 0 to 127.
void instrument_controller(struct instrument *instrument, int channel, int number, int value);

/// Chooses \p program, 0 to 127, for \p channel.
void instrument_program(struct instrument *instrument, int channel, int program);

/// Any channel message: \p status is 0x80 to 0xe0 without the channel, data bytes 0 to 127 (program change and channel
/// pressure use the first only). A note-on of velocity 0 is a note-off.
void instrument_message(struct instrument *instrument, int status, int channel, int data1, int data2);

/// Writes the next \p frames frames, any number, about -1 to 1 (a loud passage may exceed that; the limiter follows).
void instrument_render(struct instrument *instrument, float *left, float *right, size_t frames);

/// Voices that sound now.
int instrument_voices(const struct instrument *instrument);

/// NULL is fine.
void instrument_free(struct instrument *instrument);
