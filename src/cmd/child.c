// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

// Starts the program with its output going to `output`, or nowhere if that is -1.
static enum status spawn(const char *const *argv, int output, pid_t *child, struct complaint *complaint)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    for (int file = STDIN_FILENO; file <= STDERR_FILENO && error == 0; file++) {
        const int mode = file == STDIN_FILENO ? O_RDONLY : O_WRONLY;
        error = posix_spawn_file_actions_addopen(&actions, file, "/dev/null", mode, 0);
    }
    if (output >= 0 && error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    }
    // POSIX promises to leave the words as they are, though its type does not.
    char *const *words = NULL;
    memcpy(&words, &argv, sizeof words);
    if (error == 0) {
        error = posix_spawnp(child, argv[0], &actions, NULL, words, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return complain(complaint, error == ENOENT ? STATUS_UNKNOWN : STATUS_IO, "%s cannot be run: %s", argv[0],
                        strerror(error));
    }
    return STATUS_OK;
}

static enum status wait_for(pid_t child, const char *name, struct rusage *used, struct complaint *complaint)
{
    int ended = 0;
    while (wait4(child, &ended, 0, used) < 0) {
        if (errno != EINTR) {
            return complain(complaint, STATUS_IO, "%s cannot be waited for: %s", name, strerror(errno));
        }
    }
    return WIFEXITED(ended) && WEXITSTATUS(ended) == 0 ? STATUS_OK : complain(complaint, STATUS_IO, "%s failed", name);
}

enum status child_run(const char *const *argv, struct cost *cost, struct complaint *complaint)
{
    const struct cost start = cost_now();
    pid_t child = 0;
    struct rusage used = {0};
    enum status status = spawn(argv, -1, &child, complaint);
    if (status == STATUS_OK) {
        status = wait_for(child, argv[0], &used, complaint);
    }
    *cost = cost_since(start);
    cost->cpu_s = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    return status;
}

enum status child_first_line(const char *const *argv, char *line, size_t size, struct complaint *complaint)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return complain(complaint, STATUS_IO, "%s cannot be read: %s", argv[0], strerror(errno));
    }
    pid_t child = 0;
    struct rusage used;
    enum status status = spawn(argv, ends[1], &child, complaint);
    (void)close(ends[1]);
    size_t length = 0;
    ssize_t got = status == STATUS_OK ? 1 : 0;
    while (got > 0 && length + 1 < size) {
        got = read(ends[0], line + length, size - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (status == STATUS_OK) {
        // What it has yet to say must not hold it up, so the pipe stays open until it has said it.
        char rest[256];
        while (read(ends[0], rest, sizeof rest) > 0) {
        }
        status = wait_for(child, argv[0], &used, complaint);
    }
    (void)close(ends[0]);
    return status;
}
