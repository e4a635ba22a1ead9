// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"

#include "synth/poly.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GROUPS_MAX = MODULE_VOICES_MAX / POLY_LANES };

struct stand {
    const struct module_type *type;
    struct module_setup setup;
    uint32_t groups;
    void *resource;
    unsigned char *states;
    float *cold;
    size_t state_size;
    struct module_ramp params[MODULE_PARAMS_MAX];
    const float *signals[MODULE_INPUTS_MAX][MODULE_VOICES_MAX];
    uint32_t plugged;
    uint32_t unheard;
    poly in[MODULE_INPUTS_MAX][MODULE_BLOCK];
    poly out[MODULE_OUTPUTS_MAX][MODULE_BLOCK];
};

static void *zeroed(size_t size)
{
    const size_t whole = (size + 127) / 64 * 64;
    void *memory = aligned_alloc(64, whole);
    assert_non_null(memory);
    memset(memory, 0, whole);
    return memory;
}

static void lay_lines(struct stand *stand)
{
    uint32_t sizes[MODULE_LINES_MAX];
    const uint32_t lines = stand->type->lines ? stand->type->lines(stand->setup.rate, sizes) : 0;
    uint32_t total = 0;
    for (uint32_t i = 0; i < lines; i++) {
        assert_int_equal(sizes[i] & (sizes[i] - 1), 0);
        ((struct line *)stand->states)[i] = (struct line){.at = total, .size = sizes[i]};
        total += sizes[i];
    }
    stand->cold = total ? zeroed(total * sizeof(float)) : NULL;
}

struct stand *stand_new(const char *type, double rate, uint32_t voices, const char *file)
{
    struct stand *stand = zeroed(sizeof *stand);
    stand->type = modules_find(type);
    assert_non_null(stand->type);
    stand->setup = (struct module_setup){.rate = rate, .voices = voices, .seed = 7};
    // One that hands out voices keeps them all in one group of state.
    stand->groups = stand->type->has_voices ? 1 : (voices + POLY_LANES - 1) / POLY_LANES;
    stand->state_size = (stand->type->state_size + 63) / 64 * 64;
    stand->states = zeroed(stand->state_size * stand->groups);
    lay_lines(stand);
    for (size_t i = 0; i < module_params(stand->type->params); i++) {
        stand->params[i].value = stand->type->params[i].standard;
    }
    if (stand->type->open) {
        struct complaint complaint = {""};
        if (stand->type->open(&stand->setup, file ? file : "", file ? file : "", &stand->resource, &complaint)) {
            fail_msg("%s", complaint.text);
        }
    }
    for (uint32_t group = 0; stand->type->init && group < stand->groups; group++) {
        stand->type->init(&stand->setup, group, stand->states + group * stand->state_size);
    }
    return stand;
}

void stand_free(struct stand *stand)
{
    if (stand->type->close) {
        stand->type->close(stand->resource);
    }
    free(stand->cold);
    free(stand->states);
    free(stand);
}

void stand_set(struct stand *stand, const char *param, float value)
{
    const int index = module_param_find(stand->type->params, param);
    assert_true(index >= 0);
    stand->params[index] = (struct module_ramp){.value = value};
}

void stand_glide(struct stand *stand, const char *param, float step)
{
    const int index = module_param_find(stand->type->params, param);
    assert_true(index >= 0);
    stand->params[index].step = step;
}

unsigned char *stand_state(struct stand *stand, size_t *size)
{
    uint32_t sizes[MODULE_LINES_MAX];
    const size_t lines = stand->type->lines ? stand->type->lines(stand->setup.rate, sizes) * sizeof(struct line) : 0;
    *size = stand->type->state_size - lines;
    return stand->states + lines;
}

void stand_plug(struct stand *stand, const char *input, int voice, const float *samples)
{
    const int port = module_port_find(stand->type->inputs, input);
    assert_true(port >= 0);
    for (int v = 0; v < MODULE_VOICES_MAX; v++) {
        if (voice < 0 || v == voice) {
            stand->signals[port][v] = samples;
        }
    }
    stand->plugged |= 1U << port;
    if (!samples) {
        stand->plugged &= ~(1U << port);
    }
}

void stand_mute(struct stand *stand, const char *output)
{
    const int port = module_port_find(stand->type->outputs, output);
    assert_true(port >= 0);
    stand->unheard |= 1U << port;
}

static struct module_call call_of(struct stand *stand, uint32_t group, uint32_t frames)
{
    const uint32_t rest = stand->setup.voices - group * POLY_LANES;
    struct module_call call = {.setup = &stand->setup,
                               .frames = frames,
                               .group = group,
                               .lanes = rest < POLY_LANES ? rest : POLY_LANES,
                               .state = stand->states + (stand->groups > 1 ? group : 0) * stand->state_size,
                               .cold = stand->cold,
                               .resource = stand->resource,
                               .plugged = stand->plugged,
                               .unheard = stand->unheard,
                               .params = stand->params};
    for (int i = 0; i < MODULE_INPUTS_MAX; i++) {
        call.in[i] = stand->in[i];
    }
    for (int i = 0; i < MODULE_OUTPUTS_MAX; i++) {
        call.out[i] = stand->out[i];
    }
    return call;
}

void stand_event(struct stand *stand, const struct module_event *event)
{
    const struct module_call call = call_of(stand, 0, 1);
    stand->type->event(&call, event);
}

static void fill(struct stand *stand, uint32_t group, uint32_t at, uint32_t frames)
{
    for (int port = 0; port < MODULE_INPUTS_MAX; port++) {
        for (uint32_t lane = 0; lane < POLY_LANES; lane++) {
            const float *samples = stand->signals[port][group * POLY_LANES + lane];
            for (uint32_t i = 0; i < frames; i++) {
                stand->in[port][i][lane] = samples ? samples[at + i] : 0;
            }
        }
    }
}

static void run(struct stand *stand, uint32_t frames, uint32_t block, int port, int voice, float *out)
{
    const uint32_t groups = (stand->setup.voices + POLY_LANES - 1) / POLY_LANES;
    for (uint32_t at = 0; at < frames; at += block) {
        const uint32_t now = frames - at < block ? frames - at : block;
        for (uint32_t group = 0; group < groups; group++) {
            fill(stand, group, at, now);
            const struct module_call call = call_of(stand, group, now);
            stand->type->process(&call);
            if (stand->type->absorb) {
                stand->type->absorb(&call);
            }
            for (uint32_t i = 0; out && (uint32_t)voice / POLY_LANES == group && i < now; i++) {
                out[at + i] = stand->out[port][i][(uint32_t)voice % POLY_LANES];
            }
        }
        for (int i = 0; i < MODULE_PARAMS_MAX; i++) {
            stand->params[i].value += stand->params[i].step * (float)now;
        }
    }
}

void stand_run(struct stand *stand, uint32_t frames, uint32_t block, const char *output, int voice, float *out)
{
    const int port = module_port_find(stand->type->outputs, output);
    assert_true(port >= 0);
    run(stand, frames, block, port, voice, out);
}

void stand_skip(struct stand *stand, uint32_t frames, uint32_t block)
{
    run(stand, frames, block, 0, 0, NULL);
}
