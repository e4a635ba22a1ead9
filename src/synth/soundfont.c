// SPDX-License-Identifier: GPL-3.0-or-later
// A SoundFont is hundreds of megabytes of frames and one of records that describe them. The file is mapped; the records
// are read once (soundfont_presets.c, soundfont_source.c) into arrays that never change afterwards. The frames can be
// played where they are; those that are wanted are soon copied to memory of our own (soundfont_loader.c).
//
// Those that are open stand in a list, so that an instrument that names the same file gets the same SoundFont. The list
// is locked while a file is opened, which takes milliseconds: of two that open it at once, the second finds the
// first's.
#include "synth/soundfont.h"

#include "synth/soundfont_bring.h"
#include "synth/soundfont_loader.h"
#include "synth/soundfont_pool.h"
#include "synth/soundfont_presets.h"
#include "synth/soundfont_riff.h"
#include "synth/soundfont_source.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct soundfont {
    struct soundfont_span file; ///< mapped, or of whoever opened it and gone
    bool is_mapped;
    bool decodes; ///< some samples are not frames yet
    struct soundfont_pool pool;
    struct soundfont_sources sources;
    struct soundfont_presets presets;
    struct soundfont_loader *loader;
    _Atomic uint32_t left_out;

    struct soundfont *next; ///< in the list, as long as there are references
    unsigned references;
    struct stat identity;
};

/// The SoundFonts of this process that were opened as files.
static struct {
    pthread_mutex_t mutex;
    struct soundfont *first;
} registry = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void soundfont_free(struct soundfont *soundfont)
{
    if (!soundfont) {
        return;
    }
    soundfont_loader_free(soundfont->loader);
    soundfont_presets_done(&soundfont->presets);
    soundfont_sources_done(&soundfont->sources);
    soundfont_pool_done(&soundfont->pool);
    if (soundfont->is_mapped) {
        (void)munmap((void *)soundfont->file.bytes, soundfont->file.size);
    }
    free(soundfont);
}

static enum status complain_memory(const char *name, struct complaint *complaint)
{
    return complain(complaint, STATUS_NO_MEMORY, "no memory to load %s", name);
}

/// Refuses what cannot be a SoundFont of this kind.
static enum status check_chunks(const struct soundfont_riff *riff, const char *name, struct complaint *complaint)
{
    if (!soundfont_riff_is_version(riff, 2, 0)) {
        return complain(complaint, STATUS_UNSUPPORTED, "%s is a SoundFont of version 1: give one of version 2 or 3",
                        name);
    }
    static const enum soundfont_chunk needed[] = {CHUNK_PRESETS,     CHUNK_PRESET_BAGS,     CHUNK_PRESET_GENERATORS,
                                                  CHUNK_INSTRUMENTS, CHUNK_INSTRUMENT_BAGS, CHUNK_INSTRUMENT_GENERATORS,
                                                  CHUNK_SAMPLES};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (riff->chunk[needed[i]].size == 0) {
            return complain(complaint, STATUS_CORRUPT, "%s is damaged, its part %s is missing: give another SoundFont",
                            name, soundfont_riff_name(needed[i]));
        }
    }
    return STATUS_OK;
}

/// Refuses a SoundFont that has nothing to play.
static enum status check_presets(const struct soundfont *soundfont, const char *name, struct complaint *complaint)
{
    if (soundfont->presets.count > 0) {
        return STATUS_OK;
    }
    if (soundfont->sources.rom_count > 0) {
        return complain(complaint, STATUS_UNSUPPORTED,
                        "%s plays samples in the ROM of a sound card only: give a SoundFont with samples of its own",
                        name);
    }
    return complain(complaint, STATUS_CORRUPT, "%s is damaged, it has no preset that plays: give another SoundFont",
                    name);
}

static struct soundfont_load load_of(struct soundfont *soundfont)
{
    return (struct soundfont_load){
        .sources = &soundfont->sources,
        .presets = &soundfont->presets,
        .mapped = soundfont->is_mapped ? soundfont->file : (struct soundfont_span){0},
        .compressed = soundfont->pool.bytes.size,
        .left_out = &soundfont->left_out,
    };
}

/// Reads the bytes of \p soundfont, all but the frames, and begins to load these.
static enum status read_bytes(struct soundfont *soundfont, const char *name, struct complaint *complaint)
{
    struct soundfont_riff riff;
    soundfont_riff_read(soundfont->file, &riff);
    enum status status = check_chunks(&riff, name, complaint);
    if (status) {
        return status;
    }
    uint32_t left_out = 0;
    if (soundfont_pool_read(&soundfont->pool, &riff, soundfont->is_mapped) ||
        soundfont_sources_read(&soundfont->sources, riff.chunk[CHUNK_SAMPLES], &soundfont->pool, &left_out) ||
        soundfont_presets_read(&soundfont->presets, &riff, &soundfont->sources, &left_out)) {
        return complain_memory(name, complaint);
    }
    atomic_init(&soundfont->left_out, left_out);
    status = check_presets(soundfont, name, complaint);
    if (status) {
        return status;
    }
    for (uint32_t i = 0; i < soundfont->sources.count; i++) {
        soundfont->decodes |= soundfont->sources.source[i].vorbis.size > 0;
    }
    const struct soundfont_load load = load_of(soundfont);
    soundfont->loader = soundfont_loader_new(&load);
    return soundfont->loader ? STATUS_OK : complain_memory(name, complaint);
}

static bool begins_as_soundfont(struct soundfont_span file)
{
    return file.size >= 12 && memcmp(file.bytes, "RIFF", 4) == 0 && memcmp(file.bytes + 8, "sfbk", 4) == 0;
}

enum status soundfont_open_memory(const void *bytes, size_t size, struct soundfont **out, struct complaint *complaint)
{
    const char *name = "this SoundFont";
    *out = NULL;
    struct soundfont *soundfont = calloc(1, sizeof *soundfont);
    if (!soundfont) {
        return complain_memory(name, complaint);
    }
    soundfont->file = (struct soundfont_span){bytes, size};
    soundfont->references = 1;
    const enum status status =
        begins_as_soundfont(soundfont->file)
            ? read_bytes(soundfont, name, complaint)
            : complain(complaint, STATUS_CORRUPT, "this is not a SoundFont: give an .sf2 or .sf3 file");
    soundfont->file = (struct soundfont_span){NULL, 0};
    if (status) {
        soundfont_free(soundfont);
        return status;
    }
    *out = soundfont;
    return STATUS_OK;
}

// Files.

/// Maps the file behind \p descriptor, reads it and puts it into the list. Under the lock.
static enum status open_mapped(int descriptor, const struct stat *identity, const char *path, struct soundfont **out,
                               struct complaint *complaint)
{
    struct soundfont *soundfont = calloc(1, sizeof *soundfont);
    if (!soundfont) {
        return complain_memory(path, complaint);
    }
    const size_t size = (size_t)identity->st_size;
    void *mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapping == MAP_FAILED) {
        free(soundfont);
        return complain(complaint, STATUS_IO, "cannot map the SoundFont %s: %s", path, strerror(errno));
    }
    soundfont->file = (struct soundfont_span){mapping, size};
    soundfont->is_mapped = true;
    soundfont->identity = *identity;
    soundfont->references = 1;
    const enum status status = read_bytes(soundfont, path, complaint);
    if (status) {
        soundfont_free(soundfont);
        return status;
    }
    soundfont->next = registry.first;
    registry.first = soundfont;
    *out = soundfont;
    return STATUS_OK;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/// Shares the SoundFont that is open already, or opens it. Under the lock.
static enum status share_or_open(int descriptor, const char *path, struct soundfont **out, struct complaint *complaint)
{
    struct stat identity;
    if (fstat(descriptor, &identity) != 0) {
        return complain(complaint, STATUS_IO, "cannot open the SoundFont %s: %s", path, strerror(errno));
    }
    for (struct soundfont *open = registry.first; open; open = open->next) {
        if (is_same_file(&open->identity, &identity)) {
            open->references++;
            *out = open;
            return STATUS_OK;
        }
    }
    return open_mapped(descriptor, &identity, path, out, complaint);
}

enum status soundfont_open(const char *path, struct soundfont **out, struct complaint *complaint)
{
    *out = NULL;
    enum status status = soundfont_check(path, complaint);
    if (status) {
        return status;
    }
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return complain(complaint, STATUS_IO, "cannot open the SoundFont %s: %s", path, strerror(errno));
    }
    (void)pthread_mutex_lock(&registry.mutex);
    status = share_or_open(descriptor, path, out, complaint);
    (void)pthread_mutex_unlock(&registry.mutex);
    (void)close(descriptor);
    return status;
}

/// Drops a reference; whether it was the last, and nobody finds the SoundFont any more.
static bool drop(struct soundfont *soundfont)
{
    (void)pthread_mutex_lock(&registry.mutex);
    const bool is_last = soundfont->references <= 1;
    soundfont->references--;
    struct soundfont **at = &registry.first;
    while (is_last && *at && *at != soundfont) {
        at = &(*at)->next;
    }
    if (is_last && *at) {
        *at = soundfont->next;
    }
    (void)pthread_mutex_unlock(&registry.mutex);
    return is_last;
}

void soundfont_close(struct soundfont *soundfont)
{
    if (soundfont && drop(soundfont)) {
        soundfont_free(soundfont);
    }
}

enum status soundfont_sample_wait(struct soundfont *soundfont, uint32_t index)
{
    return soundfont_loader_wait(soundfont->loader, index);
}

enum status soundfont_bring_in(struct soundfont *soundfont, size_t most)
{
    const struct soundfont_load load = load_of(soundfont);
    return soundfont_bring(soundfont->loader, &load, most);
}

uint32_t soundfont_left_out(const struct soundfont *soundfont)
{
    return atomic_load(&soundfont->left_out);
}

// What is in it.

uint32_t soundfont_preset_count(const struct soundfont *soundfont)
{
    return soundfont->presets.count;
}

const struct soundfont_preset *soundfont_preset(const struct soundfont *soundfont, uint32_t index)
{
    return &soundfont->presets.preset[index];
}

int soundfont_find_preset(const struct soundfont *soundfont, int bank, int program)
{
    uint32_t low = 0;
    uint32_t high = soundfont->presets.count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct soundfont_preset *preset = &soundfont->presets.preset[middle];
        const bool is_before = preset->bank != bank ? preset->bank < bank : preset->program < program;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    if (low == soundfont->presets.count) {
        return -1;
    }
    const struct soundfont_preset *preset = &soundfont->presets.preset[low];
    return preset->bank == bank && preset->program == program ? (int)low : -1;
}

uint32_t soundfont_region_count(const struct soundfont *soundfont)
{
    return soundfont->presets.region_count;
}

const struct soundfont_region *soundfont_regions(const struct soundfont *soundfont, uint32_t index)
{
    return soundfont->presets.region + index;
}

uint64_t soundfont_match(const struct soundfont *soundfont, const struct soundfont_preset *preset, uint32_t first,
                         int key, int velocity)
{
    return soundfont_ranges_match(&soundfont->presets.ranges, preset, first, key, velocity);
}

void soundfont_match_soon(const struct soundfont *soundfont, const struct soundfont_preset *preset, int key, int step)
{
    soundfont_ranges_match_soon(&soundfont->presets.ranges, preset, key, step);
}

const struct soundfont_modulator *soundfont_modulators(const struct soundfont *soundfont, uint32_t index)
{
    return soundfont->presets.modulator + index;
}

uint32_t soundfont_sample_count(const struct soundfont *soundfont)
{
    return soundfont->sources.count;
}

const struct soundfont_sample *soundfont_sample(const struct soundfont *soundfont, uint32_t index)
{
    const struct soundfont_source *source = &soundfont->sources.source[index];
    return atomic_load_explicit(&source->is_kept, memory_order_acquire) ? &source->kept : &source->sample;
}

void soundfont_sample_soon(const struct soundfont *soundfont, uint32_t index)
{
    const struct soundfont_source *source = &soundfont->sources.source[index];
    __builtin_prefetch(&source->sample);
    __builtin_prefetch(&source->state);
    __builtin_prefetch(&source->kept);
    __builtin_prefetch(&source->is_kept);
}

bool soundfont_sample_ready(const struct soundfont *soundfont, uint32_t index)
{
    return atomic_load_explicit(&soundfont->sources.source[index].state, memory_order_acquire) >= SOURCE_READY;
}

bool soundfont_decodes(const struct soundfont *soundfont)
{
    return soundfont->decodes;
}

void soundfont_want(struct soundfont *soundfont, uint32_t index)
{
    soundfont_loader_want(soundfont->loader, index);
}
