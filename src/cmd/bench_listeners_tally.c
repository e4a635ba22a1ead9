// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/bench_listeners_tally.h"

#include <stdio.h>
#include <string.h>

static const char *const names[TALLY_COUNTS] = {[TALLY_WANTED] = "wanted",
                                                [TALLY_JOINED] = "joined",
                                                [TALLY_HEARD] = "heard",
                                                [TALLY_LEFT] = "left",
                                                [TALLY_REFUSED_CONNECT] = "refused_connect",
                                                [TALLY_REFUSED_ANSWER] = "refused_answer",
                                                [TALLY_REFUSED_CLOSED] = "refused_closed",
                                                [TALLY_REFUSED_LATE] = "refused_late",
                                                [TALLY_CLOSED] = "closed_early",
                                                [TALLY_BYTES] = "bytes",
                                                [TALLY_CHECKED] = "checked",
                                                [TALLY_CHUNKS] = "chunks",
                                                [TALLY_HOLES] = "holes",
                                                [TALLY_CHUNKS_MISSING] = "chunks_missing",
                                                [TALLY_FRAME_JUMPS] = "frame_jumps",
                                                [TALLY_BAD_FRAMES] = "bad_frames",
                                                [TALLY_SKIPS] = "skips",
                                                [TALLY_CHUNKS_SKIPPED] = "chunks_skipped",
                                                [TALLY_ERRORS] = "errors"};

enum { CODE_FIRST = 1000, US_PER_MS = 1000 };

void tally_add(struct tally *tally, enum tally_count count, uint64_t more)
{
    atomic_fetch_add_explicit(&tally->counts[count], more, memory_order_relaxed);
}

uint64_t tally_get(const struct tally *tally, enum tally_count count)
{
    return atomic_load_explicit(&tally->counts[count], memory_order_relaxed);
}

void tally_close(struct tally *tally, unsigned code)
{
    const bool known = code >= CODE_FIRST && code < CODE_FIRST + TALLY_CLOSE_CODES;
    atomic_fetch_add_explicit(&tally->closes[known ? code - CODE_FIRST : TALLY_CLOSE_UNKNOWN], 1, memory_order_relaxed);
}

void tally_late(struct tally *tally, enum tally_phase phase, int64_t us)
{
    struct tally_lateness *lateness = &tally->lateness[phase];
    histogram_record(&lateness->us, us > 0 ? (uint64_t)us : 0);
    atomic_fetch_add_explicit(&lateness->within_10_ms, us <= 10 * US_PER_MS, memory_order_relaxed);
    atomic_fetch_add_explicit(&lateness->within_50_ms, us <= 50 * US_PER_MS, memory_order_relaxed);
}

static json_t *times_json(const struct histogram *us)
{
    const struct histogram_summary summary = histogram_summarize(us);
    if (summary.count == 0) {
        return json_null();
    }
    return json_pack("{s:f, s:f, s:f, s:f, s:I}", "p50", summary.p50 / US_PER_MS, "p99", summary.p99 / US_PER_MS,
                     "p99_9", histogram_percentile(us, 0.999) / US_PER_MS, "max", summary.max / US_PER_MS, "count",
                     (json_int_t)summary.count);
}

static json_t *lateness_json(const struct tally *tally, enum tally_phase phase)
{
    const struct tally_lateness *lateness = &tally->lateness[phase];
    const double count = (double)histogram_summarize(&lateness->us).count;
    if (count == 0.0) {
        return json_null();
    }
    return json_pack("{s:o, s:f, s:f}", "lateness_ms", times_json(&lateness->us), "within_10_ms",
                     (double)atomic_load(&lateness->within_10_ms) / count, "within_50_ms",
                     (double)atomic_load(&lateness->within_50_ms) / count);
}

static json_t *closes_json(const struct tally *tally)
{
    json_t *json = json_object();
    for (int i = 0; i <= TALLY_CLOSE_CODES; i++) {
        const uint64_t count = atomic_load(&tally->closes[i]);
        char name[16];
        (void)snprintf(name, sizeof name, "%d", CODE_FIRST + i);
        if (count > 0) {
            (void)json_object_set_new(json, i < TALLY_CLOSE_CODES ? name : "unread", json_integer((json_int_t)count));
        }
    }
    return json;
}

// The lateness stands among the rest, and null where nothing was late or in time.
static void add_lateness(const struct tally *tally, json_t *json)
{
    json_t *lateness = lateness_json(tally, TALLY_ALWAYS);
    if (json_is_object(lateness)) {
        (void)json_object_update(json, lateness);
        json_decref(lateness);
    } else {
        (void)json_object_set_new(json, "lateness_ms", lateness);
    }
}

json_t *tally_json(const struct tally *tally, bool stormed)
{
    json_t *json = json_object();
    for (int i = 0; i < TALLY_COUNTS; i++) {
        (void)json_object_set_new(json, names[i], json_integer((json_int_t)tally_get(tally, (enum tally_count)i)));
    }
    const int error = atomic_load(&tally->error);
    const int answer = atomic_load(&tally->answer);
    if (error != 0) {
        (void)json_object_set_new(json, "refused_connect_because", json_string(strerror(error)));
    }
    if (answer != 0) {
        (void)json_object_set_new(json, "refused_answer_status", json_integer(answer));
    }
    (void)json_object_set_new(json, "close_codes", closes_json(tally));
    (void)json_object_set_new(json, "connect_ms", times_json(&tally->connect));
    (void)json_object_set_new(json, "first_chunk_ms", times_json(&tally->first_chunk));
    (void)json_object_set_new(json, "silence_ms", times_json(&tally->silence));
    if (stormed) {
        (void)json_object_set_new(json, "before", lateness_json(tally, TALLY_BEFORE));
        (void)json_object_set_new(json, "during", lateness_json(tally, TALLY_DURING));
        (void)json_object_set_new(json, "after", lateness_json(tally, TALLY_AFTER));
    } else {
        add_lateness(tally, json);
    }
    return json;
}
