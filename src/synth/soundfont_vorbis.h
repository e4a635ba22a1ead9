// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Decodes the Ogg Vorbis samples of .sf3 files. Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont_riff.h"

#include <stddef.h>
#include <stdint.h>

/// Frames of zeros that follow a decoded sample.
enum { SOUNDFONT_PADDING = 64 };

/// Decodes \p bytes, one channel, as far as they make sense but no further than \p most frames. The caller frees
/// \p out, which holds \p count frames and SOUNDFONT_PADDING zeros behind them. STATUS_CORRUPT where there is not one
/// frame, STATUS_NO_MEMORY.
MUST_USE enum status soundfont_vorbis_decode(struct soundfont_span bytes, uint32_t most, int16_t **out,
                                             uint32_t *count);
