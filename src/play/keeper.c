// SPDX-License-Identifier: GPL-3.0-or-later
// One thread looks at both slots every few milliseconds. Nothing that is heard waits for it: the conductor goes over to
// the other slot by itself.
//
// A slot is killed when the conductor found it unfair, when its memory holds what cannot be, when it has been too far
// behind for too long while the device asks for blocks, or when it takes too long to start. SIGKILL also ends one that
// is stopped. Its place is given away only once it is reaped, so that nothing it wrote can be taken for its
// successor's, and once what it had rendered ahead is played. A new one counts from when the device has come to its
// first block.
//
// A new slot joins the other, if that plays or is on its own way to play; else it starts alone, from the base. When a
// slot dies that another was joining, that one is told to start alone; if it has all it needs, it does not mind.
#include "play/keeper.h"

#include "core/clock.h"
#include "core/log.h"
#include "play/base.h"
#include "play/edge.h"
#include "play/process.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LOOK_MS = 5,
    BEHIND_BLOCKS = 16,
    ASKS_A_LIFE = 1 << 16, // as in slot_enter.c
    CAUSE_SIZE = 64,
    GOODBYE_LOOKS = 100,
};

static const int64_t NS_PER_MS = 1000000;
static const int64_t START_NS = 30 * 1000000000LL;  ///< a slot may take as long until it plays
static const int64_t PROVEN_NS = 1000000000LL;      ///< one that has played as long did not die of its start
static const int64_t STANDING_NS = 100 * 1000000LL; ///< a device that asks for nothing for as long stands still
static const int64_t DELAY_NS[] = {0, 100 * 1000000LL, 1000 * 1000000LL};

struct kept_slot {
    pid_t pid;                                                   ///< 0: none
    bool is_dying;                                               ///< was killed, and is to be reaped
    bool has_played;                                             ///< is known to play
    const char *cause;                                           ///< it was killed for, or NULL
    int64_t started_ns, played_ns, lost_ns, behind_ns, start_ns; ///< start_ns: when it may be started
    uint32_t quick;                                              ///< deaths in a row without having played for long

    _Atomic uint32_t state; ///< enum engine_slot_state
    _Atomic int known_pid;
    _Atomic uint64_t deaths, joins;
    _Atomic int64_t join_ns;
    _Atomic(const char *) wanted; ///< to be replaced, for this cause
};

struct keeper {
    struct keeper_options options;
    struct base base;
    struct kept_slot slot[SHARED_SLOTS];
    uint64_t era;
    uint64_t lost; ///< commands, of which was told
    uint64_t go;   ///< as last seen
    int64_t go_ns; ///< when it was last seen to change
    pthread_t thread;
    struct complaint complaint; ///< why the first slot could not be started
    _Atomic uint32_t started;   ///< 1: it was, 2: it was not
    _Atomic uint32_t stopping;
};

// The next block that the device will be given.
static uint64_t played(const struct keeper *keeper)
{
    return atomic_load(&conductor_counts(keeper->options.conductor)->frame) / keeper->options.score->format.block;
}

// Whether the device asks for nothing.
static bool stands_still(const struct keeper *keeper, int64_t now)
{
    const struct shared_format *format = &keeper->options.score->format;
    return now - keeper->go_ns > STANDING_NS + (int64_t)(4e9 * format->block / format->rate);
}

static uint32_t count_of(const struct keeper *keeper)
{
    return keeper->options.alone ? 1 : SHARED_SLOTS;
}

static bool is_alive(const struct kept_slot *slot)
{
    return slot->pid != 0 && !slot->is_dying;
}

static void ring_bell(struct shared_score *score)
{
    atomic_fetch_add(&score->bell, 1);
    edge_wake(&score->bell);
}

static void condemn(struct keeper *keeper, uint32_t number, const char *cause)
{
    struct kept_slot *slot = &keeper->slot[number];
    slot->cause = cause;
    slot->is_dying = true;
    atomic_store(&slot->state, ENGINE_SLOT_DEAD);
    (void)kill(slot->pid, SIGKILL);
}

// Whether the other one, whose state a new slot could take over, plays or will play without it.
static bool is_source(const struct keeper *keeper, uint32_t number)
{
    const struct kept_slot *slot = &keeper->slot[number];
    return number < count_of(keeper) && is_alive(slot) &&
           (slot->has_played || atomic_load(&keeper->options.score->seat[number].mode) == SHARED_BASE);
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t i = 0;
    for (; i + 1 < size && from[i] >= ' ' && from[i] <= '~'; i++) {
        to[i] = from[i];
    }
    to[i] = '\0';
}

// It is reaped.
static void bury(struct keeper *keeper, uint32_t number, const char *how, int64_t now)
{
    struct kept_slot *slot = &keeper->slot[number];
    struct kept_slot *other = &keeper->slot[1 - number];
    char reason[SHARED_TEXT];
    copy_text(reason, sizeof reason, keeper->options.area[number]->reason);
    slot->quick = slot->has_played && now - slot->played_ns > PROVEN_NS ? 0 : slot->quick + 1;
    const uint32_t delays = sizeof DELAY_NS / sizeof DELAY_NS[0];
    const uint32_t delay = slot->quick > 0 ? slot->quick - 1 : 0;
    slot->start_ns = now + DELAY_NS[delay < delays ? delay : delays - 1];
    slot->lost_ns = slot->lost_ns ? slot->lost_ns : now;
    log_write(LOG_LEVEL_WARNING, "slot_lost", "slot=%u pid=%d cause=%s reason=%s other_plays=%s", number,
              (int)slot->pid, slot->cause ? slot->cause : how, slot->cause ? how : reason,
              is_alive(other) && other->has_played ? "yes" : "no");
    slot->pid = 0;
    slot->is_dying = slot->has_played = false;
    slot->cause = NULL;
    atomic_store(&slot->known_pid, 0);
    atomic_store(&slot->state, ENGINE_SLOT_DEAD);
    atomic_fetch_add(&slot->deaths, 1);
    // One that joined this one has nobody to join any more.
    if (is_alive(other) && !other->has_played) {
        atomic_store(&keeper->options.score->seat[1 - number].mode, SHARED_BASE);
        ring_bell(keeper->options.score);
    }
}

static void clear_area(const struct keeper *keeper, uint32_t number)
{
    static const unsigned char zeros[offsetof(struct shared_area, saved)];
    (void)!pwrite(keeper->options.area_fd[number], zeros, sizeof zeros, 0);
}

static enum status start(struct keeper *keeper, uint32_t number, int64_t now, struct complaint *complaint)
{
    struct kept_slot *slot = &keeper->slot[number];
    const struct keeper_options *options = &keeper->options;
    struct shared_seat *seat = &options->score->seat[number];
    const bool joins = is_source(keeper, 1 - number);
    atomic_store(&seat->era, ++keeper->era);
    atomic_store(&seat->mode, joins ? SHARED_JOIN : SHARED_BASE);
    clear_area(keeper, number);
    atomic_store(&slot->wanted, (const char *)NULL);
    conductor_absolve(options->conductor, number);
    const int fds[3] = {options->score_fd, options->area_fd[number], options->area_fd[1 - number]};
    const enum status status = process_start(options->program, fds, number, &slot->pid, complaint);
    if (status) {
        slot->pid = 0;
        slot->start_ns = now + DELAY_NS[sizeof DELAY_NS / sizeof DELAY_NS[0] - 1];
        log_write(LOG_LEVEL_ERROR, "slot_not_started", "slot=%u reason=%s", number, complaint->text);
        return status;
    }
    slot->started_ns = now;
    slot->behind_ns = 0;
    slot->lost_ns = slot->lost_ns ? slot->lost_ns : now;
    atomic_store(&slot->known_pid, slot->pid);
    atomic_store(&slot->state, ENGINE_SLOT_STARTING);
    log_write(LOG_LEVEL_INFO, "slot_started", "slot=%u pid=%d from=%s", number, (int)slot->pid,
              joins ? "other" : "base");
    return STATUS_OK;
}

static void note_playing(struct keeper *keeper, uint32_t number, int64_t now)
{
    struct kept_slot *slot = &keeper->slot[number];
    const struct kept_slot *other = &keeper->slot[1 - number];
    const double ms = (double)(now - slot->lost_ns) / (double)NS_PER_MS;
    const bool is_alone = !(is_alive(other) && other->has_played);
    const bool has_sounded = slot->played_ns || other->played_ns;
    if (is_alone && has_sounded && keeper->base.program.serial) {
        log_write(LOG_LEVEL_WARNING, "sound_restarted", "slot=%u serial=%llu lost=%s", number,
                  (unsigned long long)keeper->base.program.serial, "the notes that were held");
    }
    log_write(LOG_LEVEL_INFO, "slot_playing", "slot=%u pid=%d join_ms=%.1f redundant=%s", number, (int)slot->pid, ms,
              is_alone ? "no" : "yes");
    slot->has_played = true;
    slot->played_ns = now;
    atomic_store(&slot->join_ns, now - slot->lost_ns);
    slot->lost_ns = 0;
    atomic_fetch_add(&slot->joins, 1);
    atomic_store(&slot->state, ENGINE_SLOT_PLAYING);
}

// Whether it is too far behind for too long, while the device asks for more.
static bool is_left_behind(struct keeper *keeper, struct kept_slot *slot, uint64_t done, int64_t now)
{
    const struct shared_format *format = &keeper->options.score->format;
    const double blocks = keeper->options.patience_ms * 0.001 * format->rate / format->block;
    const uint64_t ready = played(keeper);
    const double ahead = keeper->go > ready ? (double)(keeper->go - ready) : 0;
    const double limit = (blocks > BEHIND_BLOCKS ? blocks : BEHIND_BLOCKS) + ahead;
    if (stands_still(keeper, now) || (double)(keeper->go - done) <= limit) {
        slot->behind_ns = 0;
        return false;
    }
    slot->behind_ns = slot->behind_ns ? slot->behind_ns : now;
    return now - slot->behind_ns >= keeper->options.patience_ms * NS_PER_MS;
}

// Why a slot that is alive is to be killed, or NULL. `go` was read after what the area says.
static const char *judge(struct keeper *keeper, uint32_t number, uint32_t state, uint64_t done, int64_t now)
{
    struct kept_slot *slot = &keeper->slot[number];
    const char *wanted = atomic_load(&slot->wanted);
    if (wanted) {
        return wanted;
    }
    switch (conductor_verdict(keeper->options.conductor, number)) {
    case CONDUCTOR_LIED:
        return "its output is damaged";
    case CONDUCTOR_DIVERGED:
        return "it plays something else than the other";
    case CONDUCTOR_FAIR:
        break;
    }
    if (state >= SHARED_STATES || done > keeper->go) {
        return "its memory is damaged";
    }
    if (!slot->has_played) {
        return now - slot->started_ns > START_NS ? "it takes too long to start" : NULL;
    }
    return is_left_behind(keeper, slot, done, now) ? "it is too far behind" : NULL;
}

// Whether the device has come to the first block that the slot has: before, it stands in for nobody.
static bool delivers(const struct keeper *keeper, const struct shared_area *area, int64_t now)
{
    return atomic_load(&area->first) <= played(keeper) || stands_still(keeper, now);
}

static void watch(struct keeper *keeper, uint32_t number, int64_t now)
{
    struct kept_slot *slot = &keeper->slot[number];
    const struct shared_area *area = keeper->options.area[number];
    char how[CAUSE_SIZE];
    if (process_has_ended(slot->pid, how, sizeof how)) {
        bury(keeper, number, how, now);
        return;
    }
    if (slot->is_dying) {
        return;
    }
    const uint32_t state = atomic_load(&area->state);
    const uint64_t done = atomic_load(&area->done);
    const uint64_t go = atomic_load(&keeper->options.score->go);
    keeper->go_ns = go != keeper->go ? now : keeper->go_ns;
    keeper->go = go;
    const char *cause = judge(keeper, number, state, done, now);
    if (cause) {
        condemn(keeper, number, cause);
    } else if (state == SHARED_PLAYING && !slot->has_played && delivers(keeper, area, now)) {
        note_playing(keeper, number, now);
    } else if (state == SHARED_JOINING) {
        atomic_store(&slot->state, ENGINE_SLOT_JOINING);
    }
}

// Gives the base to the slot that asks for it.
static void answer(struct keeper *keeper, uint32_t number)
{
    struct shared_score *score = keeper->options.score;
    const uint64_t ask = atomic_load_explicit(&keeper->options.area[number]->ask, memory_order_acquire);
    if (keeper->slot[number].has_played || atomic_load(&score->seat[number].mode) != SHARED_BASE ||
        ask / ASKS_A_LIFE != atomic_load(&score->seat[number].era) || ask == atomic_load(&score->base.answer)) {
        return;
    }
    atomic_store(&score->base.answer, 0);
    atomic_thread_fence(memory_order_seq_cst);
    score->base.log = keeper->base.log;
    memcpy(&score->base.program, &keeper->base.program, sizeof score->base.program);
    atomic_store_explicit(&score->base.answer, ask, memory_order_release);
    ring_bell(score);
}

static void read_log(struct keeper *keeper)
{
    base_read(&keeper->base, keeper->options.score,
              atomic_load_explicit(&conductor_counts(keeper->options.conductor)->swapped, memory_order_acquire));
    if (keeper->base.lost != keeper->lost) {
        log_write(LOG_LEVEL_WARNING, "commands_unread", "count=%llu",
                  (unsigned long long)(keeper->base.lost - keeper->lost));
        keeper->lost = keeper->base.lost;
    }
}

// Whether a slot that is gone has left nothing that may yet be played: blocks that it rendered ahead.
static bool is_used_up(const struct keeper *keeper, uint32_t number, int64_t now)
{
    const uint64_t done = atomic_load(&keeper->options.area[number]->done);
    return conductor_verdict(keeper->options.conductor, number) != CONDUCTOR_FAIR || done <= played(keeper) ||
           done > atomic_load(&keeper->options.score->go) || stands_still(keeper, now);
}

static void look(struct keeper *keeper)
{
    struct complaint complaint;
    const int64_t now = clock_now_ns();
    read_log(keeper);
    for (uint32_t number = 0; number < count_of(keeper); number++) {
        struct kept_slot *slot = &keeper->slot[number];
        if (slot->pid) {
            watch(keeper, number, now);
        }
        if (!slot->pid && now >= slot->start_ns && is_used_up(keeper, number, now)) {
            (void)!start(keeper, number, now, &complaint);
        }
        if (is_alive(slot)) {
            answer(keeper, number);
        }
    }
}

static void end_slots(struct keeper *keeper)
{
    struct shared_score *score = keeper->options.score;
    char how[CAUSE_SIZE];
    atomic_store(&score->stop, 1);
    ring_bell(score);
    atomic_fetch_add(&score->pulse, 1);
    edge_wake(&score->pulse);
    for (int looks = 0; looks < GOODBYE_LOOKS; looks++) {
        bool left = false;
        for (uint32_t number = 0; number < SHARED_SLOTS; number++) {
            struct kept_slot *slot = &keeper->slot[number];
            slot->pid = slot->pid && process_has_ended(slot->pid, how, sizeof how) ? 0 : slot->pid;
            left |= slot->pid != 0;
        }
        if (!left) {
            return;
        }
        clock_sleep_until(clock_now_ns() + LOOK_MS * NS_PER_MS);
    }
    for (uint32_t number = 0; number < SHARED_SLOTS; number++) {
        if (keeper->slot[number].pid) {
            process_end(keeper->slot[number].pid);
        }
    }
}

static void *keep(void *argument)
{
    struct keeper *keeper = argument;
    const bool started = start(keeper, 0, clock_now_ns(), &keeper->complaint) == STATUS_OK;
    atomic_store(&keeper->started, started ? 1 : 2);
    edge_wake(&keeper->started);
    while (started && !atomic_load(&keeper->stopping)) {
        look(keeper);
        edge_wait(&keeper->stopping, 0, LOOK_MS);
    }
    end_slots(keeper);
    return NULL;
}

enum status keeper_new(const struct keeper_options *options, struct keeper **out, struct complaint *complaint)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the keeper of the slots");
    }
    keeper->options = *options;
    if (pthread_create(&keeper->thread, NULL, keep, keeper) != 0) {
        free(keeper);
        return complain(complaint, STATUS_IO, "no thread for the keeper of the slots");
    }
    while (atomic_load(&keeper->started) == 0) {
        edge_wait(&keeper->started, 0, LOOK_MS);
    }
    if (atomic_load(&keeper->started) != 1) {
        const enum status status = complain(complaint, STATUS_IO, "%s", keeper->complaint.text);
        keeper_free(keeper);
        return status;
    }
    *out = keeper;
    return STATUS_OK;
}

void keeper_free(struct keeper *keeper)
{
    if (keeper) {
        atomic_store(&keeper->stopping, 1);
        edge_wake(&keeper->stopping);
        (void)pthread_join(keeper->thread, NULL);
        free(keeper);
    }
}

struct keeper_facts keeper_facts(const struct keeper *keeper, uint32_t number)
{
    const struct kept_slot *slot = &keeper->slot[number];
    return (struct keeper_facts){
        .state = (enum engine_slot_state)atomic_load(&slot->state),
        .pid = atomic_load(&slot->known_pid),
        .deaths = atomic_load(&slot->deaths),
        .joins = atomic_load(&slot->joins),
        .join_ms = (double)atomic_load(&slot->join_ns) / (double)NS_PER_MS,
    };
}

uint64_t keeper_swapped(const struct keeper *keeper)
{
    return atomic_load_explicit(&keeper->base.serial, memory_order_acquire);
}

void keeper_replace(struct keeper *keeper, uint32_t number, const char *cause)
{
    atomic_store(&keeper->slot[number].wanted, cause);
}
