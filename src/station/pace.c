// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/pace.h"

#include "core/clock.h"
#include "station/chunk.h"

#include <stdlib.h>

static const int64_t NS_PER_MS = 1000000;

enum {
    REANCHOR_MS = 2000,    ///< a pause of the machine longer than this is not caught up with
    WALL_STEP_US = 1000000 ///< how far the stamps may be from the wall's clock
};

void pace_init(struct pace *pace, double speed, uint32_t phase_ms)
{
    *pace = (struct pace){.period_ns = (int64_t)((double)(CHUNK_MS * NS_PER_MS) / speed),
                          .phase_ns = (int64_t)((double)(phase_ms * NS_PER_MS) / speed)};
}

/// The last moment at the station's phase that is not after \p ns.
static int64_t moment_before(const struct pace *pace, int64_t ns)
{
    const int64_t past = (ns - pace->phase_ns) % pace->period_ns;
    return ns - past - (past < 0 ? pace->period_ns : 0);
}

static int64_t wall_offset_us(int64_t now_ns)
{
    return clock_wall_us() - now_ns / 1000;
}

void pace_begin(struct pace *pace, int64_t now_ns, unsigned behind)
{
    const int64_t first = moment_before(pace, now_ns) + (behind > 0 ? 1 - (int64_t)behind : 2) * pace->period_ns;
    pace->due_ns = first > pace->due_ns ? first : pace->due_ns;
    pace->begun_ns = now_ns;
    pace->wall_offset_us = wall_offset_us(now_ns);
}

int64_t pace_advance(struct pace *pace, int64_t now_ns)
{
    pace->due_ns += pace->period_ns;
    const int64_t late_ns = now_ns - pace->due_ns;
    const bool paused = late_ns > REANCHOR_MS * NS_PER_MS;
    if (paused) {
        pace->due_ns = moment_before(pace, now_ns) + pace->period_ns;
    }
    // The wall's clock may be set, and goes on while the machine sleeps; small corrections would make the stamps
    // uneven.
    const int64_t offset_us = wall_offset_us(now_ns);
    if (llabs(offset_us - pace->wall_offset_us) > WALL_STEP_US) {
        pace->wall_offset_us = offset_us;
    }
    return paused ? late_ns : 0;
}

bool pace_is_behind(const struct pace *pace)
{
    return pace->due_ns <= pace->begun_ns;
}

int64_t pace_due_us(const struct pace *pace)
{
    return pace->due_ns / 1000 + pace->wall_offset_us;
}
