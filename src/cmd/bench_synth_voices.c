// SPDX-License-Identifier: GPL-3.0-or-later
// What a voice costs: 256 of them that never end, dry, at 48 kHz. A voice is a mono sample that plays, as FluidSynth
// counts them: a note of a stereo sample takes two. Notes are started until FluidSynth has 256; both engines then play
// the same ones, so that a voice means the same for both whatever the other counts.
//
// FluidR3's church organ plays unfiltered. Its strings have their filter at 10 kHz and its warm pad at 590 Hz, whatever
// the velocity: at 127 nothing else closes it.
#include "cmd/bench_synth.h"
#include "cmd/cycles.h"

#include <stdlib.h>

enum {
    CHURCH_ORGAN = 19,
    STRINGS = 48,
    CHOIR = 52,
    WARM_PAD = 89,
    VOICES = 256,
    POLYPHONY = 512,
    PROGRAMS = 4,
    KEY_LOW = 36,
    KEYS = 40,
    VELOCITY = 127,
    DRUM_CHANNEL = 9,
    VOLUME = 7,
};

static const double AUDIO_S = 2;
static const double SETTLE_S = 0.5; ///< attacks and decays are over, samples are loaded

static const struct voices_case {
    const char *key;
    int programs[PROGRAMS]; ///< by channel, over and over
    enum instrument_interpolation interpolation;
} cases[] = {
    {"organ_cubic", {CHURCH_ORGAN, CHURCH_ORGAN, CHURCH_ORGAN, CHURCH_ORGAN}, INSTRUMENT_CUBIC},
    {"organ_linear", {CHURCH_ORGAN, CHURCH_ORGAN, CHURCH_ORGAN, CHURCH_ORGAN}, INSTRUMENT_LINEAR},
    {"organ_sinc", {CHURCH_ORGAN, CHURCH_ORGAN, CHURCH_ORGAN, CHURCH_ORGAN}, INSTRUMENT_SINC},
    {"strings_cubic", {STRINGS, STRINGS, STRINGS, STRINGS}, INSTRUMENT_CUBIC},
    {"strings_linear", {STRINGS, STRINGS, STRINGS, STRINGS}, INSTRUMENT_LINEAR},
    {"strings_sinc", {STRINGS, STRINGS, STRINGS, STRINGS}, INSTRUMENT_SINC},
    {"mix_cubic", {STRINGS, CHURCH_ORGAN, CHOIR, WARM_PAD}, INSTRUMENT_CUBIC},
};

struct side {
    struct instrument *instrument;
    int voices; ///< as it counts them itself
    struct costs costs;
    struct figures cycles; ///< for a voice and a frame
    struct figures realtime;
};

static void play_frames(struct instrument *instrument, uint64_t frames)
{
    float left[ENGINE_BLOCK];
    float right[ENGINE_BLOCK];
    for (uint64_t done = 0; done < frames; done += ENGINE_BLOCK) {
        instrument_render(instrument, left, right, ENGINE_BLOCK);
    }
}

/// Starts notes on both until the peer plays VOICES voices; returns how many notes that took.
static int start_notes(struct side sides[ENGINES])
{
    int notes = 0;
    for (int key = KEY_LOW; key < KEY_LOW + KEYS; key++) {
        for (int channel = 0; channel < INSTRUMENT_CHANNELS; channel++) {
            if (channel == DRUM_CHANNEL) {
                continue;
            }
            if (instrument_voices(sides[ENGINE_PEER].instrument) >= VOICES) {
                return notes;
            }
            for (int i = 0; i < ENGINES; i++) {
                instrument_note_on(sides[i].instrument, channel, key, VELOCITY);
                play_frames(sides[i].instrument, ENGINE_BLOCK); // an engine may count what sounds only
            }
            notes++;
        }
    }
    return notes;
}

static int prepare(const struct voices_case *which, struct side sides[ENGINES])
{
    for (int i = 0; i < ENGINES; i++) {
        for (int channel = 0; channel < INSTRUMENT_CHANNELS; channel++) {
            if (channel != DRUM_CHANNEL) {
                instrument_program(sides[i].instrument, channel, which->programs[channel % PROGRAMS]);
            }
            // 256 voices at full volume would be far beyond full scale.
            instrument_controller(sides[i].instrument, channel, VOLUME, 40);
        }
    }
    const int notes = start_notes(sides);
    for (int i = 0; i < ENGINES; i++) {
        play_frames(sides[i].instrument, (uint64_t)(SETTLE_S * BENCH_RATE));
        sides[i].voices = instrument_voices(sides[i].instrument);
    }
    return notes;
}

static void measure(struct side *side, int voices, double seconds, struct cycles *cycles)
{
    const uint64_t frames = (uint64_t)(seconds * BENCH_RATE) / ENGINE_BLOCK * ENGINE_BLOCK;
    cycles_start(cycles);
    const struct cost start = cost_now();
    play_frames(side->instrument, frames);
    const struct cost cost = cost_since(start);
    const double count = cycles_stop(cycles);
    costs_add(&side->costs, cost);
    figures_add(&side->cycles, count / ((double)frames * voices));
    figures_add(&side->realtime, (double)voices * (double)frames / BENCH_RATE / cost.cpu_s);
}

static json_t *case_json(const struct side sides[ENGINES], int notes, int voices)
{
    json_t *json = json_pack("{s:i, s:i}", "notes", notes, "voices", voices);
    for (int i = 0; i < ENGINES; i++) {
        json_t *side =
            json_pack("{s:o, s:o, s:i}", "voices_realtime", figures_json(&sides[i].realtime), "cycles_per_voice_frame",
                      figures_json(&sides[i].cycles), "voices_counted", sides[i].voices);
        (void)json_object_set_new(json, bench_engine_key(i), side);
    }
    (void)json_object_set_new(json, "ratio",
                              costs_ratio(&sides[ENGINE_TUTTI].costs, 1.0, &sides[ENGINE_PEER].costs, 1.0));
    return json;
}

static json_t *run_case(const struct bench *bench, const struct voices_case *which, struct cycles *cycles,
                        struct complaint *complaint)
{
    const struct instrument_options options = {
        .rate = BENCH_RATE, .polyphony = POLYPHONY, .dry = 1, .interpolation = which->interpolation};
    struct side sides[ENGINES] = {0};
    enum status status = STATUS_OK;
    for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
        status = bench_engine_new(bench, i, &options, &sides[i].instrument, complaint);
    }
    json_t *json = NULL;
    if (status == STATUS_OK) {
        const int notes = prepare(which, sides);
        // Some may have ended: a SoundFont other than FluidR3 has other programs.
        const int voices = sides[ENGINE_PEER].voices > 0 ? sides[ENGINE_PEER].voices : 1;
        for (int run = 0; run < bench->runs; run++) {
            for (int i = 0; i < ENGINES; i++) {
                measure(&sides[i], voices, bench->seconds < AUDIO_S ? bench->seconds : AUDIO_S, cycles);
            }
        }
        json = case_json(sides, notes, voices);
    }
    for (int i = 0; i < ENGINES; i++) {
        instrument_free(sides[i].instrument);
    }
    return json;
}

json_t *bench_synth_voices(const struct bench *bench, struct complaint *complaint)
{
    struct cycles *cycles = cycles_new();
    if (!cycles) {
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    json_t *result = json_pack("{s:s, s:i, s:s}", "what", "voices that do not end, dry, and how many one core plays",
                               "rate", BENCH_RATE, "cycles_from", cycles_source(cycles));
    for (size_t i = 0; i < sizeof cases / sizeof *cases && result; i++) {
        json_t *one = run_case(bench, &cases[i], cycles, complaint);
        if (one) {
            (void)json_object_set_new(result, cases[i].key, one);
        } else {
            json_decref(result);
            result = NULL;
        }
    }
    cycles_free(cycles);
    return result;
}
