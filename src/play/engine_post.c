// SPDX-License-Identifier: GPL-3.0-or-later
// A post is written to its place in the pool, by its serial, and told by the bell. Every slot that plays prepares it
// and answers with its ticket; one that is on its way to play prepares it before, for it looks at what is posted after
// it has said that it plays. Then the swap goes on the log like any command.
//
// The place belonged to the program with a serial that is smaller by SHARED_PROGRAMS. It may be taken once a later one
// than that has been swapped in, for no slot begins with one before the last that was.
#include "play/engine_parts.h"

#include "core/clock.h"
#include "play/edge.h"
#include "play/timed.h"

#include <string.h>

static const int64_t PATIENCE_NS = 10000000000;
static const int64_t LONGEST_NS = 30000000000;
static const int64_t LOOK_NS = 200000;
static const int64_t NS_PER_S = 1000000000;

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
    const int64_t last = clock_now_ns() + LONGEST_NS;
    int64_t deadline = clock_now_ns() + PATIENCE_NS;
    for (;;) {
        const struct answers answers = ask(engine, ticket);
        const int64_t now = clock_now_ns();
        if (answers.refused_by >= 0 || (answers.ready > 0 && answers.pending == 0) || now > deadline) {
            return answers;
        }
        // While none of those that play is ready, none of them is late.
        if (answers.ready == 0 && answers.pending) {
            deadline = now + PATIENCE_NS < last ? now + PATIENCE_NS : last;
        }
        clock_sleep_until(now + LOOK_NS);
    }
}

static bool wait_for_room(const struct engine *engine, uint64_t serial)
{
    const int64_t deadline = clock_now_ns() + PATIENCE_NS;
    while (serial >= keeper_swapped(engine->keeper) + SHARED_PROGRAMS) {
        // Without a device none is swapped in.
        if (clock_now_ns() > deadline || engine_is_gone(engine)) {
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

// The slots give it back; the next one has its serial.
static void withdraw(struct engine *engine, uint64_t serial)
{
    atomic_store(&engine->score->posted, serial - 1);
    ring_bell(engine);
}

// What a slot says may be anything.
static enum status refuse(struct engine *engine, uint64_t serial, uint32_t slot, struct complaint *complaint)
{
    withdraw(engine, serial);
    const struct shared_area *area = engine->area[slot];
    const uint32_t answer = atomic_load(&area->answer);
    char text[SHARED_TEXT];
    memcpy(text, area->complaint, sizeof text);
    text[SHARED_TEXT - 1] = '\0';
    const bool is_refusal = answer > STATUS_OK && answer < STATUS_COUNT && answer != STATUS_AGAIN;
    return complain(complaint, is_refusal ? (enum status)answer : STATUS_CORRUPT, "%s", text);
}

// Slots can swap programs in no other order than they were posted in: one that is for now waits for one that is for
// later.
static uint64_t find_frame(const struct engine *engine, uint64_t frame)
{
    const uint64_t now = engine_now(engine);
    const uint64_t reached = frame > now ? frame : now;
    return reached > engine->swap ? reached : engine->swap;
}

// Has the slots prepare it. STATUS_AGAIN where none plays.
static enum status prepare(struct engine *engine, const struct program *program, struct complaint *complaint)
{
    const struct answers answers = wait_for_slots(engine, publish(engine, program));
    if (answers.refused_by >= 0) {
        return refuse(engine, program->serial, (uint32_t)answers.refused_by, complaint);
    }
    if (answers.ready == 0 && answers.pending) {
        // To replace all that play would end the sound.
        withdraw(engine, program->serial);
        return complain(complaint, STATUS_FULL, "the slots took more than %d s to make it ready, and play on as before",
                        (int)(LONGEST_NS / NS_PER_S));
    }
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        if (answers.pending & 1U << slot) {
            keeper_replace(engine->keeper, slot, "it did not prepare a program in time");
        }
    }
    return answers.ready ? STATUS_OK
                         : complain(complaint, STATUS_AGAIN, "nothing plays: the patch begins when a slot does again");
}

// What was prepared has its swap sent, whether or not a slot plays by now.
static enum status send_swap(struct engine *engine, uint64_t serial, uint64_t begins, struct complaint *complaint)
{
    const struct command swap = {.frame = begins, .kind = COMMAND_SWAP, .serial = serial};
    const enum status status = engine_push(engine, &swap, 1, TIMED_SIZE);
    if (status) {
        withdraw(engine, serial);
        return complain(complaint, status, "a change of the patch: %s", status_text(status));
    }
    engine->swap = begins;
    return STATUS_OK;
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
        return complain(complaint, STATUS_FULL, "%d changes of the patch wait %s already", SHARED_PROGRAMS - 1,
                        engine_is_gone(engine) ? "for the sound device" : "for their time");
    }
    const enum status prepared = prepare(engine, program, complaint);
    if (prepared != STATUS_OK && prepared != STATUS_AGAIN) {
        return prepared;
    }
    *begins = find_frame(engine, frame);
    const enum status sent = send_swap(engine, serial, *begins, complaint);
    return sent ? sent : prepared;
}
