// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Secrets that nobody can guess, for whoever is to show that he may: 128 random bits of the system's.
#pragma once

#include "core/status.h"

/// In hexadecimal digits, with a NUL: fit for URLs and shells.
enum { SECRET_SIZE = 33 };

/// STATUS_IO where the system has no random numbers. Any thread.
MUST_USE enum status secret_make(char out[SECRET_SIZE]);
