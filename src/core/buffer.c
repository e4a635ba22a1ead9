// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/buffer.h"

#include <stdatomic.h>
#include <stdlib.h>

struct buffer *buffer_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct buffer)) {
        return NULL;
    }
    struct buffer *buffer = malloc(sizeof(struct buffer) + size);
    if (buffer) {
        atomic_init(&buffer->references, 1);
        buffer->size = size;
    }
    return buffer;
}

struct buffer *buffer_ref(struct buffer *buffer)
{
    if (buffer) {
        atomic_fetch_add_explicit(&buffer->references, 1, memory_order_relaxed);
    }
    return buffer;
}

void buffer_unref(struct buffer *buffer)
{
    if (buffer && atomic_fetch_sub_explicit(&buffer->references, 1, memory_order_acq_rel) == 1) {
        free(buffer);
    }
}
