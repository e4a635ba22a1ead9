// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The options that say what music is made, shared by the commands that make it.
#pragma once

#include "compose/compose.h"
#include "core/options.h"
#include "core/status.h"
#include "synth/instrument.h"

#include <stddef.h>
#include <stdint.h>

/// Appends the rules of --preset, --key, --mode, --bpm, --intensity, --seed, --rate, --soundfont, --polyphony,
/// --instrument and --interpolation to the \p count rules in \p rules, which has room for MUSIC_OPTIONS more; returns
/// how many there are then. \p rates are what --rate may be, ended by NULL, static.
size_t music_options_rules(struct option_rule *rules, size_t count, const char *const *rates);

enum { MUSIC_OPTIONS = 11 };

/// What they say. The preset belongs to \p presets.
struct music {
    const struct preset *preset;
    struct controls controls;
    uint64_t seed; ///< taken from the system when none is given
    uint32_t rate;
};

/// STATUS_UNKNOWN or STATUS_RANGE with a complaint.
MUST_USE enum status music_options_read(const struct options *options, const struct presets *presets,
                                        struct music *music, struct complaint *complaint);

/// Room for music_describe().
enum { MUSIC_TEXT = 120 };

/// "preset focus, D dorian, 72 bpm, intensity 0.45, seed 7": all that makes the same music again.
void music_describe(const struct music *music, char out[MUSIC_TEXT]);

/// What they say of the music when the preset is \p preset: its own values where nothing is given. As above.
MUST_USE enum status music_options_controls(const struct options *options, const struct preset *preset,
                                            struct controls *controls, struct complaint *complaint);

/// What a station's instrument is where the options leave it open: the presets' own gain is on top of this one.
extern const struct instrument_options music_instrument;

/// --rate as a number.
uint32_t music_options_rate(const struct options *options);

/// The instrument that they ask for: \p wanted, but for its SoundFont, its interpolation and, where --polyphony is
/// given, its voices. As sampler_new() or fluid_new().
MUST_USE enum status music_options_instrument(const struct options *options, const struct instrument_options *wanted,
                                              struct instrument **out, struct complaint *complaint);
