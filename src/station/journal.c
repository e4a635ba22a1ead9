// SPDX-License-Identifier: GPL-3.0-or-later
// A journal is opened by reading it and writing it anew beside the old one, which the new one then replaces: what an
// editor or a killed process left of widths and half lines is put right, and a half-made file is never seen.
#include "station/journal.h"

#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH = 256, BIRTH_WIDTH = 2 * WIDTH, PATH_ROOM = 4096 };

static const off_t POSITION_AT = BIRTH_WIDTH;
static const off_t CHANGES_AT = BIRTH_WIDTH + WIDTH;

struct journal {
    int old_fd; ///< of the file that this one takes the place of, while it is opened; else -1
    int fd;
    char path[PATH_ROOM];
    struct life life;
    size_t written; ///< changes that are in the file
    bool resumed;
    bool failing; ///< the last write did not go through, and the log has told
    bool full;    ///< the log has told
    bool lost;    ///< a change was not even remembered: from here on the file would tell another life
};

// Files.

static bool write_at(int fd, const char *bytes, size_t size, off_t at)
{
    const ssize_t wrote = pwrite(fd, bytes, size, at);
    if (wrote >= 0 && (size_t)wrote < size) {
        errno = ENOSPC;
    }
    return wrote == (ssize_t)size;
}

static enum status cannot(struct complaint *complaint, const char *what, const char *path)
{
    const int error = errno;
    return complain(complaint, STATUS_IO, "%s %.100s: %s: give a state directory that the server may read and write",
                    what, path, strerror(error));
}

static enum status read_all(int fd, const char *path, char **bytes, size_t *size, struct complaint *complaint)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return cannot(complaint, "cannot read", path);
    }
    if (!S_ISREG(about.st_mode)) {
        return complain(complaint, STATUS_IO, "%.100s is no file: move it away", path);
    }
    // A byte more than the longest life shows that it is longer.
    const size_t most = (size_t)LIFE_BYTES_MAX + 1;
    *size = 0;
    *bytes = malloc((size_t)about.st_size < most ? (size_t)about.st_size + 1 : most);
    if (!*bytes) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory for %.100s", path);
    }
    const size_t wanted = (size_t)about.st_size < most ? (size_t)about.st_size : most;
    while (*size < wanted) {
        const ssize_t got = pread(fd, *bytes + *size, wanted - *size, (off_t)*size);
        if (got < 0 && errno != EINTR) {
            (void)cannot(complaint, "cannot read", path);
            free(*bytes);
            *bytes = NULL;
            return STATUS_IO;
        }
        if (got == 0) {
            break;
        }
        *size += got > 0 ? (size_t)got : 0;
    }
    return STATUS_OK;
}

static enum status set_aside(const char *path, const char *suffix, const char *why, struct complaint *complaint)
{
    char aside[PATH_ROOM + 8];
    (void)snprintf(aside, sizeof aside, "%s.%s", path, suffix);
    if (rename(path, aside) != 0) {
        return cannot(complaint, "cannot set aside", path);
    }
    log_write(LOG_LEVEL_WARNING, "state_set_aside", "file=%s reason=%s", aside, why);
    return STATUS_OK;
}

// Opening.

static const char *misfit(const struct life *life, const struct journal_options *options)
{
    const struct life_birth *birth = &options->birth;
    if (life->birth.rate != birth->rate) {
        return "the station has another sample rate now";
    }
    return options->seed_given && life->birth.seed != birth->seed ? "the station has another seed now" : NULL;
}

// Takes over the life that is in \p fd, or sets the file aside.
static enum status read_life(struct journal *journal, int fd, const struct journal_options *options,
                             struct complaint *complaint)
{
    struct complaint why = {""};
    char *bytes = NULL;
    size_t size = 0;
    enum status status = read_all(fd, journal->path, &bytes, &size, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    status = life_parse(bytes, size, options->presets, &journal->life, &why);
    free(bytes);
    if (status == STATUS_NO_MEMORY) {
        return complain(complaint, status, "out of memory for %.100s", journal->path);
    }
    if (status == STATUS_OK && strcmp(journal->life.birth.station, options->birth.station) != 0) {
        status = complain(&why, STATUS_CORRUPT, "it is of a station \"%s\"", journal->life.birth.station);
    }
    const char *reason = status == STATUS_OK ? misfit(&journal->life, options) : why.text;
    if (!reason) {
        journal->resumed = true;
        return STATUS_OK;
    }
    life_done(&journal->life);
    return set_aside(journal->path, status == STATUS_OK ? "old" : "bad", reason, complaint);
}

static enum status look_for_life(struct journal *journal, const struct journal_options *options,
                                 struct complaint *complaint)
{
    const int fd = open(journal->path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_OK : cannot(complaint, "cannot open", journal->path);
    }
    const enum status status =
        flock(fd, LOCK_EX | LOCK_NB) != 0
            ? complain(complaint, STATUS_IN_USE, "another server uses %.100s: give a state directory of its own",
                       journal->path)
            : read_life(journal, fd, options, complaint);
    // Its lock is held until another file stands in its place, locked too: so no two servers go on with one life.
    journal->old_fd = fd;
    return status;
}

static bool write_change(const struct journal *journal, size_t index)
{
    char line[WIDTH + 1];
    if (!life_print_change(&journal->life.changes[index], WIDTH, line)) {
        errno = EOVERFLOW;
        return false;
    }
    return write_at(journal->fd, line, WIDTH, CHANGES_AT + (off_t)(index * WIDTH));
}

static bool write_position(const struct journal *journal)
{
    char line[WIDTH + 1];
    if (!life_print_position(&journal->life.position, WIDTH, line)) {
        errno = EOVERFLOW;
        return false;
    }
    return write_at(journal->fd, line, WIDTH, POSITION_AT);
}

static bool write_changes(struct journal *journal)
{
    while (journal->written < journal->life.count && write_change(journal, journal->written)) {
        journal->written++;
    }
    return journal->written == journal->life.count;
}

static bool write_whole(struct journal *journal)
{
    char line[BIRTH_WIDTH + 1];
    if (!life_print_birth(&journal->life.birth, BIRTH_WIDTH, line)) {
        errno = EOVERFLOW;
        return false;
    }
    return write_at(journal->fd, line, BIRTH_WIDTH, 0) && write_position(journal) && write_changes(journal);
}

static enum status begin_file(struct journal *journal, struct complaint *complaint)
{
    char fresh[PATH_ROOM + 8];
    (void)snprintf(fresh, sizeof fresh, "%s.new", journal->path);
    journal->fd = open(fresh, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (journal->fd < 0) {
        return cannot(complaint, "cannot make", fresh);
    }
    if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0) {
        return complain(complaint, STATUS_IN_USE, "another server uses %.100s: give a state directory of its own",
                        fresh);
    }
    // Now that it is ours; and on the disk before it takes the place of the only other copy.
    if (ftruncate(journal->fd, 0) != 0 || !write_whole(journal) || fsync(journal->fd) != 0 ||
        rename(fresh, journal->path) != 0) {
        const enum status status = cannot(complaint, "cannot write", fresh);
        (void)unlink(fresh);
        return status;
    }
    return STATUS_OK;
}

static void close_old(struct journal *journal)
{
    if (journal->old_fd >= 0) {
        (void)close(journal->old_fd);
        journal->old_fd = -1;
    }
}

static enum status open_file(struct journal *journal, const struct journal_options *options,
                             struct complaint *complaint)
{
    const int length =
        snprintf(journal->path, sizeof journal->path, "%s/%s.station", options->dir, options->birth.station);
    if (length < 0 || (size_t)length >= sizeof journal->path) {
        return complain(complaint, STATUS_RANGE, "the path of the state directory is too long: give a shorter one");
    }
    if (mkdir(options->dir, 0750) != 0 && errno != EEXIST) {
        return cannot(complaint, "cannot make", options->dir);
    }
    const enum status status = look_for_life(journal, options, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    if (!journal->resumed) {
        journal->life.birth = options->birth;
    }
    memcpy(journal->life.birth.renderer, options->birth.renderer, sizeof options->birth.renderer);
    const enum status begun = begin_file(journal, complaint);
    close_old(journal);
    return begun;
}

enum status journal_open(const struct journal_options *options, struct journal **out, struct complaint *complaint)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory for the state of station %s",
                        options->birth.station);
    }
    journal->fd = journal->old_fd = -1;
    const enum status status = open_file(journal, options, complaint);
    if (status != STATUS_OK) {
        journal_free(journal);
        return status;
    }
    *out = journal;
    return STATUS_OK;
}

// Going on.

static void tell(struct journal *journal, bool wrote)
{
    if (wrote == !journal->failing) {
        return;
    }
    journal->failing = !wrote;
    if (wrote) {
        log_write(LOG_LEVEL_INFO, "state_written_again", "file=%s", journal->path);
    } else {
        log_write(LOG_LEVEL_ERROR, "state_not_written", "file=%s reason=%s", journal->path, strerror(errno));
    }
}

bool journal_resumed(const struct journal *journal)
{
    return journal->resumed;
}

const struct life *journal_life(const struct journal *journal)
{
    return &journal->life;
}

void journal_change(struct journal *journal, const struct life_change *change)
{
    const enum status status = life_add(&journal->life, change);
    if (status == STATUS_NO_MEMORY) {
        journal->lost = true;
        log_write(LOG_LEVEL_ERROR, "state_lost", "file=%s reason=%s", journal->path, status_text(status));
    }
    if (status == STATUS_FULL) {
        journal->written -= journal->written == journal->life.count;
        if (!journal->full) {
            log_write(LOG_LEVEL_WARNING, "state_full", "file=%s changes=%d", journal->path, LIFE_CHANGES);
        }
        journal->full = true;
    }
    if (!journal->lost) {
        tell(journal, write_changes(journal));
    }
}

void journal_position(struct journal *journal, const struct life_position *position)
{
    if (!journal->lost) {
        journal->life.position = *position;
        tell(journal, write_changes(journal) && write_position(journal));
    }
}

void journal_free(struct journal *journal)
{
    if (journal) {
        close_old(journal);
        if (journal->fd >= 0) {
            (void)close(journal->fd);
        }
        life_done(&journal->life);
        free(journal);
    }
}
