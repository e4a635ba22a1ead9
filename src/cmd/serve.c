// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti serve: endless stations for browsers and players.
//
// Every thread starts with these signals blocked, so that they come to the one place that waits for them. The first
// SIGTERM or SIGINT ends the service in good order; from then on another ends the program at once. SIGHUP reads the
// configuration anew, but for one case: a program that was started from a terminal gets it too when the terminal is
// closed, and then is to end, as programs do there.
#include "cmd/command.h"
#include "cmd/notify.h"
#include "cmd/serving.h"
#include "core/clock.h"
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char NAME[] = "tutti serve";
static const int64_t NS_PER_S = 1000000000;
static const int64_t TEND_NS = 1000000000;

// What waits for signals holds.
struct watch {
    const struct options_command *command;
    int argc;
    char **argv;
    struct serving *serving;
    sigset_t signals;
    bool ends_with_terminal;
    int64_t beat_ns; ///< between two signs of life for the watchdog; 0 for none
    int64_t next_ns; ///< when the next one is due, on clock_now_ns()
};

static bool has_terminal(void)
{
    const int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (terminal >= 0) {
        (void)close(terminal);
    }
    return terminal >= 0;
}

static void block_signals(struct watch *watch)
{
    struct sigaction hangup;
    const bool hears_hangup = sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN;
    watch->ends_with_terminal = hears_hangup && has_terminal();
    sigemptyset(&watch->signals);
    sigaddset(&watch->signals, SIGINT);
    sigaddset(&watch->signals, SIGTERM);
    sigaddset(&watch->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &watch->signals, NULL);
}

// Those that end it do so at once, the ones that are already waiting too.
static void let_go_of_signals(const struct watch *watch)
{
    sigset_t ending = watch->signals;
    sigdelset(&ending, SIGHUP);
    pthread_sigmask(SIG_UNBLOCK, &ending, NULL);
}

static void describe(const struct serving *serving, char *out, size_t size)
{
    size_t stations = 0;
    size_t listeners = 0;
    service_count(serving->service, &stations, &listeners);
    (void)snprintf(out, size, "plays %zu station%s to %zu listener%s on port %u", stations, stations == 1 ? "" : "s",
                   listeners, listeners == 1 ? "" : "s", service_port(serving->service));
}

static void tell_ready(const struct serving *serving)
{
    char status[120];
    describe(serving, status, sizeof status);
    notify_ready(status);
}

static void reload(const struct watch *watch)
{
    struct options *options = NULL;
    struct complaint complaint;
    notify_reloading();
    enum status status = options_new(watch->command, watch->argc, watch->argv, &options, &complaint);
    if (status == STATUS_OK) {
        status = serving_reload(watch->serving, options, &complaint);
    }
    if (status == STATUS_OK) {
        log_write(LOG_LEVEL_INFO, "reloaded", "stations=%zu", watch->serving->stations.count);
    } else {
        log_write(LOG_LEVEL_ERROR, "reload_refused", "reason=%s", complaint.text);
    }
    options_free(options);
    tell_ready(watch->serving);
}

// A sign of life, unless something is wrong: then the service manager restarts the program.
static void give_sign(struct watch *watch)
{
    char status[120];
    struct complaint complaint;
    if (service_health(watch->serving->service, &complaint) == STATUS_OK) {
        describe(watch->serving, status, sizeof status);
        notify_alive(status);
    } else {
        log_write(LOG_LEVEL_ERROR, "unhealthy", "reason=%s", complaint.text);
        watch->next_ns = clock_now_ns() + (watch->beat_ns < TEND_NS ? watch->beat_ns : TEND_NS);
        return;
    }
    watch->next_ns = clock_now_ns() + watch->beat_ns;
}

// The next signal, or 0 when the service is to be tended or a sign of life is due.
static int wait_for_signal(const struct watch *watch)
{
    const int64_t until_sign = watch->next_ns - clock_now_ns();
    const int64_t left = watch->beat_ns > 0 && until_sign < TEND_NS ? until_sign : TEND_NS;
    const struct timespec patience = {.tv_sec = left > 0 ? left / NS_PER_S : 0,
                                      .tv_nsec = left > 0 ? left % NS_PER_S : 0};
    int number = -1;
    do {
        number = sigtimedwait(&watch->signals, NULL, &patience);
    } while (number < 0 && errno == EINTR);
    return number > 0 ? number : 0;
}

static void serve_until_stopped(struct watch *watch)
{
    int number = SIGHUP;
    tell_ready(watch->serving);
    watch->beat_ns = notify_watchdog_ns();
    watch->next_ns = clock_now_ns();
    while (number == 0 || number == SIGHUP) {
        number = wait_for_signal(watch);
        if (number == SIGHUP && watch->ends_with_terminal && !has_terminal()) {
            break;
        }
        if (number == SIGHUP) {
            reload(watch);
        } else if (number == 0) {
            service_tend(watch->serving->service);
        }
        if (watch->beat_ns > 0 && clock_now_ns() >= watch->next_ns) {
            give_sign(watch);
        }
    }
    log_write(LOG_LEVEL_INFO, "stopping", "signal=%d", number);
    notify_stopping();
}

static void print_address(const struct serving *serving)
{
    const char *address = serving->settings.service.address;
    const bool any = strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    const bool six = strchr(address, ':') && !any;
    (void)printf("Tutti plays at http://%s%s%s:%u/\n", six ? "[" : "", any ? "localhost" : address, six ? "]" : "",
                 service_port(serving->service));
    if (any) {
        (void)printf("Other machines reach it by this one's address or its host name (a name that a DNS server or a\n"
                     "proxy gives it goes into --origins).\n");
    }
    if (serving->made_token[0]) {
        (void)printf("To steer its stations takes the control token %s\n"
                     "(--control-token sets one of your own, which stays).\n",
                     serving->made_token);
    }
    (void)fflush(stdout);
    log_write(LOG_LEVEL_INFO, "listening", "address=%s port=%u", address, service_port(serving->service));
}

static int run(struct watch *watch, struct options *options)
{
    struct complaint complaint;
    const enum status status = serving_start(watch->serving, options, &complaint);
    if (status != STATUS_OK) {
        const bool wrong_use = status == STATUS_INVALID || status == STATUS_UNKNOWN || status == STATUS_RANGE;
        const int failed = command_fail(NAME, complaint.text);
        return wrong_use ? EXIT_WRONG_USE : failed;
    }
    print_address(watch->serving);
    serve_until_stopped(watch);
    let_go_of_signals(watch);
    return EXIT_OK;
}

int command_serve(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {.name = NAME,
                                            .summary = "Streams endless music to browsers and players.",
                                            .rules = rules,
                                            .rule_count = serve_rules(rules)};
    int exit = EXIT_OK;
    struct options *options = command_options(&command, argc, argv, &exit);
    if (!options) {
        return exit;
    }
    struct serving serving = {.options = NULL};
    struct watch watch = {.command = &command, .argc = argc, .argv = argv, .serving = &serving};
    block_signals(&watch);
    exit = run(&watch, options);
    serving_done(&serving);
    return exit;
}
