// SPDX-License-Identifier: GPL-3.0-or-later
#include "soundfont_maker.h"

#include "synth/soundfont.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BAG = 4, MODULATOR = 10, GENERATOR = 4 };

void maker_append(struct maker_bytes *bytes, const void *more, size_t size)
{
    if (size == 0) {
        return;
    }
    if (size > bytes->room - bytes->size) {
        bytes->room = 2 * bytes->room + size;
        bytes->at = realloc(bytes->at, bytes->room);
        assert_non_null(bytes->at);
    }
    memcpy(bytes->at + bytes->size, more, size);
    bytes->size += size;
}

static void append_u16(struct maker_bytes *bytes, uint16_t value)
{
    maker_append(bytes, (const uint8_t[]){(uint8_t)value, (uint8_t)(value >> 8)}, 2);
}

static void append_u32(struct maker_bytes *bytes, uint32_t value)
{
    append_u16(bytes, (uint16_t)value);
    append_u16(bytes, (uint16_t)(value >> 16));
}

static void append_name(struct maker_bytes *bytes, const char *name)
{
    char field[20] = "";
    memcpy(field, name, strnlen(name, sizeof field));
    maker_append(bytes, field, sizeof field);
}

static uint16_t records(const struct maker *maker, enum maker_chunk chunk, size_t size)
{
    return (uint16_t)(maker->chunk[chunk].size / size);
}

void maker_version(struct maker *maker, uint16_t major, uint16_t minor)
{
    append_u16(&maker->chunk[MAKER_IFIL], major);
    append_u16(&maker->chunk[MAKER_IFIL], minor);
}

void maker_frames(struct maker *maker, int16_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        append_u16(&maker->chunk[MAKER_SMPL], (uint16_t)(first + (int)i));
    }
}

// What libsndfile writes, as if to a file.

struct written {
    struct maker_bytes bytes;
    size_t position;
};

static sf_count_t tell_size(void *data)
{
    return (sf_count_t)((struct written *)data)->bytes.size;
}

static sf_count_t tell_position(void *data)
{
    return (sf_count_t)((struct written *)data)->position;
}

static sf_count_t seek(sf_count_t offset, int whence, void *data)
{
    struct written *written = data;
    const size_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? written->position : written->bytes.size;
    written->position = base + (size_t)offset;
    return (sf_count_t)written->position;
}

static sf_count_t read_nothing(void *out, sf_count_t count, void *data)
{
    (void)out;
    (void)count;
    (void)data;
    return 0;
}

static sf_count_t append(const void *bytes, sf_count_t count, void *data)
{
    struct written *written = data;
    maker_append(&written->bytes, bytes, (size_t)count);
    written->position = written->bytes.size;
    return count;
}

uint32_t maker_vorbis(struct maker *maker, uint32_t count, int channels)
{
    struct written written = {0};
    SF_VIRTUAL_IO calls = {tell_size, seek, read_nothing, append, tell_position};
    SF_INFO info = {.samplerate = 44100, .channels = channels, .format = SF_FORMAT_OGG | SF_FORMAT_VORBIS};
    SNDFILE *file = sf_open_virtual(&calls, SFM_WRITE, &info, &written);
    assert_non_null(file);
    for (uint32_t i = 0; i < count; i++) {
        float frame[2];
        frame[0] = frame[1] = 0.5F * sinf((float)i * 0.05F);
        assert_int_equal(sf_writef_float(file, frame, 1), 1);
    }
    assert_int_equal(sf_close(file), 0);
    maker_append(&maker->chunk[MAKER_SMPL], written.bytes.at, written.bytes.size);
    free(written.bytes.at);
    return (uint32_t)written.bytes.size;
}

void maker_sample(struct maker *maker, struct maker_sample sample)
{
    struct maker_bytes *chunk = &maker->chunk[MAKER_SHDR];
    append_name(chunk, "sample");
    append_u32(chunk, sample.start);
    append_u32(chunk, sample.end);
    append_u32(chunk, sample.loop_start);
    append_u32(chunk, sample.loop_end);
    append_u32(chunk, sample.rate);
    maker_append(chunk, &sample.key, 1);
    maker_append(chunk, &sample.correction, 1);
    append_u16(chunk, sample.link);
    append_u16(chunk, sample.type);
}

void maker_preset(struct maker *maker, const char *name, uint16_t bank, uint16_t program)
{
    struct maker_bytes *chunk = &maker->chunk[MAKER_PHDR];
    append_name(chunk, name);
    append_u16(chunk, program);
    append_u16(chunk, bank);
    append_u16(chunk, records(maker, MAKER_PBAG, BAG));
    maker_append(chunk, (const uint8_t[12]){0}, 12);
}

void maker_instrument(struct maker *maker, const char *name)
{
    append_name(&maker->chunk[MAKER_INST], name);
    append_u16(&maker->chunk[MAKER_INST], records(maker, MAKER_IBAG, BAG));
}

void maker_zone(struct maker *maker, enum maker_level level)
{
    const bool is_preset = level == MAKER_PRESET;
    struct maker_bytes *chunk = &maker->chunk[is_preset ? MAKER_PBAG : MAKER_IBAG];
    append_u16(chunk, records(maker, is_preset ? MAKER_PGEN : MAKER_IGEN, GENERATOR));
    append_u16(chunk, records(maker, is_preset ? MAKER_PMOD : MAKER_IMOD, MODULATOR));
}

void maker_generator(struct maker *maker, enum maker_level level, uint16_t generator, int amount)
{
    struct maker_bytes *chunk = &maker->chunk[level == MAKER_PRESET ? MAKER_PGEN : MAKER_IGEN];
    append_u16(chunk, generator);
    append_u16(chunk, (uint16_t)amount);
}

void maker_range(struct maker *maker, enum maker_level level, uint16_t generator, int low, int high)
{
    maker_generator(maker, level, generator, low | high << 8);
}

void maker_modulator(struct maker *maker, enum maker_level level, uint16_t source, uint16_t destination, int amount,
                     uint16_t amount_source, uint16_t transform)
{
    struct maker_bytes *chunk = &maker->chunk[level == MAKER_PRESET ? MAKER_PMOD : MAKER_IMOD];
    append_u16(chunk, source);
    append_u16(chunk, destination);
    append_u16(chunk, (uint16_t)amount);
    append_u16(chunk, amount_source);
    append_u16(chunk, transform);
}

void maker_end(struct maker *maker)
{
    maker_preset(maker, "EOP", 0, 0);
    maker_instrument(maker, "EOI");
    for (enum maker_level level = MAKER_PRESET; level <= MAKER_INSTRUMENT; level++) {
        maker_zone(maker, level);
        maker_generator(maker, level, 0, 0);
        maker_modulator(maker, level, 0, 0, 0, 0, 0);
    }
    maker_sample(maker, (struct maker_sample){0});
}

/// Appends a chunk with its head and padding; nothing where it is empty.
static void append_chunk(struct maker_bytes *bytes, const char *name, const struct maker_bytes *chunk)
{
    if (chunk->size > 0) {
        maker_append(bytes, name, 4);
        append_u32(bytes, (uint32_t)chunk->size);
        maker_append(bytes, chunk->at, chunk->size);
        maker_append(bytes, "", chunk->size % 2);
    }
}

void maker_finish(struct maker *maker)
{
    static const char names[MAKER_CHUNKS][5] = {"ifil", "smpl", "sm24", "phdr", "pbag", "pmod",
                                                "pgen", "inst", "ibag", "imod", "igen", "shdr"};
    static const struct {
        char name[5];
        enum maker_chunk first, end;
    } lists[] = {
        {"INFO", MAKER_IFIL, MAKER_SMPL}, {"sdta", MAKER_SMPL, MAKER_PHDR}, {"pdta", MAKER_PHDR, MAKER_CHUNKS}};
    struct maker_bytes form = {0};
    maker_append(&form, "sfbk", 4);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct maker_bytes list = {0};
        maker_append(&list, lists[i].name, 4);
        for (enum maker_chunk j = lists[i].first; j < lists[i].end; j++) {
            append_chunk(&list, names[j], &maker->chunk[j]);
        }
        append_chunk(&form, "LIST", &list);
        free(list.at);
    }
    free(maker->file.at);
    maker->file = (struct maker_bytes){0};
    append_chunk(&maker->file, "RIFF", &form);
    free(form.at);
}

void maker_done(struct maker *maker)
{
    for (int i = 0; i < MAKER_CHUNKS; i++) {
        free(maker->chunk[i].at);
    }
    free(maker->file.at);
    *maker = (struct maker){0};
}

void maker_begin_plain(struct maker *maker)
{
    maker_version(maker, 2, 4);
    maker_frames(maker, 1, 1000);
    maker_frames(maker, 0, 1);
    maker_sample(maker, (struct maker_sample){.end = 1000, .rate = 48000, .key = 60, .type = 1});
    maker_preset(maker, "plain", 0, 0);
    maker_zone(maker, MAKER_PRESET);
    maker_instrument(maker, "plain");
    maker_zone(maker, MAKER_INSTRUMENT);
}

void maker_finish_plain(struct maker *maker)
{
    maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE, 0);
    maker_generator(maker, MAKER_PRESET, GENERATOR_INSTRUMENT, 0);
    maker_end(maker);
    maker_finish(maker);
}

/// Two instruments, the first with a global zone and a pair of samples.
static void make_rich_instruments(struct maker *maker)
{
    maker_instrument(maker, "pair");
    maker_zone(maker, MAKER_INSTRUMENT);
    maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_VOL_ENV_RELEASE, 1200);
    maker_modulator(maker, MAKER_INSTRUMENT, 0x0502, GENERATOR_ATTENUATION, 480, 0, 0);
    for (int side = 0; side < 2; side++) {
        maker_zone(maker, MAKER_INSTRUMENT);
        maker_range(maker, MAKER_INSTRUMENT, GENERATOR_KEY_RANGE, 0, 100);
        maker_range(maker, MAKER_INSTRUMENT, GENERATOR_VELOCITY_RANGE, 10, 127);
        maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_PAN, side ? 500 : -500);
        maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE_MODES, 1);
        maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE, side);
    }
    maker_modulator(maker, MAKER_INSTRUMENT, 0x0081, GENERATOR_FILTER_CUTOFF, 2400, 0x0003, 2);
    maker_instrument(maker, "single");
    maker_zone(maker, MAKER_INSTRUMENT);
    maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_ROOT_KEY, 64);
    maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE, 2);
}

void maker_make_rich(struct maker *maker, bool has_low)
{
    maker_version(maker, 2, 4);
    maker_frames(maker, 100, 200);
    if (has_low) {
        maker_append(&maker->chunk[MAKER_SM24], maker->chunk[MAKER_SMPL].at, 200);
    }
    const struct maker_sample samples[] = {
        {0, 50, 10, 40, 44100, 60, -3, 1, 4},
        {50, 100, 60, 90, 44100, 60, 3, 0, 2},
        {100, 200, 0, 0, 22050, 72, 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        maker_sample(maker, samples[i]);
    }
    make_rich_instruments(maker);
    maker_preset(maker, "both", 0, 5);
    maker_zone(maker, MAKER_PRESET);
    maker_generator(maker, MAKER_PRESET, GENERATOR_REVERB_SEND, 100);
    for (int i = 0; i < 2; i++) {
        maker_zone(maker, MAKER_PRESET);
        maker_range(maker, MAKER_PRESET, GENERATOR_KEY_RANGE, 20, 110);
        maker_generator(maker, MAKER_PRESET, GENERATOR_INSTRUMENT, i);
    }
    maker_modulator(maker, MAKER_PRESET, 0x0502, GENERATOR_ATTENUATION, 100, 0, 0);
    maker_preset(maker, "drums", 128, 0);
    maker_zone(maker, MAKER_PRESET);
    maker_generator(maker, MAKER_PRESET, GENERATOR_INSTRUMENT, 1);
    maker_end(maker);
    maker_finish(maker);
}

void maker_make_vorbis(struct maker *maker, uint32_t frames)
{
    maker_version(maker, 3, 1);
    maker_preset(maker, "vorbis", 0, 0);
    maker_zone(maker, MAKER_PRESET);
    maker_instrument(maker, "vorbis");
    uint32_t start = 0;
    for (uint16_t i = 0; i < 2; i++) {
        const uint32_t end = start + maker_vorbis(maker, frames, 1);
        maker_sample(maker, (struct maker_sample){start, end, frames / 4, frames / 2, 44100, 60, 0, 0, 0x11});
        start = end;
        maker_zone(maker, MAKER_INSTRUMENT);
        maker_generator(maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE, i);
    }
    maker_generator(maker, MAKER_PRESET, GENERATOR_INSTRUMENT, 0);
    maker_end(maker);
    maker_finish(maker);
}
