// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Makes small SoundFonts in memory, right ones and wrong ones: records are appended as a file has them, and indexes to
/// the records below follow from how many there are.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The chunks, as a file has them.
enum maker_chunk {
    MAKER_IFIL,
    MAKER_SMPL,
    MAKER_SM24,
    MAKER_PHDR,
    MAKER_PBAG,
    MAKER_PMOD,
    MAKER_PGEN,
    MAKER_INST,
    MAKER_IBAG,
    MAKER_IMOD,
    MAKER_IGEN,
    MAKER_SHDR,
    MAKER_CHUNKS
};

struct maker_bytes {
    uint8_t *at;
    size_t size, room;
};

struct maker {
    struct maker_bytes chunk[MAKER_CHUNKS];
    struct maker_bytes file; ///< set by maker_finish()
};

/// A sample header. Its name is "sample".
struct maker_sample {
    uint32_t start, end, loop_start, loop_end, rate;
    uint8_t key;
    int8_t correction;
    uint16_t link, type;
};

/// Where a zone, a generator or a modulator goes.
enum maker_level { MAKER_PRESET, MAKER_INSTRUMENT };

/// \name Pieces. All assert that there is memory
/// @{
void maker_append(struct maker_bytes *bytes, const void *more, size_t size);
void maker_version(struct maker *maker, uint16_t major, uint16_t minor);
/// \p count frames that count up from \p first.
void maker_frames(struct maker *maker, int16_t first, uint32_t count);
/// \p count frames of a tone as Ogg Vorbis; returns how many bytes they take.
uint32_t maker_vorbis(struct maker *maker, uint32_t count, int channels);
void maker_sample(struct maker *maker, struct maker_sample sample);
void maker_preset(struct maker *maker, const char *name, uint16_t bank, uint16_t program);
void maker_instrument(struct maker *maker, const char *name);
void maker_zone(struct maker *maker, enum maker_level level);
void maker_generator(struct maker *maker, enum maker_level level, uint16_t generator, int amount);
void maker_range(struct maker *maker, enum maker_level level, uint16_t generator, int low, int high);
void maker_modulator(struct maker *maker, enum maker_level level, uint16_t source, uint16_t destination, int amount,
                     uint16_t amount_source, uint16_t transform);
/// @}

/// \name Whole things
/// @{
/// Ends the lists with their last records.
void maker_end(struct maker *maker);
/// Puts the chunks together, with nothing where there is none.
void maker_finish(struct maker *maker);
void maker_done(struct maker *maker);
/// A preset (0, 0), its one zone, an instrument with one zone, and a sample of 1000 frames, all open for more: the last
/// generators, those that name the sample and the instrument, are missing.
void maker_begin_plain(struct maker *maker);
/// Names the sample and the instrument, ends the lists and finishes.
void maker_finish_plain(struct maker *maker);
/// A SoundFont with all that there is: pairs, loops, global zones, modulators, two presets; with 24 bits if asked.
void maker_make_rich(struct maker *maker, bool has_low);
/// One with two samples of Ogg Vorbis, of \p frames frames.
void maker_make_vorbis(struct maker *maker, uint32_t frames);
/// @}
