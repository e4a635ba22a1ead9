// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine itself can do: on each processor a thread with the highest real-time priority that is allowed sleeps
// from period to period and does nothing else. How late it wakes is how late whatever plays would be there, so a late
// block of an engine is to be seen beside this. The period is that of 32 frames at 96 kHz. Of the processors the worst
// one is told; a missed period is one that a thread slept through, counted for each of them.
#include "cmd/bench.h"
#include "cmd/figures.h"
#include "core/clock.h"
#include "core/histogram.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { PERIOD_NS = 333333, RUN_S = 2, PRIORITY = 98, SLEEPERS_MAX = 64 };

struct sleeper {
    pthread_t thread;
    int processor;
    int priority;
    struct histogram late_ns;
    uint64_t wakeups, missed; ///< missed: whole periods that it slept through
};

struct wakeups {
    struct figures p50, p99, p999, max, missed;
    uint64_t wakeups, missed_total;
    int sleepers;
    int priority; ///< the least of any
};

// The priority that could be had; 0: that of any thread.
static int raise_priority(void)
{
    struct rlimit limit;
    const bool is_limited = getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0 && limit.rlim_cur < PRIORITY;
    const int priorities[] = {PRIORITY, is_limited ? (int)limit.rlim_cur : 0};
    for (size_t i = 0; i < sizeof priorities / sizeof priorities[0]; i++) {
        const struct sched_param parameters = {.sched_priority = priorities[i]};
        if (priorities[i] && pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0) {
            return priorities[i];
        }
    }
    return 0;
}

static void *sleep_and_measure(void *argument)
{
    struct sleeper *sleeper = argument;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sleeper->processor, &one);
    (void)pthread_setaffinity_np(pthread_self(), sizeof one, &one);
    sleeper->priority = raise_priority();
    const int64_t end = clock_now_ns() + RUN_S * INT64_C(1000000000);
    int64_t due = clock_now_ns();
    while (due < end) {
        due += PERIOD_NS;
        clock_sleep_until(due);
        const int64_t late = clock_now_ns() - due;
        histogram_record(&sleeper->late_ns, late > 0 ? (uint64_t)late : 0);
        sleeper->wakeups++;
        const int64_t missed = late > 0 ? late / PERIOD_NS : 0;
        sleeper->missed += (uint64_t)missed;
        due += missed * PERIOD_NS;
    }
    return NULL;
}

static double worst_us(const struct sleeper *sleepers, int count, double fraction)
{
    double worst = 0;
    for (int i = 0; i < count; i++) {
        const double now = histogram_percentile(&sleepers[i].late_ns, fraction);
        worst = now > worst ? now : worst;
    }
    return worst / 1000.0;
}

static void add_run(struct wakeups *wakeups, const struct sleeper *sleepers, int count)
{
    uint64_t missed = 0;
    for (int i = 0; i < count; i++) {
        wakeups->wakeups += sleepers[i].wakeups;
        missed += sleepers[i].missed;
        wakeups->priority = sleepers[i].priority < wakeups->priority ? sleepers[i].priority : wakeups->priority;
    }
    wakeups->missed_total += missed;
    figures_add(&wakeups->p50, worst_us(sleepers, count, 0.5));
    figures_add(&wakeups->p99, worst_us(sleepers, count, 0.99));
    figures_add(&wakeups->p999, worst_us(sleepers, count, 0.999));
    figures_add(&wakeups->max, worst_us(sleepers, count, 1.0));
    figures_add(&wakeups->missed, (double)missed / count / RUN_S);
}

static int begin_all(struct sleeper *sleepers)
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    int count = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE && count < SLEEPERS_MAX; cpu++) {
        if (!CPU_ISSET(cpu, &allowed)) {
            continue;
        }
        sleepers[count] = (struct sleeper){.processor = (int)cpu};
        if (pthread_create(&sleepers[count].thread, NULL, sleep_and_measure, &sleepers[count]) != 0) {
            break;
        }
        count++;
    }
    return count;
}

static json_t *wakeups_json(const struct wakeups *wakeups)
{
    return json_pack("{s:f, s:i, s:i, s:I, s:{s:o, s:o, s:o, s:o}, s:I, s:o, s:n, s:s}", "period_us",
                     PERIOD_NS / 1000.0, "processors", wakeups->sleepers, "priority", wakeups->priority, "wakeups",
                     (json_int_t)wakeups->wakeups, "late_us", "p50", figures_json(&wakeups->p50), "p99",
                     figures_json(&wakeups->p99), "p999", figures_json(&wakeups->p999), "max",
                     figures_json(&wakeups->max), "missed", (json_int_t)wakeups->missed_total, "missed_a_second",
                     figures_json(&wakeups->missed), "peer", "peer_missing",
                     "it measures the machine, nothing of ours");
}

json_t *bench_wakeups(const struct bench *bench, struct complaint *complaint)
{
    struct sleeper *sleepers = calloc(SLEEPERS_MAX, sizeof *sleepers);
    struct wakeups wakeups = {.priority = PRIORITY};
    for (int run = 0; sleepers && run < bench->runs; run++) {
        wakeups.sleepers = begin_all(sleepers);
        for (int i = 0; i < wakeups.sleepers; i++) {
            (void)pthread_join(sleepers[i].thread, NULL);
        }
        if (wakeups.sleepers == 0) {
            break;
        }
        add_run(&wakeups, sleepers, wakeups.sleepers);
    }
    free(sleepers);
    if (wakeups.sleepers == 0) {
        (void)complain(complaint, STATUS_NO_MEMORY, "no thread could be had");
        return NULL;
    }
    return wakeups_json(&wakeups);
}
