// SPDX-License-Identifier: GPL-3.0-or-later
// What rendering costs: the whole way from composer to WAV file; a MIDI file of the same music through our sequencer
// and instrument alone; and the `fluidsynth` program on that file, which is the peer of the second. All three write the
// same kind of WAV file, with the same SoundFont and polyphony, a reverb and no chorus. Loading the SoundFont is
// measured apart: for the program as a run on a MIDI file with nothing in it, which is then taken off.
#include "cmd/bench.h"
#include "cmd/child.h"
#include "cmd/input.h"
#include "cmd/music_options.h"
#include "cmd/output.h"
#include "music/midi_file.h"
#include "station/piece.h"
#include "synth/player.h"
#include "synth/sampler.h"
#include "synth/samples.h"

#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 960, CHANNELS = 2, PATH_SIZE = 300, BITS = 16 };

struct side {
    struct costs costs;
    double audio_s; ///< music that each run made
};

// The measurements, and the files that they work on.
struct rendering {
    const struct bench *bench;
    const struct preset *preset;
    char midi[PATH_SIZE];
    char empty[PATH_SIZE];
    char wav[PATH_SIZE];
    struct side whole, from_midi, peer;
    struct costs load, peer_load;
    char peer_name[64];
    bool has_peer;
    struct complaint peer_missing; ///< why, where it is not there
};

static enum status write_midi(const struct rendering *rendering, const char *path, const struct score *score,
                              struct complaint *complaint)
{
    const struct meter meter = rendering->preset->meter;
    const struct midi_file_options options = {
        .bpm = rendering->preset->defaults.bpm, .beats = meter.beats, .unit = meter.unit};
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (midi_file_write(score, &options, &bytes, &size) != STATUS_OK) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const enum status status = output_write_file(path, bytes, size, complaint);
    free(bytes);
    return status;
}

static enum status make_midi_files(const struct rendering *rendering, struct complaint *complaint)
{
    const struct bench *bench = rendering->bench;
    const struct controls *controls = &rendering->preset->defaults;
    struct composer *composer = composer_new(bench->harmony, rendering->preset, controls, bench->seed);
    struct score score = {0};
    const double ticks = bench->seconds * controls->bpm * (double)TICKS_PER_BEAT / 60.0;
    enum status status = write_midi(rendering, rendering->empty, &score, complaint);
    if (status == STATUS_OK) {
        status = composer ? composer_advance(composer, (int64_t)ticks, &score) : STATUS_NO_MEMORY;
        if (status == STATUS_OK) {
            status = score_sort(&score);
        }
        status = status == STATUS_OK ? write_midi(rendering, rendering->midi, &score, complaint)
                                     : complain(complaint, status, "out of memory");
    }
    score_done(&score);
    composer_free(composer);
    return status;
}

static enum status load(const struct bench *bench, struct costs *costs, struct instrument **out,
                        struct complaint *complaint)
{
    struct instrument_options options = music_instrument;
    options.soundfont = bench->soundfont;
    options.rate = BENCH_RATE;
    const struct cost start = cost_now();
    const enum status status = sampler_new(&options, out, complaint);
    costs_add(costs, cost_since(start));
    return status;
}

static enum status open_wav(const char *path, struct output **out, struct complaint *complaint)
{
    const struct output_options options = {.path = path, .format = OUTPUT_WAV, .rate = BENCH_RATE, .bits = BITS};
    return output_new(&options, out, complaint);
}

static enum status write_block(struct output *output, const float *left, const float *right, size_t frames,
                               struct complaint *complaint)
{
    float both[BLOCK * CHANNELS];
    samples_interleave(left, right, frames, both);
    return output_write(output, both, frames, complaint);
}

static enum status render_piece(const struct rendering *rendering, struct piece *piece, struct output *output,
                                struct complaint *complaint)
{
    float left[BLOCK];
    float right[BLOCK];
    const uint64_t frames = (uint64_t)(rendering->bench->seconds * (double)BENCH_RATE);
    for (uint64_t done = 0; done < frames; done += BLOCK) {
        if (piece_render(piece, left, right, BLOCK) != STATUS_OK) {
            return complain(complaint, STATUS_NO_MEMORY, "out of memory");
        }
        const enum status status = write_block(output, left, right, BLOCK, complaint);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status render_whole(struct rendering *rendering, struct complaint *complaint)
{
    const struct bench *bench = rendering->bench;
    struct piece_options options = {.harmony = bench->harmony,
                                    .preset = rendering->preset,
                                    .controls = rendering->preset->defaults,
                                    .seed = bench->seed,
                                    .rate = BENCH_RATE};
    enum status status = load(bench, &rendering->load, &options.instrument, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct cost start = cost_now();
    struct output *output = NULL;
    struct piece *piece = piece_new(&options);
    status =
        piece ? open_wav(rendering->wav, &output, complaint) : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    if (status == STATUS_OK) {
        status = render_piece(rendering, piece, output, complaint);
        const enum status closed = output_close(output, status == STATUS_OK ? complaint : NULL);
        status = status == STATUS_OK ? closed : status;
    }
    costs_add(&rendering->whole.costs, cost_since(start));
    rendering->whole.audio_s = bench->seconds;
    piece_free(piece);
    return status;
}

static enum status play_score(struct player *player, struct output *output, struct complaint *complaint)
{
    float left[BLOCK];
    float right[BLOCK];
    enum status status = STATUS_OK;
    while (status == STATUS_OK && player_frame(player) < player_frames(player)) {
        player_render(player, left, right, BLOCK);
        status = write_block(output, left, right, BLOCK, complaint);
    }
    return status;
}

static enum status play_file(struct rendering *rendering, struct instrument *instrument, struct complaint *complaint)
{
    struct score score = {0};
    struct output *output = NULL;
    enum status status = input_read_midi(rendering->midi, &score, NULL, complaint);
    struct player *player = status == STATUS_OK ? player_new(&score, instrument, BENCH_RATE) : NULL;
    if (status == STATUS_OK) {
        status = player ? open_wav(rendering->wav, &output, complaint)
                        : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    if (status == STATUS_OK) {
        status = play_score(player, output, complaint);
        const enum status closed = output_close(output, status == STATUS_OK ? complaint : NULL);
        status = status == STATUS_OK ? closed : status;
        rendering->from_midi.audio_s = (double)player_frame(player) / (double)BENCH_RATE;
    }
    player_free(player);
    score_done(&score);
    return status;
}

static enum status render_midi(struct rendering *rendering, struct complaint *complaint)
{
    struct instrument *instrument = NULL;
    enum status status = load(rendering->bench, &rendering->load, &instrument, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct cost start = cost_now();
    status = play_file(rendering, instrument, complaint);
    costs_add(&rendering->from_midi.costs, cost_since(start));
    instrument_free(instrument);
    return status;
}

static double seconds_of_wav(const char *path)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file) {
        return 0.0;
    }
    (void)sf_close(file);
    return (double)info.frames / (double)BENCH_RATE;
}

static enum status run_program(const struct rendering *rendering, const char *midi, struct cost *cost, double *audio_s,
                               struct complaint *complaint)
{
    const char *const argv[] = {"fluidsynth",
                                "-niq",
                                "-F",
                                rendering->wav,
                                "-T",
                                "wav",
                                "-O",
                                "s16",
                                "-r",
                                "48000",
                                "-g",
                                "1",
                                "-C",
                                "0",
                                "-o",
                                "synth.polyphony=32",
                                rendering->bench->soundfont,
                                midi,
                                NULL};
    const enum status status = child_run(argv, cost, complaint);
    *audio_s = status == STATUS_OK ? seconds_of_wav(rendering->wav) : 0.0;
    return status;
}

static void render_by_program(struct rendering *rendering)
{
    struct cost empty;
    struct cost full;
    double empty_s = 0.0;
    double full_s = 0.0;
    struct complaint *complaint = &rendering->peer_missing;
    if (!rendering->has_peer) {
        return;
    }
    rendering->has_peer = run_program(rendering, rendering->empty, &empty, &empty_s, complaint) == STATUS_OK &&
                          run_program(rendering, rendering->midi, &full, &full_s, complaint) == STATUS_OK;
    if (!rendering->has_peer) {
        return;
    }
    costs_add(&rendering->peer_load, empty);
    costs_add(&rendering->peer.costs,
              (struct cost){.wall_s = full.wall_s - empty.wall_s, .cpu_s = full.cpu_s - empty.cpu_s});
    rendering->peer.audio_s = full_s - empty_s;
}

static json_t *side_json(const struct side *side)
{
    json_t *json = costs_json(&side->costs, 1.0);
    const double wall_s = figures_median(&side->costs.wall_s);
    (void)json_object_set_new(json, "audio_s", json_real(side->audio_s));
    (void)json_object_set_new(json, "realtime_factor", json_real(wall_s > 0.0 ? side->audio_s / wall_s : 0.0));
    return json;
}

static void add_peer(const struct rendering *rendering, json_t *result)
{
    if (!rendering->has_peer) {
        (void)json_object_set_new(result, "peer", json_null());
        (void)json_object_set_new(result, "peer_missing", json_string(rendering->peer_missing.text));
        return;
    }
    json_t *peer = side_json(&rendering->peer);
    (void)json_object_set_new(peer, "name", json_string(rendering->peer_name));
    (void)json_object_set_new(peer, "load", costs_json(&rendering->peer_load, 1.0));
    (void)json_object_set_new(result, "peer", peer);
    const struct side *sides[] = {&rendering->from_midi, &rendering->whole};
    static const char *const names[] = {"ratio", "ratio_whole"};
    for (int i = 0; i < 2; i++) {
        (void)json_object_set_new(
            result, names[i],
            costs_ratio(&sides[i]->costs, sides[i]->audio_s, &rendering->peer.costs, rendering->peer.audio_s));
    }
    (void)json_object_set_new(result, "ratio_load", costs_ratio(&rendering->load, 1.0, &rendering->peer_load, 1.0));
}

static enum status measure(struct rendering *rendering, struct complaint *complaint)
{
    static const char *const version[] = {"fluidsynth", "--version", NULL};
    rendering->has_peer = child_first_line(version, rendering->peer_name, sizeof rendering->peer_name,
                                           &rendering->peer_missing) == STATUS_OK;
    enum status status = make_midi_files(rendering, complaint);
    for (int run = 0; run < rendering->bench->runs && status == STATUS_OK; run++) {
        status = render_midi(rendering, complaint);
        if (status == STATUS_OK) {
            render_by_program(rendering);
            status = render_whole(rendering, complaint);
        }
    }
    return status;
}

json_t *bench_render(const struct bench *bench, struct complaint *complaint)
{
    struct rendering *rendering = calloc(1, sizeof *rendering);
    if (!rendering) {
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    rendering->bench = bench;
    rendering->preset = presets_find(bench->presets, "focus", complaint);
    (void)snprintf(rendering->midi, PATH_SIZE, "%s/music.mid", bench->folder);
    (void)snprintf(rendering->empty, PATH_SIZE, "%s/empty.mid", bench->folder);
    (void)snprintf(rendering->wav, PATH_SIZE, "%s/music.wav", bench->folder);
    json_t *result = NULL;
    if (rendering->preset && measure(rendering, complaint) == STATUS_OK) {
        result = json_pack("{s:s, s:s, s:o, s:o, s:o}", "what",
                           "music to a WAV file, without loading the SoundFont: from its MIDI file, and composed too",
                           "preset", "focus", "tutti", side_json(&rendering->from_midi), "tutti_whole",
                           side_json(&rendering->whole), "load", costs_json(&rendering->load, 1.0));
        add_peer(rendering, result);
    }
    free(rendering);
    return result;
}
