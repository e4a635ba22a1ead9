// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A sound file (WAV, FLAC, Ogg, AIFF and what else libsndfile reads) decoded whole. Not on an audio thread.
#pragma once

#include "core/status.h"

#include <stdint.h>

enum {
    SOUND_FILE_CHANNELS = 2,    ///< kept of a file, at most
    SOUND_FILE_MEMORY_MB = 256, ///< that a file may take
    SOUND_FILE_PAD = 32,        ///< zeros before and after each channel, so that what reads around a frame may
};

struct sound_file {
    uint32_t channels; ///< 1 or 2
    uint32_t frames;   ///< at least 1
    double rate;
    float *samples[SOUND_FILE_CHANNELS]; ///< all finite; of a file with one channel both are the same
    float *memory;                       ///< where they lie; the reader's, who frees it
};

/// Reads \p path into \p out. STATUS_IO for what cannot be opened, STATUS_UNSUPPORTED for what is no sound,
/// STATUS_FULL for one that is too long, STATUS_NO_MEMORY; the complaint names \p shown.
MUST_USE enum status sound_file_read(const char *path, const char *shown, struct sound_file *out,
                                     struct complaint *complaint);
