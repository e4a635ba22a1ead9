// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a station measures about itself. Written by whoever does the work, read by anyone: all atomic.
#pragma once

#include "core/histogram.h"
#include "station/chunk.h"

#include <stdatomic.h>
#include <stdint.h>

/// Times in microseconds.
struct metrics {
    struct histogram render;   ///< a block of 20 ms: composing, playing, rendering
    struct histogram encode;   ///< a chunk of 100 ms in all forms
    struct histogram publish;  ///< how late a chunk was ready for the listeners
    struct histogram lateness; ///< how late a chunk was written to a listener's socket
    struct histogram control;  ///< from the arrival of a change to the moment when its sound was due
    _Atomic uint64_t chunks;
    _Atomic uint64_t underruns; ///< chunks ready more than their own length too late
    _Atomic uint64_t sent_bytes;
    _Atomic uint64_t skips;                   ///< times that a listener fell behind the ring and was put back to live
    _Atomic uint64_t too_slow;                ///< listeners closed because they fell behind time and again
    _Atomic uint64_t dropped;                 ///< listeners closed because they stopped reading
    _Atomic uint64_t refused_commands;        ///< changes that found the command ring full
    _Atomic uint64_t rejected_messages;       ///< messages that made no sense
    _Atomic uint32_t listeners[FORMAT_COUNT]; ///< now, by enum format
    _Atomic uint64_t sleeps;                  ///< times that the station fell asleep, at the start too
    _Atomic int64_t busy_ns;                  ///< processor time that the station's thread has used; told once a chunk
    _Atomic int64_t rendered_until_ns;        ///< on clock_now_ns(): when what is rendered will have been due
};

/// How many listen now, in all formats. Any thread.
static inline uint32_t metrics_listeners(const struct metrics *metrics)
{
    uint32_t listeners = 0;
    for (int i = 0; i < FORMAT_COUNT; i++) {
        listeners += atomic_load_explicit(&metrics->listeners[i], memory_order_relaxed);
    }
    return listeners;
}
