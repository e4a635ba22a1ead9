// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Memory for what is large and read here and there: on pages of 2 MB where the system has them, for with pages of 4 KB
/// a processor must first look up, from memory again, where nearly each of its reads goes.
#pragma once

#include <stddef.h>

/// The large page. What is smaller than half of one is not worth it, and is allocated as ever.
enum { LARGE_PAGE = 1 << 21 };

/// \p size bytes, zeroed, which free() takes back; what is at least half a page is rounded up to whole ones. NULL when
/// memory is out. Any thread.
void *large_new(size_t size);
