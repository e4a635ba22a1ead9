// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine itself can do: on each processor a thread with the highest real-time priority that is allowed sleeps
// from period to period and does nothing else. How late it wakes is how late whatever plays would be there, so a late
// block of an engine is to be seen beside this. The period is that of 32 frames at 96 kHz.
#include "cmd/bench.h"
#include "cmd/figures.h"
#include "core/clock.h"
#include "core/histogram.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PERIOD_NS = 333333, RUN_S = 2, PRIORITY = 98, SLEEPERS_MAX = 64 };

struct sleeper {
    pthread_t thread;
    int processor;
    bool is_realtime;
    struct histogram late_ns;
    uint64_t wakeups, missed; ///< missed: whole periods that it slept through
};

struct night {
    struct figures p50, p99, p999, max, missed;
    uint64_t wakeups, missed_total;
    int sleepers;
    bool is_realtime; ///< all of them
};

static void *sleep_through(void *argument)
{
    struct sleeper *sleeper = argument;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sleeper->processor, &one);
    (void)pthread_setaffinity_np(pthread_self(), sizeof one, &one);
    const struct sched_param parameters = {.sched_priority = PRIORITY};
    sleeper->is_realtime = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0;
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

static double microseconds(const struct sleeper *sleepers, int count, double fraction)
{
    double worst = 0;
    for (int i = 0; i < count; i++) {
        const double now = histogram_percentile(&sleepers[i].late_ns, fraction);
        worst = now > worst ? now : worst;
    }
    return worst / 1000.0;
}

static void add_run(struct night *night, const struct sleeper *sleepers, int count)
{
    uint64_t missed = 0;
    for (int i = 0; i < count; i++) {
        night->wakeups += sleepers[i].wakeups;
        missed += sleepers[i].missed;
        night->is_realtime &= sleepers[i].is_realtime;
    }
    night->missed_total += missed;
    figures_add(&night->p50, microseconds(sleepers, count, 0.5));
    figures_add(&night->p99, microseconds(sleepers, count, 0.99));
    figures_add(&night->p999, microseconds(sleepers, count, 0.999));
    figures_add(&night->max, microseconds(sleepers, count, 1.0));
    figures_add(&night->missed, (double)missed / count / RUN_S);
}

static int begin_all(struct sleeper *sleepers)
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    int count = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE && count < SLEEPERS_MAX; cpu++) {
        if (CPU_ISSET(cpu, &allowed)) {
            sleepers[count] = (struct sleeper){.processor = (int)cpu};
            count += pthread_create(&sleepers[count].thread, NULL, sleep_through, &sleepers[count]) == 0;
        }
    }
    return count;
}

static json_t *night_json(const struct night *night)
{
    return json_pack("{s:f, s:i, s:b, s:I, s:{s:o, s:o, s:o, s:o}, s:I, s:o, s:n, s:s}", "period_us",
                     PERIOD_NS / 1000.0, "processors", night->sleepers, "realtime", night->is_realtime, "wakeups",
                     (json_int_t)night->wakeups, "late_us", "p50", figures_json(&night->p50), "p99",
                     figures_json(&night->p99), "p999", figures_json(&night->p999), "max", figures_json(&night->max),
                     "missed", (json_int_t)night->missed_total, "missed_a_second", figures_json(&night->missed), "peer",
                     "peer_missing", "it measures the machine, nothing of ours");
}

json_t *bench_wakeups(const struct bench *bench, struct complaint *complaint)
{
    struct sleeper *sleepers = calloc(SLEEPERS_MAX, sizeof *sleepers);
    struct night night = {.is_realtime = true};
    (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    for (int run = 0; sleepers && run < bench->runs; run++) {
        night.sleepers = begin_all(sleepers);
        for (int i = 0; i < night.sleepers; i++) {
            (void)pthread_join(sleepers[i].thread, NULL);
        }
        if (night.sleepers == 0) {
            break;
        }
        add_run(&night, sleepers, night.sleepers);
    }
    (void)munlockall();
    free(sleepers);
    if (night.sleepers == 0) {
        (void)complain(complaint, STATUS_NO_MEMORY, "no thread could be had");
        return NULL;
    }
    return night_json(&night);
}
