// SPDX-License-Identifier: GPL-3.0-or-later
// Samples wait in a plain array at 48 kHz; a packet is taken from its front. What waits is at most a few packets, so
// moving the rest down is cheaper than a ring would be to read.
#include "station/opus_stream.h"

#include <opus/opus.h>
#include <soxr.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = OPUS_STREAM_RATE / 2, LOST_PACKET = 0xfc };

struct opus_stream {
    OpusEncoder *encoder;
    soxr_t resampler; ///< NULL at 48 kHz
    int preskip;
    size_t waiting; ///< frames
    float samples[WAITING_MAX * OPUS_STREAM_CHANNELS];
};

static soxr_t resampler_new(double rate)
{
    soxr_error_t error = NULL;
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    return soxr_create(rate, OPUS_STREAM_RATE, OPUS_STREAM_CHANNELS, &error, &io, &quality, &runtime);
}

static enum status configure(struct opus_stream *stream, double rate, int bitrate)
{
    int error = OPUS_OK;
    stream->encoder = opus_encoder_create(OPUS_STREAM_RATE, OPUS_STREAM_CHANNELS, OPUS_APPLICATION_AUDIO, &error);
    if (!stream->encoder) {
        return STATUS_NO_MEMORY;
    }
    if (opus_encoder_ctl(stream->encoder, OPUS_SET_BITRATE(bitrate)) != OPUS_OK ||
        opus_encoder_ctl(stream->encoder, OPUS_GET_LOOKAHEAD(&stream->preskip)) != OPUS_OK) {
        return STATUS_RANGE;
    }
    if (rate != (double)OPUS_STREAM_RATE) {
        stream->resampler = resampler_new(rate);
        return stream->resampler ? STATUS_OK : STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

enum status opus_stream_new(double rate, int bitrate, struct opus_stream **out, struct complaint *complaint)
{
    if (!(rate >= 8000.0 && rate <= 192000.0)) {
        return complain(complaint, STATUS_RANGE, "sample rate %g is out of range: give 8000 to 192000", rate);
    }
    if (bitrate < 6000 || bitrate > 510000) {
        return complain(complaint, STATUS_RANGE, "bit rate %d is out of range: give 6000 to 510000", bitrate);
    }
    struct opus_stream *stream = calloc(1, sizeof *stream);
    const enum status status = stream ? configure(stream, rate, bitrate) : STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        opus_stream_free(stream);
        return complain(complaint, status, "the Opus encoder does not start: %s", status_text(status));
    }
    *out = stream;
    return STATUS_OK;
}

void opus_stream_free(struct opus_stream *stream)
{
    if (stream) {
        if (stream->resampler) {
            soxr_delete(stream->resampler);
        }
        if (stream->encoder) {
            opus_encoder_destroy(stream->encoder);
        }
        free(stream);
    }
}

enum status opus_stream_write(struct opus_stream *stream, const float *samples, size_t frames)
{
    float *end = stream->samples + stream->waiting * OPUS_STREAM_CHANNELS;
    const size_t room = WAITING_MAX - stream->waiting;
    if (!stream->resampler) {
        if (frames > room) {
            return STATUS_FULL;
        }
        memcpy(end, samples, frames * OPUS_STREAM_CHANNELS * sizeof *samples);
        stream->waiting += frames;
        return STATUS_OK;
    }
    size_t taken = 0;
    size_t made = 0;
    if (soxr_process(stream->resampler, samples, frames, &taken, end, room, &made)) {
        return STATUS_NO_MEMORY;
    }
    stream->waiting += made;
    return taken == frames ? STATUS_OK : STATUS_FULL;
}

size_t opus_stream_read(struct opus_stream *stream, uint8_t packet[OPUS_STREAM_PACKET_MAX])
{
    if (stream->waiting < OPUS_STREAM_PACKET_FRAMES) {
        return 0;
    }
    const int size =
        opus_encode_float(stream->encoder, stream->samples, OPUS_STREAM_PACKET_FRAMES, packet, OPUS_STREAM_PACKET_MAX);
    stream->waiting -= OPUS_STREAM_PACKET_FRAMES;
    memmove(stream->samples, stream->samples + (size_t)OPUS_STREAM_PACKET_FRAMES * OPUS_STREAM_CHANNELS,
            stream->waiting * OPUS_STREAM_CHANNELS * sizeof stream->samples[0]);
    if (size > 0) {
        return (size_t)size;
    }
    // A packet that says it was lost (RFC 6716, 3.1: one frame of 20 ms, stereo, of no bytes): decoders conceal it, and
    // what follows keeps its place.
    packet[0] = LOST_PACKET;
    return 1;
}

int opus_stream_preskip(const struct opus_stream *stream)
{
    return stream->preskip;
}
