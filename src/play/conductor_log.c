// SPDX-License-Identifier: GPL-3.0-or-later
// What was sent goes out of the inbox to the heap of commands that wait, a bounded number each time; those that are due
// go on the log; and first the log is published, then `go`.
#include "play/conductor_parts.h"
#include "play/edge.h"

#include <string.h>

enum {
    TAKEN_A_BLOCK = 512,  ///< commands out of the inbox
    LOGGED_A_BLOCK = 512, ///< commands that take effect; what is more comes a block later
};

static void take_commands(struct conductor *conductor) REALTIME;

static void take_commands(struct conductor *conductor)
{
    const uint64_t now = conductor->go * conductor->format.block;
    struct command command;
    for (uint32_t i = 0; i < TAKEN_A_BLOCK && inbox_take(&conductor->inbox, &command); i++) {
        if (command.frame < now) {
            conductor_count(&conductor->counts.behind, command.frame != 0 && command.kind != COMMAND_SWAP ? 1 : 0);
            command.frame = now; // and so after those that are due by then already
        }
        if (!timed_push(&conductor->timed, &command)) {
            inbox_done(&conductor->inbox); // cannot be: as many may wait as the heap has room for
        }
    }
}

// Puts on the log what is due in block `go`, as far as `room` goes.
static void log_commands(struct conductor *conductor, uint32_t *room) REALTIME;

static void log_commands(struct conductor *conductor, uint32_t *room)
{
    const uint64_t start = conductor->go * conductor->format.block;
    const uint64_t end = start + conductor->format.block;
    for (; *room > 0; --*room) {
        const struct command *first = timed_first(&conductor->timed);
        if (!first || first->frame >= end) {
            return;
        }
        struct command *command = &conductor->score->log[conductor->logged % SHARED_LOG];
        *command = *first;
        timed_pop(&conductor->timed);
        if (command->frame < start) {
            command->frame = start;
            conductor_count(&conductor->counts.behind, 1);
        }
        if (command->kind == COMMAND_SWAP) {
            atomic_store_explicit(&conductor->counts.swapped, command->serial, memory_order_release);
        }
        conductor->logged++;
        inbox_done(&conductor->inbox);
    }
}

// The input of block `go`: what was gathered, which is then used up.
static void put_input(struct conductor *conductor) REALTIME;

static void put_input(struct conductor *conductor)
{
    const size_t bytes = (size_t)conductor->format.block * conductor->format.ins * sizeof(float);
    memcpy(conductor->score->input + shared_input_at(&conductor->format, conductor->go), conductor->gathered, bytes);
    memset(conductor->gathered, 0, bytes);
}

void conductor_end_block(struct conductor *conductor)
{
    struct shared_score *score = conductor->score;
    conductor->block++;
    conductor->at = 0;
    take_commands(conductor);
    uint32_t room = LOGGED_A_BLOCK;
    for (; conductor->go < conductor->block + conductor->lead; conductor->go++) {
        put_input(conductor);
        log_commands(conductor, &room);
    }
    atomic_store_explicit(&score->log_written, conductor->logged, memory_order_release);
    atomic_store_explicit(&score->go, conductor->go, memory_order_release);
    atomic_fetch_add_explicit(&score->pulse, 1, memory_order_release);
    if (conductor->waker) {
        waker_ring(conductor->waker);
    } else {
        edge_wake(&score->pulse);
    }
}
