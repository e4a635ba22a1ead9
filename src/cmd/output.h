// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A file of rendered music: WAV, FLAC, Ogg Opus, or standard output. One thread owns it.
#pragma once

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum output_format { OUTPUT_WAV, OUTPUT_FLAC, OUTPUT_OGG, OUTPUT_MIDI, OUTPUT_FORMATS };

/// The format that \p name ("wav", "flac", "ogg" or "opus", "mid" or "midi") or the ending of \p path asks for; \p name
/// goes first and may be NULL. STATUS_UNKNOWN with a complaint.
MUST_USE enum status output_format_of(const char *path, const char *name, enum output_format *format,
                                      struct complaint *complaint);

struct output;

struct output_options {
    const char *path;          ///< "-" for standard output
    enum output_format format; ///< not OUTPUT_MIDI
    uint32_t rate;
    uint64_t frames;     ///< how many will come: a WAV file of 4 GiB and more needs another header. 0 for few
    int bits;            ///< of WAV and FLAC: 16 or 24
    int bitrate;         ///< of Opus
    uint32_t serial;     ///< of the Ogg stream
    const char *title;   ///< for the tags, as \c comment; NULL for none
    const char *comment; ///< how it was made
};

/// Opens the file, which is made or made empty. STATUS_IO with the system's reason; STATUS_NO_MEMORY.
MUST_USE enum status output_new(const struct output_options *options, struct output **out, struct complaint *complaint);

/// Appends interleaved stereo frames. STATUS_IO when the disk is full or the reader is gone.
MUST_USE enum status output_write(struct output *output, const float *samples, size_t frames,
                                  struct complaint *complaint);

/// Ends the file: what is buffered is written, headers are completed. Frees \p output in any case.
MUST_USE enum status output_close(struct output *output, struct complaint *complaint);

/// Gives the file up: what was written of it is removed, unless it is a device, a pipe or standard output. Frees
/// \p output.
void output_abandon(struct output *output);

/// Writes whole \p bytes to \p path, or to standard output for "-". STATUS_IO.
MUST_USE enum status output_write_file(const char *path, const void *bytes, size_t size, struct complaint *complaint);
