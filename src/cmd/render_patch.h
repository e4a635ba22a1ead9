// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Renders a patch of the modular synthesizer, which plays a MIDI file or a few bars of its own, to a file.
#pragma once

#include "core/options.h"

/// Whether \p options name a patch: by --patch, or by an operand that ends with .yaml or .yml.
bool render_patch_is_meant(const struct options *options);

/// What `tutti render` does then: \p options are those of render_rules(), \p name opens complaints. The result is an
/// exit status.
int render_patch(const char *name, const struct options *options);
