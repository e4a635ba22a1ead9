// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How many listeners the process may have descriptors for.
#pragma once

/// Raises the limit on descriptors as far as the system lets it, and returns \p listeners, or as many as the limit
/// leaves room for, with a warning in the log.
unsigned descriptors_for(unsigned listeners);
