// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The figures of a session: one table for the log, for OSC and for Prometheus. Any thread.
#pragma once

#include "net/prometheus.h"
#include "play/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

enum { FIGURES_MAX = 64, FIGURE_NAME_SIZE = 48 };

struct figure {
    char name[FIGURE_NAME_SIZE]; ///< "late", "slot_0_deaths"
    const char *metric;          ///< "tutti_synth_late_total"; two of one name follow each other, for the two slots
    const char *help;
    enum prometheus_kind kind;
    int slot; ///< -1 where it is of both
    bool is_count;
    double value;
};

/// All of \p session's; returns how many.
size_t figures_read(const struct session *session, struct figure figures[FIGURES_MAX]);

/// "playing", as the state of a slot is called.
const char *figures_state(enum engine_slot_state state);
