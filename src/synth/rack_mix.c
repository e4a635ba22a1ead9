// SPDX-License-Identifier: GPL-3.0-or-later
// What a module hears. Most inputs have one cable of gain 1, and get the source's own buffer. The others are mixed:
// voices to voices, one voice to all voices, or all voices to one, in the order of the program's cables, so that the
// same numbers are added in the same order in every process. Lanes beyond the last voice are never added to others.
#include "synth/rack_parts.h"

#include <string.h>

static bool is_steady(const struct rack_glide *gain, float value)
{
    return gain->left == 0 && gain->value == value;
}

static void resolve_input(const struct rack_bench *bench, const struct rack_module *module, struct rack_input *input)
{
    const struct rack_wire *heard = NULL;
    uint32_t count = 0;
    for (uint32_t i = input->wire; i < (uint32_t)input->wire + input->wires; i++) {
        if (!is_steady(bench->wire[i].gain, 0)) {
            heard = &bench->wire[i];
            count++;
        }
    }
    if (!heard) {
        input->source = RACK_SILENCE;
        return;
    }
    const uint32_t voices = input->is_mono ? 1 : module->voices;
    if (count == 1 && is_steady(heard->gain, 1) && heard->voices == voices) {
        input->source = RACK_DIRECT;
        input->direct = heard->from;
        input->stride = input->is_mono ? 0 : RACK_BLOCK_FLOATS;
        return;
    }
    input->source = input->once ? RACK_ONCE : RACK_MIXED;
}

static void resolve(const struct rack_bench *bench, struct rack_module *module)
{
    for (uint32_t i = 0; i < module->inputs; i++) {
        resolve_input(bench, module, &module->input[i]);
    }
    module->is_stale = false;
}

static float gain_at(const struct rack_glide *gain, uint32_t frame)
{
    return gain->value + gain->step * (float)frame;
}

static float sum_lanes(const float *lanes)
{
    float half[POLY_LANES / 2];
    for (uint32_t i = 0; i < POLY_LANES / 2; i++) {
        half[i] = lanes[i] + lanes[i + POLY_LANES / 2];
    }
    return ((half[0] + half[4]) + (half[2] + half[6])) + ((half[1] + half[5]) + (half[3] + half[7]));
}

static void add_to_one(struct rack *rack, const struct rack_wire *wire, float *restrict to, uint32_t frames)
{
    if (wire->voices == 1) {
        for (uint32_t i = 0; i < frames; i++) {
            to[i * POLY_LANES] += gain_at(wire->gain, i) * wire->from[i * POLY_LANES];
        }
        return;
    }
    rack->sum(wire->from, wire->voices, frames, rack->summed);
    for (uint32_t i = 0; i < frames; i++) {
        to[i * POLY_LANES] += gain_at(wire->gain, i) * sum_lanes(rack->summed + i * POLY_LANES);
    }
}

static void add_to_voices(const struct rack_wire *wire, uint32_t group, float *restrict to, uint32_t frames)
{
    const bool is_one = wire->voices == 1;
    const float *restrict from = wire->from + (is_one ? 0 : (size_t)group * RACK_BLOCK_FLOATS);
    for (uint32_t i = 0; i < frames; i++) {
        const float gain = gain_at(wire->gain, i);
        if (is_one) {
            const float value = gain * from[i * POLY_LANES];
            for (uint32_t lane = 0; lane < POLY_LANES; lane++) {
                to[i * POLY_LANES + lane] += value;
            }
        } else {
            for (uint32_t lane = 0; lane < POLY_LANES; lane++) {
                to[i * POLY_LANES + lane] += gain * from[i * POLY_LANES + lane];
            }
        }
    }
}

static void mix(struct rack *rack, const struct rack_input *input, uint32_t group, float *to)
{
    const uint32_t frames = rack->frames;
    memset(to, 0, frames * POLY_LANES * sizeof *to);
    for (uint32_t i = input->wire; i < (uint32_t)input->wire + input->wires; i++) {
        const struct rack_wire *wire = &rack->playing->wire[i];
        if (is_steady(wire->gain, 0)) {
            continue;
        }
        if (input->is_mono) {
            add_to_one(rack, wire, to, frames);
        } else {
            add_to_voices(wire, group, to, frames);
        }
    }
}

void rack_mix(struct rack *rack, struct rack_module *module, uint32_t group)
{
    if (module->is_stale) {
        resolve(rack->playing, module);
    }
    for (uint32_t i = 0; i < module->inputs; i++) {
        const struct rack_input *input = &module->input[i];
        const float *signal = rack->zeros;
        if (input->source == RACK_DIRECT) {
            signal = input->direct + group * input->stride;
        } else if (input->source == RACK_ONCE) {
            signal = input->once;
            if (group == 0) {
                mix(rack, input, 0, input->once);
            }
        } else if (input->source == RACK_MIXED) {
            signal = rack->mixed[i];
            mix(rack, input, group, rack->mixed[i]);
        }
        module->call.in[i] = signal;
    }
}
