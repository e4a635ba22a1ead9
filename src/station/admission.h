// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Who gets a private station: as many as the policy says or, where that leaves it to the machine, as it has power for
/// (station/power.h). Any thread, unless said otherwise.
#pragma once

#include "core/status.h"
#include "station/policy.h"
#include "station/stations.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct admission;

/// Fills in what a private station is: \p preset by name, or the standard one where that is NULL. Its seed is new each
/// time. STATUS_UNKNOWN, or as its instrument's.
typedef enum status admission_make(void *user, const char *preset, struct station_options *out,
                                   struct complaint *complaint);

struct admission_options {
    struct stations *stations; ///< outlives it, as the policy does
    struct policy *policy;
    admission_make *make; ///< called by whoever calls admission_open(); NULL: there are no private stations
    void *user;
};

/// STATUS_NO_MEMORY.
MUST_USE enum status admission_new(const struct admission_options *options, struct admission **out);

/// NULL is fine.
void admission_free(struct admission *admission);

/// The private station that \p token opens, or where it opens none, or is NULL, a new one with \p preset; a reference
/// for the caller in \p out, and in \p is_fresh whether it is new. STATUS_FULL and STATUS_UNSUPPORTED with a complaint
/// for the listener; STATUS_UNKNOWN for a preset that is none; as stations_add_private().
MUST_USE enum status admission_open(struct admission *admission, const char *token, const char *preset,
                                    struct stations_entry **out, bool *is_fresh, struct complaint *complaint);

/// Measures what power the machine has left, while there are so many \p listeners. To be called about once a second.
void admission_measure(struct admission *admission, size_t listeners);

/// How many private stations could be had now, and how many were refused so far for want of power.
unsigned admission_room(struct admission *admission);
uint64_t admission_refused(struct admission *admission);
