// SPDX-License-Identifier: GPL-3.0-or-later
// Options that are read anew are first read as a whole, with every text and number checked, and only then taken over:
// the service's rules in one step, then the log's level, then station by station what is new. What a station needs
// besides its own values (instrument, rate, speed) comes from the options of the start, as for those that play.
#include "cmd/serving.h"

#include "cmd/descriptors.h"
#include "core/log.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>

extern const struct embed web_files[];

// Stations' chunks are due one after the other, as far from one another as may be however many there are: multiples of
// the golden section.
static uint32_t phase_of(unsigned number)
{
    const double turns = number * 0.61803398875;
    return (uint32_t)(CHUNK_MS * (turns - floor(turns)));
}

static enum status add_station(struct serving *serving, const struct station_wish *wish, struct complaint *complaint)
{
    struct instrument *instrument = NULL;
    struct instrument_options wanted = music_instrument;
    wanted.rate = serving->music.rate;
    enum status status = music_options_instrument(serving->options, &wanted, &instrument, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct station_options station = {.name = wish->name,
                                            .harmony = serving->harmony,
                                            .presets = serving->presets,
                                            .preset = wish->preset,
                                            .controls = wish->controls,
                                            .seed = wish->seed,
                                            .rate = serving->music.rate,
                                            .bitrate = wish->bitrate,
                                            .speed = options_number(serving->options, "speed"),
                                            .phase_ms = phase_of(serving->added++),
                                            .sleeps = true,
                                            .state_dir = serving->settings.state_dir,
                                            .seed_given = wish->seed_given,
                                            .instrument = instrument};
    return service_add(serving->service, &station, complaint);
}

// What a listener has who asks for a station of its own. Runs while the server does, on the HTTP server's thread, and
// so only reads what stays as it was at the start.
static enum status make_private(void *user, const char *preset, struct station_options *out,
                                struct complaint *complaint)
{
    const struct serving *serving = user;
    struct music music = serving->music;
    if (preset) {
        music.preset = presets_find(serving->presets, preset, complaint);
        if (!music.preset) {
            return STATUS_UNKNOWN;
        }
    }
    enum status status = music_options_controls(serving->options, music.preset, &music.controls, complaint);
    if (status == STATUS_OK && getrandom(&music.seed, sizeof music.seed, 0) != (ssize_t)sizeof music.seed) {
        status = complain(complaint, STATUS_IO, "the system has no random numbers for a seed");
    }
    struct instrument *instrument = NULL;
    if (status == STATUS_OK) {
        struct instrument_options wanted = music_instrument;
        wanted.rate = music.rate;
        status = music_options_instrument(serving->options, &wanted, &instrument, complaint);
    }
    *out = (struct station_options){.name = "private",
                                    .harmony = serving->harmony,
                                    .presets = serving->presets,
                                    .preset = music.preset,
                                    .controls = music.controls,
                                    .seed = music.seed >> 11, // JSON has 53 bits
                                    .rate = music.rate,
                                    .bitrate = (int)options_integer(serving->options, "bitrate"),
                                    .speed = options_number(serving->options, "speed"),
                                    .phase_ms = (uint32_t)(music.seed % CHUNK_MS),
                                    .sleeps = true,
                                    .instrument = instrument};
    return status;
}

static enum status load_music(struct serving *serving, struct complaint *complaint)
{
    enum status status = presets_load(&serving->presets, complaint);
    if (status == STATUS_OK) {
        status = harmony_load(&serving->harmony, complaint);
    }
    if (status == STATUS_OK) {
        status = music_options_read(serving->options, serving->presets, &serving->music, complaint);
    }
    if (status == STATUS_OK) {
        status = station_list_read(serving->options, serving->presets, &serving->music, &serving->stations, complaint);
    }
    return status;
}

static enum status make_service(struct serving *serving, struct complaint *complaint)
{
    struct service_options *service = &serving->settings.service;
    if (!service->control_token && !serving->settings.local) {
        const enum status made = secret_make(serving->made_token);
        if (made != STATUS_OK) {
            return complain(complaint, made, "no random numbers for a control token: give --control-token");
        }
        service->control_token = serving->made_token;
    }
    serving->guarded = service->control_token;
    service->presets = serving->presets;
    service->files = web_files;
    service->make_private = make_private;
    service->make_user = serving;
    const struct descriptors_room room = descriptors_for(service->listeners_max);
    service->listeners_max = room.listeners;
    service->streams_max = room.streams;
    const enum status status = service_new(service, &serving->service);
    return status == STATUS_OK ? status : complain(complaint, status, "out of memory");
}

enum status serving_start(struct serving *serving, struct options *options, struct complaint *complaint)
{
    serving->options = options;
    enum status status = serve_settings_read(options, &serving->settings, complaint);
    log_set_level(serving->settings.log_level);
    if (status == STATUS_OK) {
        status = load_music(serving, complaint);
    }
    if (status == STATUS_OK) {
        status = make_service(serving, complaint);
    }
    for (size_t i = 0; i < serving->stations.count && status == STATUS_OK; i++) {
        status = add_station(serving, &serving->stations.wishes[i], complaint);
    }
    return status == STATUS_OK ? service_start(serving->service, complaint) : status;
}

static void tell_fixed_options(const struct serving *serving, const struct options *options)
{
    for (const char *const *name = serve_fixed_options; *name; name++) {
        const char *running = options_written(serving->options, *name);
        const char *wanted = options_written(options, *name);
        if (strcmp(running ? running : "", wanted ? wanted : "") != 0) {
            log_write(LOG_LEVEL_WARNING, "reload_ignored", "option=%s running=%s wanted=%s reason=%s", *name,
                      running ? running : "", wanted ? wanted : "", "it takes a restart");
        }
    }
}

static void tell_fixed_stations(const struct serving *serving, const struct station_list *wanted)
{
    for (size_t i = 0; i < serving->stations.count; i++) {
        const struct station_wish *running = &serving->stations.wishes[i];
        const struct station_wish *wish = station_list_find(wanted, running->name);
        if (!wish || !station_wish_equal(running, wish)) {
            log_write(LOG_LEVEL_WARNING, "reload_ignored", "station=%s reason=%s", running->name,
                      wish ? "it plays on with its old values: other ones take a restart"
                           : "it plays on: to end it takes a restart");
        }
    }
}

// Those of \p wanted that do not play yet; their wishes go over.
static void add_stations(struct serving *serving, struct station_list *wanted)
{
    struct station_list *playing = &serving->stations;
    for (size_t i = 0; i < wanted->count; i++) {
        struct station_wish *wish = &wanted->wishes[i];
        struct complaint complaint = {"there is no room for another"};
        if (station_list_find(playing, wish->name)) {
            continue;
        }
        if (playing->count < STATION_LIST_MAX && add_station(serving, wish, &complaint) == STATUS_OK) {
            playing->wishes[playing->count++] = *wish;
            wish->name = NULL;
        } else {
            log_write(LOG_LEVEL_ERROR, "station_not_added", "station=%s reason=%s", wish->name, complaint.text);
        }
    }
}

static enum status take_over(struct serving *serving, const struct options *options,
                             const struct serve_settings *settings, struct station_list *wanted,
                             struct complaint *complaint)
{
    struct service_options service = settings->service;
    service.per_address = serve_per_address(options, serving->settings.local); // where it listens stays
    if (!service.control_token && serving->made_token[0]) {
        service.control_token = serving->made_token;
    }
    if (!service.control_token && serving->guarded) {
        return complain(complaint, STATUS_INVALID,
                        "the control token is gone, and without one everybody could steer: give --control-token, or "
                        "restart where that is what you want");
    }
    const enum status status = service_reload(serving->service, &service, complaint);
    if (status == STATUS_OK) {
        serving->guarded = service.control_token;
        log_set_level(settings->log_level);
        tell_fixed_options(serving, options);
        tell_fixed_stations(serving, wanted);
        add_stations(serving, wanted);
    }
    return status;
}

enum status serving_reload(struct serving *serving, const struct options *options, struct complaint *complaint)
{
    struct serve_settings settings;
    struct music music;
    struct station_list wanted = {.count = 0};
    enum status status = serve_settings_read(options, &settings, complaint);
    if (status == STATUS_OK) {
        status = music_options_read(options, serving->presets, &music, complaint);
    }
    if (status == STATUS_OK) {
        status = station_list_read(options, serving->presets, &music, &wanted, complaint);
    }
    if (status == STATUS_OK) {
        status = take_over(serving, options, &settings, &wanted, complaint);
    }
    station_list_clear(&wanted);
    serve_settings_clear(&settings);
    return status;
}

void serving_done(struct serving *serving)
{
    service_free(serving->service);
    station_list_clear(&serving->stations);
    harmony_free(serving->harmony);
    presets_free(serving->presets);
    serve_settings_clear(&serving->settings);
    options_free(serving->options);
}
