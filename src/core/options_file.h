// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A YAML file of options: one flat mapping of "name: value", checked against a command's table.
#pragma once

#include "core/option.h"

/// The longest file read, in bytes.
enum { OPTIONS_FILE_MAX = 65536 };

/// One text for each rule of a table, NULL where the file is silent.
struct options_file;

/// Reads the \p size bytes at \p yaml; \p name is the file's, for complaints. STATUS_CORRUPT when it is not YAML or
/// not flat, STATUS_UNKNOWN for a key that is in no rule, or what option_read() finds wrong with a value.
MUST_USE enum status options_file_parse(const char *name, const char *yaml, size_t size,
                                        const struct option_rule *rules, size_t count, struct options_file **out,
                                        struct complaint *complaint);

/// The same for the file at \p path; STATUS_IO when it cannot be read, STATUS_FULL above OPTIONS_FILE_MAX.
MUST_USE enum status options_file_load(const char *path, const struct option_rule *rules, size_t count,
                                       struct options_file **out, struct complaint *complaint);

/// The value of rule \p index, which belongs to the file, or NULL.
const struct option_value *options_file_value(const struct options_file *file, size_t index);

/// NULL is fine.
void options_file_free(struct options_file *file);
