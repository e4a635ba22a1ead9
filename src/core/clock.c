// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clock.h"

#include <errno.h>
#include <time.h>

static const int64_t NS_PER_S = 1000000000;

int64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_sleep_until(int64_t deadline_ns)
{
    const struct timespec deadline = {.tv_sec = deadline_ns / NS_PER_S, .tv_nsec = deadline_ns % NS_PER_S};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
}

static int64_t used_ns(clockid_t clock)
{
    struct timespec used;
    clock_gettime(clock, &used);
    return (int64_t)used.tv_sec * NS_PER_S + used.tv_nsec;
}

int64_t clock_thread_ns(void)
{
    return used_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_process_ns(void)
{
    return used_ns(CLOCK_PROCESS_CPUTIME_ID);
}
