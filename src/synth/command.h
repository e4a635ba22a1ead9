// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the audio side is told, with the frame on which it takes effect. Fixed size, flat: it goes through rings and
/// shared memory.
#pragma once

#include "synth/module.h"

enum command_kind {
    COMMAND_NONE,
    COMMAND_SET,   ///< uid, index (the parameter), value
    COMMAND_EVENT, ///< uid (0: all), event
    COMMAND_SWAP,  ///< serial: of the program that plays from here
    COMMAND_FAULT, ///< uid: slot 0 or 1; index: enum command_fault. Only where the engine allows it
    COMMAND_COUNT
};

enum command_fault { COMMAND_FAULT_CRASH, COMMAND_FAULT_GARBAGE, COMMAND_FAULT_DIVERGE, COMMAND_FAULT_COUNT };

struct command {
    uint64_t frame; ///< of the session; what is in the past takes effect at once
    uint64_t order; ///< among those of one frame; given by the engine
    uint64_t stamp; ///< clock_now_ns() when it came, for its latency; 0 unknown
    uint32_t kind;  ///< enum command_kind
    uint32_t uid;
    uint32_t index;
    float value;
    uint64_t serial;
    struct module_event event;
    uint8_t pad[4];
};
_Static_assert(sizeof(struct command) == 64, "a cache line");
