// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding is seconds of work that divides well: each thread takes the next sample until none is left. A thread that
// cannot be had is done without, since the caller works too.
//
// A mapped file is only touched, page by page: all processes that play it share what the system then keeps.
#include "synth/soundfont_bring.h"

#include <pthread.h>
#include <unistd.h>

enum { HELPERS_MAX = 3 };

struct bringing {
    struct soundfont_loader *loader;
    const struct soundfont_load *load;
    size_t most;
    _Atomic uint32_t next;
    _Atomic size_t bytes;
    _Atomic int status; ///< enum status: the first that is not fine
};

static void bring_sample(struct bringing *bringing, uint32_t index)
{
    const struct soundfont_source *source = &bringing->load->sources->source[index];
    if (!source->is_used || source->vorbis.size == 0) {
        return;
    }
    const enum status status = soundfont_loader_wait(bringing->loader, index);
    if (status == STATUS_NO_MEMORY) {
        atomic_store(&bringing->status, STATUS_NO_MEMORY);
    } else if (status == STATUS_OK) {
        const size_t bytes = source->sample.available * sizeof(int16_t);
        if (atomic_fetch_add(&bringing->bytes, bytes) + bytes > bringing->most) {
            atomic_store(&bringing->status, STATUS_FULL);
        }
    }
}

static void *run(void *data)
{
    struct bringing *bringing = data;
    while (atomic_load(&bringing->status) == STATUS_OK) {
        const uint32_t index = atomic_fetch_add(&bringing->next, 1);
        if (index >= bringing->load->sources->count) {
            break;
        }
        bring_sample(bringing, index);
    }
    return NULL;
}

static void touch(struct soundfont_span mapped)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t at = 0; at < mapped.size; at += page) {
        (void)*(const volatile uint8_t *)(mapped.bytes + at);
    }
}

static size_t helpers(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores <= 1 ? 0 : cores > HELPERS_MAX ? HELPERS_MAX : (size_t)cores - 1;
}

enum status soundfont_bring(struct soundfont_loader *loader, const struct soundfont_load *load, size_t most)
{
    struct bringing bringing = {.loader = loader, .load = load, .most = most};
    pthread_t threads[HELPERS_MAX];
    size_t count = 0;
    touch(load->mapped);
    while (count < helpers() && pthread_create(&threads[count], NULL, run, &bringing) == 0) {
        count++;
    }
    (void)run(&bringing);
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    return (enum status)atomic_load(&bringing.status);
}
