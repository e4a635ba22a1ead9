// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/sound_file.h"

#include <sndfile.h>
#include <soxr.h>
#include <stdbool.h>
#include <stdlib.h>

// The mean of the file's channels, in place of the first of them; how many frames.
static size_t read_mono(SNDFILE *file, const SF_INFO *info, float *frames)
{
    const size_t channels = (size_t)info->channels;
    const sf_count_t got = sf_readf_float(file, frames, info->frames);
    for (size_t i = 0; (sf_count_t)i < got; i++) {
        float sum = 0;
        for (size_t channel = 0; channel < channels; channel++) {
            sum += frames[i * channels + channel];
        }
        frames[i] = sum / (float)channels;
    }
    return got > 0 ? (size_t)got : 0;
}

// That at `rate`; the caller's.
static enum status resample(SNDFILE *file, const SF_INFO *info, unsigned rate, float **out, size_t *count)
{
    const size_t room = (size_t)((double)info->frames * rate / info->samplerate) + rate;
    float *in = calloc((size_t)info->frames * (size_t)info->channels + 1, sizeof *in);
    float *resampled = calloc(room, sizeof *resampled);
    if (!in || !resampled) {
        free(in);
        free(resampled);
        return STATUS_NO_MEMORY;
    }
    const size_t got = read_mono(file, info, in);
    const bool failed =
        soxr_oneshot(info->samplerate, rate, 1, in, got, NULL, resampled, room, count, NULL, NULL, NULL) != NULL;
    free(in);
    if (failed) {
        free(resampled);
        return STATUS_UNSUPPORTED;
    }
    *out = resampled;
    return STATUS_OK;
}

enum status sound_file_read(const char *path, unsigned rate, float **frames, size_t *count, struct complaint *complaint)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file) {
        return complain(complaint, STATUS_IO, "%.150s: %s", path, sf_strerror(NULL));
    }
    const enum status status = resample(file, &info, rate, frames, count);
    (void)sf_close(file);
    return status ? complain(complaint, status, "%.150s: %s", path, status_text(status)) : STATUS_OK;
}
