// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Recordings in tests: a folder for them, sound that can be told from any other, and what libsndfile reads.
#pragma once

#include "core/realtime.h"
#include "play/recorder.h"

#include <sndfile.h>
#include <stdint.h>

enum { RECORDING_CHANNELS_MAX = 16, RECORDING_BLOCK = 480 };

/// A folder of the test's own; \c path is one file in it.
struct recording {
    char folder[64];
    char path[128];
};

/// Setup and teardown of a test: *state is a struct recording. The path ends in .wav until recording_name().
int recording_set_up(void **state);
int recording_tear_down(void **state);
/// Makes \p name the file; returns its path.
const char *recording_name(struct recording *recording, const char *name);

/// The sound of channel \p channel at frame \p frame: noise within 1.1, never 0, with what is hard to convert
/// (infinite, not a number, half steps) at the start.
float recording_sample(uint64_t frame, uint32_t channel) REALTIME;
/// Gives \p recorder the frames from \p frame on, in one call of at most RECORDING_BLOCK frames.
void recording_give(struct recorder *recorder, uint32_t channels, uint64_t frame, uint32_t frames) REALTIME;
/// Gives it all frames from \p frame to before \p end, so slowly that the reel holds them; waits for the writer.
void recording_give_all(struct recorder *recorder, uint32_t channels, uint64_t frame, uint64_t end);

/// All samples of the file, interleaved, and what it says of itself. The caller frees. Fails the test where it is not
/// to be read.
float *recording_read(const char *path, SF_INFO *info);
/// The same as whole numbers, left-justified in 32 bits.
int *recording_read_whole(const char *path, SF_INFO *info);
/// How many of the frames of floats are silent; fails the test where another is not the right one in its place.
uint64_t recording_count_silent(const float *samples, const SF_INFO *info);
