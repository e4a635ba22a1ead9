// SPDX-License-Identifier: GPL-3.0-or-later
// Glides of parameters and gains. How a render is cut into blocks must not change a sample, and a block starts from the
// value that the one before ended with; so the values of a glide are multiples of one power of two, small enough not
// to be heard and large enough that float holds every sum of them exactly. The step is rounded towards nothing, so
// that a glide stays between where it began and its target, and the last frame makes up for what is missing: at most a
// five thousandth of the larger of the two. A block ends where a glide does.
#include "synth/rack_parts.h"

#include <math.h>
#include <string.h>

/// The grid for values up to \p largest: 23 bits below the power of two above it.
static double grid_for(float largest)
{
    uint32_t bits;
    memcpy(&bits, &largest, sizeof bits);
    const uint32_t smallest = 27; // What is below 2^-100 counts as that.
    const uint32_t exponent = bits >> 23 > smallest ? bits >> 23 : smallest;
    const uint64_t power = (uint64_t)exponent - 127 + 1 - 23 + 1023;
    const uint64_t double_bits = power << 52;
    double grid;
    memcpy(&grid, &double_bits, sizeof grid);
    return grid;
}

/// \p x rounded to the grid, where |x| is below 2^50 times it.
static double to_grid(double x, double grid)
{
    const double magic = 6755399441055744.0 * grid; // 1.5 * 2^52: what is below the grid falls off the sum
    return x + magic - magic;
}

/// \p x on the grid, towards \p to.
static double towards(double x, double to, double grid)
{
    const double near = to_grid(x, grid);
    if (to > x && near < x) {
        return near + grid;
    }
    return to < x && near > x ? near - grid : near;
}

static void aim(struct rack_glide *glide, float target, uint32_t frames)
{
    const double grid = grid_for(fmaxf(fabsf(glide->value), fabsf(target)));
    const double start = towards(glide->value, target, grid);
    const double distance = (double)target - start;
    const double step = towards(distance / frames, 0, grid);
    const bool is_past = target == glide->value || (distance > 0) != (target > glide->value);
    *glide = (struct rack_glide){
        .value = is_past ? target : (float)start, .target = target, .step = is_past ? 0 : (float)step, .left = frames};
}

void rack_bench_aim(struct rack_bench *bench, const struct rack_moving *moving, float target, uint32_t frames)
{
    struct rack_glide *glide = moving->glide;
    if (target == glide->target) {
        return;
    }
    if (glide->left == 0) {
        bench->moving[bench->moving_count++] = *moving;
    }
    aim(glide, target, frames);
    if (moving->ramp) {
        *moving->ramp = (struct module_ramp){glide->value, glide->step};
    } else {
        moving->module->is_stale = true;
    }
}

static void gather(struct rack_bench *bench, struct rack_module *module, struct rack_glide *glide,
                   struct module_ramp *ramp)
{
    if (ramp) {
        *ramp = (struct module_ramp){glide->value, glide->step};
    }
    if (glide->left > 0) {
        bench->moving[bench->moving_count++] = (struct rack_moving){glide, ramp, module};
    }
}

void rack_bench_gather(struct rack_bench *bench)
{
    bench->moving_count = 0;
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        struct rack_module *module = &bench->module[i];
        module->is_stale = true;
        for (uint32_t p = 0; p < module->params; p++) {
            gather(bench, module, &module->glides[p], &module->ramps[p]);
        }
    }
    for (uint32_t i = 0; i < bench->program.cables; i++) {
        gather(bench, &bench->module[bench->program.cable[i].to], bench->wire[i].gain, NULL);
    }
}

uint32_t rack_bench_limit(const struct rack_bench *bench, uint32_t frames)
{
    for (uint32_t i = 0; i < bench->moving_count; i++) {
        const uint32_t left = bench->moving[i].glide->left;
        frames = left < frames ? left : frames;
    }
    return frames;
}

void rack_bench_advance(struct rack_bench *bench, uint32_t frames)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < bench->moving_count; i++) {
        const struct rack_moving moving = bench->moving[i];
        struct rack_glide *glide = moving.glide;
        glide->left -= frames;
        glide->value += glide->step * (float)frames;
        if (glide->left == 0) {
            glide->value = glide->target;
            glide->step = 0;
            moving.module->is_stale = moving.module->is_stale || !moving.ramp;
        } else {
            bench->moving[kept++] = moving;
        }
        if (moving.ramp) {
            *moving.ramp = (struct module_ramp){glide->value, glide->step};
        }
    }
    bench->moving_count = kept;
}
