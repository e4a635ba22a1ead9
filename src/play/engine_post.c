// SPDX-License-Identifier: GPL-3.0-or-later
// A post is written to its place in the pool, by its serial, and told by the bell. Every slot that plays prepares it
// and answers with its ticket; one that is on its way to play prepares it before, for it looks at what is posted after
// it has said that it plays. Then the swap goes on the log like any command.
//
// The place belonged to the program with a serial that is smaller by eight. It may be taken once a later one than that
// has been swapped in, for no slot begins with one before the last that was.
#include "play/engine_parts.h"

#include "core/clock.h"
#include "play/edge.h"
#include "play/timed.h"

#include <string.h>

static const int64_t PATIENCE_NS = 10000000000;
static const int64_t LOOK_NS = 200000;

static void ring_bell(struct engine *engine)
{
    atomic_fetch_add(&engine->score->bell, 1);
    edge_wake(&engine->score->bell);
}

static bool is_playing(const struct engine *engine, uint32_t slot)
{
    return keeper_facts(engine->keeper, slot).pid != 0 &&
           conductor_verdict(engine->conductor, slot) == CONDUCTOR_FAIR &&
           atomic_load(&engine->area[slot]->state) == SHARED_PLAYING;
}

// Where the post stands with the slots.
struct answers {
    uint32_t ready;   ///< that play and have prepared it
    uint32_t pending; ///< a bit for each that plays and has not answered
    int refused_by;   ///< a slot, or -1
};

static struct answers ask(const struct engine *engine, uint64_t ticket)
{
    struct answers answers = {.refused_by = -1};
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        if (!is_playing(engine, slot)) {
            continue;
        }
        if (atomic_load_explicit(&engine->area[slot]->answered, memory_order_acquire) != ticket) {
            answers.pending |= 1U << slot;
        } else if (atomic_load(&engine->area[slot]->answer) != STATUS_OK) {
            answers.refused_by = (int)slot;
        } else {
            answers.ready++;
        }
    }
    return answers;
}

static struct answers wait_for_slots(const struct engine *engine, uint64_t ticket)
{
    const int64_t deadline = clock_now_ns() + PATIENCE_NS;
    for (;;) {
        const struct answers answers = ask(engine, ticket);
        if (answers.refused_by >= 0 || (answers.ready > 0 && answers.pending == 0) || clock_now_ns() > deadline) {
            return answers;
        }
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
}

static bool wait_for_room(const struct engine *engine, uint64_t serial)
{
    const int64_t deadline = clock_now_ns() + PATIENCE_NS;
    while (serial >= keeper_swapped(engine->keeper) + SHARED_PROGRAMS) {
        if (clock_now_ns() > deadline) {
            return false;
        }
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
    return true;
}

static uint64_t publish(struct engine *engine, const struct program *program)
{
    const uint64_t ticket = ++engine->tickets;
    struct shared_post *post = &engine->score->pool[program->serial % SHARED_PROGRAMS];
    atomic_store(&post->ticket, 0);
    atomic_thread_fence(memory_order_seq_cst);
    atomic_store(&post->serial, program->serial);
    memcpy(&post->program, program, sizeof post->program);
    atomic_store_explicit(&post->ticket, ticket, memory_order_release);
    atomic_store(&engine->score->posted, program->serial);
    ring_bell(engine);
    return ticket;
}

// What a slot says may be anything.
static enum status refuse(struct engine *engine, uint64_t serial, uint32_t slot, struct complaint *complaint)
{
    atomic_store(&engine->score->posted, serial - 1);
    ring_bell(engine);
    const struct shared_area *area = engine->area[slot];
    const uint32_t answer = atomic_load(&area->answer);
    char text[SHARED_TEXT];
    memcpy(text, area->complaint, sizeof text);
    text[SHARED_TEXT - 1] = '\0';
    return complain(complaint, answer > STATUS_OK && answer < STATUS_COUNT ? (enum status)answer : STATUS_CORRUPT, "%s",
                    text);
}

// Slots can swap programs in no other order than they were posted in: one that is for now waits for one that is for
// later.
static uint64_t find_frame(const struct engine *engine, uint64_t frame)
{
    const uint64_t now = engine_now(engine);
    const uint64_t reached = frame > now ? frame : now;
    return reached > engine->swap ? reached : engine->swap;
}

enum status engine_post(struct engine *engine, const struct program *program, uint64_t frame, uint64_t *begins,
                        struct complaint *complaint)
{
    const uint64_t serial = program->serial;
    if (serial != atomic_load(&engine->score->posted) + 1) {
        return complain(complaint, STATUS_INVALID, "program %llu does not follow program %llu",
                        (unsigned long long)serial, (unsigned long long)atomic_load(&engine->score->posted));
    }
    const enum status sound = program_check(program, complaint);
    if (sound) {
        return sound;
    }
    if (!wait_for_room(engine, serial)) {
        return complain(complaint, STATUS_FULL, "%d changes of the patch wait for their time already",
                        SHARED_PROGRAMS - 1);
    }
    const struct answers answers = wait_for_slots(engine, publish(engine, program));
    if (answers.refused_by >= 0) {
        return refuse(engine, serial, (uint32_t)answers.refused_by, complaint);
    }
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        if (answers.pending & 1U << slot) {
            keeper_replace(engine->keeper, slot, "it did not prepare a program in time");
        }
    }
    *begins = find_frame(engine, frame);
    const struct command swap = {.frame = *begins, .kind = COMMAND_SWAP, .serial = serial};
    const enum status status = engine_push(engine, &swap, 1, TIMED_SIZE);
    if (status) {
        return complain(complaint, status, "a change of the patch: %s", status_text(status));
    }
    engine->swap = *begins;
    return answers.ready ? STATUS_OK
                         : complain(complaint, STATUS_AGAIN, "nothing plays: the patch begins when a slot does again");
}
