// SPDX-License-Identifier: GPL-3.0-or-later
// What a sampler cannot be made of is refused, with words that help.
#include "sampler_fixture.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_sampler_XXXXXX";
static char path[64];

static int start(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "%s/broken.sf2", mkdtemp(folder));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void expect(const struct instrument_options *options, enum status status, const char *word)
{
    struct instrument *instrument = NULL;
    struct complaint complaint = {""};
    assert_int_equal(sampler_new(options, &instrument, &complaint), status);
    assert_null(instrument);
    if (!strstr(complaint.text, word)) {
        fail_msg("\"%s\" does not speak of %s", complaint.text, word);
    }
    assert_int_equal(sampler_new(options, &instrument, NULL), status); // nobody has to listen
}

static void test_options_out_of_range(void **state)
{
    (void)state;
    expect(&(struct instrument_options){.rate = 8000}, STATUS_RANGE, "8000");
    expect(&(struct instrument_options){.rate = NAN}, STATUS_RANGE, "44100");
    expect(&(struct instrument_options){.rate = -1}, STATUS_RANGE, "44100");
    expect(&(struct instrument_options){.rate = 192001}, STATUS_RANGE, "192000");
    expect(&(struct instrument_options){.polyphony = -1}, STATUS_RANGE, "4096");
    expect(&(struct instrument_options){.polyphony = 4097}, STATUS_RANGE, "4097");
    expect(&(struct instrument_options){.gain = -0.1}, STATUS_RANGE, "gain");
    expect(&(struct instrument_options){.gain = 4.1}, STATUS_RANGE, "gain");
    expect(&(struct instrument_options){.gain = NAN}, STATUS_RANGE, "gain");
    expect(&(struct instrument_options){.wet = 1.1}, STATUS_RANGE, "wet");
    expect(&(struct instrument_options){.wet = NAN}, STATUS_RANGE, "wet");
    expect(&(struct instrument_options){.interpolation = (enum instrument_interpolation)3}, STATUS_RANGE,
           "interpolation");
}

static void test_the_limits_themselves_are_fine(void **state)
{
    (void)state;
    static const struct instrument_options limits[] = {
        {.rate = 44100, .polyphony = 1},
        {.rate = 192000, .polyphony = 4096, .gain = 4, .wet = 1, .interpolation = INSTRUMENT_SINC},
        {.rate = 192000},
    };
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, NULL);
    font_write(&font);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct instrument *instrument = font_sampler(&font, limits[i]);
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
        const struct take *take = take_render(instrument, 1000);
        assert_true(fabsf(take->left[999]) < 10);
        assert_int_equal(voices_of(instrument), 1);
        assert_int_equal(strncmp(instrument->name, "tutti ", 6), 0);
        instrument_free(instrument);
    }
    font_done(&font);
}

static void expect_file(const void *bytes, size_t size, enum status status, const char *word)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    expect(&(struct instrument_options){.soundfont = path}, status, word);
    assert_int_equal(unlink(path), 0);
}

static void test_files_that_are_no_soundfont(void **state)
{
    (void)state;
    expect(&(struct instrument_options){.soundfont = "/nowhere/x.sf2"}, STATUS_IO, "/nowhere/x.sf2");
    expect(&(struct instrument_options){.soundfont = ""}, STATUS_IO, "--soundfont");
    expect(&(struct instrument_options){.soundfont = "/tmp"}, STATUS_IO, "folder");
    expect(&(struct instrument_options){.soundfont = "/dev/zero"}, STATUS_CORRUPT, "not a SoundFont");
    expect_file("", 0, STATUS_CORRUPT, "not a SoundFont");
    expect_file("RIFF", 4, STATUS_CORRUPT, "not a SoundFont");
    expect_file("RIFF\x04\0\0\0sfbk", 12, STATUS_CORRUPT, "damaged");
    expect_file("RIFF\xff\xff\xff\xffsfbk", 12, STATUS_CORRUPT, "damaged");
    uint64_t noise[8192];
    struct random random;
    random_init(&random, 9, 0);
    for (size_t i = 0; i < 8192; i++) {
        noise[i] = random_bits(&random);
    }
    expect_file(noise, sizeof noise, STATUS_CORRUPT, "not a SoundFont");
    memcpy(noise, "RIFF\xf8\xff\0\0sfbk", 12);
    expect_file(noise, sizeof noise, STATUS_CORRUPT, "damaged");
}

static void test_a_pipe_does_not_make_it_wait(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    expect(&(struct instrument_options){.soundfont = path}, STATUS_CORRUPT, "not a SoundFont");
    assert_int_equal(unlink(path), 0);
}

static void test_a_wet_mix_is_wet_unless_a_channel_is_made_dry(void **state)
{
    (void)state;
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {0}});
    font_write(&font);
    static const int sends[] = {-1, 0, 1, 127}; // -1: nobody says anything
    float tails[4];
    for (size_t i = 0; i < 4; i++) {
        struct instrument *instrument = font_sampler(&font, (struct instrument_options){.wet = 0.5});
        if (sends[i] >= 0) {
            play_controller(instrument, 0, 91, sends[i]);
        }
        play_controller(instrument, 0, 93, 127); // there is no chorus
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
        (void)take_render(instrument, FIXTURE_RATE);
        sampler_note_off(instrument, 0, FIXTURE_MIDDLE_C);
        (void)take_render(instrument, 9600);
        const struct take *take = take_render(instrument, 9600);
        tails[i] = 0;
        for (size_t j = 0; j < take->count; j++) {
            tails[i] = fmaxf(tails[i], fabsf(take->left[j]));
        }
        instrument_free(instrument);
    }
    font_done(&font);
    assert_true(tails[1] == 0);
    assert_true(tails[0] > 1e-4F && tails[0] == tails[2] && tails[2] == tails[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_out_of_range),
        cmocka_unit_test(test_the_limits_themselves_are_fine),
        cmocka_unit_test(test_files_that_are_no_soundfont),
        cmocka_unit_test(test_a_pipe_does_not_make_it_wait),
        cmocka_unit_test(test_a_wet_mix_is_wet_unless_a_channel_is_made_dry),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
