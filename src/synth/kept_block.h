// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Frames that were computed a block at a time and are dealt out as they are asked for. Plain data; one owner.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { KEPT_BLOCK = 64 };

struct kept_block {
    float left[KEPT_BLOCK];
    float right[KEPT_BLOCK];
    uint32_t count; ///< frames at the end that nobody has had yet
};

/// Copies what is left of the block, \p frames at most; returns how many that were. When \c count is 0 the owner fills
/// both sides and sets it to KEPT_BLOCK.
static inline size_t kept_block_take(struct kept_block *kept, float *left, float *right, size_t frames)
{
    const size_t part = frames < kept->count ? frames : kept->count;
    memcpy(left, kept->left + KEPT_BLOCK - kept->count, part * sizeof *left);
    memcpy(right, kept->right + KEPT_BLOCK - kept->count, part * sizeof *right);
    kept->count -= (uint32_t)part;
    return part;
}
