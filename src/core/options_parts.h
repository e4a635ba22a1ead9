// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the sources of core/options.h share, and nobody else sees.
#pragma once

#include "core/options.h"

enum source { SOURCE_NONE, SOURCE_COMMAND_LINE, SOURCE_ENVIRONMENT, SOURCE_FILE, SOURCE_DEFAULT };

struct slot {
    enum source source;
    struct option_value value;
};

struct options_file;

struct options {
    const struct options_command *command;
    struct option_rule *rules; ///< the command's, then --config, then --help
    struct slot *slots;        ///< one a rule
    size_t count;
    struct options_file *file;
    const char **operands; ///< has room for every word of the command line
    size_t operand_count;
};

/// The rules that every command has after its own; the last is --help.
enum { OPTIONS_BUILT_IN = 2 };
extern const struct option_rule options_built_in[OPTIONS_BUILT_IN];

/// The slot of the option of these \p length characters, or NULL.
struct slot *options_slot(const struct options *options, const char *name, size_t length);

/// The rule that fills \p slot.
const struct option_rule *options_rule(const struct options *options, const struct slot *slot);

/// Puts \p text, which came as \p shown, into \p slot.
MUST_USE enum status options_fill(const struct options *options, struct slot *slot, enum source source,
                                  const char *text, const char *shown, struct complaint *complaint);

/// Reads the words of the command line, without the command itself, up to --help or the end.
MUST_USE enum status options_read_line(struct options *options, int count, char *const *words,
                                       struct complaint *complaint);
