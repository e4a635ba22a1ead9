// SPDX-License-Identifier: GPL-3.0-or-later
// Every module that makes signals, with whatever may come in: nothing breaks, nothing bad stays, and how a render is
// cut and what the other voices do changes no sample.
#include "stand.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAMES = 448, VOICES = 20, SIGNALS = 2 * MODULE_INPUTS_MAX };

static const char *const types[] = {"adsr", "constant", "lfo",    "pink_noise", "sample",    "sample_hold", "saw",
                                    "sine", "slew",     "square", "triangle",   "wavetable", "white_noise"};

enum { TYPES = sizeof types / sizeof types[0] };

static float signals[SIGNALS][FRAMES];
static char sample_path[64];

static float unit(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) * (1.0F / 16777216.0F);
}

static int make_signals(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int s = 0; s < SIGNALS; s++) {
        float value = 0;
        for (int i = 0; i < FRAMES; i++) {
            value = i % 50 == 0 ? 4 * unit(&seed) - 2 : value + 0.01F * unit(&seed);
            signals[s][i] = value;
        }
    }
    strcpy(sample_path, "/tmp/tutti-sweep-XXXXXX");
    SF_INFO info = {.samplerate = 44100, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *out = sf_open_fd(mkstemp(sample_path), SFM_WRITE, &info, SF_TRUE);
    for (int i = 0; out && i < 300; i++) {
        sf_writef_float(out, (const float[]){unit(&seed), unit(&seed)}, 1);
    }
    return out ? sf_close(out) : 1;
}

static int remove_sample(void **state)
{
    (void)state;
    return unlink(sample_path);
}

static struct stand *stand_of(const char *type, double rate)
{
    return stand_new(type, rate, VOICES, strcmp(type, "sample") == 0 ? sample_path : NULL);
}

// Every parameter at a part of its range.
static void set_all(struct stand *stand, const char *name, float part)
{
    const struct module_param *params = modules_find(name)->params;
    for (size_t p = 0; p < module_params(params); p++) {
        stand_set(stand, params[p].name, params[p].min + (params[p].max - params[p].min) * part);
    }
}

static void plug_all(struct stand *stand, const char *name, int voice)
{
    const struct module_port *inputs = modules_find(name)->inputs;
    for (size_t p = 0; p < module_ports(inputs); p++) {
        stand_plug(stand, inputs[p].name, voice, signals[p]);
    }
}

static void how_it_is_cut_changes_nothing(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {1, 7, 32, 64};
    static float out[4][FRAMES];
    for (size_t t = 0; t < TYPES; t++) {
        const struct module_port *outputs = modules_find(types[t])->outputs;
        for (size_t o = 0; o < module_ports(outputs); o++) {
            for (size_t b = 0; b < 4; b++) {
                struct stand *stand = stand_of(types[t], 96000);
                set_all(stand, types[t], 0.02F);
                plug_all(stand, types[t], -1);
                stand_run(stand, FRAMES, blocks[b], outputs[o].name, 17, out[b]);
                stand_free(stand);
                assert_memory_equal(out[b], out[0], sizeof out[0]);
            }
        }
    }
}

static void compare_cuts(const char *name, const char *input, float part, const float *signal)
{
    static const uint32_t blocks[] = {1, 7, 50, 64};
    static float out[4][FRAMES];
    for (size_t b = 0; b < 4; b++) {
        struct stand *stand = stand_of(name, 96000);
        set_all(stand, name, part);
        stand_plug(stand, input, -1, signal);
        stand_run(stand, FRAMES, blocks[b], modules_find(name)->outputs[0].name, 17, out[b]);
        stand_free(stand);
        assert_memory_equal(out[b], out[0], sizeof out[0]);
    }
}

// One input, which rests and moves by turns: there are quicker ways for what rests.
static void how_it_is_cut_changes_nothing_where_little_moves(void **state)
{
    (void)state;
    static float signal[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        signal[i] = i < 100 || (i > 163 && i < 300) ? 0.75F : signals[0][i];
    }
    for (size_t t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        for (size_t p = 0; p < module_ports(type->inputs); p++) {
            compare_cuts(types[t], type->inputs[p].name, 0.00002F, signal);
            compare_cuts(types[t], type->inputs[p].name, 0.05F, signal);
        }
    }
}

static void voices_do_not_hear_each_other(void **state)
{
    (void)state;
    static float among[FRAMES];
    static float alone[FRAMES];
    for (size_t t = 0; t < TYPES; t++) {
        const char *output = modules_find(types[t])->outputs[0].name;
        for (int voice = 3; voice < VOICES; voice += 14) {
            struct stand *stand = stand_of(types[t], 48000);
            plug_all(stand, types[t], -1);
            for (int v = 0; v < VOICES; v++) {
                if (v != voice && module_ports(modules_find(types[t])->inputs)) {
                    stand_plug(stand, modules_find(types[t])->inputs[0].name, v, signals[SIGNALS - 1]);
                }
            }
            stand_run(stand, FRAMES, 64, output, voice, among);
            stand_free(stand);
            stand = stand_of(types[t], 48000);
            plug_all(stand, types[t], voice);
            stand_run(stand, FRAMES, 64, output, voice, alone);
            stand_free(stand);
            assert_memory_equal(among, alone, sizeof alone);
        }
    }
}

static void plug_nonsense(struct stand *stand, const char *name, float (*nonsense)[FRAMES])
{
    static const float values[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 1000, -1000, 1e-40F, 0, -3e9F, 65536};
    uint32_t seed = 5;
    const struct module_port *inputs = modules_find(name)->inputs;
    for (size_t p = 0; p < module_ports(inputs); p++) {
        for (int i = 0; i < FRAMES; i++) {
            nonsense[p][i] = values[(int)(unit(&seed) * 11) % 11];
        }
        stand_plug(stand, inputs[p].name, -1, nonsense[p]);
    }
}

static void nonsense_does_not_stay(void **state)
{
    (void)state;
    static float nonsense[MODULE_INPUTS_MAX][FRAMES];
    static float out[FRAMES];
    static const float parts[] = {0, 1, 0.4F};
    for (size_t t = 0; t < TYPES; t++) {
        for (size_t p = 0; p < 3; p++) {
            struct stand *stand = stand_of(types[t], 44100);
            set_all(stand, types[t], parts[p]);
            plug_nonsense(stand, types[t], nonsense);
            stand_skip(stand, FRAMES, 64);
            plug_all(stand, types[t], -1);
            stand_run(stand, FRAMES, 64, modules_find(types[t])->outputs[0].name, 18, out);
            stand_free(stand);
            for (int i = 0; i < FRAMES; i++) {
                assert_true(isfinite(out[i]));
            }
        }
    }
}

// As another process may leave it. Only that it ends, and within its memory, is asked.
static void a_foreign_state_breaks_nothing(void **state)
{
    (void)state;
    enum { FLOATS = MODULE_BLOCK * 16 };
    const struct module_setup setup = {.rate = 96000, .voices = 16, .seed = 3};
    float *memory = aligned_alloc(64, (MODULE_INPUTS_MAX + MODULE_OUTPUTS_MAX) * FLOATS * sizeof(float));
    assert_non_null(memory);
    memset(memory, 0, (MODULE_INPUTS_MAX + MODULE_OUTPUTS_MAX) * FLOATS * sizeof(float));
    for (size_t t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        struct module_ramp params[MODULE_PARAMS_MAX] = {{0, 0}};
        struct module_call call = {.setup = &setup, .frames = MODULE_BLOCK, .lanes = 16, .params = params};
        for (size_t p = 0; p < module_params(type->params); p++) {
            params[p].value = type->params[p].standard;
        }
        for (int p = 0; p < MODULE_INPUTS_MAX; p++) {
            call.in[p] = memory + p * FLOATS;
        }
        for (int p = 0; p < MODULE_OUTPUTS_MAX; p++) {
            call.out[p] = memory + (MODULE_INPUTS_MAX + p) * FLOATS;
        }
        if (type->open) {
            const char *path = strcmp(types[t], "sample") == 0 ? sample_path : "";
            assert_int_equal(type->open(&setup, path, path, &call.resource, NULL), STATUS_OK);
        }
        const size_t size = (type->state_size + 64) / 64 * 64;
        unsigned char *foreign = aligned_alloc(64, size);
        assert_non_null(foreign);
        uint32_t seed = 9;
        for (int round = 0; round < 8; round++) {
            for (size_t i = 0; i < size; i++) {
                foreign[i] = round == 0 ? 0xff : (unsigned char)(unit(&seed) * 256);
            }
            call.state = foreign;
            type->process(&call);
            type->process(&call);
        }
        free(foreign);
        if (type->close) {
            type->close(call.resource);
        }
    }
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_it_is_cut_changes_nothing),
        cmocka_unit_test(how_it_is_cut_changes_nothing_where_little_moves),
        cmocka_unit_test(voices_do_not_hear_each_other),
        cmocka_unit_test(nonsense_does_not_stay),
        cmocka_unit_test(a_foreign_state_breaks_nothing),
    };
    return cmocka_run_group_tests(tests, make_signals, remove_sample);
}
