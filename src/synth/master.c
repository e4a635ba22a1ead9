// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/master.h"

#include "synth/dc_blocker.h"
#include "synth/limiter.h"

#include <stdlib.h>

static const double CEILING = 0.891;    // -1 dB, so that a lossy codec's overshoot does not clip
static const double DC_CUTOFF_HZ = 8.0; // an octave and more below the lowest note
static const double LOOKAHEAD_MS = 5.0;
static const double RELEASE_MS = 120.0;

struct master {
    struct dc_blocker dc_blocker;
    struct limiter *limiter;
};

struct master *master_new(double rate)
{
    struct master *master = calloc(1, sizeof *master);
    if (!master) {
        return NULL;
    }
    dc_blocker_init(&master->dc_blocker, rate, DC_CUTOFF_HZ);
    master->limiter = limiter_new(rate, CEILING, LOOKAHEAD_MS, RELEASE_MS);
    if (!master->limiter) {
        master_free(master);
        return NULL;
    }
    return master;
}

void master_free(struct master *master)
{
    if (master) {
        limiter_free(master->limiter);
        free(master);
    }
}

size_t master_delay(const struct master *master) REALTIME
{
    return limiter_delay(master->limiter);
}

void master_process(struct master *master, float *left, float *right, size_t frames) REALTIME
{
    dc_blocker_process(&master->dc_blocker, left, right, frames);
    limiter_process(master->limiter, left, right, frames);
}
