// SPDX-License-Identifier: GPL-3.0-or-later
// A sorted list of what is taken. There are some thousands of places at most, and a program is compiled rarely.
#include "synth/layout.h"

#include <string.h>

void layout_clear(struct layout *layout, uint32_t size)
{
    layout->size = size;
    layout->count = 0;
}

static void insert(struct layout *layout, uint32_t index, struct layout_place place)
{
    memmove(&layout->place[index + 1], &layout->place[index], (layout->count - index) * sizeof place);
    layout->place[index] = place;
    layout->count++;
}

void layout_mark(struct layout *layout, struct layout_place place)
{
    if (place.size == 0) {
        return;
    }
    uint32_t index = layout->count;
    while (index > 0 && layout->place[index - 1].at > place.at) {
        index--;
    }
    insert(layout, index, place);
}

bool layout_take(struct layout *layout, uint32_t size, uint32_t alignment, uint32_t *at)
{
    *at = 0;
    if (size == 0) {
        return true;
    }
    uint64_t from = 0;
    uint32_t index = 0;
    while (index < layout->count && layout->place[index].at < from + size) {
        const uint64_t end = (uint64_t)layout->place[index].at + layout->place[index].size;
        from = (end + alignment - 1) & ~(uint64_t)(alignment - 1);
        index++;
    }
    if (from + size > layout->size || layout->count == LAYOUT_PLACES_MAX) {
        return false;
    }
    *at = (uint32_t)from;
    insert(layout, index, (struct layout_place){*at, size});
    return true;
}
