// SPDX-License-Identifier: GPL-3.0-or-later
#include "stage.h"

#include "play/device.h"
#include "play/edge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *zeros(size_t size)
{
    const size_t whole = (size + 63) & ~(size_t)63;
    void *memory = aligned_alloc(64, whole);
    assert_non_null(memory);
    memset(memory, 0, whole);
    return memory;
}

/// Pages that are there once they are touched: a test uses few of an area's, most of which is room for a snapshot.
static struct shared_area *new_area(const struct shared_format *format)
{
    void *memory = mmap(NULL, shared_area_size(format), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    return memory;
}

struct stage *stage_new(uint32_t block, uint32_t ins, uint32_t outs)
{
    struct stage *stage = zeros(sizeof *stage);
    assert_int_equal(shared_format_make(48000, block, ins, outs, &stage->format), STATUS_OK);
    stage->score = zeros(shared_score_size(&stage->format));
    shared_score_init(stage->score, &stage->format);
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        stage->area[slot] = new_area(&stage->format);
    }
    const struct shared_area *const areas[SHARED_SLOTS] = {stage->area[0], stage->area[1]};
    stage->conductor = conductor_new(stage->score, areas, NULL);
    assert_non_null(stage->conductor);
    for (uint32_t channel = 0; channel < 16; channel++) {
        stage->in[channel] = zeros(DEVICE_BLOCK_MAX * sizeof(float));
        stage->out[channel] = zeros(DEVICE_BLOCK_MAX * sizeof(float));
    }
    return stage;
}

void stage_free(struct stage *stage)
{
    conductor_free(stage->conductor);
    for (uint32_t channel = 0; channel < 16; channel++) {
        free(stage->in[channel]);
        free(stage->out[channel]);
    }
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        assert_int_equal(munmap(stage->area[slot], shared_area_size(&stage->format)), 0);
    }
    free(stage->score);
    free(stage);
}

float stage_sample(uint64_t frame, uint32_t channel)
{
    const uint64_t turn = frame % 2018;
    return 0.5F + (float)(turn < 1009 ? turn : 2018 - turn) * 1e-4F + (float)channel * 0.1F;
}

void stage_deliver(struct stage *stage, uint32_t slot, uint64_t number)
{
    const struct shared_format *format = &stage->format;
    struct shared_block *block = shared_block_at(stage->area[slot], format, number);
    for (uint32_t channel = 0; channel < format->outs; channel++) {
        for (uint32_t i = 0; i < format->block; i++) {
            block->samples[channel * format->block + i] = stage_sample(number * format->block + i, channel);
        }
    }
    block->number = number;
    block->hash = edge_hash(block->samples, (size_t)format->block * format->outs * sizeof(float), number);
    atomic_store(&stage->area[slot]->done, number + 1);
}

void stage_catch_up(struct stage *stage)
{
    const uint64_t go = atomic_load(&stage->score->go);
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        while (atomic_load(&stage->area[slot]->done) < go) {
            stage_deliver(stage, slot, atomic_load(&stage->area[slot]->done));
        }
    }
}

void stage_play(struct stage *stage, uint32_t frames)
{
    conductor_process(stage->conductor, (const float *const *)stage->in, stage->out, frames);
}

void stage_warm_up(struct stage *stage, uint32_t blocks)
{
    for (uint32_t i = 0; i < blocks; i++) {
        stage_catch_up(stage);
        stage_play(stage, stage->format.block);
    }
}
