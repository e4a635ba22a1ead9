// SPDX-License-Identifier: GPL-3.0-or-later
// A SoundFont is a RIFF form with three lists, and the chunks that count lie in these. Files in the wild have the lists
// in any order, leave out the byte that pads an odd chunk, or were cut short by a download; as players do, this takes
// what is there: the length of the whole form is not looked at, a chunk that runs past the end of its list ends with
// it, and after an odd chunk the next one begins without padding where four letters stand there.
#include "synth/soundfont_riff.h"

#include <ctype.h>

enum { HEAD = 8, FORM = 12, LETTERS = 4 };

static const char names[SOUNDFONT_CHUNKS][LETTERS + 1] = {
    [CHUNK_VERSION] = "ifil",
    [CHUNK_FRAMES] = "smpl",
    [CHUNK_LOW_BYTES] = "sm24",
    [CHUNK_PRESETS] = "phdr",
    [CHUNK_PRESET_BAGS] = "pbag",
    [CHUNK_PRESET_MODULATORS] = "pmod",
    [CHUNK_PRESET_GENERATORS] = "pgen",
    [CHUNK_INSTRUMENTS] = "inst",
    [CHUNK_INSTRUMENT_BAGS] = "ibag",
    [CHUNK_INSTRUMENT_MODULATORS] = "imod",
    [CHUNK_INSTRUMENT_GENERATORS] = "igen",
    [CHUNK_SAMPLES] = "shdr",
};

const char *soundfont_riff_name(enum soundfont_chunk chunk)
{
    return names[chunk];
}

bool soundfont_riff_is_version(const struct soundfont_riff *riff, int major, int minor)
{
    const struct soundfont_span version = riff->chunk[CHUNK_VERSION];
    const int said_major = version.size >= 4 ? soundfont_u16(version.bytes) : 2;
    const int said_minor = version.size >= 4 ? soundfont_u16(version.bytes + 2) : 1;
    return said_major > major || (said_major == major && said_minor >= minor);
}

static bool has_letters(struct soundfont_span at)
{
    for (size_t i = 0; i < LETTERS; i++) {
        if (i >= at.size || !isalnum(at.bytes[i])) {
            return false;
        }
    }
    return true;
}

static struct soundfont_span behind(struct soundfont_span span, size_t bytes)
{
    const size_t skipped = bytes < span.size ? bytes : span.size;
    return (struct soundfont_span){span.bytes + skipped, span.size - skipped};
}

/// Takes the chunk at the start of \p rest, which has room for its head, and moves \p rest behind it.
static struct soundfont_span take_chunk(struct soundfont_span *rest)
{
    const size_t claimed = soundfont_u32(rest->bytes + LETTERS);
    const struct soundfont_span body = behind(*rest, HEAD);
    const struct soundfont_span chunk = {body.bytes, claimed < body.size ? claimed : body.size};
    *rest = behind(body, chunk.size);
    if (chunk.size % 2 == 1 && !has_letters(*rest)) {
        *rest = behind(*rest, 1);
    }
    return chunk;
}

static void read_list(struct soundfont_span list, struct soundfont_riff *riff)
{
    while (list.size >= HEAD) {
        const uint8_t *name = list.bytes;
        const struct soundfont_span chunk = take_chunk(&list);
        for (int i = 0; i < SOUNDFONT_CHUNKS; i++) {
            if (memcmp(name, names[i], LETTERS) == 0 && riff->chunk[i].size == 0) {
                riff->chunk[i] = chunk;
            }
        }
    }
}

void soundfont_riff_read(struct soundfont_span file, struct soundfont_riff *riff)
{
    static const uint8_t nothing[1];
    for (int i = 0; i < SOUNDFONT_CHUNKS; i++) {
        riff->chunk[i] = (struct soundfont_span){nothing, 0};
    }
    struct soundfont_span rest = behind(file, FORM);
    while (rest.size >= HEAD) {
        const bool is_list = memcmp(rest.bytes, "LIST", LETTERS) == 0;
        const struct soundfont_span chunk = take_chunk(&rest);
        if (is_list) {
            read_list(behind(chunk, LETTERS), riff);
        }
    }
}
