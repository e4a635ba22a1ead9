// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Patch files: YAML that a person likes to read (docs/patch.md).
///
///     title: Warm strings
///     modules:
///       keys: {type: notes, voices: 16}
///       osc: {type: saw, detune: 7}
///       filter: {type: svf, cutoff: 900, resonance: 0.3}
///       out: {type: output}
///     cables:
///       - keys.pitch -> osc.pitch
///       - env.out -> filter.pitch * 36
#pragma once

#include "synth/patch.h"

/// Reads \p size bytes of \p text; \p shown names the file in complaints: "strings.yaml:4: module \"osc\": ...".
/// Relative paths of files are taken from \p folder (NULL: as they stand). STATUS_CORRUPT for YAML that is none, and
/// all that patch.h refuses; STATUS_NO_MEMORY. Any thread.
MUST_USE enum status patch_file_parse(const char *text, size_t size, const char *shown, const char *folder,
                                      struct patch **out, struct complaint *complaint);

/// Reads the file at \p path (at most 1 MB), or, where there is no such file, the patch of that name that ships
/// (share/patches): "warm-pad". STATUS_IO with the names that ship in the complaint. Any thread.
MUST_USE enum status patch_file_load(const char *path, struct patch **out, struct complaint *complaint);

/// Writes \p patch to \p path, whole or not at all. STATUS_IO. What it wrote loads as the same patch.
MUST_USE enum status patch_file_save(const struct patch *patch, const char *path, struct complaint *complaint);
