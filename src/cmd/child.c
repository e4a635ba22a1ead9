// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

// Starts the program with its output going to `output`, or nowhere if that is -1, and its errors likewise nowhere, or
// to where this program's go.
static enum status spawn(const char *const *argv, int output, bool tells_errors, pid_t *child,
                         struct complaint *complaint)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const int last = tells_errors ? STDOUT_FILENO : STDERR_FILENO;
    for (int file = STDIN_FILENO; file <= last && error == 0; file++) {
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
    enum status status = spawn(argv, -1, false, &child, complaint);
    if (status == STATUS_OK) {
        status = wait_for(child, argv[0], &used, complaint);
    }
    *cost = cost_since(start);
    cost->cpu_s = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    return status;
}

// What it prints beyond `size` is read too, for it must not be held up by it.
static void read_all(int from, char *out, size_t size)
{
    size_t length = 0;
    char rest[4096];
    for (ssize_t got = 1; got > 0;) {
        const size_t room = size - 1 - length;
        got = room > 0 ? read(from, out + length, room) : read(from, rest, sizeof rest);
        length += got > 0 && room > 0 ? (size_t)got : 0;
    }
    out[length] = '\0';
}

enum status child_output(const char *const *argv, char *out, size_t size, struct cost *cost,
                         struct complaint *complaint)
{
    const struct cost start = cost_now();
    int ends[2];
    out[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return complain(complaint, STATUS_IO, "%s cannot be read: %s", argv[0], strerror(errno));
    }
    pid_t child = 0;
    struct rusage used = {0};
    enum status status = spawn(argv, ends[1], false, &child, complaint);
    (void)close(ends[1]);
    if (status == STATUS_OK) {
        read_all(ends[0], out, size);
        status = wait_for(child, argv[0], &used, complaint);
    }
    (void)close(ends[0]);
    *cost = cost_since(start);
    cost->cpu_s = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    return status;
}

enum status child_first_line(const char *const *argv, char *line, size_t size, struct complaint *complaint)
{
    struct cost cost;
    const enum status status = child_output(argv, line, size, &cost, complaint);
    line[strcspn(line, "\n")] = '\0';
    return status;
}

// Byte by byte, as what comes behind the line is not ours to take.
static bool read_line(int from, char *line, size_t size)
{
    size_t length = 0;
    while (length + 1 < size && read(from, line + length, 1) == 1) {
        if (line[length] == '\n') {
            line[length] = '\0';
            return true;
        }
        length++;
    }
    line[length] = '\0';
    return false;
}

enum status child_start(const char *const *argv, char *line, size_t size, struct child *child,
                        struct complaint *complaint)
{
    int ends[2];
    *child = (struct child){.output = -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return complain(complaint, STATUS_IO, "%s cannot be read: %s", argv[0], strerror(errno));
    }
    const enum status status = spawn(argv, ends[1], true, &child->pid, complaint);
    (void)close(ends[1]);
    child->output = ends[0];
    if (status != STATUS_OK) {
        (void)close(ends[0]);
        *child = (struct child){.output = -1};
        return status;
    }
    if (!read_line(ends[0], line, size)) {
        child_stop(child);
        return complain(complaint, STATUS_IO, "%s ended before it said that it runs", argv[0]);
    }
    return STATUS_OK;
}

// Its output ends with it, which is what there is to wait for with a limit.
static void await_end(const struct child *child)
{
    struct pollfd watched = {.fd = child->output, .events = POLLIN};
    char rest[256];
    while (poll(&watched, 1, CHILD_PATIENCE_MS) > 0 && read(child->output, rest, sizeof rest) > 0) {
    }
}

void child_stop(struct child *child)
{
    if (child->pid > 0) {
        int ended = 0;
        (void)kill(child->pid, SIGTERM);
        await_end(child);
        // Nothing happens to one that has ended.
        (void)kill(child->pid, SIGKILL);
        while (waitpid(child->pid, &ended, 0) < 0 && errno == EINTR) {
        }
    }
    if (child->output >= 0) {
        (void)close(child->output);
    }
    *child = (struct child){.output = -1};
}
