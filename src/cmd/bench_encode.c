// SPDX-License-Identifier: GPL-3.0-or-later
// What encoding costs, for a second of music: a chunk in all forms, as a station makes it, and each form alone. The
// peer is the `opusenc` program on the same music as a WAV file, at the same bit rate and complexity; it is a peer of
// Opus alone, with the start of the program, measured on a WAV file of one packet, taken off.
#include "cmd/bench.h"
#include "cmd/child.h"
#include "cmd/music_options.h"
#include "cmd/output.h"
#include "station/encoder.h"
#include "station/opus_stream.h"
#include "station/piece.h"
#include "synth/sampler.h"
#include "synth/samples.h"

#include <math.h>
#include <opus/opus.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = BENCH_RATE / 10, BLOCK = BENCH_RATE / 50, CHANNELS = 2, PATH_SIZE = 300, BITS = 16, BITRATE = 96000 };

enum form { FORM_ALL, FORM_OPUS, FORM_PCM, FORM_BASE64, FORM_COUNT };

static const char *const form_names[FORM_COUNT] = {"all", "opus", "pcm", "base64"};

struct encoding {
    const struct bench *bench;
    size_t chunks;
    float *left, *right, *both; ///< the music
    char wav[PATH_SIZE];
    char brief[PATH_SIZE]; ///< a WAV file of one packet
    char opus[PATH_SIZE];
    struct costs costs[FORM_COUNT];
    struct costs peer, peer_start;
    char peer_name[128];
    bool has_peer;
    struct complaint peer_missing; ///< why, where it is not there
};

static void encoding_free(struct encoding *encoding)
{
    if (encoding) {
        free(encoding->left);
        free(encoding->right);
        free(encoding->both);
        free(encoding);
    }
}

static enum status play(struct encoding *encoding, struct piece *piece)
{
    const size_t frames = encoding->chunks * CHUNK;
    encoding->left = calloc(frames, sizeof *encoding->left);
    encoding->right = calloc(frames, sizeof *encoding->right);
    encoding->both = calloc(frames, CHANNELS * sizeof *encoding->both);
    if (!encoding->left || !encoding->right || !encoding->both) {
        return STATUS_NO_MEMORY;
    }
    const enum status status = piece_render(piece, encoding->left, encoding->right, frames);
    samples_interleave(encoding->left, encoding->right, frames, encoding->both);
    return status;
}

static enum status make_music(struct encoding *encoding, struct complaint *complaint)
{
    const struct bench *bench = encoding->bench;
    struct instrument_options instrument = music_instrument;
    instrument.soundfont = bench->soundfont;
    instrument.rate = BENCH_RATE;
    const struct preset *preset = presets_find(bench->presets, "focus", complaint);
    struct piece_options options = {
        .harmony = bench->harmony, .preset = preset, .seed = bench->seed, .rate = BENCH_RATE};
    enum status status = preset ? sampler_new(&instrument, &options.instrument, complaint) : STATUS_UNKNOWN;
    if (status != STATUS_OK) {
        return status;
    }
    options.controls = preset->defaults;
    struct piece *piece = piece_new(&options);
    status = piece ? play(encoding, piece) : STATUS_NO_MEMORY;
    piece_free(piece);
    return status == STATUS_OK ? status : complain(complaint, status, "out of memory");
}

static enum status write_wav(const struct encoding *encoding, const char *path, size_t frames,
                             struct complaint *complaint)
{
    const struct output_options options = {.path = path, .format = OUTPUT_WAV, .rate = BENCH_RATE, .bits = BITS};
    struct output *output = NULL;
    enum status status = output_new(&options, &output, complaint);
    if (status == STATUS_OK) {
        status = output_write(output, encoding->both, frames, complaint);
        const enum status closed = output_close(output, status == STATUS_OK ? complaint : NULL);
        status = status == STATUS_OK ? closed : status;
    }
    return status;
}

static enum status encode_chunk(struct encoder *encoder, const struct encoding *encoding, size_t index)
{
    struct chunk chunk = {.sequence = (uint32_t)index, .frame = index * CHUNK, .rate = BENCH_RATE};
    enum status status = STATUS_OK;
    for (size_t at = index * CHUNK; at < (index + 1) * CHUNK && status == STATUS_OK; at += BLOCK) {
        status = encoder_add(encoder, encoding->left + at, encoding->right + at, BLOCK);
    }
    if (status == STATUS_OK) {
        status = encoder_finish(encoder, &chunk);
    }
    if (status == STATUS_OK) {
        chunk.forms[FORMAT_JSON] = chunk_json(&chunk, chunk.forms[FORMAT_PCM]);
        status = chunk.forms[FORMAT_JSON] ? STATUS_OK : STATUS_NO_MEMORY;
    }
    chunk_done(&chunk);
    return status;
}

static enum status encode_all(struct encoding *encoding)
{
    struct encoder *encoder = NULL;
    enum status status = encoder_new("bench", BENCH_RATE, BITRATE, 1, &encoder, NULL);
    const struct cost start = cost_now();
    for (size_t i = 0; i < encoding->chunks && status == STATUS_OK; i++) {
        status = encode_chunk(encoder, encoding, i);
    }
    costs_add(&encoding->costs[FORM_ALL], cost_since(start));
    encoder_free(encoder);
    return status;
}

static enum status encode_opus(struct encoding *encoding)
{
    struct opus_stream *stream = NULL;
    enum status status = opus_stream_new(BENCH_RATE, BITRATE, &stream, NULL);
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    const struct cost start = cost_now();
    for (size_t at = 0; at < encoding->chunks * CHUNK && status == STATUS_OK; at += BLOCK) {
        status = opus_stream_write(stream, encoding->both + at * CHANNELS, BLOCK);
        while (status == STATUS_OK && opus_stream_read(stream, packet) > 0) {
        }
    }
    costs_add(&encoding->costs[FORM_OPUS], cost_since(start));
    opus_stream_free(stream);
    return status;
}

// PCM, and base64 of what that gives, timed apart.
static enum status encode_samples(struct encoding *encoding)
{
    int16_t samples[CHUNK * CHANNELS];
    struct cost pcm = {0};
    struct cost base64 = {0};
    for (size_t i = 0; i < encoding->chunks; i++) {
        const struct chunk chunk = {.sequence = (uint32_t)i, .frame = i * CHUNK, .rate = BENCH_RATE};
        const struct cost start = cost_now();
        samples_to_s16(encoding->both + i * CHUNK * CHANNELS, (size_t)CHUNK * CHANNELS, samples);
        struct buffer *form = chunk_pcm(&chunk, samples, CHUNK);
        const struct cost first = cost_since(start);
        struct buffer *json = form ? chunk_json(&chunk, form) : NULL;
        const struct cost both = cost_since(start);
        buffer_unref(form);
        buffer_unref(json);
        if (!json) {
            return STATUS_NO_MEMORY;
        }
        pcm = (struct cost){pcm.wall_s + first.wall_s, pcm.cpu_s + first.cpu_s};
        base64 = (struct cost){base64.wall_s + both.wall_s - first.wall_s, base64.cpu_s + both.cpu_s - first.cpu_s};
    }
    costs_add(&encoding->costs[FORM_PCM], pcm);
    costs_add(&encoding->costs[FORM_BASE64], base64);
    return STATUS_OK;
}

// What opus_stream leaves to the library.
static int default_complexity(void)
{
    opus_int32 complexity = 0;
    OpusEncoder *encoder = opus_encoder_create(OPUS_STREAM_RATE, CHANNELS, OPUS_APPLICATION_AUDIO, NULL);
    if (encoder) {
        (void)opus_encoder_ctl(encoder, OPUS_GET_COMPLEXITY(&complexity));
        opus_encoder_destroy(encoder);
    }
    return complexity;
}

static void encode_by_program(struct encoding *encoding)
{
    char complexity[16];
    (void)snprintf(complexity, sizeof complexity, "%d", default_complexity());
    const char *argv[] = {"opusenc",  "--quiet",     "--music", "--cvbr",        "--bitrate",    "96", "--comp",
                          complexity, "--framesize", "20",      encoding->brief, encoding->opus, NULL};
    enum { INPUT = 10 };
    struct cost start;
    struct cost full;
    struct complaint *complaint = &encoding->peer_missing;
    encoding->has_peer = encoding->has_peer && child_run(argv, &start, complaint) == STATUS_OK;
    argv[INPUT] = encoding->wav;
    encoding->has_peer = encoding->has_peer && child_run(argv, &full, complaint) == STATUS_OK;
    if (encoding->has_peer) {
        costs_add(&encoding->peer_start, start);
        costs_add(&encoding->peer,
                  (struct cost){.wall_s = full.wall_s - start.wall_s, .cpu_s = full.cpu_s - start.cpu_s});
    }
}

static enum status measure(struct encoding *encoding, struct complaint *complaint)
{
    static const char *const version[] = {"opusenc", "--version", NULL};
    encoding->has_peer = child_first_line(version, encoding->peer_name, sizeof encoding->peer_name,
                                          &encoding->peer_missing) == STATUS_OK;
    enum status status = make_music(encoding, complaint);
    if (status == STATUS_OK) {
        status = write_wav(encoding, encoding->wav, encoding->chunks * CHUNK, complaint);
    }
    if (status == STATUS_OK) {
        status = write_wav(encoding, encoding->brief, BLOCK, complaint);
    }
    if (status != STATUS_OK) {
        return status;
    }
    static enum status (*const measures[])(struct encoding *) = {encode_all, encode_opus, encode_samples};
    for (int run = 0; run < encoding->bench->runs && status == STATUS_OK; run++) {
        for (size_t i = 0; i < sizeof measures / sizeof *measures && status == STATUS_OK; i++) {
            status = measures[i](encoding);
        }
        encode_by_program(encoding);
    }
    return status == STATUS_OK ? status : complain(complaint, status, "encoding: %s", status_text(status));
}

static json_t *report(const struct encoding *encoding)
{
    const double seconds = (double)(encoding->chunks * CHUNK) / (double)BENCH_RATE;
    json_t *result = json_pack("{s:s, s:f, s:i, s:i}", "what", "cost of a second of music, which is ten chunks",
                               "audio_s", seconds, "bitrate", BITRATE, "complexity", default_complexity());
    for (int form = 0; form < FORM_COUNT; form++) {
        (void)json_object_set_new(result, form_names[form], costs_json(&encoding->costs[form], seconds));
    }
    if (!encoding->has_peer) {
        (void)json_object_set_new(result, "peer", json_null());
        (void)json_object_set_new(result, "peer_missing", json_string(encoding->peer_missing.text));
        return result;
    }
    json_t *peer = costs_json(&encoding->peer, seconds);
    (void)json_object_set_new(peer, "name", json_string(encoding->peer_name));
    (void)json_object_set_new(peer, "start", costs_json(&encoding->peer_start, 1.0));
    (void)json_object_set_new(result, "peer", peer);
    (void)json_object_set_new(result, "ratio",
                              costs_ratio(&encoding->costs[FORM_OPUS], seconds, &encoding->peer, seconds));
    return result;
}

json_t *bench_encode(const struct bench *bench, struct complaint *complaint)
{
    struct encoding *encoding = calloc(1, sizeof *encoding);
    if (!encoding) {
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    encoding->bench = bench;
    encoding->chunks = (size_t)ceil(bench->seconds * (double)BENCH_RATE / (double)CHUNK);
    (void)snprintf(encoding->wav, PATH_SIZE, "%s/music.wav", bench->folder);
    (void)snprintf(encoding->brief, PATH_SIZE, "%s/brief.wav", bench->folder);
    (void)snprintf(encoding->opus, PATH_SIZE, "%s/music.opus", bench->folder);
    json_t *result = measure(encoding, complaint) == STATUS_OK ? report(encoding) : NULL;
    encoding_free(encoding);
    return result;
}
