// SPDX-License-Identifier: GPL-3.0-or-later
// libFLAC hands over frames as they are done, and at the end goes back to tell in the head how many there were and
// their checksum. Until then the head says that neither is known, which makes a valid stream of what is there; it stays
// so where the last frames found no room, for then the count would be wrong. Every frame is handed over as a whole, so
// what a crash cuts off is a part of the last one.
#include "play/pcm.h"
#include "play/writer.h"

#include <FLAC/stream_encoder.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS_MAX = FLAC__MAX_CHANNELS, RATE_MAX = 655350, LEVEL = 5 };

struct flac_writer {
    FLAC__StreamEncoder *encoder;
    struct spool *spool;
    uint32_t channels;
    int bits;
    bool is_patching; ///< the encoder went back to the head
    uint64_t patch_at;
    FLAC__int32 samples[WRITER_FRAMES_MAX * CHANNELS_MAX];
};

static enum status check(const struct writer_format *format, struct complaint *complaint)
{
    if (format->bits == RECORDER_FLOAT) {
        return complain(complaint, STATUS_UNSUPPORTED, "a .flac file has 16 or 24 bits: record floats to a .wav file");
    }
    if (format->channels > CHANNELS_MAX) {
        return complain(complaint, STATUS_UNSUPPORTED, "a .flac file has up to %d channels: record %u to a .wav file",
                        CHANNELS_MAX, format->channels);
    }
    if (format->rate > RATE_MAX) {
        return complain(complaint, STATUS_UNSUPPORTED,
                        "a .flac file has up to %d frames a second: record %u to a .wav file", RATE_MAX, format->rate);
    }
    return STATUS_OK;
}

static FLAC__StreamEncoderWriteStatus take_bytes(const FLAC__StreamEncoder *encoder, const FLAC__byte bytes[],
                                                 size_t size, uint32_t samples, uint32_t frame, void *closure)
{
    (void)encoder;
    (void)frame;
    struct flac_writer *flac = closure;
    const bool took = flac->is_patching ? spool_patch(flac->spool, flac->patch_at, bytes, size)
                                        : spool_put(flac->spool, bytes, size, samples);
    flac->patch_at += size;
    return took ? FLAC__STREAM_ENCODER_WRITE_STATUS_OK : FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
}

static FLAC__StreamEncoderSeekStatus go_back(const FLAC__StreamEncoder *encoder, FLAC__uint64 at, void *closure)
{
    (void)encoder;
    struct flac_writer *flac = closure;
    if (!spool_flush(flac->spool)) {
        return FLAC__STREAM_ENCODER_SEEK_STATUS_UNSUPPORTED;
    }
    flac->is_patching = true;
    flac->patch_at = at;
    return FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
}

static FLAC__StreamEncoderTellStatus tell_place(const FLAC__StreamEncoder *encoder, FLAC__uint64 *at, void *closure)
{
    (void)encoder;
    const struct flac_writer *flac = closure;
    *at = flac->is_patching ? flac->patch_at : flac->spool->at + flac->spool->held_end - flac->spool->held_at;
    return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
}

static bool set_up(struct flac_writer *flac, const struct writer_format *format)
{
    FLAC__StreamEncoder *encoder = flac->encoder;
    // The subset is for players that join a stream in its middle, and would forbid some rates.
    return FLAC__stream_encoder_set_streamable_subset(encoder, false) &&
           FLAC__stream_encoder_set_compression_level(encoder, LEVEL) &&
           FLAC__stream_encoder_set_channels(encoder, format->channels) &&
           FLAC__stream_encoder_set_bits_per_sample(encoder, (uint32_t)flac->bits) &&
           FLAC__stream_encoder_set_sample_rate(encoder, format->rate) &&
           FLAC__stream_encoder_init_stream(encoder, take_bytes, go_back, tell_place, NULL, flac) ==
               FLAC__STREAM_ENCODER_INIT_STATUS_OK;
}

static void drop(struct flac_writer *flac)
{
    if (flac && flac->encoder) {
        FLAC__stream_encoder_delete(flac->encoder);
    }
    free(flac);
}

static enum status begin(const struct writer_format *format, struct spool *spool, void **writer,
                         struct complaint *complaint)
{
    struct flac_writer *flac = calloc(1, sizeof *flac);
    if (!flac || !(flac->encoder = FLAC__stream_encoder_new())) {
        drop(flac);
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a recording");
    }
    flac->spool = spool;
    flac->channels = format->channels;
    flac->bits = format->bits == RECORDER_16 ? 16 : 24;
    if (!set_up(flac, format)) {
        const char *reason = FLAC__stream_encoder_get_resolved_state_string(flac->encoder);
        const enum status status = complain(complaint, STATUS_UNSUPPORTED, "the FLAC encoder refuses: %s", reason);
        drop(flac);
        return status;
    }
    if (!spool_flush(spool)) {
        drop(flac);
        return complain(complaint, STATUS_IO, "cannot write: %s", strerror(spool->error));
    }
    *writer = flac;
    return STATUS_OK;
}

static bool write_frames(void *writer, const float *frames, uint32_t count)
{
    struct flac_writer *flac = writer;
    for (uint32_t i = 0; i < count * flac->channels; i++) {
        flac->samples[i] = pcm_from_float(frames[i], flac->bits);
    }
    return FLAC__stream_encoder_process_interleaved(flac->encoder, flac->samples, count);
}

static void finish(void *writer)
{
    struct flac_writer *flac = writer;
    (void)FLAC__stream_encoder_finish(flac->encoder);
    (void)spool_flush(flac->spool);
    spool_cut(flac->spool);
    drop(flac);
}

const struct writer_ops flac_writer_ops = {
    .ending = ".flac",
    .check = check,
    .begin = begin,
    .write = write_frames,
    .finish = finish,
};
