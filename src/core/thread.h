// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Starting a thread that leaves signals to those who wait for them.
#pragma once

#include "core/status.h"

#include <pthread.h>

/// As pthread_create(), with all signals blocked in the new thread. An errno, or 0. Any thread but audio.
MUST_USE int thread_start(pthread_t *thread, void *(*run)(void *), void *closure);
