// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_FD = 3, FDS = 3 };

static int prepare_files(posix_spawn_file_actions_t *actions, const int fds[FDS])
{
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (int i = 0; i < FDS && !error; i++) {
        error = posix_spawn_file_actions_adddup2(actions, fds[i], FIRST_FD + i);
    }
    return error ? error : posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FD + FDS);
}

static int prepare_attributes(posix_spawnattr_t *attributes)
{
    // Who ends a whole service, such as systemd, sends these to all of its processes; the engine, which fades out
    // first, ends its slots then.
    static const int for_the_engine[] = {SIGHUP, SIGINT, SIGTERM};
    sigset_t blocked, all;
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof for_the_engine / sizeof for_the_engine[0]; i++) {
        (void)sigaddset(&blocked, for_the_engine[i]);
    }
    (void)sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &blocked);
    error = error ? error : posix_spawnattr_setsigdefault(attributes, &all);
    error = error ? error : posix_spawnattr_setpgroup(attributes, 0);
    return error ? error
                 : posix_spawnattr_setflags(attributes,
                                            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int start(const char *program, const int fds[FDS], unsigned number, pid_t *out)
{
    char words[] = "slot\0003\0004\0005";
    char last[16];
    (void)snprintf(last, sizeof last, "%u", number);
    char *const argv[] = {(char *)program, words, words + 5, words + 7, words + 9, last, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = prepare_files(&actions, fds);
        error = error ? error : prepare_attributes(&attributes);
        error = error ? error : posix_spawn(out, program, &actions, &attributes, argv, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

enum status process_start(const char *program, const int fds[3], unsigned number, pid_t *out,
                          struct complaint *complaint)
{
    const int error = start(program, fds, number, out);
    return error ? complain(complaint, STATUS_IO, "cannot run %s: %s", program, strerror(error)) : STATUS_OK;
}

bool process_has_ended(pid_t pid, char *cause, size_t size)
{
    int how = 0;
    const pid_t got = waitpid(pid, &how, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) {
        return false;
    }
    if (got > 0 && WIFSIGNALED(how)) {
        (void)snprintf(cause, size, "killed by signal %d", WTERMSIG(how));
    } else {
        (void)snprintf(cause, size, "exit status %d", got > 0 ? WEXITSTATUS(how) : -1);
    }
    return true;
}

void process_end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}
