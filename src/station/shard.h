// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A thread with an epoll set of its own, and the listeners that it serves. Internal to station.
#pragma once

#include "core/status.h"
#include "station/listeners.h"

struct shard;

/// Starts the thread of shard \p number. STATUS_NO_MEMORY, STATUS_IO.
MUST_USE enum status shard_new(const struct listeners_options *options, unsigned number, struct shard **out);

/// Has the thread say good-bye to its listeners, and does not wait: to end many at once. Any thread.
void shard_ask_to_stop(struct shard *shard);

/// Waits until it has, and frees. NULL is fine.
void shard_free(struct shard *shard);

/// Takes a listener in, as listeners_add(). Any thread.
void shard_add(struct shard *shard, const struct listeners_join *join);

/// How many it has, those that are on their way in included. Any thread.
unsigned shard_count(const struct shard *shard);

/// There is something new to send. Any thread; cheap, never waits.
void shard_wake(struct shard *shard);
