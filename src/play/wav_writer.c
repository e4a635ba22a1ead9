// SPDX-License-Identifier: GPL-3.0-or-later
// The head tells how many frames there are. It is written over in place, always after the frames that it tells of, so
// that it never promises what is not there.
#include "play/pcm.h"
#include "play/wav_header.h"
#include "play/writer.h"

#include <stdlib.h>
#include <string.h>

struct wav_writer {
    struct writer_format format;
    struct spool *spool;
    uint64_t told; ///< frames of which the head tells
    uint8_t bytes[WRITER_FRAMES_MAX * WRITER_CHANNELS_MAX * sizeof(float)];
};

static enum status check(const struct writer_format *format, struct complaint *complaint)
{
    (void)format;
    (void)complaint;
    return STATUS_OK;
}

static enum status begin(const struct writer_format *format, struct spool *spool, void **writer,
                         struct complaint *complaint)
{
    struct wav_writer *wav = calloc(1, sizeof *wav);
    if (!wav) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a recording");
    }
    wav->format = *format;
    wav->spool = spool;
    uint8_t header[WAV_HEADER_MAX];
    const size_t size = wav_header(format, 0, header);
    if (!spool_put(spool, header, size, 0) || !spool_flush(spool)) {
        free(wav);
        return complain(complaint, STATUS_IO, "cannot write: %s", strerror(spool->error));
    }
    *writer = wav;
    return STATUS_OK;
}

static size_t convert_float(uint8_t *out, const float *in, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, in + i, sizeof bits);
        out[4 * i] = (uint8_t)bits;
        out[4 * i + 1] = (uint8_t)(bits >> 8);
        out[4 * i + 2] = (uint8_t)(bits >> 16);
        out[4 * i + 3] = (uint8_t)(bits >> 24);
    }
    return 4 * count;
}

static size_t convert_24(uint8_t *out, const float *in, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)pcm_from_float(in[i], 24);
        out[3 * i] = (uint8_t)bits;
        out[3 * i + 1] = (uint8_t)(bits >> 8);
        out[3 * i + 2] = (uint8_t)(bits >> 16);
    }
    return 3 * count;
}

static size_t convert_16(uint8_t *out, const float *in, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)pcm_from_float(in[i], 16);
        out[2 * i] = (uint8_t)bits;
        out[2 * i + 1] = (uint8_t)(bits >> 8);
    }
    return 2 * count;
}

static bool write_frames(void *writer, const float *frames, uint32_t count)
{
    static size_t (*const convert[])(uint8_t * out, const float *in, size_t count) = {
        [RECORDER_16] = convert_16, [RECORDER_24] = convert_24, [RECORDER_FLOAT] = convert_float};
    struct wav_writer *wav = writer;
    const size_t size = convert[wav->format.bits](wav->bytes, frames, (size_t)count * wav->format.channels);
    return spool_put(wav->spool, wav->bytes, size, count);
}

static void keep(void *writer)
{
    struct wav_writer *wav = writer;
    const uint64_t frames = wav->spool->whole_frames;
    uint8_t header[WAV_HEADER_MAX];
    const size_t size = wav_header(&wav->format, frames, header);
    if (frames != wav->told && spool_patch(wav->spool, 0, header, size)) {
        wav->told = frames;
    }
}

static void finish(void *writer)
{
    struct wav_writer *wav = writer;
    (void)spool_flush(wav->spool);
    spool_cut(wav->spool);
    // Chunks have even sizes. A disk without room for this byte leaves it out, and readers do not mind.
    const bool is_odd = wav->spool->frames * wav_frame_bytes(&wav->format) & 1;
    if (is_odd && spool_put(wav->spool, &(uint8_t){0}, 1, 0)) {
        spool_cut(wav->spool);
    }
    keep(wav);
    free(wav);
}

const struct writer_ops wav_writer_ops = {
    .ending = ".wav",
    .check = check,
    .begin = begin,
    .write = write_frames,
    .keep = keep,
    .finish = finish,
};
