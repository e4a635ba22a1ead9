// SPDX-License-Identifier: GPL-3.0-or-later
#include "sampler_fixture.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CONTROLLER = 0xb0, PROGRAM = 0xc0, BEND = 0xe0, SILENT_FRAMES = 64 };

static const double TURN = 6.283185307179586;

/// One frame, rounded to 16 or 24 bits.
static void append_frame(struct font *font, double value)
{
    const int32_t rounded = (int32_t)lround(value * 0x1p23);
    const int32_t high = font->wide ? rounded >> 8 : (int32_t)lround(fmin(value * 0x1p15, 32767));
    const uint8_t bytes[] = {(uint8_t)high, (uint8_t)((uint32_t)high >> 8)};
    maker_append(&font->maker.chunk[MAKER_SMPL], bytes, sizeof bytes);
    if (font->wide) {
        maker_append(&font->maker.chunk[MAKER_SM24], (const uint8_t[]){(uint8_t)rounded}, 1);
    }
}

int font_frames(struct font *font, const double *frames, uint32_t count, struct maker_sample header)
{
    const uint32_t start = (uint32_t)font->maker.chunk[MAKER_SMPL].size / 2;
    for (uint32_t i = 0; i < count; i++) {
        append_frame(font, frames[i]);
    }
    for (int i = 0; i < SILENT_FRAMES; i++) {
        append_frame(font, 0);
    }
    header.start += start;
    header.end = start + count;
    header.loop_start += start;
    header.loop_end += start;
    header.type = 1;
    maker_sample(&font->maker, header);
    return font->samples++;
}

int font_sine(struct font *font, struct font_sine sine)
{
    const int loop = sine.loop > 0 ? sine.loop : 2048;
    const int cycles = sine.cycles > 0 ? sine.cycles : loop / 64;
    const int intro = sine.intro > 0 ? sine.intro : 64;
    const int count = intro + loop + (sine.tail > 0 ? sine.tail : 64);
    double *frames = malloc((size_t)count * sizeof *frames);
    assert_non_null(frames);
    for (int i = 0; i < count; i++) {
        frames[i] = (sine.amplitude > 0 ? sine.amplitude : 0.5) * sin(TURN * cycles * (i - intro) / loop);
    }
    const int sample = font_frames(font, frames, (uint32_t)count,
                                   (struct maker_sample){.loop_start = (uint32_t)intro,
                                                         .loop_end = (uint32_t)(intro + loop),
                                                         .rate = sine.rate > 0 ? sine.rate : FIXTURE_RATE,
                                                         .key = (uint8_t)(sine.key > 0 ? sine.key : FIXTURE_MIDDLE_C),
                                                         .correction = (int8_t)sine.correction});
    free(frames);
    return sample;
}

int font_noise(struct font *font, uint32_t count)
{
    struct random random;
    random_init(&random, 1, 0);
    double *frames = malloc(count * sizeof *frames);
    assert_non_null(frames);
    for (uint32_t i = 0; i < count; i++) {
        frames[i] = random_unit(&random) - 0.5;
    }
    const int sample = font_frames(
        font, frames, count,
        (struct maker_sample){.loop_start = 8, .loop_end = count - 8, .rate = FIXTURE_RATE, .key = FIXTURE_MIDDLE_C});
    free(frames);
    return sample;
}

void font_preset(struct font *font, int bank, int program)
{
    maker_preset(&font->maker, "preset", (uint16_t)bank, (uint16_t)program);
    maker_zone(&font->maker, MAKER_PRESET);
    maker_generator(&font->maker, MAKER_PRESET, GENERATOR_INSTRUMENT, font->instruments++);
    maker_instrument(&font->maker, "instrument");
}

void font_zone(struct font *font, int sample, const struct setting *settings)
{
    maker_zone(&font->maker, MAKER_INSTRUMENT);
    for (; settings && (settings->generator != 0 || settings->amount != 0); settings++) {
        maker_generator(&font->maker, MAKER_INSTRUMENT, (uint16_t)settings->generator, settings->amount);
    }
    maker_generator(&font->maker, MAKER_INSTRUMENT, GENERATOR_SAMPLE, sample);
}

void font_write(struct font *font)
{
    if (font->maker.chunk[MAKER_IFIL].size == 0) {
        maker_version(&font->maker, 2, 4);
    }
    maker_end(&font->maker);
    maker_finish(&font->maker);
    const char *folder = getenv("TMPDIR");
    (void)snprintf(font->path, sizeof font->path, "%.40s/tutti-font-XXXXXX", folder ? folder : "/tmp");
    const int file = mkstemp(font->path);
    assert_true(file >= 0);
    assert_int_equal(write(file, font->maker.file.at, font->maker.file.size), (ssize_t)font->maker.file.size);
    assert_int_equal(close(file), 0);
}

void font_done(struct font *font)
{
    assert_int_equal(unlink(font->path), 0);
    maker_done(&font->maker);
}

static struct instrument_options with_defaults(const struct font *font, struct instrument_options options)
{
    options.soundfont = font->path;
    options.waits_never = 1;
    options.rate = options.rate > 0 ? options.rate : FIXTURE_RATE;
    return options;
}

struct instrument *font_sampler(const struct font *font, struct instrument_options options)
{
    struct instrument *instrument = NULL;
    struct complaint complaint = {""};
    const struct instrument_options all = with_defaults(font, options);
    if (sampler_new(&all, &instrument, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return instrument;
}

struct instrument *font_sampler_kernel(const struct font *font, struct instrument_options options, const char *kernel)
{
    struct instrument *instrument = NULL;
    const struct instrument_options all = with_defaults(font, options);
    const enum status status = sampler_new_kernel(&all, kernel, &instrument, NULL);
    assert_true(status == STATUS_OK || status == STATUS_UNSUPPORTED);
    return instrument;
}

struct instrument *sine_sampler(struct font_sine sine, const struct setting *settings,
                                struct instrument_options options)
{
    struct font font = {0};
    const int sample = font_sine(&font, sine);
    font_preset(&font, 0, 0);
    font_zone(&font, sample, settings);
    font_write(&font);
    options.dry = 1;
    struct instrument *instrument = font_sampler(&font, options);
    font_done(&font);
    return instrument;
}

struct instrument *steady_sampler(const struct setting *settings, struct instrument_options options)
{
    enum { COUNT = 1000 };
    double frames[COUNT];
    for (int i = 0; i < COUNT; i++) {
        frames[i] = 0.5;
    }
    struct font font = {0};
    const int sample = font_frames(
        &font, frames, COUNT,
        (struct maker_sample){.loop_start = 100, .loop_end = 900, .rate = FIXTURE_RATE, .key = FIXTURE_MIDDLE_C});
    struct setting all[12] = {{GENERATOR_SAMPLE_MODES, 1}};
    for (size_t i = 0; settings && settings[i].generator != 0; i++) {
        all[i + 1] = settings[i];
    }
    font_preset(&font, 0, 0);
    font_zone(&font, sample, all);
    font_write(&font);
    options.dry = 1;
    struct instrument *instrument = font_sampler(&font, options);
    font_done(&font);
    return instrument;
}

const struct take *take_render(struct instrument *instrument, size_t frames)
{
    static struct take take;
    assert_true(frames <= FIXTURE_FRAMES);
    take.count = frames;
    sampler_render(instrument, take.left, take.right, frames);
    return &take;
}

void play_controller(struct instrument *instrument, int channel, int number, int value)
{
    sampler_message(instrument, CONTROLLER, channel, number, value);
}

void play_program(struct instrument *instrument, int channel, int program)
{
    sampler_message(instrument, PROGRAM, channel, program, 0);
}

void play_bend(struct instrument *instrument, int channel, int bend)
{
    sampler_message(instrument, BEND, channel, bend & 127, bend >> 7);
}

static void play_data(struct instrument *instrument, int channel, int coarse, int fine)
{
    play_controller(instrument, channel, 6, coarse);
    play_controller(instrument, channel, 38, fine);
}

void play_rpn(struct instrument *instrument, int channel, int number, int coarse, int fine)
{
    play_controller(instrument, channel, 101, 0);
    play_controller(instrument, channel, 100, number);
    play_data(instrument, channel, coarse, fine);
}

void play_nrpn(struct instrument *instrument, int channel, int high, int low, int coarse, int fine)
{
    play_controller(instrument, channel, 99, high);
    play_controller(instrument, channel, 98, low);
    play_data(instrument, channel, coarse, fine);
}

int voices_of(const struct instrument *instrument)
{
    return instrument_voices(instrument);
}
