// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/station.h"

#include "core/clock.h"
#include "station/station_parts.h"

enum status station_start(struct station *station)
{
    if (station->running) {
        return STATUS_OK;
    }
    slumber_start(&station->slumber);
    if (pthread_create(&station->thread, NULL, station_run, station) != 0) {
        return STATUS_NO_MEMORY;
    }
    station->running = true;
    return STATUS_OK;
}

void station_ask_to_stop(struct station *station)
{
    slumber_stop(&station->slumber);
}

void station_stop(struct station *station)
{
    if (station->running) {
        station_ask_to_stop(station);
        pthread_join(station->thread, NULL);
        station->running = false;
    }
}

void station_wake(struct station *station)
{
    slumber_wake(&station->slumber);
}

bool station_asleep(const struct station *station)
{
    return atomic_load(&station->slumber.asleep);
}

bool station_resumed(const struct station *station)
{
    return station->resumed;
}

struct station_position station_position(struct station *station)
{
    return broadcast_position(&station->broadcast);
}

const char *station_name(const struct station *station)
{
    return station->name;
}

uint32_t station_rate(const struct station *station)
{
    return station->rate;
}

uint64_t station_seed(const struct station *station)
{
    return station->seed;
}

const char *station_renderer(const struct station *station)
{
    return station->renderer;
}

struct metrics *station_metrics(struct station *station)
{
    return &station->metrics;
}

struct station_state station_state(struct station *station)
{
    return broadcast_state(&station->broadcast);
}

uint64_t station_version(struct station *station)
{
    return broadcast_version(&station->broadcast);
}

uint32_t station_head(struct station *station)
{
    return broadcast_head(&station->broadcast);
}

uint32_t station_oldest(struct station *station)
{
    return broadcast_oldest(&station->broadcast);
}

enum status station_take(struct station *station, uint32_t sequence, enum format format, struct buffer **out,
                         struct buffer **score, int64_t *due_ns)
{
    return broadcast_take(&station->broadcast, sequence, format, out, score, due_ns);
}

struct buffer *station_ogg_head(struct station *station)
{
    return buffer_ref(station->ogg_head);
}

struct controls station_changed(struct controls controls, const struct station_change *change)
{
    if (change->preset) {
        controls = change->preset->defaults;
    }
    controls.key.tonic = change->set_tonic ? change->tonic : controls.key.tonic;
    controls.key.mode = change->set_mode ? change->mode : controls.key.mode;
    controls.bpm = change->set_bpm ? change->bpm : controls.bpm;
    controls.intensity = change->set_intensity ? change->intensity : controls.intensity;
    return controls;
}

enum status station_command(struct station *station, const struct station_change *change, struct complaint *complaint)
{
    const struct controls controls = station_changed(station_state(station).controls, change);
    const enum status status = controls_check(&controls, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct command command = {.change = *change, .arrived_ns = clock_now_ns()};
    // Listeners of several threads may ask, and the ring has one writer.
    (void)pthread_mutex_lock(&station->command_lock);
    const bool is_in = ring_push(station->commands, &command);
    (void)pthread_mutex_unlock(&station->command_lock);
    if (!is_in) {
        atomic_fetch_add_explicit(&station->metrics.refused_commands, 1, memory_order_relaxed);
        return complain(complaint, STATUS_FULL, "%d changes are waiting already: send fewer a second",
                        STATION_COMMANDS);
    }
    return STATUS_OK;
}
