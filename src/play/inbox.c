// SPDX-License-Identifier: GPL-3.0-or-later
// A ring without a check for room: what lies in it is part of what waits, which inbox_send() keeps below its size.
#include "play/inbox.h"

bool inbox_send(struct inbox *inbox, const struct command *commands, uint32_t count, uint32_t limit)
{
    const uint32_t waiting = atomic_load_explicit(&inbox->waiting, memory_order_acquire);
    if (count > limit || waiting > limit - count) {
        return false;
    }
    const uint64_t sent = atomic_load_explicit(&inbox->sent, memory_order_relaxed);
    for (uint32_t i = 0; i < count; i++) {
        inbox->commands[(sent + i) % INBOX_SIZE] = commands[i];
    }
    atomic_fetch_add_explicit(&inbox->waiting, count, memory_order_relaxed);
    atomic_store_explicit(&inbox->sent, sent + count, memory_order_release);
    return true;
}

bool inbox_take(struct inbox *inbox, struct command *out)
{
    if (inbox->taken == atomic_load_explicit(&inbox->sent, memory_order_acquire)) {
        return false;
    }
    *out = inbox->commands[inbox->taken++ % INBOX_SIZE];
    return true;
}

void inbox_done(struct inbox *inbox)
{
    atomic_fetch_sub_explicit(&inbox->waiting, 1, memory_order_release);
}
