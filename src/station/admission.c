// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/admission.h"

#include "core/clock.h"
#include "station/power.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct admission {
    struct admission_options options;
    pthread_mutex_t lock; ///< guards what follows
    struct power power;
    uint64_t refused;
};

static struct power_reading read_power(const struct admission *admission, size_t listeners)
{
    struct power_reading reading = {.now_ns = clock_now_ns(),
                                    .machine_ns = power_machine_ns(),
                                    .process_ns = clock_process_ns(),
                                    .listeners = listeners};
    reading.stations_ns = stations_busy_ns(admission->options.stations, &reading.awake);
    return reading;
}

enum status admission_new(const struct admission_options *options, struct admission **out)
{
    struct admission *admission = calloc(1, sizeof *admission);
    if (!admission) {
        return STATUS_NO_MEMORY;
    }
    admission->options = *options;
    (void)pthread_mutex_init(&admission->lock, NULL);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const struct power_reading first = read_power(admission, 0);
    power_init(&admission->power, processors > 0 ? (unsigned)processors : 1, &first);
    *out = admission;
    return STATUS_OK;
}

void admission_free(struct admission *admission)
{
    if (admission) {
        (void)pthread_mutex_destroy(&admission->lock);
        free(admission);
    }
}

// Takes the power for one more. Who has set a number vouches for it.
static bool admit(struct admission *admission)
{
    const bool is_counted = policy_private_max(admission->options.policy) > 0;
    (void)pthread_mutex_lock(&admission->lock);
    const bool is_admitted = is_counted || power_admit(&admission->power);
    admission->refused += !is_admitted;
    (void)pthread_mutex_unlock(&admission->lock);
    return is_admitted;
}

static void give_back(struct admission *admission)
{
    (void)pthread_mutex_lock(&admission->lock);
    power_return(&admission->power);
    (void)pthread_mutex_unlock(&admission->lock);
}

static enum status complain_of_power(struct complaint *complaint)
{
    return complain(complaint, STATUS_FULL,
                    "the machine has no power for one more private station: choose one that all hear, or try again "
                    "later");
}

// A station that somebody left makes way for one who comes.
static bool has_place(struct admission *admission, int most)
{
    return most < 0 || stations_private(admission->options.stations).count < (size_t)most ||
           stations_evict(admission->options.stations);
}

static enum status make(struct admission *admission, const char *preset, struct stations_entry **out,
                        struct complaint *complaint)
{
    const struct admission_options *options = &admission->options;
    const int most = policy_private_max(options->policy);
    if (!options->make || most == 0) {
        return complain(complaint, STATUS_UNSUPPORTED, "this server has no private stations: choose one that all hear");
    }
    if (!has_place(admission, most)) {
        return complain(complaint, STATUS_FULL,
                        "all %d private stations are taken: choose one that all hear, or try again later", most);
    }
    if (!admit(admission)) {
        return complain_of_power(complaint);
    }
    struct station_options station;
    enum status status = options->make(options->user, preset, &station, complaint);
    if (status == STATUS_OK) {
        status = stations_add_private(options->stations, &station, out, complaint);
    }
    if (status != STATUS_OK) {
        give_back(admission);
    }
    return status;
}

enum status admission_open(struct admission *admission, const char *token, const char *preset,
                           struct stations_entry **out, bool *is_fresh, struct complaint *complaint)
{
    struct stations_entry *entry = token ? stations_hold_private(admission->options.stations, token) : NULL;
    *is_fresh = !entry;
    if (!entry) {
        return make(admission, preset, out, complaint);
    }
    // One that sleeps takes power again when its listener comes back.
    if (station_asleep(entry->station) && !admit(admission)) {
        stations_entry_unref(entry);
        return complain_of_power(complaint);
    }
    *out = entry;
    return STATUS_OK;
}

void admission_measure(struct admission *admission, size_t listeners)
{
    const struct power_reading reading = read_power(admission, listeners);
    (void)pthread_mutex_lock(&admission->lock);
    power_read(&admission->power, &reading);
    (void)pthread_mutex_unlock(&admission->lock);
}

unsigned admission_room(struct admission *admission)
{
    const int most = policy_private_max(admission->options.policy);
    if (!admission->options.make || most == 0) {
        return 0;
    }
    if (most > 0) {
        const size_t held = stations_private(admission->options.stations).held;
        return held < (size_t)most ? (unsigned)((size_t)most - held) : 0;
    }
    (void)pthread_mutex_lock(&admission->lock);
    const unsigned left = power_left(&admission->power);
    (void)pthread_mutex_unlock(&admission->lock);
    return left;
}

uint64_t admission_refused(struct admission *admission)
{
    (void)pthread_mutex_lock(&admission->lock);
    const uint64_t refused = admission->refused;
    (void)pthread_mutex_unlock(&admission->lock);
    return refused;
}
