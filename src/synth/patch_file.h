// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Patch files: YAML that a person likes to read (docs/patch.md).
///
///     title: Warm strings
///     about: A slow pad.
///     modules:
///       keys: {type: notes, voices: 16}
///       osc: {type: saw, detune: 7}
///       filter: {type: svf, cutoff: 900, resonance: 0.3}
///       out: {type: output}
///     cables:
///       - keys.pitch -> osc.pitch, filter.pitch
///       - env.out -> filter.pitch * 36
#pragma once

#include "synth/patch.h"

#include <stdbool.h>

enum {
    PATCH_FILE_MAX = 1 << 20, ///< bytes
    PATCH_FILE_NAME_SIZE = 40,
};

/// Reads \p size bytes of \p text; \p shown names the file in complaints: "strings.yaml:4: module \"osc\": ...".
/// Relative paths of files are taken from \p folder (NULL: as they stand). STATUS_CORRUPT for YAML that is none,
/// STATUS_UNSUPPORTED for what plain_yaml.h leaves out, STATUS_FULL beyond PATCH_FILE_MAX, and all that patch.h
/// refuses; STATUS_NO_MEMORY. Any thread.
MUST_USE enum status patch_file_parse(const char *text, size_t size, const char *shown, const char *folder,
                                      struct patch **out, struct complaint *complaint);

/// Reads the file at \p path or, where there is no such file, the patch of that name that ships (share/patches):
/// "warm-pad". STATUS_IO with the names that ship in the complaint; else as patch_file_parse(). Any thread.
MUST_USE enum status patch_file_load(const char *path, struct patch **out, struct complaint *complaint);

/// The name of the patch \p index of those that ship; false past the last. Any thread.
bool patch_file_shipped(size_t index, char name[PATCH_FILE_NAME_SIZE]);

/// The text of a file for \p patch, \p size bytes, which the caller frees; files in or below \p folder (absolute; NULL:
/// none) get short paths. STATUS_INVALID where the name of a file is not UTF-8, STATUS_NO_MEMORY. Any thread.
MUST_USE enum status patch_file_format(const struct patch *patch, const char *folder, char **text, size_t *size,
                                       struct complaint *complaint);

/// Writes \p patch to \p path, whole or not at all. Files without a '/' at the beginning are meant from the process's
/// folder. STATUS_IO, and as patch_file_format(). What it wrote loads as the same patch, but for the uids.
MUST_USE enum status patch_file_save(const struct patch *patch, const char *path, struct complaint *complaint);
