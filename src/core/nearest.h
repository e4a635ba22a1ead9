// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a mistyped name was probably meant to be.
#pragma once

#include <stddef.h>

/// Steps from \p a to \p b, each an inserted, lost or changed character or two neighbours swapped; names count up to
/// their 63rd character. Any thread.
size_t name_distance(const char *a, const char *b);

/// The best of the \p count names at \p names, each \p stride bytes after the one before (so that a column of a table
/// will do), when it is near enough to \p wanted to be what was meant; else NULL. Any thread.
const char *name_nearest(const char *wanted, const char *const *names, size_t count, size_t stride);
