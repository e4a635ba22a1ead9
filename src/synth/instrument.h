// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Something that turns notes into sound, whatever is behind it: Tutti's own sampler, or FluidSynth.
///
/// One thread owns an instrument and makes every call on it. All state is its own: two instruments fed the same calls
/// and asked for the same frames give the same samples.
#pragma once

#include "core/status.h"
#include "music/event.h"

#include <stddef.h>
#include <stdint.h>

enum {
    INSTRUMENT_CHANNELS = 16,
    INSTRUMENT_GRID = 64,    ///< \sa instrument_skip
    INSTRUMENT_EXPECTED = 16 ///< \sa instrument_expect
};

struct instrument;

/// A note that is to start: channel 0 to 15, key 0 to 127, velocity 1 to 127.
struct instrument_note {
    uint8_t channel, key, velocity;
};

/// What an implementation provides; see the functions below for the meaning of each. Arguments come checked, notes
/// only through note_on and note_off, and render is asked for 1 frame at least.
struct instrument_ops {
    void (*note_on)(struct instrument *instrument, int channel, int key, int velocity);
    void (*note_off)(struct instrument *instrument, int channel, int key);
    void (*expect)(struct instrument *instrument, const struct instrument_note *notes, int count); ///< NULL for no use
    void (*message)(struct instrument *instrument, int status, int channel, int data1, int data2);
    void (*reset)(struct instrument *instrument, enum midi_reset reset);
    void (*render)(struct instrument *instrument, float *left, float *right, size_t frames);
    int (*voices)(const struct instrument *instrument);
    void (*skip)(struct instrument *instrument, uint64_t frames); ///< NULL where nothing moves by itself
    void (*free)(struct instrument *instrument);
};

/// Embedded first in every implementation.
struct instrument {
    const struct instrument_ops *ops;
    const char *name; ///< what renders, such as "fluidsynth 2.3.1"; lives as long as the instrument
};

/// How samples are read between their frames.
enum instrument_interpolation {
    INSTRUMENT_CUBIC,  ///< over 4 frames
    INSTRUMENT_LINEAR, ///< over 2: cheapest, and dull
    INSTRUMENT_SINC,   ///< over 8, a windowed sinc: clearest high notes
};

/// How an instrument is to be made; zeroed means the defaults.
struct instrument_options {
    const char *soundfont; ///< path of an .sf2 or .sf3 file; NULL for the system's General MIDI set
    double rate;           ///< frames a second, 44100 to 192000; 0 for 48000
    int polyphony;         ///< voices at once, 1 to 4096; 0 for 32. The least audible is stolen beyond it.
    double gain;           ///< linear, 0 to 4; 0 for the instrument's default
    int dry;               ///< no reverb and chorus
    /// 0: reverb and chorus as the SoundFont and controllers 91 and 93 ask, which is what a MIDI file wants. Above 0,
    /// to 1, which is what a station wants: every instrument goes to the reverb alike, so that this part of the mix is
    /// wet (90% at most; FluidSynth about 70%); controller 91 at 0 makes a channel dry, any other value is the whole,
    /// and there is no chorus.
    double wet;
    enum instrument_interpolation interpolation;
    /// A note whose samples (of an .sf3) are not decoded yet is left out and counted instead of waiting for them: for
    /// an audio thread.
    int waits_never;
    /// The letter of the SoundFont specification where players depart from it (docs/sampler.md); FluidSynth ignores it.
    int literal;
};

enum { INSTRUMENT_POLYPHONY_DEFAULT = 32 };

/// Whether all of \p options are within the ranges above: what every implementation checks first. STATUS_RANGE; \p
/// complaint says what to give.
MUST_USE enum status instrument_options_check(const struct instrument_options *options, struct complaint *complaint);

// Arguments outside the ranges given are ignored: the call does nothing.

/// Starts \p key (0 to 127) at \p velocity (1 to 127) on \p channel (0 to 15).
void instrument_note_on(struct instrument *instrument, int channel, int key, int velocity);

/// Releases \p key on \p channel; nothing where it does not sound.
void instrument_note_off(struct instrument *instrument, int channel, int key);

/// Says that \p count notes, INSTRUMENT_EXPECTED at most, are about to start, as instrument_note_on() will, so that
/// what they begin with is fetched from memory for all of them at once. Changes nothing that is heard.
void instrument_expect(struct instrument *instrument, const struct instrument_note *notes, int count);

/// Sets controller \p number to \p value, both 0 to 127.
void instrument_controller(struct instrument *instrument, int channel, int number, int value);

/// Chooses \p program, 0 to 127, for \p channel.
void instrument_program(struct instrument *instrument, int channel, int program);

/// Any channel message: \p status is 0x80 to 0xe0 without the channel, data bytes 0 to 127 (program change and channel
/// pressure use the first only). A note-on of velocity 0 is a note-off.
void instrument_message(struct instrument *instrument, int status, int channel, int data1, int data2);

/// Ends all voices within some 10 ms, while effects ring out, and sets every channel to what \p reset says:
/// controllers, programs, tuning, drum channels. What instrument_options said stays.
void instrument_reset(struct instrument *instrument, enum midi_reset reset);

/// Writes the next \p frames frames, any number, about -1 to 1 (a loud passage may exceed that; the limiter follows).
void instrument_render(struct instrument *instrument, float *left, float *right, size_t frames);

/// Lets \p frames frames, a multiple of INSTRUMENT_GRID, pass without sound, for what moves by itself (the modulation
/// of an effect). For an instrument on which nothing sounds: what does goes on from where it is. FluidSynth's effects
/// stay.
void instrument_skip(struct instrument *instrument, uint64_t frames);

/// Voices that sound now.
int instrument_voices(const struct instrument *instrument);

/// What makes an instrument: fluid_new(), sampler_new().
typedef enum status instrument_new(const struct instrument_options *options, struct instrument **out,
                                   struct complaint *complaint);

/// NULL is fine.
void instrument_free(struct instrument *instrument);
