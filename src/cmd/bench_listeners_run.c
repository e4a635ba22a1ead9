// SPDX-License-Identifier: GPL-3.0-or-later
// The listeners run on threads of their own. This one sleeps, and once a second looks at the server's process, sets the
// pace of the slow ones to half of what the others get, and sums up how many listened for how long, which is what the
// server's processor time is divided by.
//
// Before the others, one listener a station is there for a while: a station that nobody hears may sleep, and what
// waking it takes in memory and what playing it takes in processor time is not the listeners'.
//
// A storm has three phases for those who were there before: from when they have settled, while the others come, and
// after that.
#include "cmd/bench_listeners_run.h"

#include "cmd/bench_listeners_crowd.h"
#include "cmd/bench_listeners_process.h"
#include "cmd/interrupt.h"
#include "core/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BASE_PER_S = 1000, STEP_MS = 50, LEAD_MS = 50 };

static const int64_t NS_PER_MS = 1000000;
static const double NS_PER_S = 1e9;
static const double LOOK_S = 1.0;

// The kinds of listeners.
enum group { GROUP_LISTENERS, GROUP_BASE, GROUP_STALLED, GROUP_SLOW, GROUP_WARM, GROUPS };

struct run {
    const struct load_test *test;
    struct load_plan *plan;
    struct tally *tallies; ///< GROUPS
    int64_t warm_ns;       ///< when half the time alone of the first listeners is over
    int64_t first_ns;      ///< when all of it is, and others come
    int64_t storm_ns;      ///< when the ramp of the listeners begins
    int64_t steady_ns;     ///< when it ends
    int64_t end_ns;
    // What the looks found.
    struct process_use warm;
    struct process_use before;
    struct process_use steady;
    struct process_use last;
    uint64_t resident_most;
    double listener_s; ///< since steady_ns
    double looked_s;   ///< the same, of the clock
    int64_t began_ns;
    int64_t looked_ns;
    uint64_t bytes;
    int64_t listening;      ///< at the last look
    int64_t listening_most; ///< at any
};

static int64_t listening_now(const struct run *run)
{
    int64_t count = 0;
    for (int i = 0; i < GROUPS; i++) {
        count += atomic_load_explicit(&run->tallies[i].listening, memory_order_relaxed);
    }
    return count;
}

static double own_cpu_s(void)
{
    struct rusage used = {0};
    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// Half of what a listener who reads gets.
static void pace_slow(struct run *run, double seconds)
{
    const uint64_t bytes =
        tally_get(&run->tallies[GROUP_LISTENERS], TALLY_BYTES) + tally_get(&run->tallies[GROUP_BASE], TALLY_BYTES);
    const int64_t readers =
        atomic_load(&run->tallies[GROUP_LISTENERS].listening) + atomic_load(&run->tallies[GROUP_BASE].listening);
    const double rate = readers > 0 ? (double)(bytes - run->bytes) / seconds / (double)readers : 0.0;
    if (run->looked_ns > run->steady_ns && rate > 0.0) {
        atomic_store_explicit(&run->plan->slow_bps, (uint64_t)(rate / 2.0) + 1, memory_order_relaxed);
    }
    run->bytes = bytes;
}

// Each moment's figures are those of the look at its end (run->looked_ns is that of the look before). The server's own
// end, as when it is started anew, leaves what was found before.
static void look_at_server(struct run *run)
{
    struct process_use use;
    if (run->test->pid == 0 || !process_use_read(run->test->pid, &use)) {
        return;
    }
    run->last = use;
    if (run->looked_ns < run->warm_ns) {
        run->warm = use;
    }
    if (run->looked_ns < run->first_ns) {
        run->before = use;
        run->resident_most = 0;
    }
    if (run->looked_ns < run->steady_ns) {
        run->steady = use;
    }
    run->resident_most = use.resident_bytes > run->resident_most ? use.resident_bytes : run->resident_most;
}

static void look(struct run *run, int64_t now_ns)
{
    const double seconds = (double)(now_ns - run->looked_ns) / NS_PER_S;
    const bool was_steady = run->looked_ns >= run->steady_ns;
    pace_slow(run, seconds);
    look_at_server(run);
    const int64_t listening = listening_now(run);
    if (was_steady) {
        run->listener_s += seconds * (double)(listening + run->listening) / 2.0;
        run->looked_s += seconds;
    }
    run->listening = listening;
    run->listening_most = listening > run->listening_most ? listening : run->listening_most;
    run->looked_ns = now_ns;
}

static void set_phase(struct run *run, int64_t now_ns)
{
    if (run->test->base == 0) {
        return;
    }
    const int64_t settled_ns = run->storm_ns - (int64_t)(run->test->settle_s * NS_PER_S);
    const enum tally_phase phase = now_ns >= run->steady_ns  ? TALLY_AFTER
                                   : now_ns >= run->storm_ns ? TALLY_DURING
                                   : now_ns >= settled_ns    ? TALLY_BEFORE
                                                             : TALLY_ALWAYS;
    atomic_store_explicit(&run->plan->phase, (int)phase, memory_order_relaxed);
}

// Whether something begins or ends between two moments.
static bool has_moment(const struct run *run, int64_t from_ns, int64_t to_ns)
{
    const int64_t moments[] = {run->warm_ns, run->first_ns, run->steady_ns, run->end_ns};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        if (from_ns < moments[i] && moments[i] <= to_ns) {
            return true;
        }
    }
    return false;
}

static void watch(struct run *run)
{
    int64_t now_ns = clock_now_ns();
    run->began_ns = run->looked_ns = now_ns;
    while (now_ns < run->end_ns && !interrupt_came()) {
        const int64_t then_ns = now_ns;
        clock_sleep_until(then_ns + STEP_MS * NS_PER_MS);
        now_ns = clock_now_ns();
        set_phase(run, now_ns);
        if ((double)(now_ns - run->looked_ns) / NS_PER_S >= LOOK_S || has_moment(run, then_ns, now_ns)) {
            look(run, now_ns);
        }
    }
}

static enum status add_all(struct run *run, struct crowd *crowd)
{
    const struct load_test *test = run->test;
    const double base_ramp_s = (double)test->base / BASE_PER_S;
    const int64_t began_ns = clock_now_ns() + LEAD_MS * NS_PER_MS;
    const int64_t start_ns = began_ns + (int64_t)(test->warm_s * NS_PER_S) + 3 * STEP_MS * NS_PER_MS;
    run->warm_ns = began_ns + (int64_t)(test->warm_s / 2.0 * NS_PER_S);
    // Early enough for the look at the server to be over when the others come.
    run->first_ns = start_ns - 3 * STEP_MS * NS_PER_MS;
    run->storm_ns = start_ns + (test->base > 0 ? (int64_t)((base_ramp_s + test->settle_s) * NS_PER_S) : 0);
    run->steady_ns = run->storm_ns + (int64_t)(test->ramp_s * NS_PER_S);
    run->end_ns = run->steady_ns + (int64_t)(test->seconds * NS_PER_S);
    struct tally *tallies = run->tallies;
    const struct {
        enum load_role role;
        enum group group;
        size_t count;
        int64_t start_ns;
        double ramp_s;
    } groups[] = {{LOAD_LISTENER, GROUP_WARM, test->warm_s > 0.0 ? run->plan->target_count : 0, began_ns, 0.0},
                  {LOAD_LISTENER, GROUP_BASE, test->base, start_ns, base_ramp_s},
                  {LOAD_STALLED, GROUP_STALLED, test->stalled, run->storm_ns, test->ramp_s},
                  {LOAD_SLOW, GROUP_SLOW, test->slow, run->storm_ns, test->ramp_s},
                  {LOAD_LISTENER, GROUP_LISTENERS, test->count, run->storm_ns, test->ramp_s}};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0] && status == STATUS_OK; i++) {
        status = crowd_add(crowd, groups[i].role, groups[i].count, test->check, groups[i].group == GROUP_BASE,
                           &tallies[groups[i].group], groups[i].start_ns, groups[i].ramp_s);
    }
    return status;
}

static json_t *server_json(const struct run *run)
{
    if (run->last.resident_bytes == 0) {
        return json_null();
    }
    const double cpu_s = run->last.cpu_s - run->steady.cpu_s;
    const double grown = (double)run->resident_most - (double)run->before.resident_bytes;
    const double alone_s = (double)(run->first_ns - run->warm_ns) / NS_PER_S;
    const int64_t others = run->listening_most - (int64_t)tally_get(&run->tallies[GROUP_WARM], TALLY_WANTED);
    return json_pack(
        "{s:i, s:f, s:f, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:i, s:i}", "pid", (int)run->test->pid, "cpu_seconds",
        run->last.cpu_s - run->before.cpu_s, "cpu_seconds_steady", cpu_s, "cpu_share_before",
        alone_s > 0.0 ? json_real((run->before.cpu_s - run->warm.cpu_s) / alone_s) : json_null(), "cpu_share",
        run->looked_s > 0.0 ? json_real(cpu_s / run->looked_s) : json_null(), "cpu_seconds_per_listener_hour",
        run->listener_s > 0.0 ? json_real(cpu_s / run->listener_s * 3600.0) : json_null(), "resident_bytes_before",
        (json_int_t)run->before.resident_bytes, "resident_bytes", (json_int_t)run->last.resident_bytes,
        "resident_bytes_most", (json_int_t)run->resident_most, "bytes_per_listener",
        others > 0 ? json_real(grown / (double)others) : json_null(), "open_files_before", (int)run->before.open_files,
        "open_files", (int)run->last.open_files);
}

static json_t *groups_json(const struct run *run, double loader_s, int64_t longest_ns)
{
    const struct load_test *test = run->test;
    json_t *json =
        json_pack("{s:f, s:f, s:I, s:o}", "seconds", run->looked_s, "ramp_seconds", test->ramp_s, "listening",
                  (json_int_t)run->listening, "listeners", tally_json(&run->tallies[GROUP_LISTENERS], false));
    if (test->base > 0) {
        (void)json_object_set_new(json, "base", tally_json(&run->tallies[GROUP_BASE], true));
    }
    if (test->stalled > 0) {
        (void)json_object_set_new(json, "stalled", tally_json(&run->tallies[GROUP_STALLED], false));
    }
    if (test->slow > 0) {
        (void)json_object_set_new(json, "slow", tally_json(&run->tallies[GROUP_SLOW], false));
    }
    (void)json_object_set_new(json, "server", server_json(run));
    (void)json_object_set_new(
        json, "loader",
        json_pack("{s:f, s:f, s:f}", "cpu_seconds", loader_s, "cpu_share",
                  run->looked_s > 0.0 ? loader_s * NS_PER_S / (double)(run->looked_ns - run->began_ns) : 0.0,
                  "longest_turn_ms", (double)longest_ns / (double)NS_PER_MS));
    return json;
}

// What the server says of itself while they listen; null where it does not.
static json_t *metrics_json(const struct load_plan *plan)
{
    char *text = plan->url.websocket ? load_url_get(&plan->url, "/api/metrics", NULL) : NULL;
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    return json ? json : json_null();
}

static json_t *run_crowd(struct run *run, struct complaint *complaint)
{
    struct crowd *crowd = NULL;
    enum status status = crowd_new(run->plan, run->test->seed, &crowd);
    if (status == STATUS_OK) {
        status = add_all(run, crowd);
    }
    const double own_before_s = own_cpu_s();
    if (status == STATUS_OK) {
        status = crowd_start(crowd);
    }
    json_t *json = NULL;
    if (status == STATUS_OK) {
        watch(run);
        const double own_s = own_cpu_s() - own_before_s;
        json_t *metrics = metrics_json(run->plan);
        const int64_t longest_ns = crowd_longest_turn_ns(crowd);
        crowd_free(crowd);
        json = groups_json(run, own_s, longest_ns);
        (void)json_object_set_new(json, "metrics", metrics);
        return json;
    }
    crowd_free(crowd);
    (void)complain(complaint, status, "the listeners cannot be run: %s", status_text(status));
    return json;
}

json_t *load_test_run(const struct load_test *test, struct load_plan *plan, struct complaint *complaint)
{
    static const uint64_t halves_bps[FORMAT_COUNT] = {
        [FORMAT_OPUS] = 6250, [FORMAT_PCM] = 96250, [FORMAT_JSON] = 128500, [FORMAT_OGG] = 6250};
    struct run run = {.test = test, .plan = plan, .tallies = calloc(GROUPS, sizeof *run.tallies)};
    if (!run.tallies) {
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    atomic_store(&plan->slow_bps, halves_bps[plan->format]);
    if (test->pid > 0 && !process_use_read(test->pid, &run.before)) {
        free(run.tallies);
        (void)complain(complaint, STATUS_UNKNOWN, "there is no process %d: give the server's as --pid", (int)test->pid);
        return NULL;
    }
    run.warm = run.steady = run.last = run.before;
    run.resident_most = run.before.resident_bytes;
    json_t *json = run_crowd(&run, complaint);
    free(run.tallies);
    return json;
}
