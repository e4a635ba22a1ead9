// SPDX-License-Identifier: GPL-3.0-or-later
// Both memories have their full size from the start, and the pages of a module's places are touched when it is made
// ready, so that none is missing while it plays.
#include "core/large.h"
#include "synth/rack_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RATE_MIN = 8000, RATE_MAX = 192000;
static const double FADE_S = 0.01;

void *rack_memory(size_t size)
{
    if (size >= LARGE_PAGE / 2) {
        return large_new(size);
    }
    const size_t whole = (size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, whole);
    if (memory) {
        memset(memory, 0, whole);
    }
    return memory;
}

enum status rack_new(double rate, uint32_t ins, uint32_t outs, struct rack **out)
{
    *out = NULL;
    if (!(rate >= RATE_MIN && rate <= RATE_MAX) || ins > RACK_CHANNELS_MAX || outs > RACK_CHANNELS_MAX) {
        return STATUS_RANGE;
    }
    struct rack *rack = rack_memory(sizeof *rack);
    if (!rack) {
        return STATUS_NO_MEMORY;
    }
    rack->rate = rate;
    rack->ins = ins;
    rack->outs = outs;
    rack->fade = (uint32_t)lround(rate * FADE_S);
    rack->sum = modules_sum();
    rack->hot = rack_memory(PROGRAM_HOT_MAX);
    rack->cold = rack_memory(PROGRAM_COLD_MAX);
    if (!rack->hot || !rack->cold) {
        rack_free(rack);
        return STATUS_NO_MEMORY;
    }
    *out = rack;
    return STATUS_OK;
}

void rack_free(struct rack *rack)
{
    if (!rack) {
        return;
    }
    rack_tidy(rack);
    while (rack->newest && rack->newest != rack->playing) {
        rack_discard(rack, rack->newest);
    }
    if (rack->playing) {
        rack_bench_free(rack->playing);
    }
    free(rack->cold);
    free(rack->hot);
    free(rack);
}
