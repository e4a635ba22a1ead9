// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One option of a command: its line in the command's table, and what makes a text a value of it.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_TEXT,
    OPTION_INTEGER, ///< decimal, within 64 bits
    OPTION_NUMBER,  ///< decimal and finite
    OPTION_FLAG,    ///< --name and --no-name; in the environment and in files yes, no, true, false, on, off, 1 or 0
    OPTION_CHOICE,  ///< one name of a list
};

/// A line of a table that is static and outlives all that is made from it.
struct option_rule {
    const char *name; ///< as in --name: lower case, with hyphens
    char letter;      ///< as in -n, or 0
    enum option_kind kind;
    const char *value;          ///< what --help calls the value, such as "FILE"; NULL takes one from the kind
    const char *help;           ///< a phrase without a full stop; --help adds the range and the default
    const char *standard;       ///< the value when nobody gives one; NULL leaves the option without
    double min;                 ///< integers and numbers: the least allowed, and
    double max;                 ///< the greatest; no limit where both are 0
    const char *const *choices; ///< OPTION_CHOICE: the names, ended by NULL
    /// OPTION_TEXT: in a file the value may be a list of mappings with these fields instead; NULL where it may not.
    const struct option_rule *fields;
    size_t field_count;
};

/// A value that its rule allows.
struct option_value {
    const char *text; ///< as given; belongs to whoever gave it
    int64_t integer;
    double number; ///< of OPTION_INTEGER too
    bool flag;
    int line; ///< of the file that it stands in; 0 where it came another way
};

/// Reads \p text as a value of \p rule. \p shown is how the person gave it ("--bpm 900") and opens the complaint:
/// "--bpm 900 is out of range: give 30 to 200". STATUS_INVALID, STATUS_RANGE or STATUS_UNKNOWN. Any thread.
MUST_USE enum status option_read(const struct option_rule *rule, const char *text, const char *shown,
                                 struct option_value *out, struct complaint *complaint);

/// Room for option_variable().
enum { OPTION_VARIABLE_MAX = 64 };

/// The environment variable of the option \p name: TUTTI_SAMPLE_RATE for "sample-rate". Any thread.
void option_variable(const char *name, char out[OPTION_VARIABLE_MAX]);

/// Writes what \p rule allows into \p out, as in "give 30 to 200". Any thread.
void option_allowed(const struct option_rule *rule, char *out, size_t size);
