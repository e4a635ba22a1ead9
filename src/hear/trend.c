// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/trend.h"

#include <math.h>

void trend_add(struct trend *trend, double time, double value)
{
    trend->count += 1.0;
    trend->x += time;
    trend->y += value;
    trend->xx += time * time;
    trend->xy += time * value;
    trend->yy += value * value;
}

struct trend_line trend_fit(const struct trend *trend, double overlap)
{
    // A line takes two degrees of freedom.
    const double freedom = trend->count / overlap - 2.0;
    if (!(freedom > 0.0)) {
        return (struct trend_line){0.0, 0.0};
    }
    const double spread = trend->xx - trend->x * trend->x / trend->count;
    if (!(spread > 0.0)) {
        return (struct trend_line){0.0, 0.0};
    }
    const double slope = (trend->xy - trend->x * trend->y / trend->count) / spread;
    const double rest = fmax(0.0, trend->yy - trend->y * trend->y / trend->count - slope * slope * spread);
    // Of what is left over and of the spread, one in `overlap` counts.
    const double variance = rest / freedom / spread;
    return (struct trend_line){.slope = slope, .confidence = 1.0 / (1.0 + variance)};
}
