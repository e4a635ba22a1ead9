// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A kind of file that a recorder writes. All calls come from one thread at a time.
#pragma once

#include "core/status.h"
#include "play/recorder.h"
#include "play/spool.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    WRITER_CHANNELS_MAX = 16,
    WRITER_FRAMES_MAX = 4096, ///< that are written at once
    /// What a spool holds: twice what can be written at once, and heads.
    WRITER_ROOM = 2 * WRITER_FRAMES_MAX * WRITER_CHANNELS_MAX * 4 + (1 << 16),
};

struct writer_format {
    uint32_t rate, channels;
    enum recorder_bits bits;
    uint64_t riff_max; ///< the largest size that RIFF is trusted with; 0 for the 2^32 - 1 that it has
};

struct writer_ops {
    const char *ending; ///< of the file's name
    /// Refuses what this kind of file cannot hold: STATUS_UNSUPPORTED.
    enum status (*check)(const struct writer_format *format, struct complaint *complaint);
    /// Begins a file in the empty \p spool, which stays the caller's. STATUS_IO where its head finds no room,
    /// STATUS_NO_MEMORY.
    enum status (*begin)(const struct writer_format *format, struct spool *spool, void **writer,
                         struct complaint *complaint);
    /// Writes \p count interleaved frames, at most WRITER_FRAMES_MAX; only while the spool holds nothing. False where
    /// that cannot be, and never will.
    bool (*write)(void *writer, const float *frames, uint32_t count);
    /// Makes the file valid as far as it is written. NULL where it is at any time.
    void (*keep)(void *writer);
    /// Makes it whole, gives up what the spool cannot be rid of, and frees.
    void (*finish)(void *writer);
};

extern const struct writer_ops wav_writer_ops, flac_writer_ops;
