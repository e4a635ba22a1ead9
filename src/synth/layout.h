// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Who lies where in a stretch of memory: finds the first gap that is large enough. Plain data; one thread.
#pragma once

#include "synth/program.h"

enum { LAYOUT_PLACES_MAX = 3 * (PROGRAM_MODULES_MAX + PROGRAM_CABLES_MAX) };

struct layout_place {
    uint32_t at, size;
};

struct layout {
    uint32_t size, count;
    struct layout_place place[LAYOUT_PLACES_MAX]; ///< in the order of their places
};

/// \p size units, all free.
void layout_clear(struct layout *layout, uint32_t size);
/// That place is taken. None that was taken before may overlap it, and there is room for LAYOUT_PLACES_MAX.
void layout_mark(struct layout *layout, struct layout_place place);
/// Takes the first \p size units at a multiple of \p alignment (a power of two). False where there is no such gap.
MUST_USE bool layout_take(struct layout *layout, uint32_t size, uint32_t alignment, uint32_t *at);
