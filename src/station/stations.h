// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The stations that there are: shared ones, which have names, and private ones, which have tokens, and listeners who
/// know them.
///
/// A shared station stays. A private one is forgotten when nobody has held it for STATIONS_FORGET_MS, or when too many
/// others were left since; its token opens it until then. Any thread, unless said otherwise.
#pragma once

#include "core/secret.h"
#include "core/status.h"
#include "station/station.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STATIONS_SHARED_MAX = 64,
    STATIONS_PRIVATE_MAX = 4096,
    STATIONS_LEFT_MAX = 256, ///< private ones that nobody holds; beyond that the one left longest is forgotten
    STATIONS_FORGET_MS = 600000
};

struct stations;

/// A station and who listens to it. Whoever holds a reference may use it.
struct stations_entry {
    struct station *station;
    bool is_private;
    char token[SECRET_SIZE]; ///< "" for a shared one
    _Atomic uint32_t shards; ///< a bit for each shard that has listeners of it

    struct stations *owner;
    unsigned references;         ///< under the owner's lock, as what follows
    int64_t left_ns;             ///< when the last reference was dropped
    struct stations_entry *next; ///< among the private ones
};

struct stations_options {
    /// Called on a station's thread after each chunk, with the bits of the shards that have listeners of it; must not
    /// wait.
    void (*published)(void *user, uint32_t shards);
    void *user;
    unsigned forget_ms; ///< 0 for STATIONS_FORGET_MS
};

/// NULL when memory is out.
struct stations *stations_new(const struct stations_options *options);

/// Stops and frees all stations. Nobody holds any more. NULL is fine.
void stations_free(struct stations *stations);

/// Adds a shared station, started where \p starts says so. As station_new(), and STATUS_INVALID for a name that is
/// there already or is "private", STATUS_FULL beyond STATIONS_SHARED_MAX. The options' \c published and \c user are set
/// here.
MUST_USE enum status stations_add(struct stations *stations, const struct station_options *options,
                                  struct complaint *complaint);

/// Starts the threads of all shared stations that were added so far; what is added later starts at once.
MUST_USE enum status stations_start(struct stations *stations, struct complaint *complaint);

/// Tells all to stop, then waits until they have.
void stations_stop(struct stations *stations);

/// How many shared stations there are, and the one of number \p index; those stay.
size_t stations_count(const struct stations *stations);
struct station *stations_at(const struct stations *stations, size_t index);

/// The shared station of that name, NULL for the first; a reference for the caller. NULL where there is none.
struct stations_entry *stations_hold(struct stations *stations, const char *name);

/// The private station of that token; likewise. Takes as long for a wrong token as for a right one.
struct stations_entry *stations_hold_private(struct stations *stations, const char *token);

/// Makes a private station and starts it; a reference for the caller in \p out. As station_new(), and STATUS_FULL
/// beyond STATIONS_PRIVATE_MAX. The name in \p options stands in messages.
MUST_USE enum status stations_add_private(struct stations *stations, const struct station_options *options,
                                          struct stations_entry **out, struct complaint *complaint);

/// What has become of private stations; the sums, those that are forgotten included.
struct stations_private {
    size_t count;                                 ///< there are
    size_t held;                                  ///< that somebody holds
    uint64_t underruns, skips, too_slow, dropped; ///< as in struct metrics
};

struct stations_private stations_private(struct stations *stations);

/// One more reference to an entry that the caller holds.
void stations_entry_ref(struct stations_entry *entry);

/// Drops a reference. NULL is fine.
void stations_entry_unref(struct stations_entry *entry);

/// Drops the reference of one who has made a private station and does not come: where it was the only one, the station
/// is forgotten at the next stations_tend(). NULL is fine.
void stations_entry_forget(struct stations_entry *entry);

/// Forgets the private stations whose time is over. To be called about once a second.
void stations_tend(struct stations *stations);

/// Forgets the private station that was left longest ago. False where somebody holds each.
bool stations_evict(struct stations *stations);

/// Processor time that all stations have used so far, those that are gone included, in nanoseconds; and how many are
/// awake in \p awake.
int64_t stations_busy_ns(struct stations *stations, size_t *awake);
