// SPDX-License-Identifier: GPL-3.0-or-later
// Measures a sound file for the tests: measure FILE prints JSON of its loudness (EBU R 128), peak, direct current and
// longest silence.
#include <ebur128.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHANNELS = 2, BLOCK = 4800 };

static const double SILENCE = 0.001; // -60 dBFS

struct measures {
    double peak;
    double sum[CHANNELS];
    sf_count_t silent; ///< frames up to now
    sf_count_t longest;
};

static void add(struct measures *measures, const float *samples, sf_count_t frames)
{
    for (sf_count_t i = 0; i < frames; i++) {
        const double left = (double)samples[CHANNELS * i];
        const double right = (double)samples[CHANNELS * i + 1];
        const double most = fmax(fabs(left), fabs(right));
        measures->peak = fmax(measures->peak, most);
        measures->sum[0] += left;
        measures->sum[1] += right;
        measures->silent = most < SILENCE ? measures->silent + 1 : 0;
        measures->longest = measures->silent > measures->longest ? measures->silent : measures->longest;
    }
}

static int measure(SNDFILE *file, const SF_INFO *info, ebur128_state *loudness)
{
    struct measures measures = {0};
    float samples[BLOCK * CHANNELS];
    sf_count_t frames = 0;
    while ((frames = sf_readf_float(file, samples, BLOCK)) > 0) {
        add(&measures, samples, frames);
        if (ebur128_add_frames_float(loudness, samples, (size_t)frames) != EBUR128_SUCCESS) {
            return 1;
        }
    }
    double lufs = 0.0;
    if (ebur128_loudness_global(loudness, &lufs) != EBUR128_SUCCESS || !isfinite(lufs)) {
        lufs = -99.0;
    }
    const double count = (double)info->frames;
    (void)printf(
        "{\"frames\": %lld, \"rate\": %d, \"lufs\": %.2f, \"peak\": %.6f, \"dc\": %.6f, \"silence_s\": %.2f}\n",
        (long long)info->frames, info->samplerate, lufs, measures.peak,
        fmax(fabs(measures.sum[0]), fabs(measures.sum[1])) / count, (double)measures.longest / info->samplerate);
    return 0;
}

int main(int argc, char **argv)
{
    SF_INFO info = {0};
    SNDFILE *file = argc == 2 ? sf_open(argv[1], SFM_READ, &info) : NULL;
    if (!file || info.channels != CHANNELS || info.frames == 0) {
        (void)fprintf(stderr, "usage: measure FILE, a stereo sound file that is not empty\n");
        (void)sf_close(file);
        return 2;
    }
    ebur128_state *loudness = ebur128_init(CHANNELS, (unsigned long)info.samplerate, EBUR128_MODE_I);
    const int failed = loudness ? measure(file, &info, loudness) : 1;
    if (loudness) {
        ebur128_destroy(&loudness);
    }
    (void)sf_close(file);
    return failed;
}
