// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Where the chunks of a SoundFont lie in its bytes, and how to read a number there. Part of synth/soundfont.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Bytes that belong to someone else.
struct soundfont_span {
    const uint8_t *bytes;
    size_t size;
};

/// The chunks that count, those that describe the samples in the order of the specification.
enum soundfont_chunk {
    CHUNK_VERSION,               ///< "ifil"
    CHUNK_FRAMES,                ///< "smpl"
    CHUNK_LOW_BYTES,             ///< "sm24"
    CHUNK_PRESETS,               ///< "phdr"
    CHUNK_PRESET_BAGS,           ///< "pbag"
    CHUNK_PRESET_MODULATORS,     ///< "pmod"
    CHUNK_PRESET_GENERATORS,     ///< "pgen"
    CHUNK_INSTRUMENTS,           ///< "inst"
    CHUNK_INSTRUMENT_BAGS,       ///< "ibag"
    CHUNK_INSTRUMENT_MODULATORS, ///< "imod"
    CHUNK_INSTRUMENT_GENERATORS, ///< "igen"
    CHUNK_SAMPLES,               ///< "shdr"
    SOUNDFONT_CHUNKS
};

struct soundfont_riff {
    struct soundfont_span chunk[SOUNDFONT_CHUNKS]; ///< empty where there is none
};

/// Finds the chunks of \p file, the first of each that is not empty. Whatever lengths are claimed, they lie within it.
/// Time is in proportion to the number of chunks; nothing of a chunk but its head is read.
void soundfont_riff_read(struct soundfont_span file, struct soundfont_riff *riff);

/// Whether the file says that it is of version \p major, \p minor or later. One that says nothing is of 2.01.
bool soundfont_riff_is_version(const struct soundfont_riff *riff, int major, int minor);

/// The four letters of a chunk. Static.
const char *soundfont_riff_name(enum soundfont_chunk chunk);

/// Whole records of \p size bytes that a chunk holds, but for the last, which by the specification only ends the list.
static inline uint32_t soundfont_records(struct soundfont_span chunk, size_t size)
{
    const size_t count = chunk.size / size;
    return count == 0 ? 0 : count > UINT32_MAX ? UINT32_MAX : (uint32_t)count - 1;
}

/// Record \p index, which may be the last one too.
static inline const uint8_t *soundfont_record(struct soundfont_span chunk, size_t size, uint32_t index)
{
    return chunk.bytes + size * index;
}

/// \name Little-endian numbers that may lie anywhere
/// @{
static inline uint16_t soundfont_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t soundfont_u32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline int16_t soundfont_s16(const uint8_t *bytes)
{
    return (int16_t)soundfont_u16(bytes);
}
/// @}

/// Copies the 20 bytes of a name up to its first zero, for people: what is not ASCII text becomes '?'.
static inline void soundfont_name(const uint8_t *bytes, char name[21])
{
    size_t i = 0;
    for (; i < 20 && bytes[i]; i++) {
        name[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? (char)bytes[i] : '?';
    }
    memset(name + i, 0, 21 - i);
}
