// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// An instrument that makes no sound but keeps every call with the frame on which it came, skipped ones counted.
#pragma once

#include "synth/instrument.h"

#include <stdbool.h>

enum { RECORDER_CALLS = 16384, RECORDER_ON = 0x90, RECORDER_OFF = 0x80, RECORDER_RESET = 0xff };

struct recorder_call {
    uint64_t frame;
    int status; ///< RECORDER_ON, RECORDER_OFF, RECORDER_RESET (data1 says which) or that of the message
    int channel;
    int data1;
    int data2;
};

struct recorder {
    struct instrument base;
    uint64_t frame;
    size_t count;
    size_t freed;
    size_t announced;            ///< calls of expect
    size_t expected;             ///< notes that were expected
    uint64_t announcement;       ///< the frame of the last call
    struct instrument_note note; ///< the last one that was expected
    bool silent;                 ///< set it to have no samples written, which is faster
    struct recorder_call calls[RECORDER_CALLS];
};

/// Starts over, at frame 0.
void recorder_init(struct recorder *recorder);
