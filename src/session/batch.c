// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/batch.h"

#include <assert.h>

void batch_begin(struct batch *batch, uint64_t frame, uint64_t now)
{
    batch->frame = frame;
    batch->now = now;
    batch->stamp = 0;
    batch->count = 0;
    batch->requests = 0;
}

bool batch_has_room(const struct batch *batch)
{
    return batch->count + BATCH_REQUEST_COMMANDS <= BATCH_COMMANDS && batch->requests < BATCH_REQUESTS;
}

void batch_add(struct batch *batch, struct command command, uint64_t begin, float before)
{
    assert(batch->count < BATCH_COMMANDS);
    // A beginning that is past is none to wait for; the engine would count it as a command that came too late.
    const uint64_t earliest = begin > batch->now ? begin : 0;
    command.frame = batch->frame < earliest ? earliest : batch->frame;
    command.stamp = (uint64_t)batch->stamp;
    batch->before[batch->count] = before;
    batch->commands[batch->count++] = command;
}

void batch_end_request(struct batch *batch, const struct request *request)
{
    assert(batch->requests < BATCH_REQUESTS);
    batch->receipts[batch->requests++] = (struct batch_receipt){.method = request->method, .from = request->from};
}
