// SPDX-License-Identifier: GPL-3.0-or-later
#include "recording.h"

#include "core/clock.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int recording_set_up(void **state)
{
    struct recording *recording = calloc(1, sizeof *recording);
    assert_non_null(recording);
    (void)snprintf(recording->folder, sizeof recording->folder, "/tmp/tutti_recording_XXXXXX");
    assert_non_null(mkdtemp(recording->folder));
    (void)recording_name(recording, "sound.wav");
    *state = recording;
    return 0;
}

static int remove_one(const char *path, const struct stat *stat, int flag, struct FTW *walk)
{
    (void)stat;
    (void)flag;
    (void)walk;
    return remove(path);
}

int recording_tear_down(void **state)
{
    struct recording *recording = *state;
    (void)nftw(recording->folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    free(recording);
    return 0;
}

const char *recording_name(struct recording *recording, const char *name)
{
    (void)snprintf(recording->path, sizeof recording->path, "%s/%s", recording->folder, name);
    return recording->path;
}

/// What the first frames are.
static const float hard[] = {NAN,
                             INFINITY,
                             -INFINITY,
                             1,
                             -1,
                             0.99999994F,
                             -0.99999994F,
                             3e38F,
                             0.5F / 32768,
                             1.5F / 32768,
                             -2.5F / 32768,
                             0.5F / 8388608,
                             1.5F / 8388608,
                             1e-40F,
                             32766.5F / 32768,
                             -32767.5F / 32768};

float recording_sample(uint64_t frame, uint32_t channel)
{
    if (frame < sizeof hard / sizeof hard[0]) {
        return hard[frame];
    }
    uint64_t bits = (frame * RECORDING_CHANNELS_MAX + channel + 1) * UINT64_C(0x9E3779B97F4A7C15);
    bits = (bits ^ bits >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    const int32_t whole = (int32_t)(uint32_t)(bits >> 32) | 1;
    return (float)whole * (1.1F / 2147483648.0F);
}

void recording_give(struct recorder *recorder, uint32_t channels, uint64_t frame, uint32_t frames)
{
    float memory[RECORDING_CHANNELS_MAX][RECORDING_BLOCK];
    const float *in[RECORDING_CHANNELS_MAX];
    for (uint32_t channel = 0; channel < channels; channel++) {
        in[channel] = memory[channel];
        for (uint32_t i = 0; i < frames; i++) {
            memory[channel][i] = recording_sample(frame + i, channel);
        }
    }
    recorder_write(recorder, in, frames);
}

void recording_give_all(struct recorder *recorder, uint32_t channels, uint64_t frame, uint64_t end)
{
    const uint64_t start = frame;
    const uint64_t before = recorder_facts(recorder).frames + recorder_facts(recorder).lost;
    for (uint32_t count = 1; frame < end; count = count % RECORDING_BLOCK + 1) {
        const uint32_t frames = end - frame < count ? (uint32_t)(end - frame) : count;
        recording_give(recorder, channels, frame, frames);
        frame += frames;
        while (frame - start > recorder_facts(recorder).frames + recorder_facts(recorder).lost - before + 16000) {
            clock_sleep_until(clock_now_ns() + 1000000);
        }
    }
}

static SNDFILE *open_file(const char *path, SF_INFO *info)
{
    *info = (SF_INFO){0};
    SNDFILE *file = sf_open(path, SFM_READ, info);
    if (!file) {
        fail_msg("%s: %s", path, sf_strerror(NULL));
    }
    return file;
}

/// Reads with \p read to the end, wherever the head says that it is, and sets the count of frames to what came.
static void *read_all(const char *path, SF_INFO *info, sf_count_t (*read)(SNDFILE *, void *, sf_count_t))
{
    enum { STEP = 65536 };
    SNDFILE *file = open_file(path, info);
    const size_t size = (size_t)info->channels * sizeof(float);
    uint8_t *samples = NULL;
    size_t frames = 0;
    sf_count_t count;
    do {
        samples = realloc(samples, (frames + STEP) * size);
        assert_non_null(samples);
        count = read(file, samples + frames * size, STEP);
        frames += (size_t)count;
    } while (count > 0);
    info->frames = (sf_count_t)frames;
    assert_int_equal(sf_close(file), 0);
    return samples;
}

static sf_count_t read_floats(SNDFILE *file, void *samples, sf_count_t frames)
{
    return sf_readf_float(file, samples, frames);
}

static sf_count_t read_whole(SNDFILE *file, void *samples, sf_count_t frames)
{
    return sf_readf_int(file, samples, frames);
}

float *recording_read(const char *path, SF_INFO *info)
{
    return read_all(path, info, read_floats);
}

int *recording_read_whole(const char *path, SF_INFO *info)
{
    return read_all(path, info, read_whole);
}

/// How far a file that reads as floats may be from what was given, which it clips.
static bool is_right(float read, float given, int format)
{
    if ((format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT) {
        return read == given || (isnan(read) && isnan(given));
    }
    const float clipped = isnan(given) ? 0 : fmaxf(-1, fminf(1, given));
    return fabsf(read - clipped) <= 1.0F / 32768;
}

uint64_t recording_count_silent(const float *samples, const SF_INFO *info)
{
    uint64_t silent = 0;
    const uint32_t channels = (uint32_t)info->channels;
    for (uint64_t frame = 0; frame < (uint64_t)info->frames; frame++) {
        const float *read = samples + frame * channels;
        bool is_silent = true;
        bool is_given = true;
        for (uint32_t channel = 0; channel < channels; channel++) {
            is_silent = is_silent && read[channel] == 0;
            is_given = is_given && is_right(read[channel], recording_sample(frame, channel), info->format);
        }
        if (!is_silent && !is_given) {
            fail_msg("frame %llu is neither silent nor what was given", (unsigned long long)frame);
        }
        silent += !is_given;
    }
    return silent;
}
