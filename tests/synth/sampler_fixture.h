// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the tests of the sampler have in common: small SoundFonts made for one question each, a sampler that plays
/// them, and what it renders.
///
/// Sounds are dry, at 48000 Hz and at a polyphony of 32 unless the test says otherwise, and never wait for a sample, so
/// that a build with -fsanitize=realtime proves every test to be fit for an audio thread.
#pragma once

#include "soundfont_maker.h"
#include "synth/sampler.h"
#include "synth/soundfont.h"

enum { FIXTURE_RATE = 48000, FIXTURE_FRAMES = 1 << 20, FIXTURE_MIDDLE_C = 60 };

/// A SoundFont in the making, and its file.
struct font {
    struct maker maker;
    int samples, instruments;
    bool wide; ///< has 24 bits: set before the first sample
    char path[64];
};

/// A generator of a zone. Lists end with {0}; ranges come first, as low | high << 8.
struct setting {
    int generator, amount;
};

/// A looped sine: \c cycles whole ones in a loop of \c loop frames, begun \c intro frames earlier and gone on with
/// for \c tail. What is 0 is the default: 32 cycles in 2048 frames, an intro of 64, a tail of 64, amplitude 0.5, the
/// rate of the fixture, key 60.
struct font_sine {
    int cycles, loop, intro, tail;
    double amplitude;
    uint32_t rate;
    int key, correction;
};

/// \name Making one. Presets come after the samples, zones after the preset that they belong to
/// @{
/// \p count frames from -1 to 1; \p header says where they loop. Returns the sample's number.
int font_frames(struct font *font, const double *frames, uint32_t count, struct maker_sample header);
int font_sine(struct font *font, struct font_sine sine);
/// White noise, looped.
int font_noise(struct font *font, uint32_t count);
void font_preset(struct font *font, int bank, int program);
/// An instrument zone of the last preset. Modulators may be appended to it with maker_modulator().
void font_zone(struct font *font, int sample, const struct setting *settings);
/// Ends it and writes it to a temporary file.
void font_write(struct font *font);
void font_done(struct font *font);
/// @}

/// A sampler on a written SoundFont, with \p options but for its path. It must come to be.
struct instrument *font_sampler(const struct font *font, struct instrument_options options);

/// The same with a kernel of that name; NULL where this processor cannot run it.
struct instrument *font_sampler_kernel(const struct font *font, struct instrument_options options, const char *kernel);

/// A sampler on a SoundFont of the one preset (0, 0), with one zone of \p settings on \p sine.
struct instrument *sine_sampler(struct font_sine sine, const struct setting *settings,
                                struct instrument_options options);

/// The same on a loop that is 0.5 all along: what is rendered is the amplitude. \p settings are 10 at most.
struct instrument *steady_sampler(const struct setting *settings, struct instrument_options options);

/// What was rendered last; stays until the next take_render().
struct take {
    size_t count;
    float left[FIXTURE_FRAMES], right[FIXTURE_FRAMES];
};

/// Renders \p frames at once.
const struct take *take_render(struct instrument *instrument, size_t frames);

/// \name Messages by their names
/// @{
void play_controller(struct instrument *instrument, int channel, int number, int value);
void play_program(struct instrument *instrument, int channel, int program);
/// \p bend is 0 to 16383.
void play_bend(struct instrument *instrument, int channel, int bend);
/// Registered parameter \p number to \p coarse and \p fine.
void play_rpn(struct instrument *instrument, int channel, int number, int coarse, int fine);
void play_nrpn(struct instrument *instrument, int channel, int high, int low, int coarse, int fine);
/// @}

int voices_of(const struct instrument *instrument);
