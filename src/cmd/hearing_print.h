// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a listener says, as lines of JSON for programs, or on a terminal for people. Any thread but audio.
#pragma once

#include "cmd/hearing.h"

#include <stdio.h>

/// {"event":"chord","time":12.5,"emitted":12.61,"label":"A:min7",...}; times in seconds.
void hearing_print_event(FILE *out, const struct hearing *hearing, const struct hear_event *event);

/// {"event":"summary",...}: what was heard in all, and what a hop took. \p seconds is how long the work took.
void hearing_print_summary(FILE *out, const struct hearing *hearing, double seconds);

/// The context as a few lines that replace those of the call before (\p again); for a terminal.
void hearing_print_live(FILE *out, const struct hearing *hearing, bool again);
