// SPDX-License-Identifier: GPL-3.0-or-later
// A file is listened to hop by hop, as a device would bring it, so that what is said of it is what a performer would be
// told. On a terminal it is shown as it passes, at its own speed.
#include "cmd/listen.h"

#include "cmd/hearing_print.h"
#include "cmd/interrupt.h"
#include "core/clock.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double NS_PER_S = 1e9;
static const double SHOWN_A_SECOND = 20;
static const int LOOK_MS = 100;

static bool is_standard_input(const char *path)
{
    return strcmp(path, "-") == 0;
}

static enum status open_file(const char *path, SNDFILE **out, SF_INFO *info, struct complaint *complaint)
{
    memset(info, 0, sizeof *info);
    const bool is_stdin = is_standard_input(path);
    if (is_stdin && isatty(STDIN_FILENO)) {
        return complain(complaint, STATUS_IO, "standard input is a terminal: send it a sound file");
    }
    *out = is_stdin ? sf_open_fd(STDIN_FILENO, SFM_READ, info, SF_FALSE) : sf_open(path, SFM_READ, info);
    if (!*out) {
        return complain(complaint, STATUS_IO, "%s: %s", path,
                        sf_error(NULL) == SF_ERR_SYSTEM ? strerror(errno) : sf_strerror(NULL));
    }
    if (info->channels > HEAR_CHANNELS_MAX) {
        (void)sf_close(*out);
        return complain(complaint, STATUS_RANGE, "%s has %d channels: %d can be listened to; mix it down first", path,
                        info->channels, HEAR_CHANNELS_MAX);
    }
    return STATUS_OK;
}

// Shows how it goes, and keeps to the speed of the music.
static void show(const struct hearing *hearing, int64_t start_ns, double *shown)
{
    const double now = (double)atomic_load(&hearing->frames) / hearing->options.rate;
    const bool is_first = *shown <= 0;
    const double since = now - *shown;
    if (!is_first && since < 1 / SHOWN_A_SECOND) {
        return;
    }
    clock_sleep_until(start_ns + (int64_t)(now * NS_PER_S));
    hearing_print_live(stdout, hearing, !is_first);
    *shown = now;
}

// Frames of the file; none at its end, or when the program is to end while a pipe brings nothing.
static sf_count_t read_some(const struct listen_options *options, SNDFILE *file, float *frames)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (is_standard_input(options->path) && poll(&in, 1, LOOK_MS) <= 0) {
        if (interrupt_came()) {
            return 0;
        }
    }
    return sf_readf_float(file, frames, options->hop);
}

// Whether the file was heard to its end.
static bool listen(const struct listen_options *options, SNDFILE *file, struct hearing *hearing)
{
    float frames[HEAR_FRAMES_MAX * HEAR_CHANNELS_MAX];
    struct hear_event events[HEAR_EVENTS_MAX];
    const int64_t start_ns = clock_now_ns();
    const double most = options->seconds > 0 ? options->seconds * hearing->options.rate : HUGE_VAL;
    double shown = 0;
    sf_count_t got = 0;
    while (!interrupt_came() && (double)atomic_load(&hearing->frames) < most &&
           (got = read_some(options, file, frames)) > 0) {
        const size_t said = hearing_push(hearing, frames, (size_t)got, events);
        for (size_t i = 0; i < said && !options->live; i++) {
            hearing_print_event(stdout, hearing, &events[i]);
        }
        if (options->live) {
            show(hearing, start_ns, &shown);
        } else if (said > 0 && is_standard_input(options->path)) {
            (void)fflush(stdout);
        }
    }
    hearing_print_summary(stdout, hearing, (double)(clock_now_ns() - start_ns) / NS_PER_S);
    return got == 0 && !interrupt_came();
}

// Only a FLAC says how long it is and is left as it is: of other kinds the library makes a shorter one where they are
// cut off, or guesses.
static enum status check_end(const char *path, const SF_INFO *info, uint64_t heard, struct complaint *complaint)
{
    if (!info->seekable || info->frames <= 0) {
        return STATUS_OK;
    }
    if (heard == 0) {
        return complain(complaint, STATUS_CORRUPT, "%s holds no sound that can be read: it is cut off or damaged",
                        path);
    }
    const bool says = (info->format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC && info->frames < SF_COUNT_MAX;
    if (!says || heard >= (uint64_t)info->frames) {
        return STATUS_OK;
    }
    return complain(complaint, STATUS_CORRUPT, "%s ends after %.1f of its %.1f s: it is cut off or damaged there", path,
                    (double)heard / info->samplerate, (double)info->frames / info->samplerate);
}

enum status listen_to_file(const struct listen_options *options, struct complaint *complaint)
{
    SF_INFO info;
    SNDFILE *file = NULL;
    enum status status = open_file(options->path, &file, &info, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct hearing *hearing = malloc(sizeof *hearing);
    const struct hear_options wanted = {.rate = (uint32_t)info.samplerate,
                                        .channels = (uint32_t)info.channels,
                                        .pitch = options->pitch,
                                        .surround = true};
    status = hearing ? hearing_init(hearing, &wanted, options->hop, complaint)
                     : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    if (status == STATUS_OK) {
        interrupt_watch();
        if (listen(options, file, hearing)) {
            status = check_end(options->path, &info, atomic_load(&hearing->frames), complaint);
        }
        hearing_done(hearing);
    }
    free(hearing);
    (void)sf_close(file);
    if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        return complain(complaint, STATUS_IO, "standard output: %s", strerror(errno));
    }
    return status;
}
