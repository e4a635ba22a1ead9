// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// SuperCollider's scsynth as the peer of the module graph: voices of sine, ADSR and resonant low-pass, played by
/// `scsynth -N` from a score that is written here, without its language. Part of cmd/bench. One thread.
#pragma once

#include "cmd/bench.h"
#include "cmd/figures.h"

/// Has scsynth render \p seconds seconds of \p voices voices at BENCH_RATE, into a file in the benchmark's folder.
/// Voice v sounds at bench_voice_hz(v). STATUS_UNKNOWN where there is no scsynth.
MUST_USE enum status bench_scsynth_render(const struct bench *bench, int voices, double seconds, struct cost *cost,
                                          struct complaint *complaint);

/// The frequency of voice \p voice, in Hz.
double bench_voice_hz(int voice);

/// What both engines' voices are made of.
enum { BENCH_CUTOFF_HZ = 2000 };
