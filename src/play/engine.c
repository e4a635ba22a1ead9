// SPDX-License-Identifier: GPL-3.0-or-later
// The parts and their order: the device says what the format is; shared memory of that format; the conductor, the
// device's callback; the keeper, who starts the slots; then the device may call. They go in the opposite order, after
// the conductor has faded out.
#include "play/engine.h"

#include "core/clock.h"
#include "play/cores.h"
#include "play/engine_parts.h"
#include "play/waker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 50,
    PATIENCE_MAX_MS = 60000,
    FADE_LOOKS = 200,
    WAKER_PRIORITY = 4, ///< above the slots' (play/slot.c), below that of JACK's clients
};

static const int64_t LOOK_NS = 2000000;
static const double LEAD_MAX_S = 0.1;

static void process(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME;

static void process(void *closure, const float *const *in, float *const *out, uint32_t frames)
{
    const struct engine *engine = closure;
    conductor_process(engine->conductor, in, out, frames);
}

static enum status open_device(struct engine *engine, struct complaint *complaint)
{
    const struct device_options *wanted = &engine->options.device;
    const enum status status = device_open(wanted, process, engine, &engine->device, complaint);
    if (status) {
        return status;
    }
    const double rate = device_rate(engine->device);
    const uint32_t block = device_block(engine->device);
    if (shared_format_make(rate, block, wanted->ins, wanted->outs, &engine->format) != STATUS_OK) {
        return complain(complaint, STATUS_RANGE,
                        "the device has %.0f frames a second and periods of %u: 8000 to 192000, and up to %d, can be",
                        rate, block, DEVICE_BLOCK_MAX);
    }
    return recorder_new(rate, wanted->outs, &engine->recorder)
               ? complain(complaint, STATUS_NO_MEMORY, "no memory for the recorder")
               : STATUS_OK;
}

// Where the slots will run (play/slot.c): on one core all have the same.
static void place_slots(struct conductor *conductor)
{
    struct cores cores;
    if (!cores_look(&cores)) {
        return;
    }
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        cpu_set_t share;
        if (cores_share(&cores, slot, SHARED_SLOTS, &share) || cores_share(&cores, 0, 1, &share)) {
            conductor_place(conductor, slot, &share);
        }
    }
}

static enum status set_lead(struct engine *engine, struct complaint *complaint)
{
    const uint32_t room = conductor_lead_max(engine->conductor);
    const uint32_t lasting = (uint32_t)(LEAD_MAX_S * engine->format.rate / engine->format.block);
    const uint32_t most = lasting < 1 ? 1 : lasting < room ? lasting : room;
    if (engine->options.lead > most) {
        return complain(complaint, STATUS_RANGE, "a lead of %u blocks: with %u frames a block it can be up to %u",
                        engine->options.lead, engine->format.block, most);
    }
    conductor_set_lead(engine->conductor, engine->options.lead);
    return STATUS_OK;
}

static enum status share(struct engine *engine, struct complaint *complaint)
{
    const size_t score_size = shared_score_size(&engine->format);
    const size_t area_size = shared_area_size(&engine->format);
    engine->score_fd = shared_new("tutti-score", score_size);
    engine->score = engine->score_fd < 0 ? NULL : shared_map(engine->score_fd, score_size, true);
    bool complete = engine->score != NULL;
    for (uint32_t slot = 0; slot < SHARED_SLOTS && complete; slot++) {
        engine->area_fd[slot] = shared_new("tutti-slot", area_size);
        engine->area[slot] = engine->area_fd[slot] < 0 ? NULL : shared_map(engine->area_fd[slot], area_size, false);
        complete = engine->area[slot] != NULL;
    }
    if (!complete) {
        return complain(complaint, STATUS_IO, "shared memory of %zu MB: %s",
                        (score_size + SHARED_SLOTS * area_size) >> 20, strerror(errno));
    }
    shared_score_init(engine->score, &engine->format);
    engine->conductor = conductor_new(engine->score, engine->area, engine->recorder);
    if (!engine->conductor) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the engine");
    }
    const enum status status = set_lead(engine, complaint);
    if (status) {
        return status;
    }
    place_slots(engine->conductor);
    engine->waker = waker_new(&engine->score->pulse, WAKER_PRIORITY);
    conductor_wake_by(engine->conductor, engine->waker);
    return STATUS_OK;
}

static enum status start(struct engine *engine, struct complaint *complaint)
{
    const struct engine_options *options = &engine->options;
    const uint32_t patience = options->patience_ms ? options->patience_ms : PATIENCE_MS;
    const struct keeper_options keeping = {
        .score = engine->score,
        .area = {engine->area[0], engine->area[1]},
        .score_fd = engine->score_fd,
        .area_fd = {engine->area_fd[0], engine->area_fd[1]},
        .conductor = engine->conductor,
        .program = options->slot ? options->slot : "/proc/self/exe",
        .alone = options->alone,
        .patience_ms = patience < PATIENCE_MAX_MS ? patience : PATIENCE_MAX_MS,
    };
    enum status status = keeper_new(&keeping, &engine->keeper, complaint);
    status = status ? status : device_start(engine->device, complaint);
    engine->started = status == STATUS_OK;
    return status;
}

enum status engine_new(const struct engine_options *options, struct engine **out, struct complaint *complaint)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the engine");
    }
    engine->options = *options;
    engine->score_fd = engine->area_fd[0] = engine->area_fd[1] = -1;
    if (pthread_mutex_init(&engine->sending, NULL) != 0) {
        free(engine);
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the engine");
    }
    engine->kept = kept_new();
    enum status status =
        engine->kept ? open_device(engine, complaint) : complain(complaint, STATUS_NO_MEMORY, "no memory for files");
    status = status ? status : share(engine, complaint);
    status = status ? status : start(engine, complaint);
    if (status) {
        engine_free(engine);
        return status;
    }
    *out = engine;
    return STATUS_OK;
}

static void fade_out(struct engine *engine)
{
    conductor_leave(engine->conductor);
    for (int look = 0; look < FADE_LOOKS && !conductor_has_left(engine->conductor); look++) {
        if (device_is_gone(engine->device)) {
            return;
        }
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
}

static void close_shared(struct engine *engine)
{
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        shared_unmap(engine->area[slot], shared_area_size(&engine->format));
        if (engine->area_fd[slot] >= 0) {
            (void)close(engine->area_fd[slot]);
        }
    }
    shared_unmap(engine->score, shared_score_size(&engine->format));
    if (engine->score_fd >= 0) {
        (void)close(engine->score_fd);
    }
}

void engine_free(struct engine *engine)
{
    if (!engine) {
        return;
    }
    const bool is_free = engine_give_up(engine);
    if (engine->started) {
        fade_out(engine);
    }
    if (engine->device) {
        device_hush(engine->device);
    }
    keeper_free(engine->keeper);
    if (engine->device && is_free) {
        engine_close_device(engine);
    }
    conductor_free(engine->conductor);
    waker_free(engine->waker);
    recorder_free(engine->recorder);
    close_shared(engine);
    kept_free(engine->kept);
    (void)pthread_mutex_destroy(&engine->sending);
    if (is_free) {
        free(engine);
    }
}

enum status engine_push(struct engine *engine, const struct command *commands, uint32_t count, uint32_t limit)
{
    struct command *copies = malloc(count * sizeof *copies);
    if (!copies) {
        return STATUS_NO_MEMORY;
    }
    memcpy(copies, commands, count * sizeof *copies);
    const uint64_t now = engine_now(engine);
    (void)pthread_mutex_lock(&engine->sending);
    for (uint32_t i = 0; i < count; i++) {
        copies[i].order = engine->order++;
        // What is meant for later is not late.
        copies[i].stamp = copies[i].frame > now ? 0 : copies[i].stamp;
    }
    const bool sent = inbox_send(conductor_inbox(engine->conductor), copies, count, limit);
    (void)pthread_mutex_unlock(&engine->sending);
    free(copies);
    atomic_fetch_add(sent ? &engine->commands : &engine->refused, count);
    return sent ? STATUS_OK : STATUS_FULL;
}

static enum status check(const struct engine *engine, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_SET:
    case COMMAND_EVENT:
        return STATUS_OK;
    case COMMAND_FAULT:
        return engine->options.faults ? STATUS_OK : STATUS_UNSUPPORTED;
    default:
        return STATUS_INVALID;
    }
}

enum status engine_send(struct engine *engine, const struct command *commands, uint32_t count, uint64_t *frame)
{
    for (uint32_t i = 0; i < count; i++) {
        const enum status status = check(engine, &commands[i]);
        if (status) {
            return status;
        }
    }
    const uint64_t now = engine_now(engine);
    if (frame) {
        *frame = count > 0 && commands[0].frame > now ? commands[0].frame : now;
    }
    if (count == 0) {
        return STATUS_OK;
    }
    if (count > ENGINE_TIMED_MAX) {
        atomic_fetch_add(&engine->refused, count);
        return STATUS_FULL;
    }
    return engine_push(engine, commands, count, ENGINE_TIMED_MAX);
}

enum status engine_keep(struct engine *engine, const char *path, char kept[PROGRAM_FILE_SIZE],
                        struct complaint *complaint)
{
    return kept_file(engine->kept, path, kept, complaint);
}
