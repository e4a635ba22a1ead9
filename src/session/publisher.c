// SPDX-License-Identifier: GPL-3.0-or-later
// Modules and cables that are removed play on until their gains have reached 0, 10 ms after the swap. What is left of
// them takes up room in the program, and is dropped by one more program as soon as the fades are over. Somebody who
// edits without a pause would put that off until the program is full; then the edit waits for the fades.
//
// What was dropped keeps its memory until the program without it is known to play. So where memory is what is full, the
// edit waits once more: for a program of the patch as it was, without what has faded.
#include "session/publisher.h"

#include "core/clock.h"
#include "core/log.h"
#include "synth/compiler.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { RETRY_MS = 1000, TRIES_MS = 500 };

static const double FADE_S = 0.015;
static const int64_t NS_PER_MS = 1000000;

struct publisher {
    struct engine *engine;
    struct compiler *compiler;
    struct program *program;
    struct patch *last; ///< that was posted; NULL where there was no memory for it
    uint64_t faded;     ///< the frame by which all that leaves has faded
    _Atomic uint64_t programs;
};

struct publisher *publisher_new(struct engine *engine)
{
    struct publisher *publisher = calloc(1, sizeof *publisher);
    if (publisher) {
        publisher->engine = engine;
        publisher->program = calloc(1, sizeof *publisher->program);
        publisher->compiler = compiler_new(engine_rate(engine), engine_ins(engine), engine_outs(engine));
        if (publisher->program && publisher->compiler) {
            return publisher;
        }
    }
    publisher_free(publisher);
    return NULL;
}

void publisher_free(struct publisher *publisher)
{
    if (publisher) {
        compiler_free(publisher->compiler);
        patch_free(publisher->last);
        free(publisher->program);
        free(publisher);
    }
}

static enum status keep_file(void *closure, const struct patch_module *module, char path[PROGRAM_FILE_SIZE],
                             struct complaint *complaint)
{
    struct publisher *publisher = closure;
    struct complaint reason;
    const enum status status = engine_keep(publisher->engine, module->file, path, &reason);
    return status == STATUS_OK ? STATUS_OK
                               : complain(complaint, status, "module \"%s\": %.200s", module->id, reason.text);
}

static enum status compile(struct publisher *publisher, const struct patch *patch, struct complaint *complaint)
{
    return compiler_compile(publisher->compiler, patch, keep_file, publisher, publisher->program, complaint);
}

static bool has_faded(const struct publisher *publisher)
{
    return engine_now(publisher->engine) >= publisher->faded;
}

static enum status post(struct publisher *publisher, const struct patch *patch, uint64_t frame, uint64_t *begins,
                        struct complaint *complaint)
{
    struct complaint reason;
    const enum status status = engine_post(publisher->engine, publisher->program, frame, begins, &reason);
    if (status == STATUS_AGAIN) {
        // The engine has it and plays it when it can: it is the patch all the same, from the same frame on.
        log_write(LOG_LEVEL_WARNING, "no_slot_plays", "reason=%s", reason.text);
    } else if (status != STATUS_OK) {
        return complain(complaint, status, "%s", reason.text);
    }
    compiler_commit(publisher->compiler);
    if (patch != publisher->last) {
        patch_free(publisher->last);
        publisher->last = patch_copy(patch);
    }
    atomic_fetch_add(&publisher->programs, 1);
    // The device may have asked for more while the swap was on its way, which then comes a block later.
    const uint64_t now = engine_now(publisher->engine);
    const uint64_t swapped = (*begins > now ? *begins : now) + engine_block(publisher->engine);
    const uint64_t faded = swapped + (uint64_t)(FADE_S * engine_rate(publisher->engine));
    publisher->faded = faded > publisher->faded ? faded : publisher->faded;
    return STATUS_OK;
}

// Waits for the fades of what was posted last, and lets the compiler know. False where that takes too long.
static bool settle_in_time(struct publisher *publisher)
{
    for (int ms = 0; !has_faded(publisher); ms++) {
        if (ms == TRIES_MS) {
            return false;
        }
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
    }
    compiler_settle(publisher->compiler);
    return true;
}

static bool drop_what_faded(struct publisher *publisher)
{
    uint64_t begins = 0;
    return publisher->last && compiler_is_leaving(publisher->compiler) &&
           compile(publisher, publisher->last, NULL) == STATUS_OK &&
           post(publisher, publisher->last, 0, &begins, NULL) == STATUS_OK;
}

// Room that is taken by what is on its way out becomes free within milliseconds.
static enum status compile_with_patience(struct publisher *publisher, const struct patch *patch,
                                         struct complaint *complaint)
{
    enum status status = compile(publisher, patch, complaint);
    if (status == STATUS_FULL && settle_in_time(publisher)) {
        status = compile(publisher, patch, complaint);
    }
    if (status == STATUS_FULL && drop_what_faded(publisher) && settle_in_time(publisher)) {
        status = compile(publisher, patch, complaint);
    }
    return status;
}

enum status publisher_check(struct publisher *publisher, const struct patch *patch, struct complaint *complaint)
{
    return compile_with_patience(publisher, patch, complaint);
}

enum status publisher_publish(struct publisher *publisher, const struct patch *patch, uint64_t frame, uint64_t *begins,
                              struct complaint *complaint)
{
    const enum status status = compile_with_patience(publisher, patch, complaint);
    return status == STATUS_OK ? post(publisher, patch, frame, begins, complaint) : status;
}

int publisher_settle(struct publisher *publisher, const struct patch *patch)
{
    if (!compiler_is_leaving(publisher->compiler)) {
        return -1;
    }
    if (!has_faded(publisher)) {
        const uint64_t left = publisher->faded - engine_now(publisher->engine);
        const double ms = (double)left * 1000 / engine_rate(publisher->engine);
        return ms < RETRY_MS ? (int)ms + 1 : RETRY_MS;
    }
    uint64_t begins = 0;
    struct complaint complaint;
    compiler_settle(publisher->compiler);
    enum status status = compile(publisher, patch, &complaint);
    if (status == STATUS_OK) {
        status = post(publisher, patch, 0, &begins, &complaint);
    }
    if (status != STATUS_OK) {
        log_write(LOG_LEVEL_WARNING, "settle_failed", "reason=%s", complaint.text);
        return RETRY_MS;
    }
    return -1;
}

uint64_t publisher_programs(const struct publisher *publisher)
{
    return atomic_load(&publisher->programs);
}
