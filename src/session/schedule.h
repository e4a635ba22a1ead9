// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Requests that wait for their time. One thread.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCHEDULE_MAX = 8192 };

struct request;
struct schedule;

/// NULL when memory is out.
struct schedule *schedule_new(void);
/// With all that waits. NULL is fine.
void schedule_free(struct schedule *schedule);
/// Takes \p request over, to be ready at \p due. STATUS_FULL where SCHEDULE_MAX wait: then it stays the caller's.
MUST_USE enum status schedule_push(struct schedule *schedule, struct request *request, int64_t due);
/// The next that is due at \p now, which is the caller's then; NULL where there is none. Those of one time come in the
/// order in which they were pushed.
struct request *schedule_pop(struct schedule *schedule, int64_t now);
/// When the next is due; false where none waits.
bool schedule_next(const struct schedule *schedule, int64_t *due);
size_t schedule_count(const struct schedule *schedule);
