// SPDX-License-Identifier: GPL-3.0-or-later
// libvorbisfile reads the bytes as a stream that cannot be sought in, once from front to back, so that time is in
// proportion to their number. (libsndfile 1.2 reads the same, but leaks where the headers of a stream are damaged.) How
// long the stream claims to be is not asked: memory grows with what is really decoded. A hole is skipped.
#include "synth/soundfont_vorbis.h"

#include "synth/samples.h"

#define OV_EXCLUDE_STATIC_CALLBACKS // of which the header has several that nobody uses here
#include <vorbis/vorbisfile.h>

#include <stdbool.h>
#include <stdlib.h>

enum { BLOCK = 4096 };

struct frames {
    int16_t *at;
    uint32_t count, room;
};

/// Reads like fread() from the struct soundfont_span at \p data, which shrinks.
static size_t read_bytes(void *out, size_t size, size_t count, void *data)
{
    struct soundfont_span *rest = data;
    const size_t whole = size > 0 ? rest->size / size : 0;
    const size_t taken = count < whole ? count : whole;
    memcpy(out, rest->bytes, size * taken);
    rest->bytes += size * taken;
    rest->size -= size * taken;
    return taken;
}

/// Makes room for \p more frames and the padding.
static bool reserve(struct frames *frames, uint32_t more)
{
    const uint32_t needed = frames->count + more + SOUNDFONT_PADDING;
    if (needed <= frames->room) {
        return true;
    }
    const uint32_t room = needed + frames->room;
    int16_t *grown = reallocarray(frames->at, room, sizeof *grown);
    if (!grown) {
        return false;
    }
    frames->at = grown;
    frames->room = room;
    return true;
}

/// Decodes the next block. Where nothing more is to be had, \p frames stay as they are.
static enum status decode_block(OggVorbis_File *file, uint32_t most, struct frames *frames)
{
    if (!reserve(frames, BLOCK)) {
        return STATUS_NO_MEMORY;
    }
    float **channels = NULL;
    int section = 0;
    const uint32_t left = most - frames->count;
    long got = 0;
    do {
        got = left > 0 ? ov_read_float(file, &channels, left < BLOCK ? (int)left : BLOCK, &section) : 0;
    } while (got == OV_HOLE);
    const vorbis_info *info = got > 0 ? ov_info(file, -1) : NULL;
    if (info && info->channels == 1) {
        samples_to_s16(channels[0], (size_t)got, frames->at + frames->count);
        frames->count += (uint32_t)got;
    }
    return STATUS_OK;
}

static enum status decode(OggVorbis_File *file, uint32_t most, struct frames *frames)
{
    for (;;) {
        const uint32_t before = frames->count;
        const enum status status = decode_block(file, most, frames);
        if (status) {
            return status;
        }
        if (frames->count == before) {
            return before > 0 ? STATUS_OK : STATUS_CORRUPT;
        }
    }
}

/// Gives back the room that is not needed, after the padding.
static int16_t *finish(const struct frames *frames)
{
    memset(frames->at + frames->count, 0, SOUNDFONT_PADDING * sizeof *frames->at);
    int16_t *fitted = reallocarray(frames->at, frames->count + SOUNDFONT_PADDING, sizeof *fitted);
    return fitted ? fitted : frames->at;
}

enum status soundfont_vorbis_decode(struct soundfont_span bytes, uint32_t most, int16_t **out, uint32_t *count)
{
    OggVorbis_File file;
    const int opened = ov_open_callbacks(&bytes, &file, NULL, 0, (ov_callbacks){.read_func = read_bytes});
    if (opened != 0) {
        return opened == OV_EFAULT ? STATUS_NO_MEMORY : STATUS_CORRUPT;
    }
    struct frames frames = {0};
    const enum status status = decode(&file, most, &frames);
    (void)ov_clear(&file);
    if (status) {
        free(frames.at);
        return status;
    }
    *out = finish(&frames);
    *count = frames.count;
    return STATUS_OK;
}
