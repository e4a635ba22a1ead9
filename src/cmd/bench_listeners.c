// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the options, sees to it that there is a server, and prints what the test (bench_listeners_run.h) found.
#include "cmd/bench_listeners.h"

#include "cmd/bench.h"
#include "cmd/bench_listeners_run.h"
#include "cmd/child.h"
#include "cmd/command.h"
#include "cmd/interrupt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char NAME[] = "tutti bench listeners";
static const char OWN_STATIONS[] = "s1,s2,s3,s4,s5,s6,s7,s8";
static const char PRIVATE[] = "private";
static const char PLACE[] = "{station}";
static const char *const formats[] = {"opus", "pcm", "json", NULL};

enum { STATIONS_MAX = 1024, STATION_SIZE = 64, LIST_SIZE = 16384, STARTS_A_SECOND = 1000, SPARE_FILES = 64 };

static const struct option_rule rules_own[] = {
    {.name = "url",
     .kind = OPTION_TEXT,
     .value = "URL",
     .help =
         "ws://HOST:PORT/ws/stream, or http://HOST:PORT/PATH for Ogg, where {station} stands for each of --stations; "
         "else a server is started and stopped"},
    {.name = "count",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 100000,
     .standard = "1000",
     .help = "how many listeners"},
    {.name = "stations",
     .kind = OPTION_TEXT,
     .value = "LIST",
     .help = "what they listen to in turn, as in main,night or private; else all that the server has"},
    {.name = "format", .kind = OPTION_CHOICE, .choices = formats, .standard = "opus", .help = "of a ws stream"},
    {.name = "seconds",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .min = 1,
     .max = 864000,
     .standard = "60",
     .help = "how long, from when all have come"},
    {.name = "ramp",
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 3600,
     .value = "SECONDS",
     .help = "in which they come; else 1000 a second, and all within 10 s in a storm"},
    {.name = "check",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000,
     .standard = "100",
     .help = "one in so many looks at every byte; the others throw them away"},
    {.name = "storm", .kind = OPTION_FLAG, .standard = "no", .help = "while --base others listen already"},
    {.name = "base", .kind = OPTION_INTEGER, .min = 1, .max = 100000, .standard = "2000", .help = "those others"},
    {.name = "settle",
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 3600,
     .value = "SECONDS",
     .standard = "10",
     .help = "between their coming and the storm"},
    {.name = "stall",
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 100000,
     .standard = "0",
     .help = "how many more do not read at all"},
    {.name = "slow",
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 100000,
     .standard = "0",
     .help = "how many more read half as fast as they should"},
    {.name = "churn",
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 864000,
     .value = "SECONDS",
     .standard = "0",
     .help = "how long one stays on average before another comes in their place; 0 to the end"},
    {.name = "reconnect",
     .kind = OPTION_FLAG,
     .standard = "no",
     .help = "who is closed or refused comes again within a second, as with --churn"},
    {.name = "pid", .kind = OPTION_INTEGER, .min = 1, .max = 4194304, .help = "the process of the server at --url"},
    {.name = "seed",
     .letter = 's',
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 9007199254740991.0,
     .standard = "1",
     .help = "of keys, stays and new tries"},
    {.name = "json", .kind = OPTION_FLAG, .standard = "yes", .help = "as JSON, the only form there is"},
};

_Static_assert(sizeof rules_own / sizeof rules_own[0] == BENCH_LISTENERS_RULES, "the header says how many");

static const struct options_command command = {
    .name = NAME,
    .summary =
        "Has thousands listen to a server and says when their chunks came, what was missing, and what it cost the "
        "server. Prints JSON.",
    .rules = rules_own,
    .rule_count = BENCH_LISTENERS_RULES};

// All that a test needs; zeroed is nothing yet.
struct stage {
    const struct options *options;
    struct child server;
    char url[URL_TARGET_SIZE];
    char stations[STATIONS_MAX][STATION_SIZE];
    size_t station_count;
    char targets[STATIONS_MAX][URL_TARGET_SIZE];
    struct load_plan plan;
    struct load_test test;
};

static enum status add_station(struct stage *stage, const char *name, struct complaint *complaint)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (!*name || strlen(name) >= STATION_SIZE || strspn(name, allowed) != strlen(name)) {
        return complain(complaint, STATUS_INVALID, "\"%.60s\" is no name of a station: give letters, digits, - and _",
                        name);
    }
    if (stage->station_count == STATIONS_MAX) {
        return complain(complaint, STATUS_FULL, "--stations takes at most %d", STATIONS_MAX);
    }
    (void)snprintf(stage->stations[stage->station_count++], STATION_SIZE, "%s", name);
    return STATUS_OK;
}

static enum status read_list(struct stage *stage, const char *list, struct complaint *complaint)
{
    char *copy = strdup(list);
    if (!copy) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = STATUS_OK;
    char *rest = NULL;
    for (char *item = strtok_r(copy, ", ", &rest); item && status == STATUS_OK; item = strtok_r(NULL, ", ", &rest)) {
        status = add_station(stage, item, complaint);
    }
    free(copy);
    if (status == STATUS_OK && stage->station_count == 0) {
        status = complain(complaint, STATUS_INVALID, "--stations is empty: give a name, such as main");
    }
    return status;
}

// The stations that the server at the URL says it has.
static enum status ask_stations(struct stage *stage, struct complaint *complaint)
{
    char *text = load_url_get(&stage->plan.url, "/api/status", complaint);
    if (!text) {
        return STATUS_CLOSED;
    }
    json_t *json = json_loads(text, 0, NULL);
    free(text);
    enum status status = STATUS_OK;
    size_t index = 0;
    json_t *station = NULL;
    json_array_foreach(json_object_get(json, "stations"), index, station)
    {
        const char *name = json_string_value(json_object_get(station, "station"));
        if (status == STATUS_OK && name) {
            status = add_station(stage, name, complaint);
        }
    }
    json_decref(json);
    if (status == STATUS_OK && stage->station_count == 0) {
        return complain(complaint, STATUS_UNSUPPORTED, "the server names no stations: name them with --stations");
    }
    return status;
}

// The stations of --stations that are shared, or one.
static void list_shared(const struct stage *stage, char list[LIST_SIZE])
{
    size_t length = 0;
    list[0] = '\0';
    for (size_t i = 0; i < stage->station_count; i++) {
        const char *name = stage->stations[i];
        if (strcmp(name, PRIVATE) != 0 && length + strlen(name) + 2 < LIST_SIZE) {
            length += (size_t)snprintf(list + length, LIST_SIZE - length, "%s%s", length > 0 ? "," : "", name);
        }
    }
    if (length == 0) {
        (void)snprintf(list, LIST_SIZE, "main");
    }
}

// "Tutti plays at http://127.0.0.1:8080/".
static enum status start_server(struct stage *stage, struct complaint *complaint)
{
    static const char scheme[] = "http://";
    char list[LIST_SIZE];
    char line[256] = "";
    list_shared(stage, list);
    const char *const argv[] = {
        "/proc/self/exe", "serve", "--address",   "127.0.0.1", "--port", "0", "--stations", list,
        "--speed",        "1",     "--log-level", "warning",   NULL};
    const enum status status = child_start(argv, line, sizeof line, &stage->server, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    char *address = strstr(line, scheme);
    if (!address) {
        return complain(complaint, STATUS_CORRUPT, "the server says no address, but \"%.100s\"", line);
    }
    address += strlen(scheme);
    address[strcspn(address, "/")] = '\0';
    (void)snprintf(stage->url, sizeof stage->url, "ws://%s/ws/stream", address);
    stage->test.pid = stage->server.pid;
    return STATUS_OK;
}

static enum status find_server(struct stage *stage, struct complaint *complaint)
{
    const char *given = options_text(stage->options, "url");
    const char *list = options_text(stage->options, "stations");
    struct load_url *url = &stage->plan.url;
    enum status status = given ? load_url_parse(given, url, complaint) : STATUS_OK;
    if (status == STATUS_OK && (list || !given)) {
        status = read_list(stage, list ? list : OWN_STATIONS, complaint);
    }
    if (status == STATUS_OK && !given) {
        status = start_server(stage, complaint);
        status = status == STATUS_OK ? load_url_parse(stage->url, url, complaint) : status;
    }
    if (status == STATUS_OK) {
        status = load_url_reach(url, complaint);
    }
    const bool asks = url->websocket || strstr(url->target, PLACE);
    return status == STATUS_OK && stage->station_count == 0 && asks ? ask_stations(stage, complaint) : status;
}

// What a listener of `station` asks for; false where it is too long.
static bool make_target(const struct stage *stage, const char *station, char target[URL_TARGET_SIZE])
{
    const struct load_url *url = &stage->plan.url;
    const char *place = strstr(url->target, PLACE);
    const int before = (int)(place ? place - url->target : (long)strlen(url->target));
    int size = 0;
    if (url->websocket) {
        size = snprintf(target, URL_TARGET_SIZE, "%s%cstation=%s&format=%s",
                        strcmp(url->target, "/") == 0 ? "/ws/stream" : url->target,
                        strchr(url->target, '?') ? '&' : '?', station, options_text(stage->options, "format"));
    } else {
        size = snprintf(target, URL_TARGET_SIZE, "%.*s%s%s", before, url->target, place ? station : "",
                        place ? place + strlen(PLACE) : "");
    }
    return size < URL_TARGET_SIZE;
}

static enum status make_plan(struct stage *stage, struct complaint *complaint)
{
    const struct options *options = stage->options;
    struct load_plan *plan = &stage->plan;
    const size_t count = stage->station_count > 0 ? stage->station_count : 1;
    for (size_t i = 0; i < count; i++) {
        if (!make_target(stage, stage->stations[i], stage->targets[i])) {
            return complain(complaint, STATUS_INVALID, "--url is too long: give at most %d bytes", URL_TARGET_SIZE / 2);
        }
    }
    plan->targets = (const char(*)[URL_TARGET_SIZE])stage->targets;
    plan->target_count = count;
    plan->churn_s = options_number(options, "churn");
    plan->again = plan->churn_s > 0.0 || options_flag(options, "reconnect");
    plan->format = FORMAT_OGG;
    return plan->url.websocket ? format_parse(options_text(options, "format"), &plan->format) : STATUS_OK;
}

static void make_test(struct stage *stage)
{
    const struct options *options = stage->options;
    struct load_test *test = &stage->test;
    const bool storm = options_flag(options, "storm");
    test->count = (size_t)options_integer(options, "count");
    test->base = storm ? (size_t)options_integer(options, "base") : 0;
    test->stalled = (size_t)options_integer(options, "stall");
    test->slow = (size_t)options_integer(options, "slow");
    test->check = (size_t)options_integer(options, "check");
    test->settle_s = options_number(options, "settle");
    test->seconds = options_number(options, "seconds");
    test->seed = (uint64_t)options_integer(options, "seed");
    test->pid = options_has(options, "pid") ? (pid_t)options_integer(options, "pid") : 0;
    test->ramp_s = (double)test->count / STARTS_A_SECOND;
    test->ramp_s = storm && test->ramp_s > 10.0 ? 10.0 : test->ramp_s;
    if (options_has(options, "ramp")) {
        test->ramp_s = options_number(options, "ramp");
    }
}

// Here and, by inheritance, for a server that is started.
static enum status make_room(const struct load_test *test, struct complaint *complaint)
{
    const size_t wanted = test->count + test->base + test->stalled + test->slow + SPARE_FILES;
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < wanted) {
        return complain(complaint, STATUS_RANGE,
                        "%zu listeners need %zu open files and %llu are allowed: give fewer, or raise ulimit -n",
                        wanted - SPARE_FILES, wanted, (unsigned long long)limit.rlim_cur);
    }
    return STATUS_OK;
}

static enum status print(const struct stage *stage, json_t *result, struct complaint *complaint)
{
    const char *url = options_text(stage->options, "url");
    json_t *report = json_pack("{s:o, s:s, s:s, s:s, s:I}", "machine", bench_machine(), "version", TUTTI_VERSION, "url",
                               url ? url : stage->url, "format", format_name(stage->plan.format), "stations",
                               (json_int_t)stage->plan.target_count);
    (void)json_object_update(report, result);
    const bool printed = report && json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 &&
                         putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(report);
    return printed ? STATUS_OK : complain(complaint, STATUS_IO, "the report cannot be written: %s", strerror(errno));
}

// A test in which nobody heard anything says so by its exit status too.
static enum status judge(const json_t *result, struct complaint *complaint)
{
    const json_t *heard = json_object_get(json_object_get(result, "listeners"), "heard");
    return json_integer_value(heard) > 0
               ? STATUS_OK
               : complain(complaint, STATUS_CLOSED, "no listener heard anything: the refusals in the report say why");
}

static enum status perform(struct stage *stage, struct complaint *complaint)
{
    make_test(stage);
    enum status status = make_room(&stage->test, complaint);
    if (status == STATUS_OK) {
        status = find_server(stage, complaint);
    }
    if (status == STATUS_OK) {
        status = make_plan(stage, complaint);
    }
    if (status != STATUS_OK) {
        return status;
    }
    interrupt_watch();
    json_t *result = load_test_run(&stage->test, &stage->plan, complaint);
    if (!result) {
        return STATUS_IO;
    }
    status = print(stage, result, complaint);
    status = status == STATUS_OK ? judge(result, complaint) : status;
    json_decref(result);
    return status;
}

void bench_listeners_rules(struct option_rule rules[BENCH_LISTENERS_RULES])
{
    memcpy(rules, rules_own, sizeof rules_own);
}

int bench_listeners(int argc, char **argv)
{
    int exit = EXIT_OK;
    struct options *options = command_options(&command, argc, argv, &exit);
    if (!options) {
        return exit;
    }
    struct complaint complaint = {.text = "out of memory"};
    struct stage *stage = calloc(1, sizeof *stage);
    enum status status = STATUS_NO_MEMORY;
    if (stage) {
        stage->options = options;
        stage->server.output = -1;
        status = perform(stage, &complaint);
        child_stop(&stage->server);
        free(stage);
    }
    if (status != STATUS_OK) {
        const bool wrong_use = status == STATUS_INVALID || status == STATUS_RANGE || status == STATUS_FULL;
        exit = command_fail(NAME, complaint.text);
        exit = wrong_use ? EXIT_WRONG_USE : exit;
    }
    options_free(options);
    return exit;
}
