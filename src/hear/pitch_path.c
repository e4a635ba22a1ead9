// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/pitch_path.h"

#include <math.h>
#include <stdbool.h>

static const double LEAP_COST = 0.7;   // an octave
static const double VOICE_COST = 0.28; // to begin or to end

static double cost(const struct pitch_candidate *from, const struct pitch_candidate *to) REALTIME;

void pitch_path_init(struct pitch_path *path)
{
    *path = (struct pitch_path){.count = 1};
}

static double cost(const struct pitch_candidate *from, const struct pitch_candidate *to)
{
    const bool was = from->frequency > 0.0;
    const bool is = to->frequency > 0.0;
    if (was != is) {
        return VOICE_COST;
    }
    return was ? LEAP_COST * fabs(log2(to->frequency / from->frequency)) : 0.0;
}

uint32_t pitch_path_add(struct pitch_path *path, const struct pitch_candidate *candidates, uint32_t count)
{
    double scores[PITCH_PATH_CANDIDATES];
    uint32_t best = 0;
    for (uint32_t i = 0; i < count; i++) {
        double most = -INFINITY;
        for (uint32_t j = 0; j < path->count; j++) {
            most = fmax(most, path->scores[j] - cost(&path->candidates[j], &candidates[i]));
        }
        scores[i] = most + candidates[i].strength;
        best = scores[i] > scores[best] ? i : best;
    }
    for (uint32_t i = 0; i < count; i++) {
        path->scores[i] = scores[i] - scores[best];
        path->candidates[i] = candidates[i];
    }
    path->count = count;
    return best;
}
