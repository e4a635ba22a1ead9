// SPDX-License-Identifier: GPL-3.0-or-later
// What an instrument cannot be made of is refused, by each of them, with words that help.
#include "core/random.h"
#include "sound.h"
#include "synth/fluid.h"
#include "synth/sampler.h"
#include "synth/soundfont.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static instrument_new *make; ///< what is to refuse
static char folder[32];
static char path[64];

static int start(instrument_new *maker)
{
    make = maker;
    (void)snprintf(folder, sizeof folder, "/tmp/test_refusals_XXXXXX");
    if (!mkdtemp(folder)) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/broken.sf2", folder);
    return 0;
}

static int start_fluid(void **state)
{
    (void)state;
    return start(fluid_new);
}

static int start_sampler(void **state)
{
    (void)state;
    return start(sampler_new);
}

static int stop(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void expect(const struct instrument_options *options, enum status status, const char *word)
{
    sound_refuse(make, options, status, word);
}

static void test_options_out_of_range(void **state)
{
    (void)state;
    expect(&(struct instrument_options){.rate = 8000}, STATUS_RANGE, "8000");
    expect(&(struct instrument_options){.rate = NAN}, STATUS_RANGE, "44100");
    expect(&(struct instrument_options){.rate = -1}, STATUS_RANGE, "44100");
    expect(&(struct instrument_options){.rate = 192001}, STATUS_RANGE, "44100");
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

static void expect_file(const void *bytes, size_t size, enum status status, const char *word)
{
    sound_refuse_file(make, path, bytes, size, status, word);
}

static void test_files_that_are_no_soundfont(void **state)
{
    (void)state;
    expect(&(struct instrument_options){.soundfont = "/nowhere/x.sf2"}, STATUS_IO, "fluid-soundfont-gm");
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

static void test_soundfonts_cut_short(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    static char bytes[200000];
    FILE *file = fopen(soundfont_find(), "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
    assert_int_equal(fclose(file), 0);
    expect_file(bytes, 11, STATUS_CORRUPT, "not a SoundFont");
    expect_file(bytes, 100, STATUS_CORRUPT, "damaged");
    expect_file(bytes, 1000, STATUS_CORRUPT, "damaged");
    expect_file(bytes, sizeof bytes, STATUS_CORRUPT, "damaged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_out_of_range),
        cmocka_unit_test(test_files_that_are_no_soundfont),
        cmocka_unit_test(test_a_pipe_does_not_make_it_wait),
        cmocka_unit_test(test_soundfonts_cut_short),
    };
    const int fluid = cmocka_run_group_tests_name("fluid", tests, start_fluid, stop);
    return fluid + cmocka_run_group_tests_name("sampler", tests, start_sampler, stop);
}
