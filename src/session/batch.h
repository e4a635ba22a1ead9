// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Commands that take effect on one frame together, and the requests that are answered when they are sent.
///
/// Plain memory of one thread.
#pragma once

#include "session/request.h"
#include "synth/command.h"

enum { BATCH_COMMANDS = 512, BATCH_REQUESTS = 128 };

/// Room that one request may take: a command for every module.
enum { BATCH_REQUEST_COMMANDS = 256 };

struct batch_receipt {
    const struct method *method;
    struct request_origin from;
};

struct batch {
    uint64_t frame; ///< of its commands; 0: the next, which is found when the first of them are sent
    uint64_t now;   ///< engine_now() when it began
    int64_t stamp;
    uint32_t count;
    uint32_t requests;
    struct command commands[BATCH_COMMANDS];
    float before[BATCH_COMMANDS]; ///< of COMMAND_SET: the value until now
    struct batch_receipt receipts[BATCH_REQUESTS];
};

/// Empties \p batch for what takes effect at \p frame, where \p now is the first that can be reached.
void batch_begin(struct batch *batch, uint64_t frame, uint64_t now);
/// Whether there is room for one more request, whatever it is.
bool batch_has_room(const struct batch *batch);
/// Adds a command, not before \p begin (the first frame of the module that it is for). There is room.
void batch_add(struct batch *batch, struct command command, uint64_t begin, float before);
/// Says that \p request is done with. There is room.
void batch_end_request(struct batch *batch, const struct request *request);
