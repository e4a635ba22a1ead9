// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Arguments of OSC messages as people write and read them, on a command line and in scripts. Pure; any thread.
#pragma once

#include "core/status.h"
#include "net/osc.h"

/// A word as it stood; one in quotes is a text whatever it looks like.
struct osc_word {
    const char *text;
    bool quoted;
};

/// Cuts \p line, which is changed, into words at blanks. "Double quotes" hold blanks together, in them \" and \\ stand
/// for " and \. A # that begins a word begins a comment. STATUS_INVALID for a quote without its end, STATUS_FULL for
/// more than \p most words.
MUST_USE enum status osc_text_split(char *line, struct osc_word *words, size_t most, size_t *count,
                                    struct complaint *complaint);

/// What \p word stands for: 12 is an int32 (int64 where it is too large), 0.5 a float, else a text. One of s: i: h: f:
/// d: before it says which (s:12; also f:nan). STATUS_INVALID where it is no such thing. The result points into the
/// word.
MUST_USE enum status osc_text_read(const struct osc_word *word, struct osc_arg *out, struct complaint *complaint);

/// Writes \p arg so that osc_text_read() would give its value again; cut at \p size. Returns the length.
size_t osc_text_write(const struct osc_arg *arg, char *out, size_t size);
