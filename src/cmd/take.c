// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/take.h"

#include "cmd/interrupt.h"
#include "cmd/progress.h"
#include "synth/samples.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 960, CHANNELS = 2 };

enum status take_read_options(const struct options *options, struct output_options *file, struct complaint *complaint)
{
    file->path = options_text(options, "output");
    file->bits = strcmp(options_text(options, "bits"), "24") == 0 ? 24 : 16;
    file->bitrate = (int)options_integer(options, "bitrate");
    if (!file->path) {
        return complain(complaint, STATUS_INVALID, "where to? Give -o FILE, such as -o music.wav");
    }
    if (strcmp(file->path, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
        return complain(complaint, STATUS_INVALID, "standard output is a terminal: give -o FILE or a pipe");
    }
    return output_format_of(file->path, options_text(options, "format"), &file->format, complaint);
}

// Where the sound ends: as planned with the fade asked for, or sooner with a short one.
struct ending {
    uint64_t planned;
    uint64_t fade;
    uint64_t end;
    uint64_t stop_fade; ///< 0 while nobody wants it to stop
};

static void stop_soon(struct ending *ending, uint64_t done, uint32_t rate)
{
    const uint64_t short_fade = rate / 20;
    if (ending->stop_fade == 0 && ending->end - done > short_fade && interrupt_came()) {
        ending->stop_fade = short_fade;
        ending->end = done + short_fade;
    }
}

// Half a cosine over the last frames, so that the end is no click.
static float fade_at(uint64_t frame, uint64_t frames, uint64_t fade)
{
    const uint64_t left = frames - frame;
    return left >= fade ? 1.0F : (float)(0.5 - 0.5 * cos(3.14159265358979323846 * (double)left / (double)fade));
}

static void fade_block(const struct ending *ending, uint64_t done, float *left, float *right, size_t block)
{
    for (size_t i = 0; i < block; i++) {
        const float gain =
            fade_at(done + i, ending->planned, ending->fade) * fade_at(done + i, ending->end, ending->stop_fade);
        left[i] *= gain;
        right[i] *= gain;
    }
}

static enum status write_block(const struct take_source *source, const struct ending *ending, uint64_t done,
                               size_t block, struct output *output, struct complaint *complaint)
{
    float left[BLOCK];
    float right[BLOCK];
    float both[BLOCK * CHANNELS];
    if (source->render(source->user, left, right, block) != STATUS_OK) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    fade_block(ending, done, left, right, block);
    samples_interleave(left, right, block, both);
    return output_write(output, both, block, complaint);
}

/// Renders it all; \p stopped_s is where it was stopped, 0 where it was not.
static enum status write_blocks(const struct take_options *options, const struct take_source *source,
                                struct output *output, double *stopped_s, struct complaint *complaint)
{
    const double rate = options->file.rate;
    const uint64_t frames = (uint64_t)llround(options->seconds * rate);
    const double fade = fmin(options->fade, options->seconds);
    struct ending ending = {.planned = frames, .fade = (uint64_t)(fade * rate), .end = frames};
    struct progress progress;
    enum status status = STATUS_OK;
    uint64_t done = 0;
    bool over = false;
    progress_init(&progress, options->told_seconds);
    while (done < ending.end && !over && status == STATUS_OK) {
        stop_soon(&ending, done, options->file.rate);
        const size_t block = ending.end - done < BLOCK ? (size_t)(ending.end - done) : BLOCK;
        status = write_block(source, &ending, done, block, output, complaint);
        done += block;
        over = source->over && source->over(source->user);
        progress_show(&progress, (double)done / rate);
    }
    progress_done(&progress);
    *stopped_s = ending.stop_fade > 0 ? (double)done / rate : 0.0;
    return status;
}

// The file that is left behind is a good one, but not the one that was asked for.
static enum status tell_stop(const struct take_options *options, double stopped_s, struct complaint *complaint)
{
    const bool standard = strcmp(options->file.path, "-") == 0;
    return complain(complaint, STATUS_CLOSED, "stopped at %.1f s of %g s; %.100s is complete up to there", stopped_s,
                    options->told_seconds, standard ? "standard output" : options->file.path);
}

enum status take_make(const struct take_options *options, const struct take_source *source, struct complaint *complaint)
{
    struct output_options file = options->file;
    file.frames = (uint64_t)llround(options->seconds * file.rate);
    struct output *output = NULL;
    interrupt_watch();
    enum status status = output_new(&file, &output, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    double stopped_s = 0.0;
    status = write_blocks(options, source, output, &stopped_s, complaint);
    if (status != STATUS_OK) {
        output_abandon(output);
        return status;
    }
    status = output_close(output, complaint);
    return status == STATUS_OK && stopped_s > 0.0 ? tell_stop(options, stopped_s, complaint) : status;
}
