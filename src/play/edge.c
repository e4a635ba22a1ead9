// SPDX-License-Identifier: GPL-3.0-or-later
// The clock and the processor's number are read in user space (vDSO), without a system call. Waking is one system call
// which takes the kernel's lock of one hash bucket for a moment and never sleeps: what JACK's own semaphores do at each
// period. Hashing is plain arithmetic over the bytes, compiled in another library.
#include "play/edge.h"

#include "core/clock.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#if defined(__clang__)
#if __has_warning("-Wfunction-effects")
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
#if __has_feature(realtime_sanitizer)
#include <sanitizer/rtsan_interface.h>
#define EDGE_SANITIZED
#endif
#endif

static const int64_t NS_PER_S = 1000000000;
static const int64_t NS_PER_MS = 1000000;

// Between the two the sanitizer looks away.
static void enter(void) REALTIME;
static void leave(void) REALTIME;

static void enter(void)
{
#ifdef EDGE_SANITIZED
    __rtsan_disable();
#endif
}

static void leave(void)
{
#ifdef EDGE_SANITIZED
    __rtsan_enable();
#endif
}

int64_t edge_now_ns(void)
{
    enter();
    const int64_t now = clock_now_ns();
    leave();
    return now;
}

int edge_cpu(void)
{
    enter();
    const int cpu = sched_getcpu();
    leave();
    return cpu;
}

void edge_wake(_Atomic uint32_t *word)
{
    enter();
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    leave();
}

void edge_wait(const _Atomic uint32_t *word, uint32_t seen, uint32_t ms)
{
    edge_wait_ns(word, seen, ms * NS_PER_MS);
}

void edge_wait_ns(const _Atomic uint32_t *word, uint32_t seen, int64_t ns)
{
    const struct timespec patience = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    (void)syscall(SYS_futex, word, FUTEX_WAIT, seen, &patience, NULL, 0);
}

uint64_t edge_hash(const void *data, size_t size, uint64_t number)
{
    enter();
    const uint64_t hash = XXH3_64bits_withSeed(data, size, number);
    leave();
    return hash;
}

void edge_crash(void)
{
    enter();
    (void)signal(SIGSEGV, SIG_DFL); // NOLINT(cert-err33-c): it cannot fail for this signal
    (void)raise(SIGSEGV);
    leave();
}
