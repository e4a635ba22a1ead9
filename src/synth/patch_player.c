// SPDX-License-Identifier: GPL-3.0-or-later
// The events get their frames once, at the beginning; rendering then stops at each of them.
#include "synth/patch_player.h"

#include "core/denormals.h"
#include "synth/compiler.h"
#include "synth/rack.h"
#include "synth/timeline.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHANNELS = 2, CHUNK = 1 << 20 };

static const double BPM = 120;

struct timed_event {
    uint64_t frame;
    struct module_event event;
};

struct patch_player {
    struct rack *rack;
    struct timed_event *events;
    size_t count, next;
    uint64_t frame, frames;
};

static enum status no_memory(struct complaint *complaint)
{
    return complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

/// The file as it is: there is one process, and it is read before the first frame.
static enum status file_as_it_is(void *closure, const struct patch_module *module, char path[PROGRAM_FILE_SIZE],
                                 struct complaint *complaint)
{
    (void)closure;
    (void)complaint;
    (void)snprintf(path, PROGRAM_FILE_SIZE, "%s", module->file);
    return STATUS_OK;
}

static enum status compile(const struct patch *patch, double rate, struct program *program, struct complaint *complaint)
{
    struct compiler *compiler = compiler_new(rate, 0, CHANNELS);
    if (!compiler) {
        return no_memory(complaint);
    }
    const enum status status = compiler_compile(compiler, patch, file_as_it_is, NULL, program, complaint);
    compiler_free(compiler);
    return status;
}

static enum status set_up_rack(struct patch_player *player, const struct patch *patch, double rate,
                               struct complaint *complaint)
{
    struct program *program = calloc(1, sizeof *program);
    if (!program) {
        return no_memory(complaint);
    }
    struct rack_bench *bench = NULL;
    enum status status = compile(patch, rate, program, complaint);
    if (status == STATUS_OK) {
        status = rack_new(rate, 0, CHANNELS, &player->rack);
        if (status != STATUS_OK) {
            (void)complain(complaint, status, "a patch is not rendered at %g frames a second: %s", rate,
                           status_text(status));
        }
    }
    if (status == STATUS_OK) {
        status = rack_prepare(player->rack, program, &bench, complaint);
    }
    if (status == STATUS_OK) {
        rack_swap(player->rack, bench);
    }
    free(program);
    return status;
}

/// What \p event is to modules. False for what they do not hear.
static bool translate(const struct event *event, struct module_event *out)
{
    if (event->kind == EVENT_RESET) {
        *out = (struct module_event){.kind = MODULE_EVENT_PANIC};
        return true;
    }
    if (event->kind == EVENT_MIDI) {
        *out = (struct module_event){.kind = MODULE_EVENT_MIDI,
                                     .status = (uint8_t)(event->midi.status | event->channel),
                                     .data1 = event->midi.data[0],
                                     .data2 = event->midi.data[1]};
        return true;
    }
    return false;
}

static enum status time_events(struct patch_player *player, const struct score *score, double rate,
                               struct complaint *complaint)
{
    struct timeline timeline;
    timeline_init(&timeline, rate, BPM);
    player->events = calloc(score->count + 1, sizeof *player->events);
    if (!player->events) {
        return no_memory(complaint);
    }
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_TEMPO && timeline_bpm_valid(event->bpm)) {
            timeline_turn_at_tick(&timeline, event->tick, event->bpm);
        }
        struct timed_event *timed = &player->events[player->count];
        timed->frame = (uint64_t)timeline_frame(&timeline, event->tick);
        player->frames = timed->frame;
        player->count += translate(event, &timed->event);
    }
    return STATUS_OK;
}

enum status patch_player_new(const struct patch *patch, const struct score *score, double rate,
                             struct patch_player **out, struct complaint *complaint)
{
    *out = NULL;
    struct patch_player *player = calloc(1, sizeof *player);
    if (!player) {
        return no_memory(complaint);
    }
    enum status status = set_up_rack(player, patch, rate, complaint);
    if (status == STATUS_OK && score) {
        status = time_events(player, score, rate, complaint);
    }
    if (status != STATUS_OK) {
        patch_player_free(player);
        return status;
    }
    *out = player;
    return STATUS_OK;
}

void patch_player_free(struct patch_player *player)
{
    if (player) {
        rack_free(player->rack);
        free(player->events);
        free(player);
    }
}

/// Hands over what is due.
static void play_due(struct patch_player *player)
{
    while (player->next < player->count && player->events[player->next].frame <= player->frame) {
        const bool heard = rack_event(player->rack, 0, &player->events[player->next].event);
        (void)heard; // a patch without a module for notes plays by itself
        player->next++;
    }
}

void patch_player_render(struct patch_player *player, float *left, float *right, size_t frames)
{
    (void)denormals_flush();
    for (size_t done = 0; done < frames;) {
        play_due(player);
        uint64_t now = frames - done < CHUNK ? frames - done : CHUNK;
        if (player->next < player->count && player->events[player->next].frame - player->frame < now) {
            now = player->events[player->next].frame - player->frame;
        }
        rack_render(player->rack, NULL, (float *const[]){left + done, right + done}, (uint32_t)now);
        player->frame += now;
        done += now;
    }
}

uint64_t patch_player_frame(const struct patch_player *player)
{
    return player->frame;
}

uint64_t patch_player_frames(const struct patch_player *player)
{
    return player->frames;
}

uint64_t patch_player_broken(const struct patch_player *player)
{
    return rack_broken(player->rack);
}
