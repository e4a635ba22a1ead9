// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed.h"

#include <string.h>

const struct embed *embed_find(const struct embed *table, const char *name)
{
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    return NULL;
}

size_t embed_size(const struct embed *file)
{
    return (size_t)(file->end - file->bytes);
}
