// SPDX-License-Identifier: GPL-3.0-or-later
// One thread reads the samples of the presets that are wanted, and of no others: what nobody chose takes no memory. To
// read a sample means to decode it, or, where it lies in a mapped file, to copy it, so that no note waits for the disk.
// The mapped pages are let go a moment later, when no voice is in the middle of a block that began with them. A wish is
// a flag that the thread looks for every few milliseconds, since an audio thread, which makes it, must not wake
// another.
//
// A sample that has to be decoded belongs to the thread that moves its state from WAITING to CLAIMED. Nobody else looks
// at it then, until the state is released as READY or BROKEN; whoever needs it sleeps on a condition until that is so.
// When memory is out the state goes back to WAITING, for another try.
//
// A few bytes of Vorbis can be hours of silence, so what a file may grow to is limited in proportion to its size.
#include "synth/soundfont_loader.h"

#include "synth/soundfont_kept.h"
#include "synth/soundfont_vorbis.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    SAMPLE_FRAMES = 1 << 24, ///< of one decoded sample; six minutes
    GROWTH = 64,             ///< bytes for a byte; Vorbis at its lowest quality, with silence in between, has 40
    SMALL = 64 << 20,        ///< bytes that any file may grow to
    LOOK_NS = 10000000,
    SECOND_NS = 1000000000,
};

/// What became of the wish for a preset. It is granted once.
enum wish { WISH_NONE, WISH_MADE, WISH_GRANTED };

struct soundfont_loader {
    struct soundfont_load load;
    _Atomic uint8_t *presets; ///< enum wish of each
    _Atomic uint32_t wishes;  ///< how many were made
    _Atomic bool is_closing;
    _Atomic int64_t room;       ///< bytes that may yet be decoded
    struct soundfont_kept kept; ///< of the thread
    size_t page;
    pthread_mutex_t mutex; ///< for the condition only
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread;
};

static void release(struct soundfont_loader *loader, struct soundfont_source *source, int state)
{
    (void)pthread_mutex_lock(&loader->mutex);
    atomic_store_explicit(&source->state, state, memory_order_release);
    (void)pthread_cond_broadcast(&loader->changed);
    (void)pthread_mutex_unlock(&loader->mutex);
}

static bool claim(struct soundfont_source *source)
{
    int waiting = SOURCE_WAITING;
    return atomic_compare_exchange_strong_explicit(&source->state, &waiting, SOURCE_CLAIMED, memory_order_acquire,
                                                   memory_order_acquire);
}

/// Decodes a sample that this thread has claimed.
static enum status decode(struct soundfont_loader *loader, struct soundfont_source *source)
{
    const int64_t room = atomic_load(&loader->room) / (int64_t)sizeof(int16_t) - SOUNDFONT_PADDING;
    const uint32_t most = room < 0 ? 0 : room < SAMPLE_FRAMES ? (uint32_t)room : SAMPLE_FRAMES;
    int16_t *frames = NULL;
    uint32_t count = 0;
    const enum status status = soundfont_vorbis_decode(source->vorbis, most, &frames, &count);
    if (status == STATUS_NO_MEMORY) {
        release(loader, source, SOURCE_WAITING);
        return status;
    }
    if (status) {
        atomic_fetch_add(loader->load.left_out, 1);
        soundfont_source_silence(source);
        release(loader, source, SOURCE_BROKEN);
        return STATUS_CORRUPT;
    }
    const uint32_t available = count + SOUNDFONT_PADDING;
    atomic_fetch_sub(&loader->room, (int64_t)available * (int64_t)sizeof(int16_t));
    soundfont_source_fill(source, frames, count, available);
    release(loader, source, SOURCE_READY);
    return STATUS_OK;
}

enum status soundfont_loader_wait(struct soundfont_loader *loader, uint32_t index)
{
    struct soundfont_source *source = &loader->load.sources->source[index];
    for (;;) {
        if (claim(source)) {
            return decode(loader, source);
        }
        (void)pthread_mutex_lock(&loader->mutex);
        while (atomic_load_explicit(&source->state, memory_order_acquire) == SOURCE_CLAIMED) {
            (void)pthread_cond_wait(&loader->changed, &loader->mutex);
        }
        (void)pthread_mutex_unlock(&loader->mutex);
        const int state = atomic_load_explicit(&source->state, memory_order_acquire);
        if (state >= SOURCE_READY) {
            return state == SOURCE_READY ? STATUS_OK : STATUS_CORRUPT;
        }
    }
}

/// Where memory is out the frames stay in the file, and are played from there.
static void copy(struct soundfont_loader *loader, struct soundfont_source *source)
{
    const struct soundfont_sample *sample = &source->sample;
    const size_t before = (uintptr_t)sample->frames % loader->page;
    (void)madvise((uint8_t *)sample->frames - before, sample->end * sizeof *sample->frames + before, MADV_WILLNEED);
    const enum status unkept = soundfont_keep(&loader->kept, source);
    (void)unkept;
}

static void load_sample(struct soundfont_loader *loader, uint32_t index)
{
    struct soundfont_source *source = &loader->load.sources->source[index];
    if (!source->is_used) {
        return;
    }
    if (source->vorbis.size > 0) {
        if (claim(source)) {
            (void)decode(loader, source);
        }
    } else if (loader->load.mapped.size > 0) {
        copy(loader, source);
    }
}

static bool is_closing(const struct soundfont_loader *loader)
{
    return atomic_load_explicit(&loader->is_closing, memory_order_relaxed);
}

/// Loads the samples of all presets that are wanted.
static void load_wanted(struct soundfont_loader *loader)
{
    const struct soundfont_presets *presets = loader->load.presets;
    for (uint32_t i = 0; i < presets->count; i++) {
        if (atomic_load_explicit(&loader->presets[i], memory_order_relaxed) != WISH_MADE) {
            continue;
        }
        atomic_store_explicit(&loader->presets[i], WISH_GRANTED, memory_order_relaxed);
        const struct soundfont_preset *preset = &presets->preset[i];
        for (uint32_t j = 0; j < preset->region_count && !is_closing(loader); j++) {
            load_sample(loader, presets->region[preset->regions + j].sample);
        }
    }
}

/// Sleeps until it is time to look again, or to end.
static void doze(struct soundfont_loader *loader)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NS;
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    (void)pthread_mutex_lock(&loader->mutex);
    if (!is_closing(loader)) {
        (void)pthread_cond_timedwait(&loader->changed, &loader->mutex, &until);
    }
    (void)pthread_mutex_unlock(&loader->mutex);
}

/// Lets go of the pages of the file, which come back where something is still played from there.
static void drop_mapped(const struct soundfont_loader *loader)
{
    const struct soundfont_span mapped = loader->load.mapped;
    if (mapped.size > 0) {
        (void)madvise((void *)mapped.bytes, mapped.size, MADV_DONTNEED);
    }
}

static void *run(void *data)
{
    struct soundfont_loader *loader = data;
    uint32_t granted = 0;
    while (!is_closing(loader)) {
        const uint32_t wishes = atomic_load_explicit(&loader->wishes, memory_order_acquire);
        if (wishes != granted) {
            granted = wishes;
            load_wanted(loader);
            doze(loader);
            drop_mapped(loader);
        } else {
            doze(loader);
        }
    }
    return NULL;
}

static bool has_work(const struct soundfont_load *load)
{
    bool has = load->mapped.size > 0;
    for (uint32_t i = 0; i < load->sources->count; i++) {
        const struct soundfont_source *source = &load->sources->source[i];
        has |= source->is_used && source->vorbis.size > 0;
    }
    return has;
}

struct soundfont_loader *soundfont_loader_new(const struct soundfont_load *load)
{
    struct soundfont_loader *loader = calloc(1, sizeof *loader);
    if (!loader) {
        return NULL;
    }
    loader->load = *load;
    loader->page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t grown = load->compressed * GROWTH;
    atomic_init(&loader->room, grown < SMALL ? SMALL : (int64_t)grown);
    (void)pthread_mutex_init(&loader->mutex, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&loader->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    loader->presets = calloc((size_t)load->presets->count + 1, sizeof *loader->presets);
    bool is_fine = loader->presets;
    if (is_fine && has_work(load)) {
        loader->has_thread = pthread_create(&loader->thread, NULL, run, loader) == 0;
        is_fine = loader->has_thread;
    }
    if (!is_fine) {
        soundfont_loader_free(loader);
        return NULL;
    }
    return loader;
}

void soundfont_loader_free(struct soundfont_loader *loader)
{
    if (!loader) {
        return;
    }
    (void)pthread_mutex_lock(&loader->mutex);
    atomic_store(&loader->is_closing, true);
    (void)pthread_cond_broadcast(&loader->changed);
    (void)pthread_mutex_unlock(&loader->mutex);
    if (loader->has_thread) {
        (void)pthread_join(loader->thread, NULL);
    }
    (void)pthread_cond_destroy(&loader->changed);
    (void)pthread_mutex_destroy(&loader->mutex);
    soundfont_kept_done(&loader->kept);
    free((void *)loader->presets);
    free(loader);
}

void soundfont_loader_want(struct soundfont_loader *loader, uint32_t preset)
{
    uint8_t none = WISH_NONE;
    if (atomic_compare_exchange_strong_explicit(&loader->presets[preset], &none, WISH_MADE, memory_order_relaxed,
                                                memory_order_relaxed)) {
        atomic_fetch_add_explicit(&loader->wishes, 1, memory_order_release);
    }
}
