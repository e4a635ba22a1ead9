// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Bytes that many hold and the last one frees: what is encoded once and sent to every listener.
///
/// Written by its maker before anyone else sees it, and never after. References may be taken and dropped by any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buffer {
    _Atomic uint32_t references;
    size_t size;
    uint8_t bytes[];
};

/// \p size bytes, not set, with one reference that is the caller's. NULL when memory is out.
struct buffer *buffer_new(size_t size);

/// Takes one more reference; returns \p buffer. NULL is fine.
struct buffer *buffer_ref(struct buffer *buffer);

/// Drops a reference; the last frees. NULL is fine.
void buffer_unref(struct buffer *buffer);
