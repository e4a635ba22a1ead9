// SPDX-License-Identifier: GPL-3.0-or-later
#include "jack_server.h"

#include "core/clock.h"

#include <jack/jack.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char PATIENCE_MS[] = "20000";
static const int64_t START_NS = 10000000000, LOOK_NS = 50000000;

static bool spawn(struct jack_server *server, char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions)) {
        return false;
    }
    int error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    error = error ? error : posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    error = error ? error : posix_spawnp(&server->pid, arguments[0], &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return error == 0;
}

static void say_nothing(const char *message)
{
    (void)message;
}

static bool takes_clients(void)
{
    jack_client_t *client = jack_client_open("probe", JackNoStartServer, NULL);
    return client && jack_client_close(client) == 0;
}

bool jack_server_start(struct jack_server *server, uint32_t rate, uint32_t period)
{
    char name[32];
    char rate_text[16];
    char period_text[16];
    (void)snprintf(name, sizeof name, "tutti_test_%d", (int)getpid());
    (void)snprintf(rate_text, sizeof rate_text, "%u", rate);
    (void)snprintf(period_text, sizeof period_text, "%u", period);
    setenv("JACK_DEFAULT_SERVER", name, 1);
    setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
    jack_set_error_function(say_nothing);
    jack_set_info_function(say_nothing);
    // A client of a busy machine is not thrown out for being late.
    const char *const arguments[] = {"jackd", "-n", name,      "-r", "-t",        PATIENCE_MS, "-d",
                                     "dummy", "-r", rate_text, "-p", period_text, NULL};
    if (!spawn(server, (char *const *)arguments)) {
        return false;
    }
    for (int64_t start = clock_now_ns(); clock_now_ns() - start < START_NS;) {
        if (takes_clients()) {
            return true;
        }
        if (waitpid(server->pid, NULL, WNOHANG) != 0) {
            server->pid = 0;
            return false;
        }
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
    jack_server_stop(server);
    return false;
}

void jack_server_stop(struct jack_server *server)
{
    if (server->pid > 0) {
        (void)kill(server->pid, SIGTERM);
        (void)waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}

int jack_server_set_up(void **state, uint32_t rate, uint32_t period)
{
    static struct jack_server server;
    *state = jack_server_start(&server, rate, period) ? &server : NULL;
    return 0;
}

int jack_server_tear_down(void **state)
{
    if (*state) {
        jack_server_stop(*state);
    }
    return 0;
}

void jack_server_needed(void **state)
{
    if (!*state) {
        skip();
    }
}

char *jack_server_go_away(void)
{
    const char *server = getenv("JACK_DEFAULT_SERVER");
    char *kept = server ? strdup(server) : NULL;
    setenv("JACK_DEFAULT_SERVER", "tutti_test_none", 1);
    return kept;
}

void jack_server_come_back(char *server)
{
    if (server) {
        setenv("JACK_DEFAULT_SERVER", server, 1);
    }
    free(server);
}
