// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A queue of fixed-size messages from one thread to one other, in memory that may be shared by two processes.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Lives wholly in one block without pointers, so that a block mapped at two addresses is one ring.
struct ring;

/// Bytes that a ring of \p count messages of \p size bytes needs; \p count is a power of two, both are at least 1.
size_t ring_footprint(uint32_t count, uint32_t size);

/// Makes an empty ring in \p block (64-byte aligned), which stays the caller's. Before either side runs.
struct ring *ring_init(void *block, uint32_t count, uint32_t size);

/// \name The writing thread
/// @{
/// Copies \p message in. False when the ring is full: the reader is late, and the caller decides what is lost.
MUST_USE bool ring_push(struct ring *ring, const void *message) REALTIME;
/// @}

/// \name The reading thread
/// @{
/// Copies the oldest message out. False when there is none.
MUST_USE bool ring_pop(struct ring *ring, void *message) REALTIME;
/// How many messages wait, at least.
uint32_t ring_depth(const struct ring *ring) REALTIME;
/// @}
