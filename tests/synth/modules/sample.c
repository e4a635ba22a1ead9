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

static float sound[TONE_FRAMES];
static float right[TONE_FRAMES];
static float gate[TONE_FRAMES];
static float pitch[TONE_FRAMES];
static double power[TONE_FRAMES / 2 + 1];

// A sine of so many turns in all on the left and its half on the right.
static void write_sound(char path[64], int format, int rate, int channels, int frames, double turns)
{
    strcpy(path, "/tmp/tutti-sample-XXXXXX");
    const int file = mkstemp(path);
    assert_true(file >= 0);
    SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
    SNDFILE *out = sf_open_fd(file, SFM_WRITE, &info, SF_TRUE);
    assert_non_null(out);
    for (int i = 0; i < frames; i++) {
        const float x = (float)sin(2 * pi * turns * i / frames) * 0.8F;
        assert_int_equal(sf_writef_float(out, (const float[]){x, x / 2}, 1), 1);
    }
    sf_close(out);
}

static void fill(float *signal, float value)
{
    for (int i = 0; i < TONE_FRAMES; i++) {
        signal[i] = value;
    }
}

static struct stand *play(const char *path, double semitones)
{
    fill(gate, 1);
    fill(pitch, (float)semitones);
    struct stand *stand = stand_new("sample", 96000, 1, path);
    stand_plug(stand, "gate", -1, gate);
    stand_plug(stand, "pitch", -1, pitch);
    return stand;
}

static void run(struct stand *stand, float *to, const char *output)
{
    stand_run(stand, TONE_FRAMES, 64, output, 0, to);
    stand_free(stand);
}

static void a_file_sounds_as_it_is_at_its_root(void **state)
{
    (void)state;
    char path[64];
    write_sound(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 96000, 2, 5000, 70.3);
    struct stand *stand = play(path, -9);
    stand_set(stand, "root", -9);
    run(stand, sound, "left");
    stand = play(path, 0);
    run(stand, right, "right");
    for (int i = 0; i < 5000; i++) {
        const double x = sin(2 * pi * 70.3 * i / 5000) * 0.8;
        assert_true(fabs(sound[i] - x) < 1e-5);
        assert_true(fabs(right[i] - x / 2) < 1e-5);
    }
    assert_true(fabsf(sound[TONE_FRAMES - 1]) == 0);
    unlink(path);
}

static void every_format_is_read(void **state)
{
    (void)state;
    static const struct {
        int format;
        double error;
    } formats[] = {{SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1e-4},
                   {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1e-5},
                   {SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0.05}};
    for (int f = 0; f < 3; f++) {
        char path[64];
        write_sound(path, formats[f].format, 96000, 1, 9600, 100);
        run(play(path, 0), sound, "left");
        run(play(path, 0), right, "right");
        for (int i = 0; i < 9600; i++) {
            assert_true(fabs(sound[i] - 0.8 * sin(2 * pi * i / 96)) < formats[f].error);
            assert_true(sound[i] == right[i]);
        }
        unlink(path);
    }
}

// A loop over whole turns, at pitches up and down, from a file of another rate: a pure tone.
static void what_is_between_frames_is_right(void **state)
{
    (void)state;
    static const double cases[][2] = {{1000, 0}, {1000, -12}, {1000, 7}, {5000, -5}, {5000, 0.5}, {12000, 0}};
    char path[64];
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        write_sound(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 4800, cases[c][0] / 10);
        struct stand *stand = play(path, cases[c][1]);
        stand_set(stand, "loop", 1);
        run(stand, sound, "left");
        unlink(path);
        tone_spectrum(sound, power);
        const double hz = cases[c][0] * pow(2, cases[c][1] / 12);
        const double strange = tone_strange(power, 96000, hz);
        print_message("%g Hz by %g semitones: all else is %.1f dB below\n", cases[c][0], cases[c][1], -strange);
        assert_true(strange < -85);
        assert_true(fabs(10 * log10(tone_power(power, 96000, hz) / 0.64)) < 0.05);
    }
}

static void it_loops_where_it_is_told(void **state)
{
    (void)state;
    char path[64];
    write_sound(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 96000, 1, 9600, 100);
    for (int mode = 1; mode <= 2; mode++) {
        struct stand *stand = play(path, 0);
        for (int i = 30000; i < TONE_FRAMES; i++) {
            gate[i] = 0;
        }
        stand_set(stand, "start", 0.01F);
        stand_set(stand, "loop", (float)mode);
        stand_set(stand, "loop_start", 0.02F);
        stand_set(stand, "loop_end", 0.03F);
        run(stand, sound, "left");
        for (int i = 0; i < 30000; i++) {
            assert_true(fabs(sound[i] - 0.8 * sin(2 * pi * i / 96)) < 1e-4);
        }
        // While held: then to the end of the file, which is at most 7680 frames away.
        assert_true((fabsf(sound[40032 + 24]) > 0.5F) == (mode == 1));
    }
    unlink(path);
}

static void a_new_start_does_not_click(void **state)
{
    (void)state;
    char path[64];
    write_sound(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 96000, 1, 9600, 10.25);
    struct stand *stand = play(path, 0);
    for (int i = 0; i < TONE_FRAMES; i++) {
        gate[i] = i % 2424 != 0 || i == 0 ? 1 : 0;
    }
    run(stand, sound, "left");
    for (int i = 1; i < TONE_FRAMES; i++) {
        // As steep as the tone and what fades.
        assert_true(fabsf(sound[i] - sound[i - 1]) < 0.8F * 0.0068F + 0.0115F);
    }
    unlink(path);
}

static void without_a_file_it_is_silent(void **state)
{
    (void)state;
    run(play(NULL, 0), sound, "left");
    for (int i = 0; i < TONE_FRAMES; i++) {
        assert_true(sound[i] == 0);
    }
}

static void write_bytes(char path[64], const void *bytes, size_t size, off_t length)
{
    strcpy(path, "/tmp/tutti-sample-XXXXXX");
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    assert_int_equal(ftruncate(file, length), 0);
    close(file);
}

static void assert_refused(const char *path, enum status status)
{
    const struct module_type *type = modules_find("sample");
    const struct module_setup setup = {.rate = 96000, .voices = 1};
    struct complaint complaint = {""};
    void *resource = NULL;
    assert_int_equal(type->open(&setup, path, "my.wav", &resource, &complaint), status);
    assert_non_null(strstr(complaint.text, "my.wav"));
    assert_null(resource);
}

static void refuses_what_is_no_sound_or_too_long(void **state)
{
    (void)state;
    char path[64];
    assert_refused("/nonexistent/my.wav", STATUS_IO);
    write_bytes(path, "this is not a sound", 19, 19);
    assert_refused(path, STATUS_UNSUPPORTED);
    unlink(path);
    // Eight bits, one channel, and 48 million frames of it, all a hole in the file.
    static const char header[] = "RIFF\x24\x6c\xdc\x02WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\x80\xbb\0\0"
                                 "\1\0\x08\0data\0\x6c\xdc\x02";
    write_bytes(path, header, 44, 44 + 48000000);
    assert_refused(path, STATUS_FULL);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_sounds_as_it_is_at_its_root),   cmocka_unit_test(every_format_is_read),
        cmocka_unit_test(what_is_between_frames_is_right),      cmocka_unit_test(it_loops_where_it_is_told),
        cmocka_unit_test(a_new_start_does_not_click),           cmocka_unit_test(without_a_file_it_is_silent),
        cmocka_unit_test(refuses_what_is_no_sound_or_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
