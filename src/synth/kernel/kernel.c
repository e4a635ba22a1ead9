// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/kernel/kernel.h"

#include <stdbool.h>
#include <string.h>

extern const struct kernel kernel_plain;
#if defined(__x86_64__)
extern const struct kernel kernel_avx2;
extern const struct kernel kernel_avx512;
#endif

static bool can_run(const struct kernel *kernel)
{
#if defined(__x86_64__)
    if (kernel == &kernel_avx512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
               __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx2") &&
               __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    }
    if (kernel == &kernel_avx2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2");
    }
#endif
    return kernel == &kernel_plain;
}

static const struct kernel *const kernels[] = {
#if defined(__x86_64__)
    &kernel_avx512,
    &kernel_avx2,
#endif
    &kernel_plain,
    NULL,
};

const struct kernel *kernel_choose(void)
{
    size_t i = 0;
    while (!can_run(kernels[i])) {
        i++;
    }
    return kernels[i];
}

const struct kernel *kernel_find(const char *name)
{
    for (size_t i = 0; kernels[i]; i++) {
        if (strcmp(kernels[i]->name, name) == 0 && can_run(kernels[i])) {
            return kernels[i];
        }
    }
    return NULL;
}
