// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/modules.h"

#include "core/nearest.h"
#include "synth/kernel/kernel.h"

#include <string.h>

extern const struct module_type *const module_types_plain[];
extern modules_summing module_sum_plain;
#if defined(MODULES_ALL_KINDS)
extern const struct module_type *const module_types_avx2[];
extern const struct module_type *const module_types_avx512[];
extern modules_summing module_sum_avx2, module_sum_avx512;
#endif

static const struct {
    const char *kind;
    const struct module_type *const *types;
    modules_summing *sum;
} kinds[] = {
#if defined(MODULES_ALL_KINDS)
    {"avx512", module_types_avx512, module_sum_avx512},
    {"avx2", module_types_avx2, module_sum_avx2},
#endif
    {"plain", module_types_plain, module_sum_plain},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct module_type *const *types_of(const char *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].kind, kind) == 0 && kernel_find(kind)) {
            return kinds[i].types;
        }
    }
    return NULL;
}

static const struct module_type *const *types_here(void)
{
    const struct module_type *const *types = types_of(kernel_choose()->name);
    return types ? types : module_types_plain;
}

modules_summing *modules_sum(void)
{
    size_t i = 0;
    while (kinds[i].types != types_here()) {
        i++;
    }
    return kinds[i].sum;
}

size_t modules_index(const struct module_type *type)
{
    const struct module_type *const *types = types_here();
    size_t i = 0;
    while (types[i] && types[i] != type) {
        i++;
    }
    return i;
}

const struct module_type *modules_at(size_t index)
{
    return index < MODULES_COUNT ? types_here()[index] : NULL;
}

static const struct module_type *find(const struct module_type *const *types, const char *name)
{
    while (*types && strcmp((*types)->name, name) != 0) {
        types++;
    }
    return *types;
}

const struct module_type *modules_find(const char *name)
{
    return find(types_here(), name);
}

const struct module_type *modules_find_kind(const char *kind, const char *name)
{
    const struct module_type *const *types = types_of(kind);
    return types ? find(types, name) : NULL;
}

const char *modules_nearest(const char *name)
{
    const char *names[MODULES_COUNT];
    for (size_t i = 0; i < MODULES_COUNT; i++) {
        names[i] = types_here()[i]->name;
    }
    return name_nearest(name, names, MODULES_COUNT, sizeof names[0]);
}

size_t module_ports(const struct module_port *ports)
{
    size_t count = 0;
    while (ports && ports[count].name) {
        count++;
    }
    return count;
}

size_t module_params(const struct module_param *params)
{
    size_t count = 0;
    while (params && params[count].name) {
        count++;
    }
    return count;
}

int module_port_find(const struct module_port *ports, const char *name)
{
    for (int i = 0; ports && ports[i].name; i++) {
        if (strcmp(ports[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int module_param_find(const struct module_param *params, const char *name)
{
    for (int i = 0; params && params[i].name; i++) {
        if (strcmp(params[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}
