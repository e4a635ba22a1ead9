// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti render SONG.mid: a MIDI file to a sound file, from its start until it has rung out.
#pragma once

#include "core/options.h"

/// Renders the first operand of \p options, which are those of tutti render. Tells a failure on standard error as the
/// command \p name; returns an exit status.
int render_song(const char *name, const struct options *options);
