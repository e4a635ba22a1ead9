// SPDX-License-Identifier: GPL-3.0-or-later
// RIFF, JUNK, fmt, (fact), data. The chunk JUNK is as large as the chunk ds64 of an RF64 file, which has to come first,
// and becomes it when the file has grown. 16 bits and floats in one or two channels have the old forms of fmt, which
// all readers know; the rest has WAVE_FORMAT_EXTENSIBLE, as the standard wants it.
#include "play/wav_header.h"

#include <stdbool.h>
#include <string.h>

enum { FORMAT_PCM = 1, FORMAT_FLOAT = 3, FORMAT_EXTENSIBLE = 0xFFFE };
enum {
    FMT_PCM = 16,
    FMT_FLOAT = 18,
    FMT_EXTENSIBLE = 40,
    EXTRA = 22,
    DS64 = 28,
    CHUNK = 8,
    SPEAKERS_MONO = 4,
    SPEAKERS_STEREO = 3
};

/// What follows the kind of the samples in the name of every subformat.
static const uint8_t SUBFORMAT[14] = {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71};

struct pen {
    uint8_t *bytes;
    size_t at;
};

static void put(struct pen *pen, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        pen->bytes[pen->at++] = (uint8_t)(value >> 8 * i);
    }
}

static void put_name(struct pen *pen, const char *name)
{
    memcpy(pen->bytes + pen->at, name, 4);
    pen->at += 4;
}

static void put_chunk(struct pen *pen, const char *name, uint64_t size)
{
    put_name(pen, name);
    put(pen, size, 4);
}

static uint32_t sample_bytes(const struct writer_format *format)
{
    static const uint32_t bytes[] = {[RECORDER_16] = 2, [RECORDER_24] = 3, [RECORDER_FLOAT] = 4};
    return bytes[format->bits];
}

uint32_t wav_frame_bytes(const struct writer_format *format)
{
    return sample_bytes(format) * format->channels;
}

static uint32_t fmt_size(const struct writer_format *format)
{
    if (format->bits == RECORDER_24 || format->channels > 2) {
        return FMT_EXTENSIBLE;
    }
    return format->bits == RECORDER_FLOAT ? FMT_FLOAT : FMT_PCM;
}

static void put_fmt(struct pen *pen, const struct writer_format *format)
{
    const uint32_t kind = format->bits == RECORDER_FLOAT ? FORMAT_FLOAT : FORMAT_PCM;
    const uint32_t bits = 8 * sample_bytes(format);
    const uint32_t size = fmt_size(format);
    put_chunk(pen, "fmt ", size);
    put(pen, size == FMT_EXTENSIBLE ? FORMAT_EXTENSIBLE : kind, 2);
    put(pen, format->channels, 2);
    put(pen, format->rate, 4);
    put(pen, (uint64_t)format->rate * wav_frame_bytes(format), 4);
    put(pen, wav_frame_bytes(format), 2);
    put(pen, bits, 2);
    if (size == FMT_FLOAT) {
        put(pen, 0, 2); // no extra
    }
    if (size != FMT_EXTENSIBLE) {
        return;
    }
    put(pen, EXTRA, 2);
    put(pen, bits, 2);
    put(pen, format->channels == 1 ? SPEAKERS_MONO : format->channels == 2 ? SPEAKERS_STEREO : 0, 4);
    put(pen, kind, 2);
    memcpy(pen->bytes + pen->at, SUBFORMAT, sizeof SUBFORMAT);
    pen->at += sizeof SUBFORMAT;
}

size_t wav_header(const struct writer_format *format, uint64_t frames, uint8_t bytes[WAV_HEADER_MAX])
{
    const bool has_fact = format->bits == RECORDER_FLOAT;
    const uint32_t fact = has_fact ? CHUNK + 4 : 0;
    const uint32_t size = CHUNK + 4 + CHUNK + DS64 + CHUNK + fmt_size(format) + fact + CHUNK;
    const uint64_t data = frames * wav_frame_bytes(format);
    const uint64_t riff = size - CHUNK + data + (data & 1);
    const bool is_large = riff > (format->riff_max ? format->riff_max : UINT32_MAX);
    struct pen pen = {.bytes = bytes};
    put_chunk(&pen, is_large ? "RF64" : "RIFF", is_large ? UINT32_MAX : riff);
    put_name(&pen, "WAVE");
    put_chunk(&pen, is_large ? "ds64" : "JUNK", DS64);
    put(&pen, is_large ? riff : 0, 8);
    put(&pen, is_large ? data : 0, 8);
    put(&pen, is_large ? frames : 0, 8);
    put(&pen, 0, 4); // chunks in a table of further sizes
    put_fmt(&pen, format);
    if (has_fact) {
        put_chunk(&pen, "fact", 4);
        put(&pen, is_large ? UINT32_MAX : frames, 4);
    }
    put_chunk(&pen, "data", is_large ? UINT32_MAX : data);
    return pen.at;
}
