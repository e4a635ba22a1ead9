// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The parts of the benchmark "synth", and what they share. Part of cmd/bench.
#pragma once

#include "cmd/bench.h"
#include "cmd/figures.h"
#include "music/score.h"
#include "synth/instrument.h"

#include <stddef.h>

/// Tutti's sampler and its peer, which take turns.
enum { ENGINE_TUTTI, ENGINE_PEER, ENGINES };

/// Frames in a block: a multiple of what FluidSynth computes at a time.
enum { ENGINE_BLOCK = 512 };

/// \name Engines
/// @{
/// Makes the instrument of \p engine with the benchmark's SoundFont; fails as the engine does.
MUST_USE enum status bench_engine_new(const struct bench *bench, int engine, const struct instrument_options *options,
                                      struct instrument **out, struct complaint *complaint);

/// "tutti" or "peer".
const char *bench_engine_key(int engine);

/// What an interpolation is called: "cubic", "linear", "sinc".
const char *interpolation_key(enum instrument_interpolation interpolation);

/// {"tutti": {"cpu_s", "wall_s", "realtime_factor"}, "peer": likewise, "ratio"} of \p seconds of music in each run.
json_t *bench_engines_json(const struct costs costs[ENGINES], double seconds);
/// @}

/// \name The phrase
/// @{
/// Writes so many seconds of the phrase to a MIDI file in the benchmark's folder and reads it back into \p score. With
/// the \p pedal down there are as many voices as the polyphony allows from the first note on, and none is released.
MUST_USE enum status bench_phrase_make(const struct bench *bench, double seconds, bool pedal, struct score *score,
                                       struct complaint *complaint);

/// Called after every block with the time that it took, where anyone wants it.
typedef void bench_phrase_watch(void *user, double wall_s, int voices);

/// Plays \p score on \p instrument from a reset on, \p block frames at a time, at most 4096. STATUS_NO_MEMORY.
MUST_USE enum status bench_phrase_play(const struct score *score, struct instrument *instrument, double rate,
                                       double seconds, size_t block, bench_phrase_watch *watch, void *user,
                                       struct complaint *complaint);
/// @}

bench_run bench_synth_phrase;
bench_run bench_synth_voices;
bench_run bench_synth_load;
bench_run bench_synth_blocks;
bench_run bench_synth_cores;
