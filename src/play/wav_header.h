// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The head of a WAV file: RIFF, or RF64 (EBU Tech 3306) where its size has no room in 32 bits.
#pragma once

#include "play/writer.h"

#include <stddef.h>
#include <stdint.h>

enum { WAV_HEADER_MAX = 128 };

/// Bytes of one frame.
uint32_t wav_frame_bytes(const struct writer_format *format);

/// Writes the head of a file with \p frames frames; returns its size, the same for every count of frames.
size_t wav_header(const struct writer_format *format, uint64_t frames, uint8_t bytes[WAV_HEADER_MAX]);
