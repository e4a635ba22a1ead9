// SPDX-License-Identifier: GPL-3.0-or-later
// A block is begun with its first frame and ended with its last, whatever the numbers of frames are that the device
// asks for: frames of output are taken from the block that was begun, frames of input are gathered until it ends.
//
// begin_block() copies block n out of both rings and hashes the copies. A copy whose number and hash are right is what
// the slot rendered, whatever happened to it since. The active slot's is played, else at once the other's, which then
// is the active one. Where both are right and differ, nothing says which one is wrong: what is heard goes on, and the
// other is given up. Where there is none, the fader bridges the gap. The blocks' numbers go on in any case, so a slot
// that was stopped finds itself behind, and never holds up the other.
//
// end_block() takes what was sent out of the inbox to the heap of commands that wait, a bounded number each time; puts
// those that are due on the log; and publishes first the log, then `go`.
#include "play/conductor.h"

#include "play/edge.h"
#include "play/fader.h"
#include "play/timed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    TAKEN_A_BLOCK = 512,  ///< commands out of the inbox
    LOGGED_A_BLOCK = 512, ///< commands that take effect; what is more comes a block later
    NOBODY = -1,
};

static const double FADE_SECONDS = 0.005;
static const double NS_PER_S = 1e9;

struct conductor {
    struct inbox inbox;
    struct timed timed;
    struct shared_format format;
    struct shared_score *score;
    const struct shared_area *area[SHARED_SLOTS];
    struct recorder *recorder;

    uint64_t block; ///< that is played, or is next
    uint32_t at;    ///< frames of it that the device has
    uint32_t lead;  ///< blocks that may be rendered beyond those that were played
    uint64_t go, logged;
    uint64_t heard; ///< commands of the log whose block has begun
    bool begun;     ///< a slot has delivered a block
    bool starving;  ///< none did for this block
    size_t block_bytes;
    struct fader fader;
    float *played, *gathered; ///< the block's output and input
    float *fetched[SHARED_SLOTS];

    _Atomic uint32_t verdict[SHARED_SLOTS];
    _Atomic bool leaving, left;
    _Atomic uint32_t peak[FADER_CHANNELS_MAX]; ///< the bits of a float
    _Atomic uint32_t clock_turn;               ///< odd while the two are written
    _Atomic uint64_t clock_frame;
    _Atomic int64_t clock_ns; ///< when the device took that frame; 0: never
    struct conductor_counts counts;
};

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
    (void)mlock(score, shared_score_size(format));
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

void conductor_free(struct conductor *conductor)
{
    free(conductor);
}

// Counts are written by one thread.
static void count(_Atomic uint64_t *counter, uint64_t more) REALTIME;

static void count(_Atomic uint64_t *counter, uint64_t more)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more, memory_order_relaxed);
}

static void condemn(struct conductor *conductor, uint32_t slot, enum conductor_verdict verdict) REALTIME;

static void condemn(struct conductor *conductor, uint32_t slot, enum conductor_verdict verdict)
{
    atomic_store_explicit(&conductor->verdict[slot], verdict, memory_order_release);
}

// Whether `slot` has the block that begins; then it lies in `fetched`, and `hash` is right for it.
static bool fetch(struct conductor *conductor, uint32_t slot, uint64_t *hash) REALTIME;

static bool fetch(struct conductor *conductor, uint32_t slot, uint64_t *hash)
{
    const struct shared_area *area = conductor->area[slot];
    if (!area || atomic_load_explicit(&conductor->verdict[slot], memory_order_acquire) != CONDUCTOR_FAIR) {
        return false;
    }
    const uint64_t done = atomic_load_explicit(&area->done, memory_order_acquire);
    const uint64_t first = atomic_load_explicit(&area->first, memory_order_relaxed);
    if (done <= conductor->block) {
        return false;
    }
    if (done > conductor->go || first > done) {
        condemn(conductor, slot, CONDUCTOR_LIED);
        return false;
    }
    if (first > conductor->block) {
        return false;
    }
    const struct shared_block *block = shared_block_read(area, &conductor->format, conductor->block);
    const uint64_t number = block->number;
    *hash = block->hash;
    memcpy(conductor->fetched[slot], block->samples, conductor->block_bytes);
    if (number != conductor->block || edge_hash(conductor->fetched[slot], conductor->block_bytes, number) != *hash) {
        condemn(conductor, slot, CONDUCTOR_LIED);
        return false;
    }
    return true;
}

static void count_occupancy(struct conductor *conductor) REALTIME;

static void count_occupancy(struct conductor *conductor)
{
    const uint32_t active = atomic_load_explicit(&conductor->counts.active, memory_order_relaxed);
    const struct shared_area *area = conductor->area[active];
    const uint64_t done = area ? atomic_load_explicit(&area->done, memory_order_relaxed) : 0;
    const uint64_t ahead = done > conductor->block ? done - conductor->block : 0;
    count(&conductor->counts.occupancy[ahead < CONDUCTOR_OCCUPANCY ? ahead : CONDUCTOR_OCCUPANCY - 1], 1);
}

// The slot whose block is played, or NOBODY.
static int choose(struct conductor *conductor) REALTIME;

static int choose(struct conductor *conductor)
{
    struct conductor_counts *counts = &conductor->counts;
    const uint32_t active = atomic_load_explicit(&counts->active, memory_order_relaxed);
    const uint32_t other = 1 - active;
    uint64_t hash[SHARED_SLOTS];
    bool have[SHARED_SLOTS];
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        have[slot] = fetch(conductor, slot, &hash[slot]);
    }
    if (have[active]) {
        if (have[other] && hash[active] != hash[other]) {
            condemn(conductor, other, CONDUCTOR_DIVERGED);
            count(&counts->divergences, 1);
        }
        return (int)active;
    }
    if (!have[other]) {
        return NOBODY;
    }
    atomic_store_explicit(&counts->active, other, memory_order_relaxed);
    count(&counts->switches, conductor->begun ? 1 : 0);
    return (int)other;
}

// Before the first block ever, nothing is late.
static void count_late(struct conductor *conductor, bool is_late) REALTIME;

static void count_late(struct conductor *conductor, bool is_late)
{
    conductor->begun |= !is_late;
    if (conductor->begun && is_late) {
        count(&conductor->counts.late, 1);
        count(&conductor->counts.starved, conductor->starving ? 0 : 1);
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
    const int slot = choose(conductor);
    count_late(conductor, slot == NOBODY);
    const bool leaving = atomic_load_explicit(&conductor->leaving, memory_order_relaxed);
    fader_play(&conductor->fader, slot == NOBODY ? NULL : conductor->fetched[slot], conductor->played, leaving);
    count_peaks(conductor);
    count(&conductor->counts.blocks, 1);
}

static void take_commands(struct conductor *conductor) REALTIME;

static void take_commands(struct conductor *conductor)
{
    const uint64_t now = conductor->go * conductor->format.block;
    struct command command;
    for (uint32_t i = 0; i < TAKEN_A_BLOCK && inbox_take(&conductor->inbox, &command); i++) {
        if (command.frame < now) {
            count(&conductor->counts.behind, command.frame != 0 && command.kind != COMMAND_SWAP ? 1 : 0);
            command.frame = now; // and so after those that are due by then already
        }
        if (!timed_push(&conductor->timed, &command)) {
            inbox_done(&conductor->inbox); // cannot be: as many may wait as the heap has room for
        }
    }
}

// Puts on the log what is due in block `go`, as far as `room` goes.
static void log_commands(struct conductor *conductor, uint32_t *room) REALTIME;

static void log_commands(struct conductor *conductor, uint32_t *room)
{
    const uint64_t start = conductor->go * conductor->format.block;
    const uint64_t end = start + conductor->format.block;
    for (; *room > 0; --*room) {
        const struct command *first = timed_first(&conductor->timed);
        if (!first || first->frame >= end) {
            return;
        }
        struct command *command = &conductor->score->log[conductor->logged % SHARED_LOG];
        *command = *first;
        timed_pop(&conductor->timed);
        if (command->frame < start) {
            command->frame = start;
            count(&conductor->counts.behind, 1);
        }
        if (command->kind == COMMAND_SWAP) {
            atomic_store_explicit(&conductor->counts.swapped, command->serial, memory_order_release);
        }
        conductor->logged++;
        inbox_done(&conductor->inbox);
    }
}

// The input of block `go`: what was gathered, which is then used up.
static void put_input(struct conductor *conductor) REALTIME;

static void put_input(struct conductor *conductor)
{
    const size_t bytes = (size_t)conductor->format.block * conductor->format.ins * sizeof(float);
    memcpy(conductor->score->input + shared_input_at(&conductor->format, conductor->go), conductor->gathered, bytes);
    memset(conductor->gathered, 0, bytes);
}

static void end_block(struct conductor *conductor) REALTIME;

static void end_block(struct conductor *conductor)
{
    struct shared_score *score = conductor->score;
    conductor->block++;
    conductor->at = 0;
    take_commands(conductor);
    uint32_t room = LOGGED_A_BLOCK;
    for (; conductor->go < conductor->block + conductor->lead; conductor->go++) {
        put_input(conductor);
        log_commands(conductor, &room);
    }
    atomic_store_explicit(&score->log_written, conductor->logged, memory_order_release);
    atomic_store_explicit(&score->go, conductor->go, memory_order_release);
    atomic_fetch_add_explicit(&score->pulse, 1, memory_order_release);
    edge_wake(&score->pulse);
}

// A callback of several blocks takes them all at once, and one of odd length may take up to one more.
static void grow_lead(struct conductor *conductor, uint32_t frames) REALTIME;

static void grow_lead(struct conductor *conductor, uint32_t frames)
{
    const uint32_t block = conductor->format.block;
    const uint32_t whole = (frames + block - 1) / block;
    const uint32_t lead = frames % block ? whole + 1 : whole;
    const uint32_t most = conductor->format.ring_blocks / 2 + 2;
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
            end_block(conductor);
        }
    }
    if (conductor->recorder) {
        recorder_write(conductor->recorder, (const float *const *)out, frames);
    }
    atomic_store_explicit(&conductor->counts.frame, frame + frames, memory_order_relaxed);
    atomic_store_explicit(&conductor->left, fader_is_silent(&conductor->fader), memory_order_release);
    count(&conductor->counts.callbacks, 1);
    histogram_record(&conductor->counts.callback_ns, (uint64_t)(edge_now_ns() - start_ns));
}

struct inbox *conductor_inbox(struct conductor *conductor)
{
    return &conductor->inbox;
}

uint64_t conductor_now(const struct conductor *conductor)
{
    return atomic_load_explicit(&conductor->score->go, memory_order_acquire) * conductor->format.block;
}

uint64_t conductor_frame_at(const struct conductor *conductor, int64_t ns)
{
    uint32_t turn;
    uint64_t frame;
    int64_t then;
    do {
        turn = atomic_load(&conductor->clock_turn);
        frame = atomic_load(&conductor->clock_frame);
        then = atomic_load(&conductor->clock_ns);
    } while (turn % 2 || turn != atomic_load(&conductor->clock_turn));
    if (then == 0) {
        return 0;
    }
    const double at = (double)frame + (double)(ns - then) / NS_PER_S * conductor->format.rate;
    return at > 0 ? (uint64_t)at : 0;
}

const struct conductor_counts *conductor_counts(const struct conductor *conductor)
{
    return &conductor->counts;
}

void conductor_peaks(struct conductor *conductor, float *peaks)
{
    for (uint32_t channel = 0; channel < conductor->format.outs; channel++) {
        const uint32_t bits = atomic_exchange_explicit(&conductor->peak[channel], 0, memory_order_relaxed);
        memcpy(&peaks[channel], &bits, sizeof bits);
    }
}

enum conductor_verdict conductor_verdict(const struct conductor *conductor, uint32_t slot)
{
    return (enum conductor_verdict)atomic_load_explicit(&conductor->verdict[slot], memory_order_acquire);
}

void conductor_absolve(struct conductor *conductor, uint32_t slot)
{
    atomic_store_explicit(&conductor->verdict[slot], CONDUCTOR_FAIR, memory_order_release);
}

void conductor_leave(struct conductor *conductor)
{
    atomic_store_explicit(&conductor->leaving, true, memory_order_relaxed);
}

bool conductor_has_left(const struct conductor *conductor)
{
    return atomic_load_explicit(&conductor->left, memory_order_acquire);
}
