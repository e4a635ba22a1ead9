// SPDX-License-Identifier: GPL-3.0-or-later
// The memory is a memfd, sealed so that a slot cannot shrink it under the engine. The rings are powers of two long, at
// least as long as the largest period that a device may come to, so that the engine can have blocks rendered ahead.
#include "play/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Changes with everything that this file's header lays out.
static const uint64_t MAGIC = 0x7475747469303031;

enum {
    BLOCK_MAX = 8192,
    CHANNELS_MAX = 64,
    RING_MIN = 64,
    INPUT_MIN = 32,
    INPUT_MAX = 8192,
    ABOVE_FD = 10,
    PAGE = 4096
};

static uint32_t power_at_least(uint32_t count)
{
    uint32_t power = 1;
    while (power < count) {
        power *= 2;
    }
    return power;
}

enum status shared_format_make(double rate, uint32_t block, uint32_t ins, uint32_t outs, struct shared_format *out)
{
    if (!(rate >= 8000 && rate <= 192000) || block < 1 || block > BLOCK_MAX || ins > CHANNELS_MAX || outs < 1 ||
        outs > CHANNELS_MAX) {
        return STATUS_RANGE;
    }
    const uint32_t ring = power_at_least((SHARED_RING_FRAMES + block - 1) / block);
    const uint32_t input = power_at_least(SHARED_INPUT_FRAMES / block);
    *out = (struct shared_format){
        .rate = rate,
        .block = block,
        .ins = ins,
        .outs = outs,
        .ring_blocks = ring < RING_MIN ? RING_MIN : ring,
        .input_blocks = input < INPUT_MIN   ? INPUT_MIN
                        : input > INPUT_MAX ? INPUT_MAX
                                            : input,
    };
    return STATUS_OK;
}

static bool is_same(const struct shared_format *a, const struct shared_format *b)
{
    return a->rate == b->rate && a->block == b->block && a->ins == b->ins && a->outs == b->outs &&
           a->ring_blocks == b->ring_blocks && a->input_blocks == b->input_blocks;
}

static size_t block_size(const struct shared_format *format) REALTIME;

static size_t block_size(const struct shared_format *format)
{
    const size_t size = sizeof(struct shared_block) + (size_t)format->block * format->outs * sizeof(float);
    return (size + 63) & ~(size_t)63;
}

size_t shared_score_size(const struct shared_format *format)
{
    return sizeof(struct shared_score) + shared_input_at(format, format->input_blocks - 1) * sizeof(float) +
           (size_t)format->block * format->ins * sizeof(float);
}

size_t shared_area_size(const struct shared_format *format)
{
    return sizeof(struct shared_area) + format->ring_blocks * block_size(format);
}

int shared_new(const char *name, size_t size)
{
    const int low = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (low < 0) {
        return -1;
    }
    // Above those that a slot is given at its start, so that none is closed by putting another in its place.
    const int fd = fcntl(low, F_DUPFD_CLOEXEC, ABOVE_FD);
    const int error = errno;
    (void)close(low);
    if (fd < 0) {
        errno = error;
        return -1;
    }
    if (ftruncate(fd, (off_t)size) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        const int reason = errno;
        (void)close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

void *shared_map(int fd, size_t size, bool writable)
{
    void *memory = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

// Reading is enough, also for who will write: shared memory has no other page for that.
void shared_touch(const void *memory, size_t size)
{
    const volatile unsigned char *bytes = memory;
    for (size_t at = 0; at < size; at += PAGE) {
        (void)bytes[at];
    }
    if (size > 0) {
        (void)bytes[size - 1];
    }
}

void shared_unmap(const void *memory, size_t size)
{
    if (memory) {
        (void)munmap((void *)memory, size);
    }
}

enum status shared_map_score(int fd, const struct shared_score **out)
{
    struct stat file;
    if (fstat(fd, &file) != 0) {
        return STATUS_IO;
    }
    const size_t size = (size_t)file.st_size;
    if (size < sizeof(struct shared_score)) {
        return STATUS_CORRUPT;
    }
    const struct shared_score *score = shared_map(fd, size, false);
    if (!score) {
        return STATUS_IO;
    }
    struct shared_format format;
    const struct shared_format *told = &score->format;
    if (score->magic != MAGIC ||
        shared_format_make(told->rate, told->block, told->ins, told->outs, &format) != STATUS_OK ||
        !is_same(&format, told) || shared_score_size(&format) != size) {
        shared_unmap(score, size);
        return STATUS_CORRUPT;
    }
    *out = score;
    return STATUS_OK;
}

void shared_score_init(struct shared_score *score, const struct shared_format *format)
{
    score->magic = MAGIC;
    score->engine = getpid();
    score->format = *format;
}

static size_t block_offset(const struct shared_format *format, uint64_t number) REALTIME;

static size_t block_offset(const struct shared_format *format, uint64_t number)
{
    return sizeof(struct shared_area) + (number & (format->ring_blocks - 1)) * block_size(format);
}

struct shared_block *shared_block_at(struct shared_area *area, const struct shared_format *format, uint64_t number)
{
    return (void *)((unsigned char *)area + block_offset(format, number));
}

const struct shared_block *shared_block_read(const struct shared_area *area, const struct shared_format *format,
                                             uint64_t number)
{
    return (const void *)((const unsigned char *)area + block_offset(format, number));
}

size_t shared_input_at(const struct shared_format *format, uint64_t number)
{
    return (number & (format->input_blocks - 1)) * format->block * format->ins;
}
