// SPDX-License-Identifier: GPL-3.0-or-later
// tutti bench: every figure that the project claims, beside its peer, as JSON on standard output.
//
// A benchmark and its peer take turns, so that whatever else the machine does disturbs both alike, and their ratio is
// one of processor times, which it disturbs least.
#include "cmd/bench.h"

#include "cmd/bench_listeners.h"
#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "synth/soundfont.h"

#include <dirent.h>
#include <errno.h>
#include <fluidsynth.h>
#include <opus/opus.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char NAME[] = "tutti bench";

static const struct {
    const char *name;
    bench_run *run;
} benchmarks[] = {{"render", bench_render},   {"compose", bench_compose}, {"encode", bench_encode},
                  {"control", bench_control}, {"synth", bench_synth},     {"synth-graph", bench_synth_graph},
                  {"listen", bench_listen},   {"wakeups", bench_wakeups}};

enum { BENCHMARKS = sizeof benchmarks / sizeof benchmarks[0], FOLDER_MAX = 256 };

static const struct option_rule rules_own[] = {
    {.name = "runs", .kind = OPTION_INTEGER, .min = 1, .max = 101, .standard = "5", .help = "how often to measure"},
    {.name = "seconds",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .min = 1,
     .max = 3600,
     .standard = "60",
     .help = "how much music is rendered and encoded"},
    {.name = "seed",
     .letter = 's',
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 9007199254740991.0,
     .standard = "1",
     .help = "of the music"},
    {.name = "soundfont", .kind = OPTION_TEXT, .value = "FILE", .help = "an .sf2 or .sf3 file; else FluidR3 GM"},
    {.name = "data",
     .kind = OPTION_TEXT,
     .value = "FOLDER",
     .standard = "../shared/data/listen",
     .help = "recordings with marked onsets and beats, to listen to"},
    {.name = "json", .kind = OPTION_FLAG, .standard = "yes", .help = "as JSON, the only form there is"},
};

enum { OWN = sizeof rules_own / sizeof rules_own[0] };

_Static_assert(OWN + BENCH_LISTENERS_RULES <= COMMAND_RULES_MAX, "a table for any command has room");

static const struct options_command command = {
    .name = NAME,
    .summary =
        "Measures what the project claims, each beside its peer: render, compose, encode, control, synth, "
        "synth-graph, listen, and how late the machine wakes a thread: wakeups; all of them, or those named. tutti "
        "bench listeners, alone, measures a server under load. Prints JSON.",
    .operands = "[NAME]...",
    .operands_max = BENCHMARKS,
    .rules = rules_own,
    .rule_count = OWN};

static void read_processor(char *name, size_t size)
{
    (void)snprintf(name, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && value) {
            line[strcspn(line, "\n")] = '\0';
            (void)snprintf(name, size, "%s", value + 2);
            break;
        }
    }
    if (file) {
        (void)fclose(file);
    }
}

json_t *bench_machine(void)
{
    char processor[128];
    read_processor(processor, sizeof processor);
    struct utsname system = {0};
    (void)uname(&system);
    double load = 0.0;
    (void)getloadavg(&load, 1);
    return json_pack("{s:s, s:I, s:s, s:f}", "processor", processor, "cores", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN),
                     "system", system.release, "load_before", load);
}

static json_t *versions_json(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "tutti", TUTTI_VERSION, "compiler", __VERSION__, "libfluidsynth",
                     fluid_version_str(), "libopus", opus_get_version_string(), "libsndfile", sf_version_string());
}

static int find_benchmark(const char *name)
{
    for (int i = 0; i < BENCHMARKS; i++) {
        if (strcmp(benchmarks[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

// All when none is named.
static enum status choose(const struct options *options, bool chosen[BENCHMARKS], struct complaint *complaint)
{
    const size_t count = options_operand_count(options);
    for (int i = 0; i < BENCHMARKS; i++) {
        chosen[i] = count == 0;
    }
    for (size_t i = 0; i < count; i++) {
        const int found = find_benchmark(options_operand(options, i));
        if (found < 0) {
            char names[128] = "";
            size_t length = 0;
            for (int j = 0; j < BENCHMARKS && length < sizeof names; j++) {
                length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", j > 0 ? ", " : "",
                                           benchmarks[j].name);
            }
            return complain(complaint, STATUS_UNKNOWN,
                            "there is no benchmark \"%.60s\": give %s, or listeners as the first word and alone",
                            options_operand(options, i), names);
        }
        chosen[found] = true;
    }
    return STATUS_OK;
}

static enum status make_folder(char folder[FOLDER_MAX], struct complaint *complaint)
{
    const char *parent = getenv("TMPDIR");
    (void)snprintf(folder, FOLDER_MAX, "%.200s/tutti-bench-XXXXXX", parent && *parent ? parent : "/tmp");
    return mkdtemp(folder) ? STATUS_OK : complain(complaint, STATUS_IO, "%s: %s", folder, strerror(errno));
}

static void remove_folder(const char *folder)
{
    DIR *files = opendir(folder);
    const struct dirent *file = NULL;
    while (files && (file = readdir(files))) {
        if (file->d_name[0] != '.') {
            (void)unlinkat(dirfd(files), file->d_name, 0);
        }
    }
    if (files) {
        (void)closedir(files);
    }
    (void)rmdir(folder);
}

static json_t *run_chosen(const struct bench *bench, const bool chosen[BENCHMARKS], struct complaint *complaint)
{
    json_t *results = json_object();
    for (int i = 0; i < BENCHMARKS; i++) {
        if (!chosen[i]) {
            continue;
        }
        if (interrupt_came()) {
            json_decref(results);
            (void)complain(complaint, STATUS_CLOSED, "stopped");
            return NULL;
        }
        json_t *result = benchmarks[i].run(bench, complaint);
        if (!result) {
            json_decref(results);
            return NULL;
        }
        (void)json_object_set_new(results, benchmarks[i].name, result);
    }
    return results;
}

static enum status print_report(const struct bench *bench, json_t *results, json_t *machine,
                                struct complaint *complaint)
{
    json_t *report =
        json_pack("{s:o, s:o, s:i, s:f, s:s, s:o}", "machine", machine, "versions", versions_json(), "runs",
                  bench->runs, "seconds", bench->seconds, "ratio_means",
                  "processor time of the peer for a second of music, divided by Tutti's: above 1 Tutti is the faster",
                  "benchmarks", results);
    const bool printed = report && json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5)) == 0 &&
                         putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(report);
    return printed ? STATUS_OK : complain(complaint, STATUS_IO, "the report cannot be written: %s", strerror(errno));
}

static enum status run(const struct options *options, const bool chosen[BENCHMARKS], struct complaint *complaint)
{
    struct presets *presets = NULL;
    struct harmony *harmony = NULL;
    char folder[FOLDER_MAX] = "";
    enum status status = presets_load(&presets, complaint);
    if (status == STATUS_OK) {
        status = harmony_load(&harmony, complaint);
    }
    // The folder is removed before the program ends.
    interrupt_watch();
    if (status == STATUS_OK) {
        status = make_folder(folder, complaint);
    }
    if (status == STATUS_OK) {
        const char *soundfont = options_text(options, "soundfont");
        const struct bench bench = {.presets = presets,
                                    .harmony = harmony,
                                    .soundfont = soundfont ? soundfont : soundfont_find(),
                                    .data = options_text(options, "data"),
                                    .folder = folder,
                                    .runs = (int)options_integer(options, "runs"),
                                    .seconds = options_number(options, "seconds"),
                                    .seed = (uint64_t)options_integer(options, "seed")};
        json_t *machine = bench_machine();
        json_t *results = run_chosen(&bench, chosen, complaint);
        if (results) {
            status = print_report(&bench, results, machine, complaint);
        } else {
            json_decref(machine);
            status = STATUS_IO;
        }
        remove_folder(folder);
    }
    harmony_free(harmony);
    presets_free(presets);
    return status;
}

size_t bench_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    bench_listeners_rules(rules + OWN);
    return OWN + BENCH_LISTENERS_RULES;
}

int command_bench(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "listeners") == 0) {
        return bench_listeners(argc - 1, argv + 1);
    }
    int exit = EXIT_OK;
    struct options *options = command_options(&command, argc, argv, &exit);
    if (!options) {
        return exit;
    }
    bool chosen[BENCHMARKS];
    struct complaint complaint;
    if (choose(options, chosen, &complaint) != STATUS_OK) {
        (void)command_fail(NAME, complaint.text);
        exit = EXIT_WRONG_USE;
    } else if (run(options, chosen, &complaint) != STATUS_OK) {
        exit = command_fail(NAME, complaint.text);
    }
    options_free(options);
    return exit;
}
