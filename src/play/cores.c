// SPDX-License-Identifier: GPL-3.0-or-later
// A core is named by the first processor in its list of siblings. Cores are dealt in turn in the order of these names,
// so that where a machine has fast and slow ones, or several packages, every share has some of each.
#include "play/cores.h"

#include <pthread.h>
#include <stdio.h>

enum { PATH_SIZE = 96 };

static uint16_t first_sibling(uint16_t cpu)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", cpu);
    FILE *file = fopen(path, "re");
    if (!file) {
        return cpu;
    }
    unsigned first = cpu;
    const bool is_told = fscanf(file, "%u", &first) == 1 && first < CPU_SETSIZE; // NOLINT(cert-err34-c)
    (void)fclose(file);
    return is_told ? (uint16_t)first : cpu;
}

bool cores_look(struct cores *cores)
{
    cpu_set_t allowed;
    const bool told = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
    for (uint16_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        cores->core[cpu] = told && CPU_ISSET(cpu, &allowed) ? first_sibling(cpu) : CORES_NONE;
    }
    return told;
}

bool cores_share(const struct cores *cores, unsigned part, unsigned parts, cpu_set_t *out)
{
    CPU_ZERO(out);
    cpu_set_t names;
    CPU_ZERO(&names);
    for (uint16_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (cores->core[cpu] != CORES_NONE) {
            CPU_SET(cores->core[cpu], &names);
        }
    }
    if (part >= parts || (unsigned)CPU_COUNT(&names) < parts) {
        return false;
    }
    unsigned number = 0;
    for (uint16_t name = 0; name < CPU_SETSIZE; name++) {
        if (!CPU_ISSET(name, &names) || number++ % parts != part) {
            continue;
        }
        for (uint16_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
            if (cores->core[cpu] == name) {
                CPU_SET(cpu, out);
            }
        }
    }
    return true;
}

bool cores_keep_apart(unsigned part, unsigned parts)
{
    struct cores cores;
    cpu_set_t share;
    return cores_look(&cores) && cores_share(&cores, part, parts, &share) &&
           pthread_setaffinity_np(pthread_self(), sizeof share, &share) == 0;
}
