// SPDX-License-Identifier: GPL-3.0-or-later
// A row of single cycles (cycles.h): the position picks two neighbours and mixes them, the pitch picks the level of
// detail, and sixteen frames around the phase give the value (taps.h). A level is used as long as its highest overtone
// comes back from half the rate above 20 kHz, where nobody hears it; at 96 kHz that leaves it, right after the change
// from the level before, all up to 38 kHz. In the last quarter of an octave before a change the two levels are mixed.
#include "synth/modules/cycles.h"
#include "synth/modules/oscillator.h"
#include "synth/modules/taps.h"

#include <stdlib.h>

enum { IN_POSITION = OSCILLATOR_PITCH + 1 };
enum { PARAM_POSITION = OSCILLATOR_PARAMS, PARAM_TABLE };
enum { TABLES = 5 };

// How far below a change, in octaves, it begins.
static const float overlap = 0.25F;

struct wavetable {
    struct cycles tables[TABLES];
    bool is_file; ///< the first table is what a file holds, and the only one
    uint32_t offsets[CYCLES_LEVELS];
    float taps[TAPS_FLOATS];
};

struct wavetable_state {
    poly_uint phase; ///< 2^32 to the turn
};

static const struct module_port inputs[] = {
    OSCILLATOR_PORT_LIST,
    [IN_POSITION] = {"position", "control", "added to the position"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the wave"}, {0}};

static const struct module_param params[] = {
    OSCILLATOR_PARAM_LIST,
    [PARAM_POSITION] = {"position", "", "where in the table: 0 is its first cycle, 1 its last", 0, 1, 0, NULL, false},
    [PARAM_TABLE] = {"table", "", "which one, where no file is given", 0, TABLES - 1, 0, cycles_names, true},
    {0},
};

static void close_wavetable(void *resource)
{
    struct wavetable *wavetable = resource;
    for (int i = 0; wavetable && i < TABLES; i++) {
        free(wavetable->tables[i].samples);
    }
    free(wavetable);
}

static enum status fill(struct wavetable *wavetable, const char *path, const char *shown, struct complaint *complaint)
{
    if (*path) {
        wavetable->is_file = true;
        return cycles_read(path, shown, &wavetable->tables[0], complaint);
    }
    for (uint32_t i = 0; i < TABLES; i++) {
        const enum status status = cycles_make(i, &wavetable->tables[i]);
        if (status) {
            return complain(complaint, status, "no memory for wavetables");
        }
    }
    return STATUS_OK;
}

static enum status open_wavetable(const struct module_setup *setup, const char *path, const char *shown,
                                  void **resource, struct complaint *complaint)
{
    (void)setup;
    *resource = NULL;
    struct wavetable *wavetable = calloc(1, sizeof *wavetable);
    if (!wavetable) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for wavetables");
    }
    const enum status status = fill(wavetable, path, shown, complaint);
    if (status) {
        close_wavetable(wavetable);
        return status;
    }
    for (uint32_t level = 0; level < CYCLES_LEVELS; level++) {
        wavetable->offsets[level] = cycles_offset(level);
    }
    taps_fill(wavetable->taps);
    *resource = wavetable;
    return STATUS_OK;
}

/// The value at \p phase of \p level, \p mix of the way from cycle \p a to cycle \p b.
POLY_INLINE float value_at(const struct wavetable *wavetable, const float *a, const float *b, float mix, uint32_t level,
                           uint32_t phase)
{
    const uint32_t bits = cycles_bits(level);
    const float fraction = (float)((phase << bits) >> 8) * (1.0F / 16777216.0F);
    const size_t at = wavetable->offsets[level] + (phase >> (32 - bits)) - TAPS_BEFORE;
    const poly first = taps_load(a + at);
    const poly second = taps_load(b + at);
    return taps_sum(taps_weights(wavetable->taps, fraction) * (first + (second - first) * mix));
}

/// Where a frame's voices read.
struct places {
    poly position; ///< in cycles
    poly level;    ///< 0 up to CYCLES_LEVELS - 1, whole
    poly fade;     ///< how much of the next level
};

POLY_INLINE struct places places_of(poly turns, poly position, float limit, uint32_t cycles)
{
    // How many octaves the pitch is above where level 0 would have to end.
    const poly octaves = poly_clamp(poly_log2(turns * (CYCLES_OVERTONES / limit)), -1, CYCLES_LEVELS - 1);
    const poly level = poly_max(-poly_floor(-octaves), poly_all(0));
    return (struct places){
        .position = poly_clamp(position, 0, 1) * (float)(cycles - 1),
        .level = level,
        .fade = poly_clamp((octaves - level + overlap) * (1 / overlap), 0, 1),
    };
}

POLY_INLINE float voice_at(const struct wavetable *wavetable, const struct cycles *cycles, const struct places *places,
                           uint32_t lane, uint32_t phase)
{
    const uint32_t first = (uint32_t)places->position[lane];
    const uint32_t second = first + 1 < cycles->count ? first + 1 : first;
    const float mix = places->position[lane] - (float)first;
    const float *a = cycles->samples + (size_t)first * cycles_stride();
    const float *b = cycles->samples + (size_t)second * cycles_stride();
    const uint32_t level = (uint32_t)places->level[lane];
    const float value = value_at(wavetable, a, b, mix, level, phase);
    if (places->fade[lane] == 0 || level + 1 >= CYCLES_LEVELS) {
        return value;
    }
    return value + (value_at(wavetable, a, b, mix, level + 1, phase) - value) * places->fade[lane];
}

static void process(const struct module_call *call) REALTIME
{
    struct wavetable_state *state = call->state;
    const struct wavetable *wavetable = call->resource;
    const uint32_t choice = wavetable->is_file ? 0 : module_choice(call, PARAM_TABLE);
    const struct cycles *cycles = &wavetable->tables[choice < TABLES ? choice : 0];
    const poly *position = module_in(call, IN_POSITION);
    poly *out = module_out(call, 0);
    const float rate = (float)call->setup->rate;
    const float limit = (rate - 20000 > rate / 2 ? rate - 20000 : rate / 2) / rate;
    poly_uint phase = state->phase;
    const bool is_steady = oscillator_is_steady(call);
    poly turns = oscillator_turns(call, rate, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (!is_steady) {
            turns = oscillator_turns(call, rate, i);
        }
        const poly where = position[i] + module_value(call, PARAM_POSITION, i);
        const struct places places = places_of(turns, where, limit, cycles->count);
        poly value = poly_all(0);
        for (uint32_t lane = 0; lane < call->lanes; lane++) {
            value[lane] = voice_at(wavetable, cycles, &places, lane, phase[lane]);
        }
        out[i] = value;
        phase += phase_of(turns);
    }
    state->phase = phase;
}

const struct module_type MODULE(wavetable) = {
    .name = "wavetable",
    .title = "a wave from a table of cycles, built in or from a file",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .has_file = true,
    .state_size = sizeof(struct wavetable_state),
    .process = process,
    .open = open_wavetable,
    .close = close_wavetable,
};
