// SPDX-License-Identifier: GPL-3.0-or-later
// Each lane adds up its own voices, group after group, so that all kinds of machines give the same sum; four groups at
// a time, so that the sum itself is rarely moved.
#include "synth/modules/kind.h"

enum { TOGETHER = 4 };

POLY_INLINE void add(const poly *from, uint32_t groups, uint32_t frames, poly *restrict sum)
{
    for (uint32_t i = 0; i < frames; i++) {
        poly all = sum[i];
        for (uint32_t group = 0; group < groups; group++) {
            all += from[group * MODULE_BLOCK + i];
        }
        sum[i] = all;
    }
}

void MODULE(sum)(const void *blocks, uint32_t voices, uint32_t frames, void *to)
{
    const poly *from = blocks;
    poly *sum = to;
    for (uint32_t i = 0; i < frames; i++) {
        sum[i] = poly_all(0);
    }
    uint32_t groups = voices / POLY_LANES;
    for (; groups >= TOGETHER; groups -= TOGETHER) {
        add(from, TOGETHER, frames, sum);
        from += TOGETHER * MODULE_BLOCK;
    }
    for (; groups > 0; groups--) {
        add(from, 1, frames, sum);
        from += MODULE_BLOCK;
    }
    poly_int is_there = {0};
    for (uint32_t lane = 0; lane < voices % POLY_LANES; lane++) {
        is_there[lane] = -1;
    }
    for (uint32_t i = 0; voices % POLY_LANES > 0 && i < frames; i++) {
        sum[i] += poly_select(is_there, from[i], poly_all(0));
    }
}
