// SPDX-License-Identifier: GPL-3.0-or-later
// A sample header names frames of the pool, which is the chunk "smpl". Headers are held to the pool once, here, so that
// whoever plays need not look: the end is cut, a loop that is out of order or shorter than two frames is no loop, and
// numbers that cannot be true become usual ones. The frames of a sample begin at its start, so that positions stay
// small.
//
// In an .sf3 file a sample of the type "Vorbis" names bytes of the pool instead, and its loop is counted from its own
// start. How long it is, only decoding tells.
#include "synth/soundfont_source.h"

#include <stdlib.h>

enum {
    HEADER = 46,
    MOST = UINT16_MAX,
    TYPE_MONO = 1,
    TYPE_RIGHT = 2,
    TYPE_LEFT = 4,
    TYPE_LINKED = 8,
    TYPE_VORBIS = 0x10,
    TYPE_ROM = 0x8000,
    SHORTEST_LOOP = 2,
    RATE_LOW = 400,
    RATE_HIGH = 200000,
    RATE_USUAL = 44100,
    KEY_USUAL = 60,
    SILENT_FRAMES = 64,
};

/// Fields of a header, in bytes from its start.
enum {
    FIELD_START = 20,
    FIELD_END = 24,
    FIELD_LOOP_START = 28,
    FIELD_LOOP_END = 32,
    FIELD_RATE = 36,
    FIELD_KEY = 40,
    FIELD_CORRECTION = 41,
    FIELD_LINK = 42,
    FIELD_TYPE = 44,
};

static uint16_t type_of(const uint8_t *header)
{
    return soundfont_u16(header + FIELD_TYPE);
}

static enum soundfont_link link_of(const uint8_t *header)
{
    switch (type_of(header) & ~TYPE_VORBIS) {
    case TYPE_RIGHT:
        return SOUNDFONT_RIGHT;
    case TYPE_LEFT:
        return SOUNDFONT_LEFT;
    case TYPE_LINKED:
        return SOUNDFONT_LINKED;
    default:
        return SOUNDFONT_MONO;
    }
}

static uint32_t held(uint32_t value, uint32_t low, uint32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/// Holds the loop to the sample.
static void hold_loop(struct soundfont_sample *sample)
{
    sample->loop_start = held(sample->loop_start, sample->start, sample->end);
    sample->loop_end = held(sample->loop_end, sample->start, sample->end);
    if (sample->loop_end < sample->loop_start || sample->loop_end - sample->loop_start < SHORTEST_LOOP) {
        sample->loop_start = sample->start;
        sample->loop_end = sample->start;
    }
}

/// Cuts the sample out of the pool. False where nothing is left of it.
static bool cut_frames(struct soundfont_sample *sample, const uint8_t *header, const struct soundfont_pool *pool)
{
    const uint32_t start = soundfont_u32(header + FIELD_START);
    const uint32_t end = held(soundfont_u32(header + FIELD_END), 0, pool->count);
    if (start >= end) {
        return false;
    }
    // Before the subtraction, lest a loop that begins before the sample ends up far behind it.
    const uint32_t loop_start = held(soundfont_u32(header + FIELD_LOOP_START), start, end);
    const uint32_t loop_end = held(soundfont_u32(header + FIELD_LOOP_END), start, end);
    sample->frames = pool->frames + start;
    sample->low = pool->low ? pool->low + start : NULL;
    sample->available = pool->count - start;
    sample->end = end - start;
    sample->loop_start = loop_start - start;
    sample->loop_end = loop_end - start;
    hold_loop(sample);
    return true;
}

/// Finds the bytes to decode it from. False where there are none.
static bool cut_bytes(struct soundfont_source *source, const uint8_t *header, const struct soundfont_pool *pool)
{
    const size_t start = soundfont_u32(header + FIELD_START);
    const size_t claimed = soundfont_u32(header + FIELD_END);
    const size_t end = claimed < pool->bytes.size ? claimed : pool->bytes.size;
    if (start >= end) {
        return false;
    }
    source->vorbis = (struct soundfont_span){pool->bytes.bytes + start, end - start};
    source->sample.loop_start = soundfont_u32(header + FIELD_LOOP_START);
    source->sample.loop_end = soundfont_u32(header + FIELD_LOOP_END);
    return true;
}

static void read_source(struct soundfont_source *source, const uint8_t *header, const struct soundfont_pool *pool)
{
    struct soundfont_sample *sample = &source->sample;
    const uint32_t rate = soundfont_u32(header + FIELD_RATE);
    const uint8_t key = header[FIELD_KEY];
    soundfont_name(header, sample->name);
    sample->rate = rate >= RATE_LOW && rate <= RATE_HIGH ? rate : RATE_USUAL;
    sample->key = key < 128 ? key : KEY_USUAL;
    sample->correction = (int8_t)header[FIELD_CORRECTION];
    const bool is_rom = type_of(header) & TYPE_ROM;
    const bool is_vorbis = type_of(header) & TYPE_VORBIS;
    source->is_usable = !is_rom && (is_vorbis ? cut_bytes(source, header, pool) : cut_frames(sample, header, pool));
    if (!source->is_usable) {
        soundfont_source_silence(source);
    }
    atomic_init(&source->state, !source->is_usable ? SOURCE_BROKEN : is_vorbis ? SOURCE_WAITING : SOURCE_READY);
}

/// Makes sample \p index one of a pair where the other side says so too.
static void link_source(struct soundfont_sources *sources, struct soundfont_span headers, uint32_t index)
{
    static const enum soundfont_link opposites[] = {
        [SOUNDFONT_MONO] = SOUNDFONT_MONO,
        [SOUNDFONT_RIGHT] = SOUNDFONT_LEFT,
        [SOUNDFONT_LEFT] = SOUNDFONT_RIGHT,
        [SOUNDFONT_LINKED] = SOUNDFONT_LINKED,
    };
    const uint8_t *header = soundfont_record(headers, HEADER, index);
    const enum soundfont_link link = link_of(header);
    const uint16_t other = soundfont_u16(header + FIELD_LINK);
    struct soundfont_sample *sample = &sources->source[index].sample;
    sample->link = SOUNDFONT_MONO;
    sample->partner = (uint16_t)index;
    const bool is_pair = link != SOUNDFONT_MONO && other != index && other < sources->count;
    if (!is_pair || !sources->source[index].is_usable || !sources->source[other].is_usable) {
        return;
    }
    const uint8_t *opposite = soundfont_record(headers, HEADER, other);
    const bool is_mutual = link == SOUNDFONT_LINKED || soundfont_u16(opposite + FIELD_LINK) == index;
    if (is_mutual && link_of(opposite) == opposites[link]) {
        sample->link = link;
        sample->partner = other;
    }
}

enum status soundfont_sources_read(struct soundfont_sources *sources, struct soundfont_span headers,
                                   const struct soundfont_pool *pool, uint32_t *left_out)
{
    const uint32_t records = soundfont_records(headers, HEADER);
    const uint32_t count = records < MOST ? records : MOST;
    *sources = (struct soundfont_sources){.source = calloc((size_t)count + 1, sizeof *sources->source)};
    if (!sources->source) {
        return STATUS_NO_MEMORY;
    }
    sources->count = count;
    for (uint32_t i = 0; i < sources->count; i++) {
        const uint8_t *header = soundfont_record(headers, HEADER, i);
        read_source(&sources->source[i], header, pool);
        *left_out += sources->source[i].is_usable ? 0 : 1;
        sources->rom_count += type_of(header) & TYPE_ROM ? 1 : 0;
    }
    for (uint32_t i = 0; i < sources->count; i++) {
        link_source(sources, headers, i);
    }
    return STATUS_OK;
}

void soundfont_sources_done(struct soundfont_sources *sources)
{
    for (uint32_t i = 0; i < sources->count; i++) {
        free(sources->source[i].decoded);
    }
    free(sources->source);
    *sources = (struct soundfont_sources){0};
}

void soundfont_source_fill(struct soundfont_source *source, int16_t *frames, uint32_t count, uint32_t available)
{
    source->decoded = frames;
    source->sample.frames = frames;
    source->sample.available = available;
    source->sample.end = count;
    hold_loop(&source->sample);
}

void soundfont_source_silence(struct soundfont_source *source)
{
    static const int16_t silence[SILENT_FRAMES];
    struct soundfont_sample *sample = &source->sample;
    sample->frames = silence;
    sample->low = NULL;
    sample->available = SILENT_FRAMES;
    sample->start = sample->end = sample->loop_start = sample->loop_end = 0;
}
