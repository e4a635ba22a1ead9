// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What may be changed while the service runs: whose pages may connect, who may steer, how many may come.
///
/// All functions but policy_new() and policy_free() may be called by any thread; none waits for more than a copy.
#pragma once

#include "core/status.h"

#include <stdbool.h>

/// Given by whoever starts or reloads the service.
struct policy_rules {
    const char *const *origins; ///< further Origins that may open WebSockets, ended by NULL; NULL for none
    const char *control_token;  ///< that steers shared stations; NULL for everybody may
    int private_max;            ///< most private stations; 0 for none, -1 for as many as there is power for
    unsigned per_address;       ///< most connections of one address; 0 for no limit
};

struct policy;

/// Copies \p rules. STATUS_NO_MEMORY.
MUST_USE enum status policy_new(const struct policy_rules *rules, struct policy **out);

/// NULL is fine.
void policy_free(struct policy *policy);

/// Puts \p rules, which are copied, in the place of those before: all of them at once, for what is asked from then on.
/// STATUS_NO_MEMORY, and all stays as it was.
MUST_USE enum status policy_set(struct policy *policy, const struct policy_rules *rules);

/// Whether pages of \p origin may connect; letters' case does not matter.
bool policy_allows_origin(struct policy *policy, const char *origin);

/// Whether one who brings \p token, NULL for none, may steer shared stations. Takes as long for a token that is nearly
/// right as for any other of its length.
bool policy_may_control(struct policy *policy, const char *token);

int policy_private_max(struct policy *policy);
unsigned policy_per_address(struct policy *policy);
