// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti serve: endless stations for browsers and players.
#include "cmd/command.h"
#include "cmd/music_options.h"
#include "core/log.h"
#include "station/service.h"
#include "synth/soundfont.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

extern const struct embed web_files[];

static const char NAME[] = "tutti serve";
static const char *const rates[] = {"44100", "48000", NULL};
static const char *const levels[] = {"debug", "info", "warning", "error", NULL};

static const struct option_rule rules_own[] = {
    {.name = "address",
     .letter = 'a',
     .kind = OPTION_TEXT,
     .value = "IP",
     .standard = "127.0.0.1",
     .help = "where to listen; 0.0.0.0 for every network"},
    {.name = "port", .kind = OPTION_INTEGER, .min = 0, .max = 65535, .standard = "8080", .help = "0 for any free one"},
    {.name = "stations",
     .kind = OPTION_TEXT,
     .value = "LIST",
     .standard = "main",
     .help = "names, each with =PRESET where it is not --preset, as in main,night=sleep"},
    {.name = "origins",
     .kind = OPTION_TEXT,
     .value = "LIST",
     .help = "web sites whose pages may open the stream, as in https://example.org"},
    {.name = "bitrate",
     .kind = OPTION_INTEGER,
     .min = 6000,
     .max = 510000,
     .standard = "96000",
     .help = "of Opus, bit/s"},
    {.name = "speed",
     .kind = OPTION_NUMBER,
     .min = 0.1,
     .max = 1000,
     .standard = "1",
     .help = "times faster than real time, for tests"},
    {.name = "log-level", .kind = OPTION_CHOICE, .choices = levels, .standard = "info", .help = "least level to log"},
};

enum { OWN = sizeof rules_own / sizeof rules_own[0], ORIGINS_MAX = 32 };

// All that serving holds; zeroed is nothing yet.
struct serving {
    struct options *options;
    struct presets *presets;
    struct harmony *harmony;
    struct service *service;
    char *origin_text;
    const char *origins[ORIGINS_MAX + 1];
    struct music music;
    struct complaint complaint;
};

static void serving_done(struct serving *serving)
{
    service_free(serving->service);
    harmony_free(serving->harmony);
    presets_free(serving->presets);
    free(serving->origin_text);
    options_free(serving->options);
}

static enum status read_origins(struct serving *serving)
{
    const char *list = options_text(serving->options, "origins");
    if (!list) {
        return STATUS_OK;
    }
    serving->origin_text = strdup(list);
    if (!serving->origin_text) {
        return complain(&serving->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    char *rest = NULL;
    size_t count = 0;
    for (char *item = strtok_r(serving->origin_text, ", ", &rest); item; item = strtok_r(NULL, ", ", &rest)) {
        if (count == ORIGINS_MAX) {
            return complain(&serving->complaint, STATUS_FULL, "--origins takes at most %d", ORIGINS_MAX);
        }
        serving->origins[count++] = item;
    }
    return STATUS_OK;
}

// One item of --stations: NAME or NAME=PRESET. Every station has a seed of its own, so that no two play the same.
static enum status add_station(struct serving *serving, char *item, uint64_t number)
{
    char *equals = strchr(item, '=');
    struct music music = serving->music;
    if (equals) {
        *equals = '\0';
        struct complaint unknown;
        music.preset = presets_find(serving->presets, equals + 1, &unknown);
        if (!music.preset) {
            return complain(&serving->complaint, STATUS_UNKNOWN, "--stations: %.240s", unknown.text);
        }
    }
    enum status status = music_options_controls(serving->options, music.preset, &music.controls, &serving->complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct instrument *instrument = NULL;
    struct instrument_options wanted = music_instrument;
    wanted.rate = music.rate;
    status = music_options_instrument(serving->options, &wanted, &instrument, &serving->complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct station_options station = {.name = item,
                                            .harmony = serving->harmony,
                                            .presets = serving->presets,
                                            .preset = music.preset,
                                            .controls = music.controls,
                                            .seed = music.seed + number,
                                            .rate = music.rate,
                                            .bitrate = (int)options_integer(serving->options, "bitrate"),
                                            .speed = options_number(serving->options, "speed"),
                                            .instrument = instrument};
    status = service_add(serving->service, &station, &serving->complaint);
    if (status == STATUS_OK) {
        log_write(LOG_LEVEL_INFO, "station_added", "station=%s preset=%s seed=%llu renderer=%s", item,
                  music.preset->name, (unsigned long long)station.seed, instrument->name);
    }
    return status;
}

// What a listener has who asks for a station of its own. Runs while the server does, on the HTTP server's thread.
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
                                    .instrument = instrument};
    return status;
}

static enum status add_stations(struct serving *serving)
{
    char *list = strdup(options_text(serving->options, "stations"));
    if (!list) {
        return complain(&serving->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = STATUS_OK;
    uint64_t number = 0;
    char *rest = NULL;
    for (char *item = strtok_r(list, ", ", &rest); item && status == STATUS_OK; item = strtok_r(NULL, ", ", &rest)) {
        status = add_station(serving, item, number++);
    }
    if (number == 0) {
        status = complain(&serving->complaint, STATUS_INVALID, "--stations is empty: give a name, such as main");
    }
    free(list);
    return status;
}

static enum status set_up(struct serving *serving)
{
    struct complaint *complaint = &serving->complaint;
    enum status status = presets_load(&serving->presets, complaint);
    if (status == STATUS_OK) {
        status = harmony_load(&serving->harmony, complaint);
    }
    if (status == STATUS_OK) {
        status = music_options_read(serving->options, serving->presets, &serving->music, complaint);
    }
    if (status == STATUS_OK) {
        status = read_origins(serving);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const char *soundfont = options_text(serving->options, "soundfont");
    const struct service_options service = {.address = options_text(serving->options, "address"),
                                            .port = (uint16_t)options_integer(serving->options, "port"),
                                            .origins = serving->origins,
                                            .presets = serving->presets,
                                            .files = web_files,
                                            .private_max = -1,
                                            .make_private = make_private,
                                            .make_user = serving,
                                            .soundfont = soundfont ? soundfont : soundfont_find()};
    status = service_new(&service, &serving->service);
    return status == STATUS_OK ? add_stations(serving) : complain(complaint, status, "out of memory");
}

static void set_log_level(const struct options *options)
{
    const char *wanted = options_text(options, "log-level");
    for (int i = 0; levels[i]; i++) {
        if (strcmp(levels[i], wanted) == 0) {
            log_set_level((enum log_level)i);
        }
    }
}

// A listener is a descriptor: the usual limit of 1024 would be reached before the service's own.
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            log_write(LOG_LEVEL_WARNING, "descriptor_limit", "reason=%s", strerror(errno));
        }
    }
}

static void print_address(const struct serving *serving)
{
    const char *address = options_text(serving->options, "address");
    const bool any = strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    const bool six = strchr(address, ':') && !any;
    (void)printf("Tutti plays at http://%s%s%s:%u/\n", six ? "[" : "", any ? "localhost" : address, six ? "]" : "",
                 service_port(serving->service));
    if (any) {
        (void)printf("Other machines reach it by this one's address or its host name (a name that a DNS server or a\n"
                     "proxy gives it goes into --origins), and whoever does can steer the stations.\n");
    }
    (void)fflush(stdout);
    log_write(LOG_LEVEL_INFO, "listening", "address=%s port=%u", address, service_port(serving->service));
}

size_t serve_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    return music_options_rules(rules, OWN, rates);
}

int command_serve(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {.name = NAME,
                                            .summary = "Streams endless music to browsers and players.",
                                            .rules = rules,
                                            .rule_count = serve_rules(rules)};
    int exit = EXIT_OK;
    struct serving serving = {.options = command_options(&command, argc, argv, &exit)};
    if (!serving.options) {
        return exit;
    }
    set_log_level(serving.options);
    // Every thread inherits the mask, so that the signals come to sigwait() and nowhere else.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    raise_descriptor_limit();
    enum status status = set_up(&serving);
    if (status == STATUS_OK) {
        status = service_start(serving.service, &serving.complaint);
    }
    if (status == STATUS_OK) {
        print_address(&serving);
        int received = 0;
        const struct timespec second = {.tv_sec = 1};
        while ((received = sigtimedwait(&signals, NULL, &second)) < 0) {
            service_tend(serving.service);
        }
        log_write(LOG_LEVEL_INFO, "stopping", "signal=%d", received);
    } else {
        const bool wrong_use = status == STATUS_INVALID || status == STATUS_UNKNOWN || status == STATUS_RANGE;
        exit = command_fail(NAME, serving.complaint.text);
        exit = wrong_use ? EXIT_WRONG_USE : exit;
    }
    serving_done(&serving);
    return exit;
}
