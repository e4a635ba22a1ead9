// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How many listeners the process may have descriptors for.
#pragma once

/// A listener takes a descriptor, and one of the Ogg form another.
struct descriptors_room {
    unsigned listeners;
    unsigned streams; ///< of the Ogg form, among them
};

/// Raises the limit on descriptors as far as the system lets it, and returns room for \p listeners, or for as many as
/// the limit leaves room for, with a warning in the log.
struct descriptors_room descriptors_for(unsigned listeners);
