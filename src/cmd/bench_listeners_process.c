// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/bench_listeners_process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The first bytes of /proc/PID/NAME.
static bool read_proc(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    text[fread(text, 1, size - 1, file)] = '\0';
    (void)fclose(file);
    return text[0] != '\0';
}

// The number behind `skip` words that spaces end; false where there is none.
static bool read_number(const char *text, int skip, unsigned long long *number)
{
    for (int i = 0; i < skip; i++) {
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
    char *end = NULL;
    *number = strtoull(text, &end, 10);
    return end != text;
}

// Fields 14 and 15 of stat; the second, the name, is in brackets and may contain anything.
static bool read_cpu(pid_t pid, double *cpu_s)
{
    enum { USER = 12, SYSTEM = 13 };
    char text[1024];
    unsigned long long user = 0;
    unsigned long long system = 0;
    const char *after = read_proc(pid, "stat", text, sizeof text) ? strrchr(text, ')') : NULL;
    if (!after || !read_number(after, USER, &user) || !read_number(after, SYSTEM, &system)) {
        return false;
    }
    *cpu_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    return true;
}

static unsigned count_files(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *files = opendir(path);
    const struct dirent *file = NULL;
    unsigned count = 0;
    while (files && (file = readdir(files))) {
        count += file->d_name[0] != '.';
    }
    if (files) {
        (void)closedir(files);
    }
    return count;
}

bool process_use_read(pid_t pid, struct process_use *use)
{
    char text[256];
    unsigned long long resident = 0;
    *use = (struct process_use){0};
    if (!read_cpu(pid, &use->cpu_s) || !read_proc(pid, "statm", text, sizeof text) ||
        !read_number(text, 1, &resident)) {
        return false;
    }
    use->resident_bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
    use->open_files = count_files(pid);
    return true;
}
