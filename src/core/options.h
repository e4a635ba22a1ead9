// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The options of a command, from the command line before the environment before a YAML file before the defaults.
///
/// A command has a table of its options (core/option.h) and gets the values checked, by name. Every command also
/// takes --config FILE ("name: value" lines, and lists where the table has them) and --help. The environment variable
/// of --sample-rate is TUTTI_SAMPLE_RATE; an empty one counts as not set.
#pragma once

#include "core/option.h"

#include <stdio.h>

/// What a command says of itself; static.
struct options_command {
    const char *name;     ///< "tutti render", as it opens every complaint
    const char *summary;  ///< what it does, for --help
    const char *operands; ///< how --help names what follows the options, such as "[FILE]"; NULL when nothing may
    size_t operands_max;  ///< how many of those there may be
    const struct option_rule *rules;
    size_t rule_count;
};

struct options;

/// Reads the arguments (argv[0] is the command itself and passed over), the environment and the file that --config
/// or TUTTI_CONFIG names. \p argv must outlive the result. The complaint is one whole line for standard error, after
/// which a command exits with status 2.
MUST_USE enum status options_new(const struct options_command *command, int argc, char *const *argv,
                                 struct options **out, struct complaint *complaint);

/// NULL is fine.
void options_free(struct options *options);

/// Whether --help or -h was given: then nothing else was looked at, and the command prints the page and exits with 0.
bool options_help(const struct options *options);

/// Prints the page of \p command, at most 80 columns wide.
void options_print_help(const struct options_command *command, FILE *out);

/// Warns on \p out of every variable TUTTI_NAME that is no option of any of the \p count \p commands, each of which
/// also takes --config: "warning: TUTTI_PRESTE means nothing to Tutti: did you mean TUTTI_PRESET?".
void options_check_environment(const struct options_command *commands, size_t count, FILE *out);

/// \name Values, by a name that stands in the table
/// Reading an option that the table does not have, or as another kind, is a mistake in the program and aborts it.
/// @{
/// Whether anyone gave it, or it has a default.
bool options_has(const struct options *options, const char *name);
/// Whether the person gave it, and not the default.
bool options_given(const struct options *options, const char *name);
/// Whether it stood on the command line.
bool options_typed(const struct options *options, const char *name);
/// A text or a choice; NULL when it has none, or a list.
const char *options_text(const struct options *options, const char *name);
/// Of any kind, as it was given; NULL when it has none, or a list.
const char *options_written(const struct options *options, const char *name);
/// 0 when it has none.
int64_t options_integer(const struct options *options, const char *name);
/// 0 when it has none.
double options_number(const struct options *options, const char *name);
/// False when it has none.
bool options_flag(const struct options *options, const char *name);
/// @}

/// \name Lists: an option whose rule has fields, given as a list of mappings in the file
/// @{
/// How many mappings; 0 when it has none, or a text.
size_t options_item_count(const struct options *options, const char *name);
/// What mapping \p index gives for \p field, or NULL where it is silent. It belongs to \p options.
const struct option_value *options_item(const struct options *options, const char *name, size_t index,
                                        const char *field);
/// The line on which mapping \p index begins, in the file that --config names.
int options_item_line(const struct options *options, const char *name, size_t index);
/// @}

/// How many operands were given, and each of them; NULL past the last.
size_t options_operand_count(const struct options *options);
const char *options_operand(const struct options *options, size_t index);
