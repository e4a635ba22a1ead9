// SPDX-License-Identifier: GPL-3.0-or-later
// What every module that changes signals keeps to, whatever it does: a render may be cut anywhere, voices have nothing
// to do with each other, and neither a signal that is none nor a setting at its end breaks anything for long.
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 1500, SHORT = 320, SIGNALS = 8 };

static const char *const types[] = {"biquad", "chorus",  "compressor", "crossfade", "dc_blocker", "delay",
                                    "ladder", "limiter", "mixer",      "pan",       "reverb",     "ring_mod",
                                    "scale",  "svf",     "vca",        "waveshaper"};
enum { TYPES = sizeof types / sizeof types[0] };

static float signals[SIGNALS][FRAMES];

static void fill_signals(void)
{
    for (int i = 0; i < SIGNALS; i++) {
        measure_noise(signals[i], FRAMES, (unsigned)i + 1);
    }
}

/// A signal for every input.
static void plug_all(struct stand *stand, const struct module_type *type, int voice, int shift)
{
    for (size_t i = 0; i < module_ports(type->inputs); i++) {
        stand_plug(stand, type->inputs[i].name, voice, signals[(i + (size_t)shift) % SIGNALS]);
    }
}

/// Every second parameter that may move moves, by a step that floats add without rounding, and those with choices
/// change on the way.
static void render(const struct module_type *type, const char *output, uint32_t block, float *out)
{
    struct stand *stand = stand_new(type->name, RATE, 1, NULL);
    const size_t params = module_params(type->params);
    plug_all(stand, type, -1, 0);
    stand_run(stand, FRAMES / 3, block, output, 0, out);
    for (size_t i = 0; i < params; i++) {
        const struct module_param *param = &type->params[i];
        int exponent = 0;
        const float part = frexpf(param->min + (param->max - param->min) * 0.4F, &exponent);
        const float middle = ldexpf(roundf(part * 1024), exponent - 10);
        stand_set(stand, param->name, param->choices ? param->max : middle);
        if (!param->choices && !param->steps && i % 2 == 0) {
            stand_glide(stand, param->name, ldexpf(1, exponent - 14));
        }
    }
    plug_all(stand, type, -1, 1);
    stand_run(stand, FRAMES / 3, block, output, 0, out + FRAMES / 3);
    for (size_t i = 0; i < params; i++) {
        stand_glide(stand, type->params[i].name, 0);
        stand_set(stand, type->params[i].name, type->params[i].standard);
    }
    for (size_t i = 1; i < module_ports(type->inputs); i++) {
        stand_plug(stand, type->inputs[i].name, -1, NULL);
    }
    stand_run(stand, FRAMES / 3, block, output, 0, out + 2 * (FRAMES / 3));
    stand_free(stand);
}

/// To the bit: 0 and -0 differ.
static bool is_same(const float *a, const float *b)
{
    const void *bits = a;
    const void *others = b;
    return memcmp(bits, others, FRAMES * sizeof *a) == 0;
}

static void cuts_change_nothing(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {1, 7, 32};
    static float whole[FRAMES];
    static float cut[FRAMES];
    for (int t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        for (size_t output = 0; output < module_ports(type->outputs); output++) {
            render(type, type->outputs[output].name, MODULE_BLOCK, whole);
            assert_true(measure_peak(whole, FRAMES) > 0.01);
            for (int i = 0; i < 3; i++) {
                render(type, type->outputs[output].name, blocks[i], cut);
                if (!is_same(whole, cut)) {
                    fail_msg("%s, %s: cut into %u", types[t], type->outputs[output].name, blocks[i]);
                }
            }
        }
    }
}

static void voices_are_alone(void **state)
{
    (void)state;
    enum { VOICES = 20 };
    static float one[FRAMES];
    static float among[FRAMES];
    for (int t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        for (int voice = 3; !type->mono && voice < VOICES; voice += 14) {
            struct stand *many = stand_new(types[t], RATE, VOICES, NULL);
            struct stand *single = stand_new(types[t], RATE, 1, NULL);
            for (int i = 0; i < VOICES; i++) {
                plug_all(many, type, i, i);
            }
            plug_all(single, type, 0, voice);
            stand_run(many, FRAMES, 64, type->outputs[0].name, voice, among);
            stand_run(single, FRAMES, 64, type->outputs[0].name, 0, one);
            assert_memory_equal(among, one, sizeof one);
            stand_free(single);
            stand_free(many);
        }
    }
}

/// What is no signal at all, and then one again.
static void bear(const struct module_type *type, const float *bad, bool highest)
{
    static float out[SHORT];
    struct stand *stand = stand_new(type->name, RATE, 1, NULL);
    for (size_t i = 0; i < module_params(type->params); i++) {
        stand_set(stand, type->params[i].name, highest ? type->params[i].max : type->params[i].min);
    }
    for (size_t i = 0; i < module_ports(type->inputs); i++) {
        stand_plug(stand, type->inputs[i].name, 0, bad);
    }
    stand_skip(stand, SHORT, 64);
    plug_all(stand, type, 0, 0);
    for (size_t i = 0; i < module_ports(type->outputs); i++) {
        stand_run(stand, SHORT, 64, type->outputs[i].name, 0, out);
        if (!(measure_peak(out, SHORT) < 1e12)) {
            fail_msg("%s, %s: still spoilt, %g", type->name, type->outputs[i].name, measure_peak(out, SHORT));
        }
    }
    stand_free(stand);
}

static void no_signal_spoils_it_for_good(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY, -INFINITY, 3e38F, -3e38F, 1e6F, 1e-40F, 0};
    static float bad[SHORT];
    for (int t = 0; t < TYPES; t++) {
        for (int v = 0; v < 8; v++) {
            for (int i = 0; i < SHORT; i++) {
                bad[i] = values[v];
            }
            bear(modules_find(types[t]), bad, false);
            bear(modules_find(types[t]), bad, true);
        }
    }
}

/// A state that a crashing process wrote indexes nothing outside and gives numbers.
static void no_state_breaks_it(void **state)
{
    (void)state;
    static const unsigned char fills[] = {0xff, 0x7f, 0x80, 0x5a};
    static float out[SHORT];
    for (int t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        for (int f = 0; f < 4; f++) {
            struct stand *stand = stand_new(types[t], RATE, 1, NULL);
            size_t size = 0;
            unsigned char *memory = stand_state(stand, &size);
            memset(memory, fills[f], size);
            plug_all(stand, type, 0, 0);
            stand_run(stand, SHORT, 64, type->outputs[0].name, 0, out);
            if (!isfinite(measure_peak(out, SHORT))) {
                fail_msg("%s: not a number from a state of 0x%02x", types[t], fills[f]);
            }
            stand_free(stand);
        }
    }
}

/// Silence stays silence, but for what a module adds on purpose.
static void silence_is_silent(void **state)
{
    (void)state;
    static float out[SHORT];
    for (int t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        struct stand *stand = stand_new(types[t], 96000, 1, NULL);
        for (size_t i = 0; i < module_ports(type->outputs); i++) {
            stand_run(stand, SHORT, 64, type->outputs[i].name, 0, out);
            assert_true(measure_peak(out, SHORT) < 1e-7);
        }
        stand_free(stand);
    }
}

/// Rates at both ends: what lies in lines is then shortest and longest.
static void every_rate_will_do(void **state)
{
    (void)state;
    static const double rates[] = {8000, 44100, 192000};
    static float out[SHORT];
    for (int t = 0; t < TYPES; t++) {
        const struct module_type *type = modules_find(types[t]);
        for (int i = 0; i < 6; i++) {
            struct stand *stand = stand_new(types[t], rates[i / 2], 1, NULL);
            for (size_t j = 0; j < module_params(type->params); j++) {
                stand_set(stand, type->params[j].name, i % 2 ? type->params[j].max : type->params[j].min);
            }
            plug_all(stand, type, 0, 0);
            stand_run(stand, SHORT, 64, type->outputs[0].name, 0, out);
            assert_true(measure_peak(out, SHORT) < 1e5);
            stand_free(stand);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(voices_are_alone),
        cmocka_unit_test(no_signal_spoils_it_for_good),
        cmocka_unit_test(no_state_breaks_it),
        cmocka_unit_test(silence_is_silent),
        cmocka_unit_test(every_rate_will_do),
    };
    fill_signals();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
