// SPDX-License-Identifier: GPL-3.0-or-later
// The counter is the kernel's perf event of the thread. Containers and virtual machines often have none; then the rate
// of the core is measured by a chain of additions, each of which needs the one before and takes one cycle on every
// processor of the last decades. The time-stamp counter is no help: it runs at a rate of its own. The rate is measured
// before and after what is counted, and their mean is taken, since it changes with the load.
#include "cmd/cycles.h"

#include "cmd/figures.h"

#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROUNDS = 100000, ADDITIONS = 16, TRIES = 5 };

struct cycles {
    int event; ///< file, or -1
    struct cost start;
    double hertz; ///< of the core at the start
};

static int open_event(void)
{
    struct perf_event_attr attributes = {.type = PERF_TYPE_HARDWARE,
                                         .size = sizeof attributes,
                                         .config = PERF_COUNT_HW_CPU_CYCLES,
                                         .disabled = 1,
                                         .exclude_kernel = 1,
                                         .exclude_hv = 1};
    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

/// The fastest of some tries: whatever disturbs one makes it slower.
static double measure_hertz(void)
{
    double best = 0.0;
    for (int i = 0; i < TRIES; i++) {
        const struct cost start = cost_now();
        uint64_t sum = 0;
        uint64_t one = 1;
        // The compiler may not know what is added, or it would add once.
        __asm__ volatile("" : "+r"(one));
        for (int round = 0; round < ROUNDS; round++) {
            for (int j = 0; j < ADDITIONS; j++) {
                sum += one;
                __asm__ volatile("" : "+r"(sum));
            }
        }
        const double hertz = (double)ROUNDS * ADDITIONS / cost_since(start).cpu_s;
        best = hertz > best ? hertz : best;
    }
    return best;
}

struct cycles *cycles_new(void)
{
    struct cycles *cycles = calloc(1, sizeof *cycles);
    if (cycles) {
        cycles->event = open_event();
    }
    return cycles;
}

const char *cycles_source(const struct cycles *cycles)
{
    return cycles->event >= 0 ? "counter" : "clock";
}

void cycles_start(struct cycles *cycles)
{
    if (cycles->event >= 0) {
        (void)ioctl(cycles->event, PERF_EVENT_IOC_RESET, 0);
        (void)ioctl(cycles->event, PERF_EVENT_IOC_ENABLE, 0);
        return;
    }
    cycles->hertz = measure_hertz();
    cycles->start = cost_now();
}

double cycles_stop(struct cycles *cycles)
{
    if (cycles->event >= 0) {
        uint64_t count = 0;
        (void)ioctl(cycles->event, PERF_EVENT_IOC_DISABLE, 0);
        return read(cycles->event, &count, sizeof count) == (ssize_t)sizeof count ? (double)count : 0.0;
    }
    const double seconds = cost_since(cycles->start).cpu_s;
    return seconds * 0.5 * (cycles->hertz + measure_hertz());
}

void cycles_free(struct cycles *cycles)
{
    if (cycles) {
        if (cycles->event >= 0) {
            (void)close(cycles->event);
        }
        free(cycles);
    }
}
