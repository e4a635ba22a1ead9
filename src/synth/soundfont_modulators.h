// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Lists of modulators: read, laid over each other as the levels of a SoundFont are, and each different one kept once.
/// Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont.h"
#include "synth/soundfont_riff.h"

/// Modulators that one zone, or one region, can have, and the total of all lists; what is beyond is left out.
enum { SOUNDFONT_ZONE_MODULATORS = 64, SOUNDFONT_MODULATORS = 1 << 20 };

/// A list by its number. Two lists with the same modulators in the same order have the same number.
struct soundfont_modulator_list {
    uint32_t first; ///< index in the items
    uint32_t count;
    uint32_t next; ///< the next list with the same hash
};

struct soundfont_modulators;

/// \name Numbers of lists that are always there
/// @{
enum { SOUNDFONT_NO_MODULATORS, SOUNDFONT_DEFAULT_MODULATORS };
/// @}

/// NULL when memory is out.
struct soundfont_modulators *soundfont_modulators_new(void);
void soundfont_modulators_free(struct soundfont_modulators *modulators);

/// Lays the \p count records at \p records over list \p base: one that is identical in all but the amount to one in
/// the list takes its place, and the last of identical ones counts. Gives the number of the result in \p out, and adds
/// to \p left_out the records that mean nothing here: unknown sources, destinations or transforms, links, too many.
MUST_USE enum status soundfont_modulators_over(struct soundfont_modulators *modulators, uint32_t base,
                                               const uint8_t *records, uint32_t count, uint32_t *out,
                                               uint32_t *left_out);

/// Adds list \p above, of a preset's zone, to list \p base, of an instrument's: identical ones sum their amounts.
MUST_USE enum status soundfont_modulators_add(struct soundfont_modulators *modulators, uint32_t base, uint32_t above,
                                              uint32_t *out, uint32_t *left_out);

/// Where list \p number is. Until the next list is made.
struct soundfont_modulator_list soundfont_modulators_list(const struct soundfont_modulators *modulators,
                                                          uint32_t number);

/// All modulators of all lists, one list after another; the caller frees them. The rest is gone afterwards.
struct soundfont_modulator *soundfont_modulators_take(struct soundfont_modulators *modulators);
