// SPDX-License-Identifier: GPL-3.0-or-later
// On a line, with one window for all, to pair each marked moment in turn with the first that is near enough and free
// makes as many pairs as can be made.
#include "cmd/bench_listen_score.h"

#include "cmd/figures.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 4096, ROOM = 64 };

enum status moments_add(struct moments *moments, double at)
{
    if (moments->count == moments->room) {
        const size_t room = moments->room ? 2 * moments->room : ROOM;
        double *grown = reallocarray(moments->at, room, sizeof *grown);
        if (!grown) {
            return STATUS_NO_MEMORY;
        }
        moments->at = grown;
        moments->room = room;
    }
    moments->at[moments->count++] = at;
    return STATUS_OK;
}

void moments_sort(struct moments *moments)
{
    if (moments->count > 0) {
        sort_values(moments->at, moments->count);
    }
}

void moments_done(struct moments *moments)
{
    free(moments->at);
    *moments = (struct moments){0};
}

void moments_thin(struct moments *moments, double from, double apart)
{
    size_t kept = 0;
    double before = -INFINITY;
    for (size_t i = 0; i < moments->count; i++) {
        const double at = moments->at[i];
        // Each is compared with the one before it, kept or not.
        if (at >= from && at - before > apart) {
            moments->at[kept++] = at;
        }
        before = at;
    }
    moments->count = kept;
}

// False where there is no memory; a line that does not begin with a number is passed over.
static enum status add_line(const char *line, struct moments *moments)
{
    char *end = NULL;
    const double at = strtod(line, &end);
    return end == line ? STATUS_OK : moments_add(moments, at);
}

enum status moments_parse(const char *text, struct moments *moments)
{
    enum status status = STATUS_OK;
    while (*text && status == STATUS_OK) {
        const size_t length = strcspn(text, "\n");
        if (length > 0) {
            status = add_line(text, moments);
        }
        text += length + (text[length] ? 1 : 0);
    }
    return status;
}

enum status moments_read(const char *path, struct moments *moments, struct complaint *complaint)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return complain(complaint, STATUS_IO, "%.150s: %s", path, strerror(errno));
    }
    char line[LINE_SIZE];
    enum status status = STATUS_OK;
    while (status == STATUS_OK && fgets(line, sizeof line, file)) {
        status = add_line(line, moments);
    }
    (void)fclose(file);
    return status ? complain(complaint, status, "out of memory") : STATUS_OK;
}

double moments_f_measure(const struct moments *marked, const struct moments *heard, double window)
{
    size_t pairs = 0;
    size_t next = 0;
    for (size_t i = 0; i < marked->count; i++) {
        while (next < heard->count && heard->at[next] < marked->at[i] - window) {
            next++;
        }
        if (next < heard->count && heard->at[next] <= marked->at[i] + window) {
            pairs++;
            next++;
        }
    }
    const size_t all = marked->count + heard->count;
    return all > 0 ? 2.0 * (double)pairs / (double)all : 0.0;
}
