// SPDX-License-Identifier: GPL-3.0-or-later
// The copies lie one behind the other in blocks of whole large pages. They play the same as what they were copied from,
// so it does not matter when a voice changes over, which is at its next block.
#include "synth/soundfont_kept.h"

#include "core/large.h"
#include "synth/soundfont_vorbis.h"

#include <stdlib.h>
#include <string.h>

enum { LINE = 64 };

static enum status add_block(struct soundfont_kept *kept, size_t size)
{
    if (kept->count == kept->room) {
        const size_t room = 2 * kept->room + 8;
        void *grown = reallocarray(kept->blocks, room, sizeof *kept->blocks);
        if (!grown) {
            return STATUS_NO_MEMORY;
        }
        kept->blocks = grown;
        kept->room = room;
    }
    const size_t whole = size > LARGE_PAGE ? size : LARGE_PAGE;
    uint8_t *block = large_new(whole);
    if (!block) {
        return STATUS_NO_MEMORY;
    }
    kept->blocks[kept->count++] = block;
    kept->free = block;
    kept->left = whole;
    return STATUS_OK;
}

/// Room for \p size bytes, zeroed.
static enum status take(struct soundfont_kept *kept, size_t size, uint8_t **out)
{
    const size_t lines = (size + LINE - 1) / LINE * LINE;
    if (lines > kept->left && add_block(kept, lines) != STATUS_OK) {
        return STATUS_NO_MEMORY;
    }
    *out = kept->free;
    kept->free += lines;
    kept->left -= lines;
    return STATUS_OK;
}

enum status soundfont_keep(struct soundfont_kept *kept, struct soundfont_source *source)
{
    if (atomic_load_explicit(&source->is_kept, memory_order_relaxed)) {
        return STATUS_OK;
    }
    const struct soundfont_sample *sample = &source->sample;
    const size_t frames_size = sample->end * sizeof *sample->frames;
    const size_t padding = SOUNDFONT_PADDING * sizeof *sample->frames;
    uint8_t *frames = NULL;
    if (take(kept, frames_size + padding + (sample->low ? sample->end + SOUNDFONT_PADDING : 0), &frames) != STATUS_OK) {
        return STATUS_NO_MEMORY;
    }
    memcpy(frames, sample->frames, frames_size);
    source->kept = *sample;
    source->kept.frames = (const int16_t *)(void *)frames;
    source->kept.available = sample->end + SOUNDFONT_PADDING;
    if (sample->low) {
        uint8_t *low = frames + frames_size + padding;
        memcpy(low, sample->low, sample->end);
        source->kept.low = low;
    }
    atomic_store_explicit(&source->is_kept, true, memory_order_release);
    return STATUS_OK;
}

void soundfont_kept_done(struct soundfont_kept *kept)
{
    for (size_t i = 0; i < kept->count; i++) {
        free(kept->blocks[i]);
    }
    free(kept->blocks);
    *kept = (struct soundfont_kept){0};
}
