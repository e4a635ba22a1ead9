// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/power.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const double COST_UNKNOWN = 0.05; ///< of a processor: more than any preset takes
static const double COST_LEAST = 0.0005;
static const double NEWER = 0.5; ///< how much a new measurement counts
static const int64_t SHORTEST_NS = 500000000;

void power_init(struct power *power, unsigned processors, const struct power_reading *first)
{
    *power = (struct power){.processors = processors > 0 ? processors : 1, .last = *first, .cost = COST_UNKNOWN};
}

// Where some came or went between two readings, the mean of both counts.
static double mean(size_t before, size_t after)
{
    return (double)(before + after) / 2.0;
}

// What stations take, shared by all that are awake, and what the rest of the process does, shared by all listeners.
static void measure_cost(struct power *power, const struct power_reading *reading, double seconds)
{
    const struct power_reading *last = &power->last;
    if (last->awake == 0 || reading->awake == 0) {
        return;
    }
    const double stations = (double)(reading->stations_ns - last->stations_ns) * 1e-9 / seconds;
    const double process = (double)(reading->process_ns - last->process_ns) * 1e-9 / seconds;
    const double listeners = mean(last->listeners, reading->listeners);
    const double rest = process > stations && listeners >= 1.0 ? (process - stations) / listeners : 0.0;
    const double cost = stations / mean(last->awake, reading->awake) + rest;
    power->cost = power->is_measured ? power->cost + NEWER * (cost - power->cost) : cost;
    power->cost = power->cost > COST_LEAST ? power->cost : COST_LEAST;
    power->is_measured = true;
}

void power_read(struct power *power, const struct power_reading *reading)
{
    const int64_t took_ns = reading->now_ns - power->last.now_ns;
    if (took_ns < SHORTEST_NS) {
        return;
    }
    const double seconds = (double)took_ns * 1e-9;
    const int64_t machine_ns = reading->machine_ns - power->last.machine_ns;
    const int64_t process_ns = reading->process_ns - power->last.process_ns;
    const int64_t busy_ns = machine_ns > process_ns ? machine_ns : process_ns;
    power->busy = busy_ns > 0 ? (double)busy_ns * 1e-9 / seconds : 0.0;
    measure_cost(power, reading, seconds);
    power->last = *reading;
    power->recent = power->fresh;
    power->fresh = 0;
}

unsigned power_left(const struct power *power)
{
    const double room = power->processors * POWER_SHARE / 100.0 - power->busy;
    const double admitted = (double)(power->fresh + power->recent) * power->cost;
    const double left = (room - admitted) / power->cost;
    return left > 0.0 ? (unsigned)left : 0;
}

bool power_admit(struct power *power)
{
    if (power_left(power) == 0) {
        return false;
    }
    power->fresh++;
    return true;
}

void power_return(struct power *power)
{
    power->fresh -= power->fresh > 0;
}

int64_t power_machine_ns(void)
{
    enum { FIELDS = 8, IDLE = 3, WAITING = 4 };
    char line[512] = "";
    FILE *file = fopen("/proc/stat", "r");
    if (!file) {
        return -1;
    }
    const bool got = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    // "cpu  user nice system idle iowait irq softirq steal ...", in ticks
    char *at = line + 3;
    int64_t ticks = 0;
    for (int i = 0; i < FIELDS && got; i++) {
        const int64_t value = strtoll(at, &at, 10);
        ticks += i == IDLE || i == WAITING ? 0 : value;
    }
    return got ? ticks * (1000000000 / sysconf(_SC_CLK_TCK)) : -1;
}
