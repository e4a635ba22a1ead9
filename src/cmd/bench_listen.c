// SPDX-License-Identifier: GPL-3.0-or-later
// The listener beside aubio's programs: real recordings whose onsets and beats people have marked, each heard by both,
// one after the other. Ours hears all that it can hear at 96 kHz in hops of 32 frames, as a stage would have it, and is
// judged by what it said when it said it; aubio, which has one program for onsets and one for beats, reads the file as
// it is. Each recording is heard as often as there are runs, which tells what a hop costs from what the machine does.
//
// The recordings are the folders of DATA/mdbdrums: drum.flac, its onsets in drum_class.txt, beats in beats.txt, and
// rawsum.flac, the same music with the other instruments. They are not part of the project.
#include "cmd/bench.h"
#include "cmd/bench_listen_score.h"
#include "cmd/child.h"
#include "cmd/figures.h"
#include "cmd/hop_costs.h"
#include "cmd/sound_file.h"
#include "hear/hear.h"
#include "play/edge.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 96000, HOP = 32, SONGS_MAX = 64, NAME_SIZE = 64, PATH_SIZE = 512, TEXT_SIZE = 1 << 18 };

static const double ONSET_WINDOW_S = 0.025;
static const double ONSET_APART_S = 0.03; // nearer ones are marked as one
static const double BEAT_WINDOW_S = 0.07;
static const double BEAT_FROM_S = 5.0;
static const double ALL = -1.0;

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
    double *cpu_s[SIDES]; ///< of each run, over all recordings
    double audio_s;       ///< of a run
    struct hop_costs *hops;
    char *text;                    ///< of a peer's output
    struct complaint peer_missing; ///< why there is none; else empty
    json_t *songs;
};

static void heard_done(struct heard *heard)
{
    moments_done(&heard->onsets);
    moments_done(&heard->beats);
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

// What is heard is the same each time; it is kept of the first.
static enum status hear_once(struct work *work, int run, const float *frames, size_t count, struct heard *heard)
{
    const struct hear_options options = {.rate = RATE, .channels = 1, .pitch = true};
    struct hear_event events[HEAR_EVENTS_MAX];
    struct hear *hear = NULL;
    enum status status = hear_new(&options, &hear, work->complaint);
    const struct cost start = cost_now();
    for (size_t done = 0; done < count && status == STATUS_OK; done += HOP) {
        const int64_t start_ns = edge_now_ns();
        const size_t said = hear_push(hear, frames + done, count - done < HOP ? count - done : HOP, events);
        hop_costs_add(work->hops, done / HOP, (uint64_t)(edge_now_ns() - start_ns));
        for (size_t i = 0; run == 0 && i < said && status == STATUS_OK; i++) {
            status = keep(&events[i], heard) ? complain(work->complaint, STATUS_NO_MEMORY, "out of memory") : STATUS_OK;
        }
    }
    work->cpu_s[OURS][run] += cost_since(start).cpu_s;
    hear_free(hear);
    return status;
}

static enum status hear_ours(struct work *work, const char *path, struct heard *heard)
{
    float *frames = NULL;
    size_t count = 0;
    enum status status = sound_file_read(path, RATE, &frames, &count, work->complaint);
    if (status == STATUS_OK && hop_costs_begin(work->hops, (count + HOP - 1) / HOP)) {
        status = complain(work->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    for (int run = 0; run < work->bench->runs && status == STATUS_OK; run++) {
        status = hear_once(work, run, frames, count, heard);
    }
    hop_costs_end(work->hops);
    work->audio_s += (double)count / RATE;
    free(frames);
    return status;
}

static enum status run_peer(struct work *work, const char *program, const char *path, struct moments *moments)
{
    const char *const argv[] = {program, "-i", path, NULL};
    for (int run = 0; run < work->bench->runs; run++) {
        struct cost cost;
        if (child_output(argv, work->text, TEXT_SIZE, &cost, &work->peer_missing) != STATUS_OK) {
            return STATUS_OK;
        }
        work->cpu_s[PEER][run] += cost.cpu_s;
    }
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

static double median_cpu_s(const struct work *work, enum side side)
{
    struct figures figures = {.count = 0};
    for (int run = 0; run < work->bench->runs; run++) {
        figures_add(&figures, work->cpu_s[side][run]);
    }
    return figures_median(&figures);
}

static json_t *side_json(const struct work *work, enum side side)
{
    json_t *json = json_object();
    for (int measure = 0; measure < MEASURES; measure++) {
        (void)json_object_set_new(json, measures[measure], json_real(mean(&work->scores[side][measure])));
    }
    (void)json_object_set_new(json, "times_real_time", json_real(work->audio_s / median_cpu_s(work, side)));
    return json;
}

static json_t *work_json(const struct work *work)
{
    json_t *ours = side_json(work, OURS);
    (void)json_object_set_new(ours, "hop_us", hop_costs_json(&work->hops->all));
    (void)json_object_set_new(ours, "hop_us_quickest_run", hop_costs_json(&work->hops->repeat));
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
    const double ours_s = median_cpu_s(work, OURS);
    (void)json_object_set_new(peer, "name", json_string("aubio"));
    (void)json_object_set_new(json, "peer", peer);
    (void)json_object_set_new(json, "ratio", ours_s > 0 ? json_real(median_cpu_s(work, PEER) / ours_s) : json_null());
    return json;
}

static enum status judge_songs(struct work *work, json_t **json)
{
    char(*names)[NAME_SIZE] = calloc(SONGS_MAX, sizeof *names);
    if (!names) {
        return complain(work->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = STATUS_OK;
    const size_t count = list_songs(work->bench->data, names);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = judge_song(work, names[i]);
    }
    free(names);
    if (status == STATUS_OK) {
        *json = count > 0 ? work_json(work)
                          : json_pack("{s:s, s:n, s:s}", "what", "nothing: there are no recordings", "peer",
                                      "peer_missing", "give --data the folder that holds mdbdrums");
    }
    return status;
}

json_t *bench_listen(const struct bench *bench, struct complaint *complaint)
{
    struct work work = {
        .bench = bench,
        .complaint = complaint,
        .cpu_s = {calloc((size_t)bench->runs, sizeof(double)), calloc((size_t)bench->runs, sizeof(double))},
        .hops = calloc(1, sizeof *work.hops),
        .text = malloc(TEXT_SIZE),
        .songs = json_object()};
    json_t *json = NULL;
    const bool complete = work.cpu_s[OURS] && work.cpu_s[PEER] && work.hops && work.text && work.songs;
    const enum status status = complete ? judge_songs(&work, &json) : STATUS_OK;
    if (status == STATUS_OK && !json) {
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    json_decref(work.songs);
    if (work.hops) {
        hop_costs_done(work.hops);
    }
    free(work.hops);
    free(work.text);
    free(work.cpu_s[OURS]);
    free(work.cpu_s[PEER]);
    return json;
}
