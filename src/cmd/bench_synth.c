// SPDX-License-Identifier: GPL-3.0-or-later
// The sampler beside FluidSynth, both in this process, behind the same sequencer and with the same options: what
// differs is the instrument alone.
#include "cmd/bench_synth.h"

#include "synth/fluid.h"
#include "synth/sampler.h"

#include <fluidsynth.h>

static const struct {
    const char *key;
    instrument_new *make;
} engines[ENGINES] = {[ENGINE_TUTTI] = {"tutti", sampler_new}, [ENGINE_PEER] = {"peer", fluid_new}};

static const struct {
    const char *key;
    bench_run *run;
} parts[] = {
    // What measures loading and memory goes first, before anything is kept.
    {"load", bench_synth_load},     {"phrase", bench_synth_phrase}, {"voices", bench_synth_voices},
    {"blocks", bench_synth_blocks}, {"cores", bench_synth_cores},
};

enum status bench_engine_new(const struct bench *bench, int engine, const struct instrument_options *options,
                             struct instrument **out, struct complaint *complaint)
{
    struct instrument_options with = *options;
    with.soundfont = bench->soundfont;
    return engines[engine].make(&with, out, complaint);
}

const char *bench_engine_key(int engine)
{
    return engines[engine].key;
}

const char *interpolation_key(enum instrument_interpolation interpolation)
{
    static const char *const keys[] = {
        [INSTRUMENT_CUBIC] = "cubic", [INSTRUMENT_LINEAR] = "linear", [INSTRUMENT_SINC] = "sinc"};
    return keys[interpolation];
}

json_t *bench_engines_json(const struct costs costs[ENGINES], double seconds)
{
    json_t *json = json_object();
    for (int i = 0; i < ENGINES; i++) {
        json_t *side = costs_json(&costs[i], 1.0);
        const double cpu_s = figures_median(&costs[i].cpu_s);
        (void)json_object_set_new(side, "realtime_factor", json_real(cpu_s > 0.0 ? seconds / cpu_s : 0.0));
        (void)json_object_set_new(json, engines[i].key, side);
    }
    (void)json_object_set_new(json, "ratio", costs_ratio(&costs[ENGINE_TUTTI], 1.0, &costs[ENGINE_PEER], 1.0));
    return json;
}

json_t *bench_synth(const struct bench *bench, struct complaint *complaint)
{
    char peer[64];
    (void)snprintf(peer, sizeof peer, "FluidSynth %s", fluid_version_str());
    json_t *result = json_pack("{s:s, s:s}", "what",
                               "two instruments in this process, each on one thread, same SoundFont and interpolation",
                               "peer", peer);
    struct instrument *kept = NULL;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && result; i++) {
        json_t *part = parts[i].run(bench, complaint);
        if (part) {
            (void)json_object_set_new(result, parts[i].key, part);
        }
        // FluidSynth then keeps its samples, and does not read them anew for every measurement.
        if (!part || (!kept && bench_engine_new(bench, ENGINE_PEER, &(struct instrument_options){0}, &kept,
                                                complaint) != STATUS_OK)) {
            json_decref(result);
            result = NULL;
        }
    }
    instrument_free(kept);
    return result;
}
