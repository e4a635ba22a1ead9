// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The benchmarks of tutti bench: what they share, and their names.
///
/// Each measures one thing that the project claims, several times, and beside it, in turn with it, the peer that does
/// the same work. One thread, but for the part of the synthesizers that measures two.
#pragma once

#include "compose/compose.h"
#include "core/status.h"

#include <jansson.h>
#include <stdint.h>

enum { BENCH_RATE = 48000 };

/// What every benchmark is given.
struct bench {
    const struct presets *presets;
    const struct harmony *harmony;
    const char *soundfont; ///< a path
    const char *data;      ///< a folder of recordings to listen to; may not be there
    const char *folder;    ///< for temporary files; removed afterwards with all files in it
    int runs;
    double seconds; ///< of music
    uint64_t seed;
};

/// A benchmark's results as an object that is the caller's; NULL with a complaint.
typedef json_t *bench_run(const struct bench *bench, struct complaint *complaint);

bench_run bench_render;
bench_run bench_compose;
bench_run bench_encode;
bench_run bench_control;
bench_run bench_synth;
bench_run bench_synth_graph;
bench_run bench_listen;
bench_run bench_wakeups;

/// The processor, its cores, the system and how busy it is, as an object that is the caller's.
json_t *bench_machine(void);
