// SPDX-License-Identifier: GPL-3.0-or-later
// The last program that was committed is what the next is compared with. A module of the patch goes on where that has
// one of the same uid and number of voices; a cable where it has one between the same ports of modules that go on.
// What is found there and is not wanted any more stays, silent or on its way to silence, until the compiler is told
// that it settled.
//
// Memory is given out by first fit around everything that the last program and those before it may still use. A place
// is free when two settlings have passed: the first leaves its owner out of the next program, and the second says that
// this program plays.
#include "synth/compiler_parts.h"

#include <stdlib.h>
#include <string.h>

struct compiler *compiler_new(double rate, uint32_t ins, uint32_t outs)
{
    // A module that is given a channel which the device does not have is silent, so every device takes every patch.
    (void)ins;
    (void)outs;
    struct compiler *compiler = calloc(1, sizeof *compiler);
    if (compiler) {
        compiler->rate = rate;
    }
    return compiler;
}

void compiler_free(struct compiler *compiler)
{
    free(compiler);
}

enum status compiler_compile(struct compiler *compiler, const struct patch *patch, compiler_file *file, void *closure,
                             struct program *program, struct complaint *complaint)
{
    enum status status = compiler_check_cycles(patch, &compiler->graph, complaint);
    if (!status) {
        status = compiler_voices(patch, compiler->voices, complaint);
    }
    if (!status) {
        status = compiler_draft(compiler, patch, complaint);
    }
    if (!status) {
        status = compiler_lay(compiler, file, closure, complaint);
    }
    if (!status) {
        memcpy(program, &compiler->next.program, sizeof *program);
    }
    return status;
}

void compiler_commit(struct compiler *compiler)
{
    memcpy(&compiler->last, &compiler->next, sizeof compiler->last);
    compiler->is_settled = false;
}

bool compiler_is_leaving(const struct compiler *compiler)
{
    const struct plan *last = &compiler->last;
    for (uint32_t i = 0; i < last->program.modules; i++) {
        if (last->module_leaves[i]) {
            return true;
        }
    }
    for (uint32_t i = 0; i < last->program.cables; i++) {
        if (last->cable_leaves[i]) {
            return true;
        }
    }
    return false;
}

void compiler_settle(struct compiler *compiler)
{
    compiler->is_settled = true;
    compiler->last.hot_count = 0;
    compiler->last.cold_count = 0;
}
