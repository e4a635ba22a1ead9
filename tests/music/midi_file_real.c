// SPDX-License-Identifier: GPL-3.0-or-later
// Files of other people's making, where they are at hand, with what other people found in them as the truth: the beats
// of the songs and performances, the tempo of the drum takes.
#include "music/midi_file.h"

#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATA "../shared/data/listen/"

static struct score read_file(const char *path)
{
    struct score score = {0};
    struct complaint complaint = {""};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    const long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    char *bytes = malloc((size_t)size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
    if (midi_file_read(bytes, (size_t)size, &score, &complaint)) {
        fail_msg("%s: %s", path, complaint.text);
    }
    free(bytes);
    return score;
}

/// Calls \p check for every file that matches; skips the test where there is none.
static void each_file(const char *pattern, void (*check)(const char *path, const struct score *score))
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found)) {
        skip();
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct score score = read_file(found.gl_pathv[i]);
        check(found.gl_pathv[i], &score);
        score_done(&score);
    }
    globfree(&found);
}

/// Seconds at which the notes begin, in order; the caller frees.
static double *onsets(const struct score *score, size_t *count)
{
    double *out = malloc((score->count + 1) * sizeof *out);
    assert_non_null(out);
    double bpm = 120.0;
    double seconds = 0.0;
    int64_t tick = 0;
    *count = 0;
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        seconds += meter_frames((double)(event->tick - tick), bpm, 1.0);
        tick = event->tick;
        if (event->kind == EVENT_TEMPO) {
            bpm = event->bpm;
        } else if (event->midi.status == 0x90) {
            out[(*count)++] = seconds;
        }
    }
    return out;
}

/// The share of the beats in the file at \p path, each the first number of a line, that have an onset within 70 ms.
static double beats_with_onset(const char *path, const double *times, size_t count)
{
    char line[256];
    int beats = 0;
    int hits = 0;
    size_t next = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        const double beat = strtod(line, NULL);
        while (next + 1 < count && fabs(times[next + 1] - beat) <= fabs(times[next] - beat)) {
            next++;
        }
        hits += next < count && fabs(times[next] - beat) < 0.07;
        beats++;
    }
    assert_int_equal(fclose(file), 0);
    assert_true(beats > 50);
    return (double)hits / beats;
}

static void check_beats(const struct score *score, const char *beats)
{
    size_t count = 0;
    double *times = onsets(score, &count);
    assert_true(count > 300);
    const double share = beats_with_onset(beats, times, count);
    if (share < 0.9) {
        fail_msg("%s: only %.3f of the beats have an onset", beats, share);
    }
    free(times);
}

static void check_song(const char *path, const struct score *score)
{
    char beats[256];
    (void)snprintf(beats, sizeof beats, "%.*s/beat_midi.txt", (int)(strrchr(path, '/') - path), path);
    check_beats(score, beats);
}

static void check_performance(const char *path, const struct score *score)
{
    char beats[256];
    (void)snprintf(beats, sizeof beats, "%.*s_annotations.txt", (int)(strrchr(path, '.') - path), path);
    check_beats(score, beats);
}

/// The file's name says the tempo: "3_rock_88_beat_4-4.mid".
static void check_take(const char *path, const struct score *score)
{
    const char *end = strstr(path, "_beat_");
    assert_non_null(end);
    while (end[-1] != '_') {
        end--;
    }
    size_t i = 0;
    while (i < score->count && score->events[i].kind != EVENT_TEMPO) {
        i++;
    }
    assert_true(i < score->count);
    assert_true(fabs(score->events[i].bpm - strtod(end, NULL)) < 0.01);
}

/// The first event from \p i on that belongs to \p channel, or to the tempo map for -1; the count where there is none.
static size_t next_of(const struct score *score, size_t i, int channel)
{
    while (i < score->count) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_TEMPO ? channel < 0 : event->channel == channel) {
            return i;
        }
        i++;
    }
    return i;
}

static void compare_channel(const struct score *a, const struct score *b, int channel)
{
    size_t i = next_of(a, 0, channel);
    size_t n = next_of(b, 0, channel);
    while (i < a->count && n < b->count) {
        assert_int_equal(a->events[i].tick, b->events[n].tick);
        if (channel < 0) {
            assert_true(a->events[i].bpm == b->events[n].bpm);
        } else {
            assert_memory_equal(&a->events[i].midi, &b->events[n].midi, sizeof a->events[i].midi);
        }
        i = next_of(a, i + 1, channel);
        n = next_of(b, n + 1, channel);
    }
    assert_true(i == a->count && n == b->count);
}

static void round_trip(const char *path, const struct score *score)
{
    (void)path;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct score back = {0};
    const struct midi_file_options options = {0};
    assert_int_equal(midi_file_write(score, &options, &bytes, &size), STATUS_OK);
    assert_int_equal(midi_file_read(bytes, size, &back, NULL), STATUS_OK);
    assert_int_equal(back.count, score->count);
    for (int channel = -1; channel < 16; channel++) {
        compare_channel(score, &back, channel);
    }
    free(bytes);
    score_done(&back);
}

static void songs(void **state)
{
    (void)state;
    each_file(DATA "pop909/*/*.mid", check_song);
    each_file(DATA "pop909/*/*.mid", round_trip);
}

static void performances(void **state)
{
    (void)state;
    each_file(DATA "asap/*.mid", check_performance);
    each_file(DATA "asap/*.mid", round_trip);
}

static void drum_takes(void **state)
{
    (void)state;
    each_file(DATA "groove/*/*/*.mid", check_take);
    each_file(DATA "groove/*/*/*.mid", round_trip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(songs),
        cmocka_unit_test(performances),
        cmocka_unit_test(drum_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
