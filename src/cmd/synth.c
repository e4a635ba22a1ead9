// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti synth: the modular synthesizer in real time, steered by OSC or a script.
//
// All threads start with SIGINT and SIGTERM blocked: they come to the one descriptor that the session watches, and it
// ends the slots in good order. These are in process groups of their own, so that a terminal's Ctrl-C is not sent to
// them. The second signal ends the program at once.
#include "cmd/command.h"
#include "core/log.h"
#include "session/session.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char NAME[] = "tutti synth";

static const char *const devices[] = {"jack", "portaudio", "null", NULL};
static const char *const bits[] = {[RECORDER_16] = "16", [RECORDER_24] = "24", [RECORDER_FLOAT] = "float", NULL};
static const char *const levels[] = {"debug", "info", "warning", "error", NULL};

enum { LEAD_MAX = 256 };

static const struct option_rule rules_own[] = {
    {.name = "device",
     .letter = 'd',
     .kind = OPTION_CHOICE,
     .choices = devices,
     .standard = "jack",
     .help = "what plays; null is a clock without sound"},
    {.name = "card", .kind = OPTION_TEXT, .value = "NAME", .help = "part of the name of PortAudio's device"},
    {.name = "client", .kind = OPTION_TEXT, .value = "NAME", .standard = "tutti", .help = "its name in JACK"},
    {.name = "connect", .kind = OPTION_FLAG, .standard = "yes", .help = "plug JACK's ports into the sound card's"},
    {.name = "rate",
     .letter = 'r',
     .kind = OPTION_NUMBER,
     .min = 8000,
     .max = 192000,
     .help = "frames a second; else what the device has"},
    {.name = "block",
     .letter = 'b',
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = DEVICE_BLOCK_MAX,
     .help = "frames a period; else what the device has"},
    {.name = "lead",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = LEAD_MAX,
     .standard = "1",
     .help =
         "blocks rendered ahead, up to a tenth of a second: more bridge longer stalls, each adds its time of latency"},
    {.name = "channels",
     .letter = 'c',
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = DEVICE_CHANNELS_MAX,
     .standard = "2",
     .help = "outputs"},
    {.name = "inputs", .kind = OPTION_INTEGER, .min = 0, .max = DEVICE_CHANNELS_MAX, .standard = "0", .help = "inputs"},
    {.name = "patch",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "what to play: a file, or a patch that ships by its name; else nothing yet"},
    {.name = "record",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "a .wav or .flac to record to; numbered (take-2.wav) where there is one already"},
    {.name = "bits", .kind = OPTION_CHOICE, .choices = bits, .standard = "24", .help = "a sample of recordings"},
    {.name = "script", .letter = 's', .kind = OPTION_TEXT, .value = "FILE", .help = "messages, each with its time"},
    {.name = "seconds",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .min = 0.001,
     .max = 31536000,
     .help = "how long to play; else until it is stopped"},
    {.name = "osc-port",
     .kind = OPTION_INTEGER,
     .min = -1,
     .max = 65535,
     .standard = "8000",
     .help = "of UDP; 0 for any free one, -1 for none"},
    {.name = "osc-address",
     .kind = OPTION_TEXT,
     .value = "IP",
     .standard = "127.0.0.1",
     .help = "where to listen for OSC; 0.0.0.0 for every network, where everybody may then steer it"},
    {.name = "metrics-port",
     .kind = OPTION_INTEGER,
     .min = -1,
     .max = 65535,
     .standard = "-1",
     .help = "for Prometheus, on the loopback address; 0 for any free one, -1 for none"},
    {.name = "alone", .kind = OPTION_FLAG, .help = "one slot only: cheaper, without redundancy"},
    {.name = "faults", .kind = OPTION_FLAG, .help = "allow /tutti/synth/fault, for tests"},
    {.name = "log-level", .kind = OPTION_CHOICE, .choices = levels, .standard = "info", .help = "least level to log"},
};

enum { OWN = sizeof rules_own / sizeof rules_own[0] };

_Static_assert(OWN <= (int)COMMAND_RULES_MAX, "room for the rules of any command");

size_t synth_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    return OWN;
}

static int choice_of(const struct options *options, const char *name, const char *const *choices)
{
    int i = 0;
    while (choices[i + 1] && strcmp(choices[i], options_text(options, name)) != 0) {
        i++;
    }
    return i;
}

static struct session_options read_options(const struct options *options)
{
    return (struct session_options){.engine = {.device = {.kind = options_text(options, "device"),
                                                          .client = options_text(options, "client"),
                                                          .card = options_text(options, "card"),
                                                          .rate = options_number(options, "rate"),
                                                          .block = (uint32_t)options_integer(options, "block"),
                                                          .ins = (uint32_t)options_integer(options, "inputs"),
                                                          .outs = (uint32_t)options_integer(options, "channels"),
                                                          .apart = !options_flag(options, "connect")},
                                               .alone = options_flag(options, "alone"),
                                               .lead = (uint32_t)options_integer(options, "lead"),
                                               .faults = options_flag(options, "faults")},
                                    .patch = options_text(options, "patch"),
                                    .record = options_text(options, "record"),
                                    .bits = (enum recorder_bits)choice_of(options, "bits", bits),
                                    .script = options_text(options, "script"),
                                    .address = options_text(options, "osc-address"),
                                    .port = (int)options_integer(options, "osc-port"),
                                    .metrics_port = (int)options_integer(options, "metrics-port"),
                                    .seconds = options_number(options, "seconds")};
}

static void tell_start(const struct session *session, const struct session_options *options)
{
    struct engine_stats stats;
    const struct engine *engine = session_engine(session);
    engine_stats(engine, &stats);
    log_write(LOG_LEVEL_INFO, "playing",
              "device=%s rate=%.0f block=%u inputs=%u outputs=%u patch=%s osc_address=%s osc_port=%u metrics_port=%u "
              "slot0=%d slot1=%d",
              options->engine.device.kind, engine_rate(engine), engine_block(engine), engine_ins(engine),
              engine_outs(engine), options->patch ? options->patch : "none", options->address, session_port(session),
              session_metrics_port(session), stats.pid[0], stats.pid[1]);
    if (engine_hint(engine)) {
        log_write(LOG_LEVEL_WARNING, "no_real_time_priority", "hint=%s", engine_hint(engine));
    }
}

/// What keeps a run of a script from being what the script says; "" for nothing.
static void find_flaw(const struct session *session, bool was_stopped, char *text, size_t size)
{
    struct engine_stats stats;
    engine_stats(session_engine(session), &stats);
    const unsigned long long errors = session_script_errors(session);
    const size_t left = session_script_left(session);
    text[0] = '\0';
    if (left > 0 && !was_stopped) {
        (void)snprintf(text, size, "%zu lines of the script are for a time after the end (--seconds): not played",
                       left);
    } else if (errors > 0) {
        (void)snprintf(text, size, "%llu lines of the script were refused or late: the log says which", errors);
    } else if (stats.late > 0) {
        (void)snprintf(text, size,
                       "%llu blocks were late, as the machine was too slow or stood still: another run may differ "
                       "(a larger --lead or --block helps)",
                       (unsigned long long)stats.late);
    }
}

static int play(const struct session_options *options, int stop, const sigset_t *signals)
{
    struct session *session = NULL;
    struct complaint complaint;
    enum status status = session_new(options, &session, &complaint);
    if (status != STATUS_OK) {
        const bool wrong_use = status == STATUS_INVALID || status == STATUS_UNKNOWN || status == STATUS_RANGE;
        const int failed = command_fail(NAME, complaint.text);
        return wrong_use ? EXIT_WRONG_USE : failed;
    }
    tell_start(session, options);
    status = session_run(session, stop, &complaint);
    // The first signal has done its work; it is not to come again as one that ends the program.
    struct signalfd_siginfo first;
    const bool came = read(stop, &first, sizeof first) == (ssize_t)sizeof first;
    (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    if (came) {
        log_write(LOG_LEVEL_INFO, "stopping", "signal=%u", first.ssi_signo);
    }
    char flaw[200] = "";
    if (options->script) {
        find_flaw(session, came, flaw, sizeof flaw);
    }
    session_free(session);
    if (status != STATUS_OK) {
        return command_fail(NAME, complaint.text);
    }
    if (*flaw) {
        return command_fail(NAME, flaw);
    }
    return EXIT_OK;
}

int command_synth(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {.name = NAME,
                                            .summary = "Plays a patch of modules in real time, from two processes in "
                                                       "lockstep. OSC and scripts steer it (docs/osc.md).",
                                            .rules = rules,
                                            .rule_count = synth_rules(rules)};
    int exit = EXIT_OK;
    struct options *options = command_options(&command, argc, argv, &exit);
    if (!options) {
        return exit;
    }
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    const int stop = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    log_set_level((enum log_level)choice_of(options, "log-level", levels));
    if (stop < 0) {
        exit = command_fail(NAME, strerror(errno));
    } else {
        const struct session_options session = read_options(options);
        exit = play(&session, stop, &signals);
        (void)close(stop);
    }
    options_free(options);
    return exit;
}
