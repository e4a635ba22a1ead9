// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/conductor_parts.h"

#include <string.h>

static const double NS_PER_S = 1e9;

struct inbox *conductor_inbox(struct conductor *conductor)
{
    return &conductor->inbox;
}

uint64_t conductor_now(const struct conductor *conductor)
{
    return atomic_load_explicit(&conductor->score->go, memory_order_acquire) * conductor->format.block;
}

uint64_t conductor_frame_at(const struct conductor *conductor, int64_t ns)
{
    uint32_t turn;
    uint64_t frame;
    int64_t then;
    do {
        turn = atomic_load(&conductor->clock_turn);
        frame = atomic_load(&conductor->clock_frame);
        then = atomic_load(&conductor->clock_ns);
    } while (turn % 2 || turn != atomic_load(&conductor->clock_turn));
    if (then == 0) {
        return 0;
    }
    const double at = (double)frame + (double)(ns - then) / NS_PER_S * conductor->format.rate;
    return at > 0 ? (uint64_t)at : 0;
}

const struct conductor_counts *conductor_counts(const struct conductor *conductor)
{
    return &conductor->counts;
}

void conductor_peaks(struct conductor *conductor, float *peaks)
{
    for (uint32_t channel = 0; channel < conductor->format.outs; channel++) {
        const uint32_t bits = atomic_exchange_explicit(&conductor->peak[channel], 0, memory_order_relaxed);
        memcpy(&peaks[channel], &bits, sizeof bits);
    }
}

enum conductor_verdict conductor_verdict(const struct conductor *conductor, uint32_t slot)
{
    return (enum conductor_verdict)atomic_load_explicit(&conductor->verdict[slot], memory_order_acquire);
}

void conductor_absolve(struct conductor *conductor, uint32_t slot)
{
    atomic_store_explicit(&conductor->verdict[slot], CONDUCTOR_FAIR, memory_order_release);
}

void conductor_leave(struct conductor *conductor)
{
    atomic_store_explicit(&conductor->leaving, true, memory_order_relaxed);
}

bool conductor_has_left(const struct conductor *conductor)
{
    return atomic_load_explicit(&conductor->left, memory_order_acquire);
}
