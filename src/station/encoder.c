// SPDX-License-Identifier: GPL-3.0-or-later
// Opus packets are encoded block by block as the samples come, so that the work is spread like the rendering. A
// resampled stream gives its packets when the resampler lets go of them: a chunk carries the packets that are there,
// four to six, and on the average five.
#include "station/encoder.h"

#include "station/ogg_opus.h"
#include "station/opus_stream.h"
#include "synth/samples.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_MAX = 960, PACKETS_MAX = 8, CHANNELS = 2 };

struct encoder {
    uint32_t rate;
    struct opus_stream *opus;
    struct ogg_opus *ogg;
    unsigned paged; ///< finished chunks whose packets have no Ogg page yet
    size_t frames;  ///< added of this chunk
    int16_t samples[BLOCK_MAX * CHUNK_BLOCKS * CHANNELS];
    size_t packets_size;
    unsigned packets;
    uint64_t packet_frame; ///< at 48 kHz, where the first of these packets begins
    uint8_t packed[PACKETS_MAX * (OPUS_STREAM_PACKET_MAX + 2)];
};

enum status encoder_new(const char *title, uint32_t rate, int bitrate, uint32_t serial, struct encoder **out,
                        struct complaint *complaint)
{
    struct encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory for the encoder");
    }
    encoder->rate = rate;
    const enum status status = opus_stream_new(rate, bitrate, &encoder->opus, complaint);
    if (status != STATUS_OK) {
        encoder_free(encoder);
        return status;
    }
    encoder->ogg = ogg_opus_new(serial, opus_stream_preskip(encoder->opus), rate, title, NULL);
    if (!encoder->ogg) {
        encoder_free(encoder);
        return complain(complaint, STATUS_NO_MEMORY, "out of memory for the encoder");
    }
    *out = encoder;
    return STATUS_OK;
}

void encoder_begin_at(struct encoder *encoder, uint64_t frame)
{
    encoder->packet_frame = frame * OPUS_STREAM_RATE / encoder->rate;
}

void encoder_free(struct encoder *encoder)
{
    if (encoder) {
        ogg_opus_free(encoder->ogg);
        opus_stream_free(encoder->opus);
        free(encoder);
    }
}

static enum status encode_packets(struct encoder *encoder)
{
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    size_t size = 0;
    while (encoder->packets < PACKETS_MAX && (size = opus_stream_read(encoder->opus, packet)) > 0) {
        uint8_t *out = encoder->packed + encoder->packets_size;
        out[0] = (uint8_t)(size & 0xff);
        out[1] = (uint8_t)(size >> 8);
        memcpy(out + 2, packet, size);
        encoder->packets_size += size + 2;
        encoder->packets++;
        const enum status status = ogg_opus_add(encoder->ogg, packet, size, OPUS_STREAM_PACKET_FRAMES, false, 0);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status encoder_add(struct encoder *encoder, const float *left, const float *right, size_t frames)
{
    if (frames > BLOCK_MAX || encoder->frames + frames > (size_t)BLOCK_MAX * CHUNK_BLOCKS) {
        return STATUS_FULL;
    }
    float interleaved[BLOCK_MAX * CHANNELS];
    samples_interleave(left, right, frames, interleaved);
    samples_to_s16(interleaved, frames * CHANNELS, encoder->samples + encoder->frames * CHANNELS);
    encoder->frames += frames;
    const enum status status = opus_stream_write(encoder->opus, interleaved, frames);
    return status == STATUS_OK ? encode_packets(encoder) : status;
}

enum status encoder_finish(struct encoder *encoder, struct chunk *chunk)
{
    chunk->forms[FORMAT_PCM] = chunk_pcm(chunk, encoder->samples, encoder->frames);
    chunk->forms[FORMAT_OPUS] =
        chunk_opus(chunk, encoder->packet_frame, encoder->packed, encoder->packets_size, encoder->packets);
    const bool pages = ++encoder->paged == CHUNK_OGG;
    if (pages) {
        chunk->forms[FORMAT_OGG] = ogg_opus_take(encoder->ogg);
        encoder->paged = 0;
    }
    encoder_reset(encoder);
    if (!chunk->forms[FORMAT_PCM] || !chunk->forms[FORMAT_OPUS] || (pages && !chunk->forms[FORMAT_OGG])) {
        chunk_done(chunk);
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

void encoder_reset(struct encoder *encoder)
{
    encoder->packet_frame += (uint64_t)encoder->packets * OPUS_STREAM_PACKET_FRAMES;
    encoder->frames = 0;
    encoder->packets = 0;
    encoder->packets_size = 0;
}

struct buffer *encoder_ogg_head(const struct encoder *encoder)
{
    return ogg_opus_head(encoder->ogg);
}
