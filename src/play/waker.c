// SPDX-License-Identifier: GPL-3.0-or-later
// A processor's thread sleeps at a count of rings of its own. It sleeps only while that is what it was before it woke
// the others, so no ring is lost; several rings before it runs are one, as they are for those who wait at the word.
#include "play/waker.h"

#include "play/edge.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SLEEP_MS = 3600000, NO_CPU = -1, LINE = 64, STACK = 128 << 10 };

// Of one processor, in a cache line of its own.
struct post {
    _Alignas(LINE) _Atomic uint32_t rung; ///< how often
    _Atomic uint32_t served;              ///< the count of rings that the others were woken for last
    bool manned;
    pthread_t thread;
    struct waker *waker;
};

struct waker {
    struct post posts[WAKER_CPUS];
    _Atomic uint32_t *word;
    int last; ///< the processor that was rung at, by the callback
    atomic_bool stopping;
};

static void *serve(void *argument)
{
    struct post *post = argument;
    const struct waker *waker = post->waker;
    for (;;) {
        // Whoever stops it rings after that, so that there is no sleep between the two.
        const uint32_t seen = atomic_load(&post->rung);
        if (atomic_load(&waker->stopping)) {
            return NULL;
        }
        if (seen != atomic_load_explicit(&post->served, memory_order_relaxed)) {
            edge_wake(waker->word);
            atomic_store_explicit(&post->served, seen, memory_order_release);
        }
        edge_wait(&post->rung, seen, SLEEP_MS);
    }
}

static bool man_post(struct waker *waker, size_t cpu, int priority)
{
    struct post *post = &waker->posts[cpu];
    post->waker = waker;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    const struct sched_param parameters = {.sched_priority = priority};
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    post->manned = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED) == 0 &&
                   pthread_attr_setschedpolicy(&attributes, SCHED_FIFO) == 0 &&
                   pthread_attr_setschedparam(&attributes, &parameters) == 0 &&
                   pthread_attr_setaffinity_np(&attributes, sizeof only, &only) == 0 &&
                   pthread_attr_setstacksize(&attributes, STACK) == 0 &&
                   pthread_create(&post->thread, &attributes, serve, post) == 0;
    (void)pthread_attr_destroy(&attributes);
    return post->manned;
}

struct waker *waker_new(_Atomic uint32_t *word, int priority)
{
    cpu_set_t allowed;
    struct waker *waker = aligned_alloc(LINE, sizeof *waker);
    if (!waker || sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        free(waker);
        return NULL;
    }
    memset(waker, 0, sizeof *waker);
    (void)mlock(waker, sizeof *waker);
    waker->word = word;
    waker->last = NO_CPU;
    bool any = false;
    for (size_t cpu = 0; cpu < WAKER_CPUS; cpu++) {
        any |= CPU_ISSET(cpu, &allowed) && man_post(waker, cpu, priority);
    }
    if (!any) {
        free(waker);
        return NULL;
    }
    return waker;
}

void waker_free(struct waker *waker)
{
    if (!waker) {
        return;
    }
    atomic_store(&waker->stopping, true);
    for (size_t cpu = 0; cpu < WAKER_CPUS; cpu++) {
        struct post *post = &waker->posts[cpu];
        if (post->manned) {
            atomic_fetch_add(&post->rung, 1);
            edge_wake(&post->rung);
            (void)pthread_join(post->thread, NULL);
        }
    }
    (void)munlock(waker, sizeof *waker);
    free(waker);
}

void waker_ring(struct waker *waker)
{
    const int cpu = edge_cpu();
    waker->last = cpu >= 0 && cpu < WAKER_CPUS && waker->posts[cpu].manned ? cpu : NO_CPU;
    if (waker->last == NO_CPU) {
        edge_wake(waker->word);
        return;
    }
    struct post *post = &waker->posts[cpu];
    atomic_fetch_add(&post->rung, 1);
    edge_wake(&post->rung);
}

void waker_hurry(struct waker *waker)
{
    if (waker->last == NO_CPU) {
        return;
    }
    const struct post *post = &waker->posts[waker->last];
    if (atomic_load_explicit(&post->served, memory_order_acquire) != atomic_load(&post->rung)) {
        edge_wake(waker->word);
    }
}
