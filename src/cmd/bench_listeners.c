// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the options, sees to it that there is a server, and prints what the test (bench_listeners_run.h) found.
#include "cmd/bench_listeners.h"

#include "cmd/bench.h"
#include "cmd/bench_listeners_run.h"
#include "cmd/bench_listeners_stage.h"
#include "cmd/command.h"
#include "cmd/interrupt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char NAME[] = "tutti bench listeners";
static const char *const formats[] = {"opus", "pcm", "json", NULL};

static const double STORM_S = 10.0;

enum { STARTS_A_SECOND = 1000, SPARE_FILES = 256 };

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
    {.name = "warm",
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 3600,
     .value = "SECONDS",
     .standard = "2",
     .help = "before they come, while one listener a station keeps the stations awake; 0 for none"},
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

static struct load_test read_test(const struct options *options)
{
    const bool storm = options_flag(options, "storm");
    struct load_test test = {.count = (size_t)options_integer(options, "count"),
                             .base = storm ? (size_t)options_integer(options, "base") : 0,
                             .stalled = (size_t)options_integer(options, "stall"),
                             .slow = (size_t)options_integer(options, "slow"),
                             .check = (size_t)options_integer(options, "check"),
                             .warm_s = options_number(options, "warm"),
                             .settle_s = options_number(options, "settle"),
                             .seconds = options_number(options, "seconds"),
                             .seed = (uint64_t)options_integer(options, "seed"),
                             .pid = (pid_t)options_integer(options, "pid")};
    test.ramp_s = (double)test.count / STARTS_A_SECOND;
    test.ramp_s = storm && test.ramp_s > STORM_S ? STORM_S : test.ramp_s;
    if (options_has(options, "ramp")) {
        test.ramp_s = options_number(options, "ramp");
    }
    return test;
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

static enum status print(const struct load_stage *stage, const char *url, enum format format, json_t *result,
                         struct complaint *complaint)
{
    json_t *report = json_pack("{s:o, s:s, s:s, s:s, s:I}", "machine", bench_machine(), "version", TUTTI_VERSION, "url",
                               url ? url : stage->address, "format", format_name(format), "stations",
                               (json_int_t)stage->target_count);
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

static enum status perform(const struct options *options, const struct load_stage *stage, struct load_test *test,
                           struct complaint *complaint)
{
    struct load_plan plan = {.url = stage->url,
                             .format = FORMAT_OGG,
                             .targets = stage->targets,
                             .target_count = stage->target_count,
                             .churn_s = options_number(options, "churn"),
                             .again = options_number(options, "churn") > 0.0 || options_flag(options, "reconnect")};
    enum status status = stage->url.websocket ? format_parse(options_text(options, "format"), &plan.format) : STATUS_OK;
    test->pid = stage->server.pid > 0 ? stage->server.pid : test->pid;
    // A private station belongs to one listener: another's would say nothing of it.
    test->warm_s = load_stage_private(stage) ? 0.0 : test->warm_s;
    json_t *result = status == STATUS_OK ? load_test_run(test, &plan, complaint) : NULL;
    if (!result) {
        return STATUS_IO;
    }
    status = print(stage, options_text(options, "url"), plan.format, result, complaint);
    status = status == STATUS_OK ? judge(result, complaint) : status;
    json_decref(result);
    return status;
}

static enum status run(const struct options *options, struct complaint *complaint)
{
    const struct load_stage_options wanted = {.url = options_text(options, "url"),
                                              .stations = options_text(options, "stations"),
                                              .format = options_text(options, "format")};
    struct load_test test = read_test(options);
    struct load_stage *stage = NULL;
    // A server that is started is stopped before the program ends.
    interrupt_watch();
    enum status status = make_room(&test, complaint);
    if (status == STATUS_OK) {
        status = load_stage_new(&wanted, &stage, complaint);
    }
    if (status == STATUS_OK) {
        status = perform(options, stage, &test, complaint);
    }
    load_stage_free(stage);
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
    struct complaint complaint;
    const enum status status = run(options, &complaint);
    if (status != STATUS_OK) {
        const bool wrong_use = status == STATUS_INVALID || status == STATUS_RANGE || status == STATUS_FULL;
        exit = command_fail(NAME, complaint.text);
        exit = wrong_use ? EXIT_WRONG_USE : exit;
    }
    options_free(options);
    return exit;
}
