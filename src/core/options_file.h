// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A YAML file of options: a mapping of "name: value", checked against a command's table. Where the table has fields
/// for an option, its value may be a list of mappings of those. Complaints name the line, as in "tutti.yaml:3: ...".
#pragma once

#include "core/option.h"

/// The longest file read, in bytes.
enum { OPTIONS_FILE_MAX = 65536 };

enum { OPTIONS_FILE_ITEMS_MAX = 256 };

/// A value or a list for each rule of a table, nothing where the file is silent.
struct options_file;

/// Reads the \p size bytes at \p yaml; \p name is the file's, for complaints. STATUS_CORRUPT when it is not YAML or
/// of another shape, STATUS_UNKNOWN for a key that is in no rule, STATUS_INVALID for one given twice, STATUS_FULL for a
/// list of more than OPTIONS_FILE_ITEMS_MAX, or what option_read() finds wrong with a value.
MUST_USE enum status options_file_parse(const char *name, const char *yaml, size_t size,
                                        const struct option_rule *rules, size_t count, struct options_file **out,
                                        struct complaint *complaint);

/// The same for the file at \p path; STATUS_IO when it cannot be read, STATUS_FULL above OPTIONS_FILE_MAX.
MUST_USE enum status options_file_load(const char *path, const struct option_rule *rules, size_t count,
                                       struct options_file **out, struct complaint *complaint);

/// The value of rule \p index, which belongs to the file, or NULL; of a list nothing but its line.
const struct option_value *options_file_value(const struct options_file *file, size_t index);

/// How many mappings the list of rule \p index has, the line that each begins on, and the value of one's field \p field
/// of the rule's, or NULL.
size_t options_file_item_count(const struct options_file *file, size_t index);
int options_file_item_line(const struct options_file *file, size_t index, size_t item);
const struct option_value *options_file_item(const struct options_file *file, size_t index, size_t item, size_t field);

/// NULL is fine.
void options_file_free(struct options_file *file);
