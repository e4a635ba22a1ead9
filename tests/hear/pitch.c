// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/pitch.h"

#include "core/random.h"
#include "hear/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double RATE = 48000.0;

/// What was heard in a sound.
struct heard {
    size_t count;
    struct pitch_estimate estimates[2000];
};

static double cents(double frequency, double truth)
{
    return 1200.0 * log2(frequency / truth);
}

// In blocks of `block` frames.
static void listen(struct heard *heard, double rate, const float *sound, size_t count, size_t block)
{
    struct pitch *pitch = pitch_new(rate);
    assert_non_null(pitch);
    heard->count = 0;
    for (size_t i = 0; i < count; i += block) {
        struct pitch_estimate out[PITCH_ESTIMATES];
        const size_t made = pitch_push(pitch, sound + i, count - i < block ? count - i : block, out);
        assert_true(made <= PITCH_ESTIMATES && heard->count + made <= 2000);
        memcpy(heard->estimates + heard->count, out, made * sizeof *out);
        heard->count += made;
    }
    pitch_free(pitch);
    for (size_t i = 0; i < heard->count; i++) {
        const struct pitch_estimate *one = &heard->estimates[i];
        assert_true(isfinite(one->time) && isfinite(one->frequency));
        assert_true(one->confidence >= 0.0 && one->confidence <= 1.0);
        assert_true(one->frequency == 0.0 || (one->frequency > 38.0 && one->frequency < 2700.0));
        assert_true(one->time >= (i ? one[-1].time : 0.0) && one->time <= (double)count);
    }
}

static void tone(float *sound, size_t count, double rate, double frequency, int first, int last)
{
    for (size_t i = 0; i < count; i++) {
        double sum = 0.0;
        for (int h = first; h <= last && h * frequency < 0.4 * rate; h++) {
            sum += sin(2.0 * M_PI * h * frequency * (double)i / rate + h * h) / h;
        }
        sound[i] = (float)(0.1 * sum);
    }
}

static double tolerance(double rate, double frequency, bool sine)
{
    // Above 1.2 kHz a rich tone has little left below half of the rate that is looked at.
    return rate < 40000.0 ? 10.0 : sine || frequency < 1200.0 ? 3.0 : 6.0;
}

static void hears_tones_at_all_rates(void **state)
{
    (void)state;
    static const double rates[] = {8000.0, 11025.0, 40000.0, 44100.0, 48000.0, 79999.0};
    static struct heard heard;
    static float sound[16000];
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        const size_t count = (size_t)(rates[r] * 0.2);
        for (double frequency = 40.0; frequency <= 2000.0; frequency *= 1.37) {
            for (int partials = 1; partials <= 12; partials += 11) {
                tone(sound, count, rates[r], frequency, 1, partials);
                listen(&heard, rates[r], sound, count, 32);
                assert_in_range(heard.count, 38, 41);
                for (size_t i = 20; i < heard.count; i++) {
                    const double off = cents(heard.estimates[i].frequency, frequency);
                    if (!(fabs(off) <= tolerance(rates[r], frequency, partials == 1))) {
                        fail_msg("%f Hz of %d partials at %f: %f cents off", frequency, partials, rates[r], off);
                    }
                    assert_true(heard.estimates[i].confidence > 0.9);
                }
            }
        }
    }
}

static void hears_a_fundamental_that_is_not_there(void **state)
{
    (void)state;
    static struct heard heard;
    static float sound[14400];
    for (double frequency = 45.0; frequency <= 700.0; frequency *= 1.23) {
        tone(sound, 14400, RATE, frequency, 3, 12);
        listen(&heard, RATE, sound, 14400, 16);
        for (size_t i = 20; i < heard.count; i++) {
            assert_true(fabs(cents(heard.estimates[i].frequency, frequency)) < 5.0);
        }
    }
}

// A sweep of the phase, whose frequency at each frame is known.
static void glide(float *sound, double *truth, size_t count, double (*frequency)(double seconds))
{
    double phase = 0.0;
    for (size_t i = 0; i < count; i++) {
        truth[i] = frequency((double)i / RATE);
        phase += 2.0 * M_PI * truth[i] / RATE;
        sound[i] = (float)(0.2 * (sin(phase) + 0.7 * sin(2.0 * phase) + 0.5 * sin(3.0 * phase)));
    }
}

static double vibrato(double seconds)
{
    return 330.0 * exp2(0.5 / 12.0 * sin(2.0 * M_PI * 6.0 * seconds));
}

static double slide(double seconds)
{
    return 110.0 * exp2(1.5 * seconds);
}

static void follows_vibrato_and_glides(void **state)
{
    (void)state;
    static struct heard heard;
    static float sound[48000];
    static double truth[48000];
    double (*const ways[])(double) = {vibrato, slide};
    for (size_t way = 0; way < 2; way++) {
        glide(sound, truth, 48000, ways[way]);
        listen(&heard, RATE, sound, 48000, 16);
        for (size_t i = 15; i < heard.count; i++) {
            const struct pitch_estimate *one = &heard.estimates[i];
            assert_true(fabs(cents(one->frequency, truth[(size_t)one->time])) < 15.0);
        }
    }
}

// A leap at each fifth of a second; the estimate is right soon after it, and of its time.
static void follows_leaps(void **state)
{
    (void)state;
    static const double tones[] = {220.0, 440.0, 220.0, 880.0, 110.0, 165.0, 55.0, 1320.0};
    enum { TONES = sizeof tones / sizeof *tones, LONG = 9600 };
    static struct heard heard;
    static float sound[TONES * LONG];
    for (size_t t = 0; t < TONES; t++) {
        tone(sound + t * LONG, LONG, RATE, tones[t], 1, 8);
    }
    listen(&heard, RATE, sound, (size_t)TONES * LONG, 16);
    size_t wrong = 0;
    for (size_t i = 0; i < heard.count; i++) {
        const size_t frame = (size_t)heard.estimates[i].time;
        const double truth = tones[frame / LONG];
        const double since = (double)(frame % LONG) / RATE;
        const double settled = 0.01 + 1.5 / truth;
        wrong += since > settled && !(fabs(cents(heard.estimates[i].frequency, truth)) < 20.0) ? 1 : 0;
    }
    assert_true(wrong <= heard.count / 50);
}

// How soon a high note is told, from its begin to the end of the block that told it.
static void tells_a_high_note_soon(void **state)
{
    (void)state;
    static float sound[9600];
    memset(sound, 0, sizeof sound);
    tone(sound + 4800, 4800, RATE, 880.0, 1, 6);
    struct pitch *pitch = pitch_new(RATE);
    size_t told = 0;
    for (size_t i = 0; i < 9600 && !told; i += 16) {
        struct pitch_estimate out[PITCH_ESTIMATES];
        const size_t made = pitch_push(pitch, sound + i, 16, out);
        told = made && fabs(cents(out[made - 1].frequency, 880.0)) < 30.0 ? i + 16 : 0;
    }
    pitch_free(pitch);
    assert_in_range(told, 4800, 4800 + 48 * 20);
}

static size_t voiced(const struct heard *heard)
{
    size_t count = 0;
    for (size_t i = 0; i < heard->count; i++) {
        count += heard->estimates[i].frequency > 0.0 ? 1 : 0;
    }
    return count;
}

static void hears_no_note_where_there_is_none(void **state)
{
    (void)state;
    static struct heard heard;
    static float sound[48000];
    struct random random;
    random_init(&random, 3, 0);
    memset(sound, 0, sizeof sound);
    listen(&heard, RATE, sound, 48000, 16);
    assert_int_equal(voiced(&heard), 0);
    for (size_t i = 0; i < 48000; i++) {
        sound[i] = 1.0F;
    }
    listen(&heard, RATE, sound, 48000, 16);
    assert_true(voiced(&heard) < 20); // the step that begins it
    for (size_t i = 0; i < 48000; i++) {
        sound[i] = i % 12000 == 6000 ? 1.0F : 0.0F;
    }
    listen(&heard, RATE, sound, 48000, 16);
    assert_true(voiced(&heard) < 10);
    for (size_t i = 0; i < 48000; i++) {
        sound[i] = (float)(2.0 * random_unit(&random) - 1.0);
    }
    listen(&heard, RATE, sound, 48000, 16);
    assert_true(voiced(&heard) < heard.count / 50);
}

static void falls_silent_after_a_note(void **state)
{
    (void)state;
    static struct heard heard;
    static float sound[48000];
    memset(sound, 0, sizeof sound);
    tone(sound, 24000, RATE, 196.0, 1, 10);
    listen(&heard, RATE, sound, 48000, 16);
    for (size_t i = 0; i < heard.count; i++) {
        const double time = heard.estimates[i].time;
        assert_true(time < 25500.0 || heard.estimates[i].frequency == 0.0);
        assert_true(time < 960.0 || time > 23500.0 || heard.estimates[i].frequency > 0.0);
    }
}

static void hears_the_same_quiet_and_in_noise(void **state)
{
    (void)state;
    static struct heard heard;
    static float sound[24000];
    static double truth[24000];
    struct random random;
    random_init(&random, 5, 0);
    glide(sound, truth, 24000, slide);
    for (size_t i = 0; i < 24000; i++) {
        // 30 dB less, and noise 20 dB below that: the sine of 0.2 and its partials have a mean square of 0.035.
        sound[i] = (sound[i] + (float)(0.0324 * (2.0 * random_unit(&random) - 1.0))) * 0.0316F;
    }
    listen(&heard, RATE, sound, 24000, 16);
    size_t wrong = 0;
    for (size_t i = 15; i < heard.count; i++) {
        const struct pitch_estimate *one = &heard.estimates[i];
        wrong += fabs(cents(one->frequency, truth[(size_t)one->time])) < 40.0 ? 0 : 1;
    }
    assert_true(wrong <= 1);
}

static void does_not_care_how_the_sound_is_cut(void **state)
{
    (void)state;
    static const size_t blocks[] = {1, 7, 100, INTAKE_BLOCK};
    static struct heard whole;
    static struct heard cut;
    static float sound[24000];
    static double truth[24000];
    glide(sound, truth, 24000, vibrato);
    listen(&whole, RATE, sound, 24000, 16);
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        listen(&cut, RATE, sound, 24000, blocks[b]);
        assert_int_equal(cut.count, whole.count);
        assert_memory_equal(cut.estimates, whole.estimates, whole.count * sizeof *whole.estimates);
    }
}

static void bears_full_scale_at_the_lowest_rate(void **state)
{
    (void)state;
    static struct heard heard;
    static float sound[8000];
    struct random random;
    random_init(&random, 9, 0);
    for (size_t i = 0; i < 8000; i++) {
        sound[i] = (float)(64.0 * (2.0 * random_unit(&random) - 1.0));
    }
    listen(&heard, 8000.0, sound, 8000, INTAKE_BLOCK);
    assert_true(voiced(&heard) < heard.count / 20);
}

static void refuses_rates(void **state)
{
    (void)state;
    assert_null(pitch_new(7999.0));
    assert_null(pitch_new(80001.0));
    assert_null(pitch_new((double)NAN));
    pitch_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_tones_at_all_rates),
        cmocka_unit_test(hears_a_fundamental_that_is_not_there),
        cmocka_unit_test(follows_vibrato_and_glides),
        cmocka_unit_test(follows_leaps),
        cmocka_unit_test(tells_a_high_note_soon),
        cmocka_unit_test(hears_no_note_where_there_is_none),
        cmocka_unit_test(falls_silent_after_a_note),
        cmocka_unit_test(hears_the_same_quiet_and_in_noise),
        cmocka_unit_test(does_not_care_how_the_sound_is_cut),
        cmocka_unit_test(bears_full_scale_at_the_lowest_rate),
        cmocka_unit_test(refuses_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
