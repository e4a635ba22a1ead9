// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"
#include "tone.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const double pi = 3.14159265358979323846;
static const double tones[] = {27.5, 110, 441.3, 1234.5, 2093, 3520.7, 4999};

enum { TONES = sizeof tones / sizeof tones[0] };

static float sound[TONE_FRAMES];
static double power[TONE_FRAMES / 2 + 1];

static void measure(const char *file, float table, float position, double hz)
{
    struct stand *stand = stand_new("wavetable", 96000, 1, file);
    stand_set(stand, "frequency", (float)hz);
    stand_set(stand, "table", table);
    stand_set(stand, "position", position);
    stand_run(stand, TONE_FRAMES, 64, "out", 0, sound);
    stand_free(stand);
    tone_spectrum(sound, power);
}

static void write_file(char *path, int frames, float (*value)(int frame))
{
    strcpy(path, "/tmp/tutti-wavetable-XXXXXX");
    const int file = mkstemp(path);
    assert_true(file >= 0);
    SF_INFO info = {.samplerate = 44100, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *out = sf_open_fd(file, SFM_WRITE, &info, SF_TRUE);
    assert_non_null(out);
    for (int i = 0; i < frames; i++) {
        const float x = value(i);
        assert_int_equal(sf_writef_float(out, &x, 1), 1);
    }
    sf_close(out);
}

// The saw is the hardest: at 27.5 Hz it uses all the overtones of the table.
static void nothing_strange_is_heard(void **state)
{
    (void)state;
    for (int position = 0; position < 4; position++) {
        double worst = -300;
        for (int t = 0; t < TONES; t++) {
            measure(NULL, 0, (float)position / 3, tones[t]);
            worst = fmax(worst, tone_strange(power, 96000, tones[t]));
        }
        print_message("basic, cycle %d: all that is not an overtone is %.1f dB below\n", position, -worst);
        assert_true(worst < -88);
    }
}

static void overtones_reach_up_to_20_khz(void **state)
{
    (void)state;
    for (int t = 0; t < TONES; t++) {
        measure(NULL, 0, 2.0F / 3, tones[t]);
        const double first = sqrt(tone_power(power, 96000, tones[t]));
        for (int k = 2; k * tones[t] < 20000 && k < 400; k++) {
            const double overtone = sqrt(tone_power(power, 96000, k * tones[t])) / first;
            const double ideal = (0.5 + 0.5 * cos(pi * k / 1024)) / k;
            assert_true(fabs(overtone - ideal) < 0.01 * ideal);
        }
    }
}

static void every_table_is_heard(void **state)
{
    (void)state;
    for (int table = 0; table < 5; table++) {
        for (int position = 0; position <= 8; position++) {
            measure(NULL, (float)table, (float)position / 8, 220);
            double peak = 0;
            for (int i = 0; i < TONE_FRAMES; i++) {
                peak = fmax(peak, fabs((double)sound[i]));
            }
            assert_true(peak > 0.3 && peak < 1.2);
            assert_true(tone_strange(power, 96000, 220) < -85);
        }
    }
}

// A slow glide over all levels of a table without steep places: what is added to the steepest is the pitch's own.
static void levels_change_without_a_click(void **state)
{
    (void)state;
    static float pitch[4 * TONE_FRAMES];
    static float out[4 * TONE_FRAMES];
    for (int i = 0; i < 4 * TONE_FRAMES; i++) {
        pitch[i] = -48 + 60 * ((float)i / (4 * TONE_FRAMES));
    }
    struct stand *stand = stand_new("wavetable", 96000, 1, NULL);
    stand_set(stand, "table", 3);
    stand_set(stand, "position", 0.55F);
    stand_plug(stand, "pitch", -1, pitch);
    stand_run(stand, 4 * TONE_FRAMES, 64, "out", 0, out);
    stand_free(stand);
    for (int i = 2; i < 4 * TONE_FRAMES; i++) {
        const double turns = 440 * pow(2, (double)pitch[i] / 12) / 96000;
        const double bend = fabs((double)out[i] - 2 * (double)out[i - 1] + (double)out[i - 2]);
        // The sixth overtone is the highest.
        assert_true(bend < pow(2 * pi * turns * 6, 2) + 1e-4);
    }
}

static float two_cycles(int frame)
{
    return (float)sin(2 * pi * frame / 2048 * (frame < 2048 ? 1 : 2));
}

static void a_file_of_cycles_is_morphed(void **state)
{
    (void)state;
    char path[64];
    write_file(path, 4096, two_cycles);
    static const float mixes[] = {0, 0.25F, 1};
    for (int i = 0; i < 3; i++) {
        measure(path, 0, mixes[i], 441.3);
        assert_true(fabs(sqrt(tone_power(power, 96000, 441.3)) - (1 - (double)mixes[i])) < 1e-3);
        assert_true(fabs(sqrt(tone_power(power, 96000, 882.6)) - (double)mixes[i]) < 1e-3);
    }
    unlink(path);
}

static float short_cycle(int frame)
{
    return (float)(0.5 * cos(2 * pi * frame / 600) + 0.25 * sin(2 * pi * 7 * frame / 600));
}

static void a_cycle_of_any_length_will_do(void **state)
{
    (void)state;
    char path[64];
    write_file(path, 600, short_cycle);
    measure(path, 4, 0.7F, 441.3);
    assert_true(fabsf(sound[0] - 0.5F) < 1e-3F);
    assert_true(fabs(sqrt(tone_power(power, 96000, 441.3)) - 0.5) < 1e-3);
    assert_true(fabs(sqrt(tone_power(power, 96000, 441.3 * 7)) - 0.25) < 1e-3);
    unlink(path);
}

static void refuses_what_is_no_wavetable(void **state)
{
    (void)state;
    const struct module_type *type = modules_find("wavetable");
    const struct module_setup setup = {.rate = 96000, .voices = 1};
    struct complaint complaint = {""};
    void *resource = NULL;
    char path[64];
    write_file(path, 10000, short_cycle);
    assert_int_equal(type->open(&setup, path, "my.wav", &resource, &complaint), STATUS_UNSUPPORTED);
    assert_non_null(strstr(complaint.text, "my.wav"));
    assert_null(resource);
    assert_int_equal(type->open(&setup, "/nonexistent", "none.wav", &resource, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "none.wav"));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_strange_is_heard),     cmocka_unit_test(overtones_reach_up_to_20_khz),
        cmocka_unit_test(every_table_is_heard),         cmocka_unit_test(levels_change_without_a_click),
        cmocka_unit_test(a_file_of_cycles_is_morphed),  cmocka_unit_test(a_cycle_of_any_length_will_do),
        cmocka_unit_test(refuses_what_is_no_wavetable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
