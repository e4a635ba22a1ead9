// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Whether the machine has the power for one more station with its listener: by what its processors really do, and by
/// what stations and listeners really take.
///
/// Fed about once a second with readings (struct power_reading). One more is admitted while all that the machine does,
/// other programs included, and what those need who were admitted since, and that one, come to no more than POWER_SHARE
/// of its processors. Plain state of one owner, or under a lock of its.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Of all processors, in percent: the rest is for what comes unevenly, and for music that grows denser.
enum { POWER_SHARE = 60 };

/// Sums since some start, in nanoseconds of processor time, and how things stand.
struct power_reading {
    int64_t now_ns;
    int64_t machine_ns;  ///< that all processors were not idle, as the system counts, which may be coarse
    int64_t process_ns;  ///< that this process has used
    int64_t stations_ns; ///< that stations have used of it
    size_t awake;        ///< stations that play
    size_t listeners;
};

struct power {
    double processors;
    struct power_reading last;
    double busy;      ///< processors that were busy
    double cost;      ///< of a processor, that a station and its listener take
    bool is_measured; ///< the cost is, once a station has played for a second
    unsigned fresh;   ///< admitted since the last reading
    unsigned recent;  ///< admitted between the last two: the readings do not show all that they take
};

void power_init(struct power *power, unsigned processors, const struct power_reading *first);

/// Takes a reading; nothing where less than half a second has gone by since the last.
void power_read(struct power *power, const struct power_reading *reading);

/// How many more would be admitted.
unsigned power_left(const struct power *power);

/// Admits one more, or not.
bool power_admit(struct power *power);

/// One that was admitted has not come about.
void power_return(struct power *power);

/// What the system says of its processors, for power_reading's machine_ns: from /proc/stat. -1 where it says nothing.
int64_t power_machine_ns(void);
