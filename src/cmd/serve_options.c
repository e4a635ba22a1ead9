// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/serve_options.h"

#include "cmd/command.h"
#include "cmd/music_options.h"
#include "cmd/station_list.h"
#include "synth/soundfont.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PER_ADDRESS_WORLD = 256 };

static const char *const rates[] = {"44100", "48000", NULL};
static const char *const levels[] = {"debug", "info", "warning", "error", NULL};

const char *const serve_fixed_options[] = {"address",    "port",          "state", "listeners", "shards",
                                           "io-uring",   "rate",          "speed", "soundfont", "polyphony",
                                           "instrument", "interpolation", NULL};

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
     .help =
         "names, each with =PRESET where it is not --preset, as in main,night=sleep; in a file also a list of name, "
         "preset, key, mode, bpm, intensity, seed and bitrate",
     .fields = station_list_fields,
     .field_count = STATION_LIST_FIELDS},
    {.name = "private",
     .kind = OPTION_INTEGER,
     .min = -1,
     .max = 100000,
     .standard = "-1",
     .help =
         "most stations that listeners may have alone, whatever the machine has power for; -1 for as many as it has"},
    {.name = "listeners",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000,
     .standard = "16000",
     .help = "most at once"},
    {.name = "per-address",
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 1000000,
     .standard = "0",
     .help = "most connections from one address; 0 for no limit on a loopback address and 256 elsewhere"},
    {.name = "shards",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 64,
     .help = "threads that serve listeners; else one a core, at most 8"},
    {.name = "io-uring",
     .kind = OPTION_FLAG,
     .standard = "yes",
     .help = "write to many listeners with one system call, where the system has it (Linux 6.1) and allows it"},
    {.name = "control-token",
     .kind = OPTION_TEXT,
     .value = "TOKEN",
     .help = "what steering the stations takes; else everybody may on a loopback address, and elsewhere one is made"},
    {.name = "origins",
     .kind = OPTION_TEXT,
     .value = "LIST",
     .help = "web sites whose pages may open the stream, as in https://example.org"},
    {.name = "state",
     .kind = OPTION_TEXT,
     .value = "DIR",
     .help = "where stations keep their place in the music; else where $STATE_DIRECTORY says, which systemd sets"},
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

enum { OWN = sizeof rules_own / sizeof rules_own[0] };

_Static_assert(OWN + MUSIC_OPTIONS <= COMMAND_RULES_MAX, "room for the rules of any command");

size_t serve_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    return music_options_rules(rules, OWN, rates);
}

static enum log_level read_level(const struct options *options)
{
    const char *wanted = options_text(options, "log-level");
    int level = 0;
    while (levels[level + 1] && strcmp(levels[level], wanted) != 0) {
        level++;
    }
    return (enum log_level)level;
}

static bool is_loopback(const char *address)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (inet_pton(AF_INET, address, &ipv4) == 1) {
        return ntohl(ipv4.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    return inet_pton(AF_INET6, address, &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

static enum status read_origins(const struct options *options, struct serve_settings *settings,
                                struct complaint *complaint)
{
    const char *list = options_text(options, "origins");
    settings->origin_text = strdup(list ? list : "");
    if (!settings->origin_text) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    char *rest = NULL;
    size_t count = 0;
    for (char *item = strtok_r(settings->origin_text, ", ", &rest); item; item = strtok_r(NULL, ", ", &rest)) {
        if (strncmp(item, "http://", 7) != 0 && strncmp(item, "https://", 8) != 0) {
            return complain(complaint, STATUS_INVALID,
                            "--origins \"%.100s\" is not the start of an address: give https://%.100s", item, item);
        }
        if (count == SERVE_ORIGINS_MAX) {
            return complain(complaint, STATUS_FULL, "--origins takes at most %d", SERVE_ORIGINS_MAX);
        }
        settings->origins[count++] = item;
    }
    return STATUS_OK;
}

// systemd gives several folders where its unit names several, with colons between.
static enum status read_state(const struct options *options, struct serve_settings *settings,
                              struct complaint *complaint)
{
    const char *given = options_text(options, "state");
    const char *folder = given ? given : getenv("STATE_DIRECTORY");
    if (!folder) {
        return STATUS_OK;
    }
    settings->state_dir = strndup(folder, given ? strlen(given) : strcspn(folder, ":"));
    if (!settings->state_dir) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    struct stat status;
    errno = 0;
    const bool is_folder = stat(settings->state_dir, &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_folder || access(settings->state_dir, W_OK | X_OK) != 0) {
        return complain(complaint, STATUS_INVALID, "%s %.120s: %s: give a folder that can be written to",
                        given ? "--state" : "STATE_DIRECTORY", settings->state_dir, strerror(errno ? errno : ENOTDIR));
    }
    return STATUS_OK;
}

static enum status read_token(const struct options *options, struct serve_settings *settings,
                              struct complaint *complaint)
{
    settings->service.control_token = options_text(options, "control-token");
    if (settings->service.control_token && !*settings->service.control_token) {
        return complain(complaint, STATUS_INVALID, "--control-token is empty: give one, or leave the option out");
    }
    return STATUS_OK;
}

static unsigned number_of(const struct options *options, const char *name)
{
    return (unsigned)options_integer(options, name);
}

unsigned serve_per_address(const struct options *options, bool local)
{
    const unsigned wanted = number_of(options, "per-address");
    return wanted == 0 && !local ? PER_ADDRESS_WORLD : wanted;
}

enum status serve_settings_read(const struct options *options, struct serve_settings *settings,
                                struct complaint *complaint)
{
    const char *soundfont = options_text(options, "soundfont");
    const char *address = options_text(options, "address");
    *settings = (struct serve_settings){.log_level = read_level(options), .local = is_loopback(address)};
    settings->service = (struct service_options){.address = address,
                                                 .port = (uint16_t)options_integer(options, "port"),
                                                 .origins = settings->origins,
                                                 .private_max = (int)options_integer(options, "private"),
                                                 .listeners_max = number_of(options, "listeners"),
                                                 .shards = number_of(options, "shards"),
                                                 .singly = !options_flag(options, "io-uring"),
                                                 .soundfont = soundfont ? soundfont : soundfont_find()};
    settings->service.per_address = serve_per_address(options, settings->local);
    enum status status = read_token(options, settings, complaint);
    if (status == STATUS_OK) {
        status = read_origins(options, settings, complaint);
    }
    if (status == STATUS_OK) {
        status = read_state(options, settings, complaint);
    }
    settings->service.state_dir = settings->state_dir;
    return status;
}

void serve_settings_clear(struct serve_settings *settings)
{
    free(settings->origin_text);
    free(settings->state_dir);
    settings->origin_text = NULL;
    settings->state_dir = NULL;
}
