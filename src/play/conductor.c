// SPDX-License-Identifier: GPL-3.0-or-later
// A block is begun with its first frame and ended with its last, whatever the numbers of frames are that the device
// asks for: frames of output are taken from the block that was begun, frames of input are gathered until it ends.
//
// At its beginning a block is taken from one slot or the other (conductor_choose.c); where there is none, the fader
// bridges the gap. The blocks' numbers go on in any case, so a slot that was stopped finds itself behind, and never
// holds up the other. At its end the commands that are due are told to the slots, which may then render another block
// (conductor_log.c).
#include "play/conductor.h"

#include "play/conductor_parts.h"
#include "play/edge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const double FADE_SECONDS = 0.005;
static const double NS_PER_S = 1e9;
static const int64_t PATIENCE_MAX_NS = 5000000;

static uint32_t lead_max(const struct conductor *conductor) REALTIME;

static uint32_t lead_max(const struct conductor *conductor)
{
    const uint32_t outs = conductor->format.ring_blocks / 2 + 2;
    const uint32_t ins = conductor->format.input_blocks / 4;
    return conductor->format.ins > 0 && ins < outs ? ins : outs;
}

// What the callback reads and writes: of a slot's memory all but the snapshot.
static void keep_pages(const struct shared_score *score, const struct shared_area *const areas[SHARED_SLOTS])
{
    const size_t size = shared_score_size(&score->format);
    const size_t ring = shared_area_size(&score->format) - sizeof **areas;
    shared_touch(score, size);
    (void)mlock(score, size);
    for (uint32_t slot = 0; slot < SHARED_SLOTS && areas[slot]; slot++) {
        shared_touch(areas[slot], offsetof(struct shared_area, saved));
        shared_touch(areas[slot] + 1, ring);
        (void)mlock(areas[slot], offsetof(struct shared_area, saved));
        (void)mlock(areas[slot] + 1, ring);
    }
}

struct conductor *conductor_new(struct shared_score *score, const struct shared_area *const areas[SHARED_SLOTS],
                                struct recorder *recorder)
{
    const struct shared_format *format = &score->format;
    const size_t output = ((size_t)format->block * format->outs * sizeof(float) + 63) & ~(size_t)63;
    const size_t input = ((size_t)format->block * format->ins * sizeof(float) + 63) & ~(size_t)63;
    const size_t size = (sizeof(struct conductor) + 63) & ~(size_t)63;
    struct conductor *conductor = aligned_alloc(64, size + 3 * output + input);
    if (!conductor) {
        return NULL;
    }
    // Written now, and kept in memory as far as the system allows, so that the callback finds every page.
    memset(conductor, 0, size + 3 * output + input);
    (void)mlock(conductor, size + 3 * output + input);
    keep_pages(score, areas);
    conductor->format = *format;
    conductor->score = score;
    conductor->recorder = recorder;
    conductor->block_bytes = (size_t)format->block * format->outs * sizeof(float);
    unsigned char *memory = (unsigned char *)conductor + size;
    conductor->played = (float *)(void *)memory;
    conductor->gathered = (float *)(void *)(memory + 3 * output);
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        conductor->area[slot] = areas[slot];
        conductor->fetched[slot] = (float *)(void *)(memory + (1 + slot) * output);
    }
    fader_init(&conductor->fader, format->outs, format->block, (uint32_t)lrint(FADE_SECONDS * format->rate));
    conductor->lead = 1;
    conductor->go = 1;
    atomic_store(&score->go, conductor->go);
    return conductor;
}

void conductor_place(struct conductor *conductor, uint32_t slot, const cpu_set_t *cores)
{
    conductor->cores[slot] = *cores;
}

uint32_t conductor_lead_max(const struct conductor *conductor)
{
    return lead_max(conductor);
}

void conductor_set_lead(struct conductor *conductor, uint32_t blocks)
{
    const uint32_t most = lead_max(conductor);
    conductor->lead = blocks < 1 ? 1 : blocks < most ? blocks : most;
    conductor->extra = conductor->lead - 1;
}

void conductor_wake_by(struct conductor *conductor, struct waker *waker)
{
    conductor->waker = waker;
}

void conductor_free(struct conductor *conductor)
{
    free(conductor);
}

static void count_occupancy(struct conductor *conductor) REALTIME;

static void count_occupancy(struct conductor *conductor)
{
    const uint32_t active = atomic_load_explicit(&conductor->counts.active, memory_order_relaxed);
    const struct shared_area *area = conductor->area[active];
    const uint64_t done = area ? atomic_load_explicit(&area->done, memory_order_relaxed) : 0;
    const uint64_t ahead = done > conductor->block ? done - conductor->block : 0;
    conductor_count(&conductor->counts.ahead, ahead);
    conductor_count(&conductor->counts.occupancy[ahead < CONDUCTOR_OCCUPANCY ? ahead : CONDUCTOR_OCCUPANCY - 1], 1);
}

// Before the first block ever, nothing is late.
static void count_late(struct conductor *conductor, bool is_late) REALTIME;

static void count_late(struct conductor *conductor, bool is_late)
{
    conductor->begun |= !is_late;
    if (conductor->begun && is_late) {
        conductor_count(&conductor->counts.late, 1);
        conductor_count(&conductor->counts.starved, conductor->starving ? 0 : 1);
        conductor->starving = true;
    } else {
        conductor->starving = false;
    }
}

// What is in the block that begins is heard from now on. `start_ns` is when.
static void count_latency(struct conductor *conductor, int64_t start_ns) REALTIME;

static void count_latency(struct conductor *conductor, int64_t start_ns)
{
    const uint64_t end = (conductor->block + 1) * conductor->format.block;
    for (; conductor->heard < conductor->logged; conductor->heard++) {
        const struct command *command = &conductor->score->log[conductor->heard % SHARED_LOG];
        if (command->frame >= end) {
            break;
        }
        const int64_t waited = start_ns - (int64_t)command->stamp;
        if (command->stamp && waited >= 0) {
            histogram_record(&conductor->counts.latency_us, (uint64_t)waited / 1000);
        }
    }
}

static void count_peaks(struct conductor *conductor) REALTIME;

static void count_peaks(struct conductor *conductor)
{
    for (uint32_t channel = 0; channel < conductor->format.outs; channel++) {
        const float *samples = conductor->played + (size_t)channel * conductor->format.block;
        float peak = 0;
        for (uint32_t i = 0; i < conductor->format.block; i++) {
            const float level = fabsf(samples[i]);
            peak = level > peak ? level : peak;
        }
        // Floats that are not negative are in order as their bits are.
        uint32_t bits;
        memcpy(&bits, &peak, sizeof bits);
        if (bits > atomic_load_explicit(&conductor->peak[channel], memory_order_relaxed)) {
            atomic_store_explicit(&conductor->peak[channel], bits, memory_order_relaxed);
        }
    }
}

static void begin_block(struct conductor *conductor, int64_t start_ns) REALTIME;

static void begin_block(struct conductor *conductor, int64_t start_ns)
{
    count_latency(conductor, start_ns);
    const int slot = conductor_choose(conductor);
    count_late(conductor, slot == CONDUCTOR_NOBODY);
    const bool leaving = atomic_load_explicit(&conductor->leaving, memory_order_relaxed);
    fader_play(&conductor->fader, slot == CONDUCTOR_NOBODY ? NULL : conductor->fetched[slot], conductor->played,
               leaving);
    count_peaks(conductor);
    conductor_count(&conductor->counts.blocks, 1);
}

// A callback of several blocks takes them all at once, and one of odd length may take up to one more.
static void grow_lead(struct conductor *conductor, uint32_t frames) REALTIME;

static void grow_lead(struct conductor *conductor, uint32_t frames)
{
    const uint32_t block = conductor->format.block;
    const uint32_t whole = (frames + block - 1) / block;
    const uint32_t lead = (frames % block ? whole + 1 : whole) + conductor->extra;
    const uint32_t most = lead_max(conductor);
    if (lead > conductor->lead) {
        conductor->lead = lead < most ? lead : most;
    }
}

static void note_time(struct conductor *conductor, uint64_t frame, int64_t ns) REALTIME;

static void note_time(struct conductor *conductor, uint64_t frame, int64_t ns)
{
    const uint32_t turn = atomic_load_explicit(&conductor->clock_turn, memory_order_relaxed);
    atomic_store(&conductor->clock_turn, turn + 1);
    atomic_store(&conductor->clock_frame, frame);
    atomic_store(&conductor->clock_ns, ns);
    atomic_store(&conductor->clock_turn, turn + 2);
}

// Half of the period from when the callback was due, for one that is late itself has less left.
static void find_patience(struct conductor *conductor, int64_t start_ns, uint32_t frames) REALTIME;

static void find_patience(struct conductor *conductor, int64_t start_ns, uint32_t frames)
{
    const int64_t period_ns = (int64_t)(frames * NS_PER_S / conductor->format.rate);
    const bool is_late = conductor->due_ns && start_ns > conductor->due_ns;
    const int64_t half_ns = period_ns / 2 < PATIENCE_MAX_NS ? period_ns / 2 : PATIENCE_MAX_NS;
    conductor->patience_ns = (is_late ? conductor->due_ns : start_ns) + half_ns;
    conductor->due_ns = start_ns + period_ns;
}

// The next `frames` frames, none beyond the block that has begun.
static void move_frames(struct conductor *conductor, const float *const *in, float *const *out, uint32_t done,
                        uint32_t frames) REALTIME;

static void move_frames(struct conductor *conductor, const float *const *in, float *const *out, uint32_t done,
                        uint32_t frames)
{
    const struct shared_format *format = &conductor->format;
    for (uint32_t channel = 0; channel < format->outs; channel++) {
        const float *from = conductor->played + (size_t)channel * format->block + conductor->at;
        memcpy(out[channel] + done, from, frames * sizeof(float));
    }
    for (uint32_t channel = 0; channel < format->ins; channel++) {
        float *to = conductor->gathered + (size_t)channel * format->block + conductor->at;
        memcpy(to, in[channel] + done, frames * sizeof(float));
    }
    conductor->at += frames;
}

void conductor_process(void *closure, const float *const *in, float *const *out, uint32_t frames)
{
    struct conductor *conductor = closure;
    const struct shared_format *format = &conductor->format;
    const int64_t start_ns = edge_now_ns();
    const uint64_t frame = conductor->block * format->block + conductor->at;
    note_time(conductor, frame, start_ns);
    find_patience(conductor, start_ns, frames);
    count_occupancy(conductor);
    grow_lead(conductor, frames);
    for (uint32_t done = 0; done < frames;) {
        if (conductor->at == 0) {
            begin_block(conductor, start_ns + (int64_t)(done * NS_PER_S / format->rate));
        }
        const uint32_t rest = format->block - conductor->at;
        const uint32_t some = frames - done < rest ? frames - done : rest;
        move_frames(conductor, in, out, done, some);
        done += some;
        if (conductor->at == format->block) {
            conductor_end_block(conductor);
        }
    }
    if (conductor->recorder) {
        recorder_write(conductor->recorder, (const float *const *)out, frames);
    }
    atomic_store_explicit(&conductor->counts.frame, frame + frames, memory_order_relaxed);
    atomic_store_explicit(&conductor->left, fader_is_silent(&conductor->fader), memory_order_release);
    conductor_count(&conductor->counts.callbacks, 1);
    histogram_record(&conductor->counts.callback_ns, (uint64_t)(edge_now_ns() - start_ns));
}
