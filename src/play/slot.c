// SPDX-License-Identifier: GPL-3.0-or-later
// Two threads. The first gets the state to start from and then is the keep thread: it prepares the programs that are
// posted, and looks whether the engine is still there. The second renders, in real time if the system allows it: at a
// lower priority than the device while it has yet to catch up, so that it does not hold up the other slot; and, where
// there are two cores, on cores of its own, so that nothing that holds up a core holds up both slots.
//
// When the engine's process ends, the system kills the slot (PR_SET_PDEATHSIG); that the parent is still the engine is
// looked at too, for it may have ended before that was asked for.
#include "play/slot.h"

#include "core/denormals.h"
#include "play/cores.h"
#include "play/edge.h"
#include "play/slot_parts.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_LOST = 1,
    PRIORITY_BEHIND = 2,
    PRIORITY = 3, ///< below that of JACK's clients
    KEEP_MS = 20,
    STACK = 64 << 10,
    PAGE = 4096,
};

static const int64_t PREPARE_NS = 1000000;
static const int64_t PATIENCE_MIN_NS = 200000;
static const int64_t PATIENCE_MAX_NS = 10000000;

bool slot_is_over(const struct slot *slot)
{
    return atomic_load(&slot->score->stop) != 0 || getppid() != slot->score->engine;
}

static void set_priority(int priority)
{
    const struct sched_param parameters = {.sched_priority = priority};
    (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

// Has the pages of the stack that rendering will use.
static void touch_stack(void)
{
    volatile unsigned char pages[STACK];
    for (size_t i = 0; i < sizeof pages; i += PAGE) {
        pages[i] = 0;
    }
}

// Who wakes the slots may itself be held up with its core. One and a half blocks after the last time a slot looks
// itself whether there is something to do.
static int64_t find_patience(const struct shared_format *format)
{
    const int64_t ns = (int64_t)(1.5e9 * format->block / format->rate);
    return ns < PATIENCE_MIN_NS ? PATIENCE_MIN_NS : ns < PATIENCE_MAX_NS ? ns : PATIENCE_MAX_NS;
}

static void *render(void *argument)
{
    struct slot *slot = argument;
    const struct shared_score *score = slot->score;
    const int64_t patience_ns = find_patience(&score->format);
    (void)denormals_flush();
    touch_stack();
    (void)cores_keep_apart(slot->number, SHARED_SLOTS);
    set_priority(PRIORITY_BEHIND);
    while (!atomic_load(&slot->stopping)) {
        const uint32_t pulse = atomic_load(&score->pulse);
        const enum renderer_result result = renderer_step(&slot->renderer);
        if (result == RENDERER_LOST) {
            atomic_store(&slot->lost, true);
            return NULL;
        }
        if (result == RENDERER_IDLE && atomic_load(&slot->area->state) != SHARED_PLAYING) {
            set_priority(PRIORITY);
            atomic_store(&slot->area->state, SHARED_PLAYING);
        }
        renderer_serve(&slot->renderer);
        if (result != RENDERER_DONE) {
            edge_wait_ns(&score->pulse, pulse, result == RENDERER_IDLE ? patience_ns : PREPARE_NS);
        }
    }
    return NULL;
}

// The keep thread's work until the end.
static void keep(struct slot *slot)
{
    const _Atomic uint32_t *bell = &slot->score->bell;
    struct complaint complaint;
    while (!slot_is_over(slot) && !atomic_load(&slot->lost)) {
        const uint32_t seen = atomic_load(bell);
        if (slot_keep_look(&slot->keep, &complaint) != STATUS_OK) {
            atomic_store(&slot->lost, true);
        }
        rack_tidy(slot->rack);
        edge_wait(bell, seen, KEEP_MS);
    }
}

static void say(struct slot *slot, const char *reason)
{
    const size_t size = strnlen(reason, sizeof slot->area->reason - 1);
    memcpy(slot->area->reason, reason, size);
    slot->area->reason[size] = '\0';
}

static int play(struct slot *slot)
{
    struct complaint complaint = {""};
    const enum status status = slot_enter(slot, &complaint);
    if (status) {
        say(slot, status == STATUS_CLOSED ? "" : complaint.text);
        return status == STATUS_CLOSED ? 0 : EXIT_LOST;
    }
    renderer_announce(&slot->renderer);
    pthread_t thread;
    if (pthread_create(&thread, NULL, render, slot) != 0) {
        say(slot, "no thread could be had");
        return EXIT_LOST;
    }
    keep(slot);
    atomic_store(&slot->stopping, true);
    (void)pthread_join(thread, NULL);
    if (atomic_load(&slot->lost)) {
        say(slot, "it fell too far behind");
        return EXIT_LOST;
    }
    return 0;
}

// A page that has to be fetched first is a block that comes late. Without the right to lock all, nothing is locked:
// with a limit, memory that is asked for later would be refused. Pages are kept from when they are first used, which is
// when a program is prepared: to have all that might ever be used would hold up the machine when a slot starts.
static void lock_memory(void)
{
    struct rlimit limit;
    if (geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)) {
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    }
}

// What a block needs in shared memory: the log, the ring, and of the snapshot what is copied at one block's edge. The
// frames of delay lines are copied a few pages a block.
static void touch_shared(const struct slot *slot)
{
    const struct shared_format *format = &slot->score->format;
    shared_touch(slot->score, shared_score_size(format));
    shared_touch(slot->area, offsetof(struct shared_area, saved) + RACK_SNAPSHOT_SIZE - PROGRAM_COLD_MAX);
    shared_touch(slot->area + 1, shared_area_size(format) - sizeof *slot->area);
}

static bool map(struct slot *slot, int score_fd, int area_fd, int other_fd)
{
    if (shared_map_score(score_fd, &slot->score) != STATUS_OK) {
        return false;
    }
    const size_t size = shared_area_size(&slot->score->format);
    struct stat area, other;
    if (fstat(area_fd, &area) != 0 || fstat(other_fd, &other) != 0 || (size_t)area.st_size != size ||
        (size_t)other.st_size != size) {
        return false;
    }
    slot->area = shared_map(area_fd, size, true);
    slot->other = shared_map(other_fd, size, false);
    return slot->area && slot->other;
}

static int run(struct slot *slot)
{
    slot->state = aligned_alloc(64, RACK_SNAPSHOT_SIZE);
    slot->keep.program = malloc(sizeof *slot->keep.program);
    if (!slot->state || !slot->keep.program) {
        return EXIT_LOST;
    }
    touch_shared(slot);
    slot->keep.score = slot->renderer.score = slot->score;
    slot->keep.area = slot->renderer.area = slot->area;
    slot->keep.benches = slot->renderer.benches = &slot->benches;
    slot->renderer.other = slot->other;
    slot->renderer.number = slot->number;
    return play(slot);
}

int slot_run(int score_fd, int area_fd, int other_fd, int number)
{
    struct slot *slot = calloc(1, sizeof *slot);
    if (!slot || number < 0 || number >= SHARED_SLOTS || !map(slot, score_fd, area_fd, other_fd)) {
        free(slot);
        return EXIT_LOST;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    lock_memory();
    (void)denormals_flush();
    slot->number = (uint32_t)number;
    const int exit = run(slot);
    rack_free(slot->rack);
    free(slot->keep.program);
    free(slot->state);
    const size_t size = shared_area_size(&slot->score->format);
    shared_unmap(slot->area, size);
    shared_unmap(slot->other, size);
    shared_unmap(slot->score, shared_score_size(&slot->score->format));
    free(slot);
    return exit;
}

int slot_main(int argc, char **argv)
{
    int number[4];
    if (argc != 5) {
        return EXIT_LOST;
    }
    for (int i = 0; i < 4; i++) {
        number[i] = (int)strtol(argv[1 + i], NULL, 10);
    }
    return slot_run(number[0], number[1], number[2], number[3]);
}
