// SPDX-License-Identifier: GPL-3.0-or-later
// What instrument.h promises of a wet mix, measured on FluidSynth and on the sampler. The reverb is added to the dry
// sound and changes nothing of it, so what a wet render has more than a dry one of the same calls is the reverb's
// return alone.
#include "sound.h"
#include "synth/fluid.h"
#include "synth/sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PIANO = 0, PAD = 88, PADS = 3, WOODBLOCK = 115 };

static instrument_new *make; ///< the instrument that is measured

static struct sound dry;
static struct sound wet;

/// Plays \p keys notes from \p low up by \p step, one after the other, \p length frames each, and \p tail more.
static void play(struct sound *sound, int is_dry, int program, int reverb, int low, int keys, int step, size_t length,
                 size_t tail)
{
    struct instrument *instrument = NULL;
    assert_int_equal(make(&(struct instrument_options){.dry = is_dry, .wet = 0.2}, &instrument, NULL), STATUS_OK);
    sound->count = 0;
    instrument_program(instrument, 0, program);
    if (reverb >= 0) {
        instrument_controller(instrument, 0, 91, reverb);
    }
    for (int i = 0; i < keys; i++) {
        instrument_note_on(instrument, 0, low + i * step, 100);
        sound_render(sound, instrument, length, 960);
        instrument_note_off(instrument, 0, low + i * step);
    }
    sound_render(sound, instrument, tail, 960);
    instrument_free(instrument);
}

/// Leaves the return alone in `wet`.
static void take_dry_from_wet(void)
{
    for (size_t i = 0; i < wet.count; i++) {
        wet.left[i] -= dry.left[i];
        wet.right[i] -= dry.right[i];
    }
}

/// The time in which the return falls by 60 dB, from its fall from -5 to -35 dB by Schroeder's backward integration,
/// beginning at \p from.
static double reverberation_time(size_t from)
{
    static double energy[SOUND_FRAMES + 1];
    energy[wet.count] = 0;
    for (size_t i = wet.count; i > from; i--) {
        const double left = wet.left[i - 1];
        const double right = wet.right[i - 1];
        energy[i - 1] = energy[i] + left * left + right * right;
    }
    double n = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    for (size_t i = from; i < wet.count; i++) {
        const double decibels = 10 * log10(energy[i] / energy[from]);
        const double seconds = (double)i / (double)SOUND_RATE;
        if (decibels <= -5 && decibels >= -35) {
            n++;
            x += seconds;
            y += decibels;
            xx += seconds * seconds;
            xy += seconds * decibels;
        }
    }
    return -60 / ((n * xy - x * y) / (n * xx - x * x));
}

static void test_the_tail_is_3_s(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    for (int key = 48; key <= 96; key += 12) {
        play(&dry, 1, WOODBLOCK, -1, key, 1, 0, SOUND_RATE / 20, 10 * (size_t)SOUND_RATE);
        play(&wet, 0, WOODBLOCK, -1, key, 1, 0, SOUND_RATE / 20, 10 * (size_t)SOUND_RATE);
        size_t end = dry.count;
        while (end > 0 && sound_peak(&dry, end - 1, end) < 1e-4) {
            end--;
        }
        assert_in_range(end, 1000, SOUND_RATE / 2);
        take_dry_from_wet();
        const double seconds = reverberation_time(end);
        print_message("woodblock, key %d: RT60 %.2f s\n", key, seconds);
        assert_true(fabs(seconds - 3) <= 0.3);
    }
}

/// The part of the return in the mix for a scale of held notes.
static double wetness(int program, int reverb)
{
    enum { KEYS = 12, HELD = SOUND_RATE };
    double returned = 0;
    double direct = 0;
    for (int low = 48; low <= 72; low += 12) {
        play(&dry, 1, program, reverb, low, KEYS, 1, HELD, 0);
        play(&wet, 0, program, reverb, low, KEYS, 1, HELD, 0);
        take_dry_from_wet();
        // From the third note on the reverb is as full as it gets.
        returned += pow(sound_rms(&wet, 2 * (size_t)HELD, wet.count), 2);
        direct += pow(sound_rms(&dry, 2 * (size_t)HELD, dry.count), 2);
    }
    return sqrt(returned) / (sqrt(returned) + sqrt(direct));
}

static void test_the_mix_is_20_percent_wet(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    static const int programs[] = {PIANO, PAD, PAD + 1, PAD + 2};
    double sum = 0;
    for (size_t i = 0; i < 4; i++) {
        const double part = wetness(programs[i], -1);
        print_message("program %d: %.1f%% wet\n", programs[i], 100 * part);
        assert_true(part > 0.16 && part < 0.24);
        sum += part;
    }
    print_message("on average %.1f%%\n", 100 * sum / 4);
    assert_true(fabs(sum / 4 - 0.20) < 0.01);
}

static void test_controller_91_makes_a_channel_dry(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    assert_true(wetness(PAD + 1, 0) < 1e-4);
    assert_true(wetness(PIANO, 0) < 1e-4);
    assert_true(fabs(wetness(PIANO, 1) - wetness(PIANO, 127)) < 1e-4);
}

static int keep_fluid(void **state)
{
    make = fluid_new;
    return sound_keep(state);
}

static int keep_sampler(void **state)
{
    (void)state;
    make = sampler_new;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tail_is_3_s),
        cmocka_unit_test(test_the_mix_is_20_percent_wet),
        cmocka_unit_test(test_controller_91_makes_a_channel_dry),
    };
    const int fluid = cmocka_run_group_tests_name("fluid", tests, keep_fluid, sound_drop);
    return fluid + cmocka_run_group_tests_name("sampler", tests, keep_sampler, NULL);
}
