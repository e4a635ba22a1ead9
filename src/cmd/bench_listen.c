// SPDX-License-Identifier: GPL-3.0-or-later
// The listener beside aubio's programs: real recordings whose onsets and beats people have marked, each heard by both,
// one after the other. Ours hears all that it can hear at 96 kHz in hops of 32 frames, as a stage would have it, and is
// judged by what it said when it said it; aubio, which has one program for onsets and one for beats, reads the file as
// it is.
//
// The recordings are the folders of DATA/mdbdrums: drum.flac, its onsets in drum_class.txt, beats in beats.txt, and
// rawsum.flac, the same music with the other instruments. They are not part of the project.
#include "cmd/bench.h"
#include "cmd/bench_listen_score.h"
#include "cmd/child.h"
#include "cmd/figures.h"
#include "cmd/hearing.h"

#include <dirent.h>
#include <math.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 96000, HOP = 32, SONGS_MAX = 64, NAME_SIZE = 64, PATH_SIZE = 512, TEXT_SIZE = 1 << 18 };

static const double ONSET_WINDOW_S = 0.025;
static const double ONSET_APART_S = 0.03; // nearer ones are marked as one
static const double BEAT_WINDOW_S = 0.07;
static const double BEAT_FROM_S = 5.0;
static const double ALL = -1.0;
static const double NS_PER_US = 1e3;

enum side { OURS, PEER, SIDES };

enum measure { ONSET_DRUMS, BEAT_DRUMS, BEAT_MIX, MEASURES };

static const char *const sides[SIDES] = {"tutti", "peer"};
static const char *const measures[MEASURES] = {"onset_f_25ms_drums", "beat_f_drums", "beat_f_mix"};

// What one recording was heard as.
struct heard {
    struct moments onsets, beats;
};

struct work {
    const struct bench *bench;
    struct complaint *complaint;
    struct figures scores[SIDES][MEASURES];
    double cpu_s[SIDES];
    double audio_s;
    struct histogram *hop_ns;
    char *text;                    ///< of a peer's output
    struct complaint peer_missing; ///< why there is none; else empty
    json_t *songs;
};

static void heard_done(struct heard *heard)
{
    moments_done(&heard->onsets);
    moments_done(&heard->beats);
}

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

// That at RATE; the caller's.
static enum status resample(SNDFILE *file, const SF_INFO *info, float **out, size_t *count)
{
    const size_t room = (size_t)((double)info->frames * RATE / info->samplerate) + RATE;
    float *in = calloc((size_t)info->frames * (size_t)info->channels + 1, sizeof *in);
    float *resampled = calloc(room, sizeof *resampled);
    if (!in || !resampled) {
        free(in);
        free(resampled);
        return STATUS_NO_MEMORY;
    }
    const size_t got = read_mono(file, info, in);
    const bool failed =
        soxr_oneshot(info->samplerate, RATE, 1, in, got, NULL, resampled, room, count, NULL, NULL, NULL) != NULL;
    free(in);
    if (failed) {
        free(resampled);
        return STATUS_UNSUPPORTED;
    }
    *out = resampled;
    return STATUS_OK;
}

static enum status load(const char *path, float **out, size_t *count, struct complaint *complaint)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file) {
        return complain(complaint, STATUS_IO, "%.150s: %s", path, sf_strerror(NULL));
    }
    const enum status status = resample(file, &info, out, count);
    (void)sf_close(file);
    return status ? complain(complaint, status, "%.150s: %s", path, status_text(status)) : STATUS_OK;
}

static enum status keep(const struct hear_event *event, struct heard *heard)
{
    const double at = event->frame / RATE;
    const double said = (double)event->emitted / RATE;
    if (event->kind == HEAR_ONSET) {
        return moments_add(&heard->onsets, at);
    }
    return event->kind == HEAR_BEAT ? moments_add(&heard->beats, fmax(at, said)) : STATUS_OK;
}

static enum status hear_all(struct work *work, struct hearing *hearing, const float *frames, size_t count,
                            struct heard *heard)
{
    struct hear_event events[HEAR_EVENTS_MAX];
    const struct cost start = cost_now();
    enum status status = STATUS_OK;
    for (size_t done = 0; done < count && status == STATUS_OK; done += HOP) {
        const size_t said = hearing_push(hearing, frames + done, count - done < HOP ? count - done : HOP, events);
        for (size_t i = 0; i < said && status == STATUS_OK; i++) {
            status = keep(&events[i], heard);
        }
    }
    work->cpu_s[OURS] += cost_since(start).cpu_s;
    work->audio_s += (double)count / RATE;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        work->hop_ns->buckets[i] += hearing->hop_ns.buckets[i];
    }
    work->hop_ns->sum += hearing->hop_ns.sum;
    work->hop_ns->max = hearing->hop_ns.max > work->hop_ns->max ? hearing->hop_ns.max : work->hop_ns->max;
    return status;
}

static enum status hear_ours(struct work *work, const char *path, struct heard *heard)
{
    float *frames = NULL;
    size_t count = 0;
    struct hearing *hearing = calloc(1, sizeof *hearing);
    enum status status = hearing ? load(path, &frames, &count, work->complaint)
                                 : complain(work->complaint, STATUS_NO_MEMORY, "out of memory");
    if (status == STATUS_OK) {
        const struct hear_options options = {.rate = RATE, .channels = 1, .pitch = true};
        status = hearing_init(hearing, &options, HOP, work->complaint);
    }
    if (status == STATUS_OK) {
        status = hear_all(work, hearing, frames, count, heard)
                     ? complain(work->complaint, STATUS_NO_MEMORY, "out of memory")
                     : STATUS_OK;
    }
    if (hearing) {
        hearing_done(hearing);
    }
    free(hearing);
    free(frames);
    return status;
}

static enum status run_peer(struct work *work, const char *program, const char *path, struct moments *moments)
{
    const char *const argv[] = {program, "-i", path, NULL};
    struct cost cost;
    if (child_output(argv, work->text, TEXT_SIZE, &cost, &work->peer_missing) != STATUS_OK) {
        return STATUS_OK;
    }
    work->cpu_s[PEER] += cost.cpu_s;
    return moments_parse(work->text, moments) ? complain(work->complaint, STATUS_NO_MEMORY, "out of memory")
                                              : STATUS_OK;
}

static enum status hear_peer(struct work *work, const char *path, struct heard *heard)
{
    const enum status status = run_peer(work, "aubioonset", path, &heard->onsets);
    return status == STATUS_OK ? run_peer(work, "aubiotrack", path, &heard->beats) : status;
}

static void add_score(struct work *work, enum side side, enum measure measure, double score, json_t *told)
{
    figures_add(&work->scores[side][measure], score);
    (void)json_object_set_new(told, measures[measure], json_real(score));
}

// What is marked, as it is compared.
static enum status read_marks(const char *folder, struct heard *marks, struct complaint *complaint)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/drum_class.txt", folder);
    enum status status = moments_read(path, &marks->onsets, complaint);
    (void)snprintf(path, sizeof path, "%s/beats.txt", folder);
    status = status ? status : moments_read(path, &marks->beats, complaint);
    moments_sort(&marks->onsets);
    moments_sort(&marks->beats);
    moments_thin(&marks->onsets, ALL, ONSET_APART_S);
    moments_thin(&marks->beats, BEAT_FROM_S, 0.0);
    return status;
}

static enum status judge(struct work *work, enum side side, const char *path, bool drums, const struct heard *marks,
                         json_t *told)
{
    struct heard heard = {0};
    const enum status status = side == OURS ? hear_ours(work, path, &heard) : hear_peer(work, path, &heard);
    if (status == STATUS_OK) {
        moments_sort(&heard.onsets);
        moments_sort(&heard.beats);
        moments_thin(&heard.beats, BEAT_FROM_S, 0.0);
        if (drums) {
            add_score(work, side, ONSET_DRUMS, moments_f_measure(&marks->onsets, &heard.onsets, ONSET_WINDOW_S), told);
        }
        add_score(work, side, drums ? BEAT_DRUMS : BEAT_MIX,
                  moments_f_measure(&marks->beats, &heard.beats, BEAT_WINDOW_S), told);
    }
    heard_done(&heard);
    return status;
}

static bool exists(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file) {
        (void)fclose(file);
    }
    return file != NULL;
}

static enum status judge_song(struct work *work, const char *name)
{
    char folder[PATH_SIZE - NAME_SIZE], path[PATH_SIZE];
    (void)snprintf(folder, sizeof folder, "%.300s/mdbdrums/%s", work->bench->data, name);
    struct heard marks = {0};
    enum status status = read_marks(folder, &marks, work->complaint);
    json_t *song = json_object();
    for (int side = 0; side < SIDES && status == STATUS_OK; side++) {
        if (side == PEER && work->peer_missing.text[0]) {
            break;
        }
        json_t *told = json_object();
        (void)snprintf(path, sizeof path, "%s/drum.flac", folder);
        status = judge(work, (enum side)side, path, true, &marks, told);
        (void)snprintf(path, sizeof path, "%s/rawsum.flac", folder);
        if (status == STATUS_OK && exists(path)) {
            status = judge(work, (enum side)side, path, false, &marks, told);
        }
        (void)json_object_set_new(song, sides[side], told);
    }
    (void)json_object_set_new(work->songs, name, song);
    heard_done(&marks);
    return status;
}

static int order_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

// In alphabetical order; how many, 0 where there is no such folder.
static size_t list_songs(const char *data, char names[SONGS_MAX][NAME_SIZE])
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%.400s/mdbdrums", data);
    DIR *folder = opendir(path);
    size_t count = 0;
    const struct dirent *entry;
    while (folder && count < SONGS_MAX && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(names[count++], NAME_SIZE, "%.63s", entry->d_name);
        }
    }
    if (folder) {
        (void)closedir(folder);
    }
    qsort(names, count, NAME_SIZE, order_names);
    return count;
}

static double mean(const struct figures *figures)
{
    double sum = 0.0;
    for (size_t i = 0; i < figures->count; i++) {
        sum += figures->values[i];
    }
    return figures->count > 0 ? sum / (double)figures->count : 0.0;
}

static json_t *side_json(const struct work *work, enum side side)
{
    json_t *json = json_object();
    for (int measure = 0; measure < MEASURES; measure++) {
        (void)json_object_set_new(json, measures[measure], json_real(mean(&work->scores[side][measure])));
    }
    (void)json_object_set_new(json, "times_real_time", json_real(work->audio_s / work->cpu_s[side]));
    return json;
}

static json_t *work_json(const struct work *work)
{
    const struct histogram_summary hop = histogram_summarize(work->hop_ns);
    json_t *ours = side_json(work, OURS);
    (void)json_object_set_new(ours, "hop_us",
                              json_pack("{s:f, s:f, s:f, s:f}", "mean", hop.average / NS_PER_US, "median",
                                        hop.p50 / NS_PER_US, "p99", hop.p99 / NS_PER_US, "max", hop.max / NS_PER_US));
    json_t *json =
        json_pack("{s:s, s:i, s:i, s:f, s:o, s:O}", "what",
                  "recordings with marked onsets and beats, heard by all ears at once, and by aubioonset "
                  "and aubiotrack",
                  "rate", RATE, "hop_frames", HOP, "audio_s", work->audio_s, "tutti", ours, "songs", work->songs);
    if (work->peer_missing.text[0]) {
        (void)json_object_set_new(json, "peer", json_null());
        (void)json_object_set_new(json, "peer_missing", json_string(work->peer_missing.text));
        return json;
    }
    json_t *peer = side_json(work, PEER);
    (void)json_object_set_new(peer, "name", json_string("aubio"));
    (void)json_object_set_new(json, "peer", peer);
    (void)json_object_set_new(json, "ratio",
                              work->cpu_s[OURS] > 0 ? json_real(work->cpu_s[PEER] / work->cpu_s[OURS]) : json_null());
    return json;
}

json_t *bench_listen(const struct bench *bench, struct complaint *complaint)
{
    char(*names)[NAME_SIZE] = calloc(SONGS_MAX, sizeof *names);
    struct work work = {.bench = bench,
                        .complaint = complaint,
                        .hop_ns = calloc(1, sizeof(struct histogram)),
                        .text = malloc(TEXT_SIZE),
                        .songs = json_object()};
    enum status status = names && work.hop_ns && work.text && work.songs
                             ? STATUS_OK
                             : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    const size_t count = status == STATUS_OK ? list_songs(bench->data, names) : 0;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = judge_song(&work, names[i]);
    }
    json_t *json = NULL;
    if (status == STATUS_OK) {
        json = count > 0 ? work_json(&work)
                         : json_pack("{s:s, s:n, s:s}", "what", "nothing: there are no recordings", "peer",
                                     "peer_missing", "give --data the folder that holds mdbdrums");
    }
    json_decref(work.songs);
    free(work.text);
    free(work.hop_ns);
    free(names);
    return json;
}
