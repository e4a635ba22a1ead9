// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Brings all that a SoundFont can play into memory before anything is played. Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont_loader.h"

#include <stddef.h>

/// Decodes the samples that are used, on several threads, and touches what is mapped. STATUS_FULL where they take more
/// than \p most bytes, STATUS_NO_MEMORY. Samples that cannot be decoded are silent.
MUST_USE enum status soundfont_bring(struct soundfont_loader *loader, const struct soundfont_load *load, size_t most);
