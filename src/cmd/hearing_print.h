// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a listener says, as lines of JSON for programs, or on a terminal for people. Any thread but audio.
#pragma once

#include "cmd/hearing.h"

#include <stdbool.h>
#include <stdio.h>

/// Whether anybody reads standard output still: false for a pipe whose other end is closed, or after an error.
bool hearing_print_is_read(void);

/// {"event":"chord","time":12.5,"emitted":12.61,"label":"A:min7",...}; times in seconds.
void hearing_print_event(FILE *out, const struct hearing *hearing, const struct hear_event *event);

/// {"event":"summary",...}: what was heard in all (the tempo is the median of the beats'; null is what was not heard,
/// and the loudness of notes), and what a hop took. \p seconds is how long the work took.
void hearing_print_summary(FILE *out, const struct hearing *hearing, double seconds);

/// The context as a few lines that replace those of the call before (\p again); for a terminal.
void hearing_print_live(FILE *out, const struct hearing *hearing, bool again);
