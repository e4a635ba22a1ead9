// SPDX-License-Identifier: GPL-3.0-or-later
// Transparent huge pages: the system puts one where it finds room for it, else small ones, and nothing else differs.
#include "core/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *large_new(size_t size)
{
    if (size < LARGE_PAGE / 2) {
        return calloc(1, size);
    }
    if (size > SIZE_MAX - LARGE_PAGE) {
        return NULL;
    }
    const size_t whole = (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void *memory = aligned_alloc(LARGE_PAGE, whole);
    if (memory) {
        // Advice: a system that does not take it has nothing to say that matters here.
        (void)madvise(memory, whole, MADV_HUGEPAGE);
        memset(memory, 0, whole);
    }
    return memory;
}
