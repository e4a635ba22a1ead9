// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever is read keeps to what soundfont.h says of it: indexes lead somewhere, ranges are in order, every modulator
// means something, presets are sorted and found, and all frames of a sample can be read. And what plays reads no
// others: a sampler plays some notes of it, from a file that has no name.
#include "synth/soundfont.h"
#include "synth/sampler.h"

#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_modulator(const struct soundfont_modulator *modulator)
{
    require(modulator->destination < SOUNDFONT_GENERATORS);
    require(modulator->transform == 0 || modulator->transform == 2);
    require(modulator->source >> 10 < 4 && modulator->amount_source >> 10 < 4);
    require(modulator->amount >= -131072 && modulator->amount <= 131072);
}

static void check_region(const struct soundfont *soundfont, const struct soundfont_region *region)
{
    require(region->key_low <= region->key_high && region->key_high < 128);
    require(region->velocity_low <= region->velocity_high && region->velocity_high < 128);
    require(region->sample < soundfont_sample_count(soundfont));
    for (uint32_t i = 0; i < region->modulator_count; i++) {
        check_modulator(soundfont_modulators(soundfont, region->modulators + i));
    }
}

/// Which regions are for a note, against looking at each.
static void check_match(const struct soundfont *soundfont, const struct soundfont_preset *preset, int key, int velocity)
{
    for (uint32_t first = 0; first < preset->region_count; first += SOUNDFONT_MATCHED) {
        const uint64_t found = soundfont_match(soundfont, preset, first, key, velocity);
        for (uint32_t i = 0; i < SOUNDFONT_MATCHED; i++) {
            const bool is_there = first + i < preset->region_count;
            const struct soundfont_region *region =
                soundfont_regions(soundfont, preset->regions + (is_there ? first + i : 0));
            const bool fits = is_there && region->key_low <= key && key <= region->key_high &&
                              region->velocity_low <= velocity && velocity <= region->velocity_high;
            require((found >> i & 1) == fits);
        }
    }
}

static void check_presets(struct soundfont *soundfont)
{
    const uint32_t count = soundfont_preset_count(soundfont);
    require(count > 0);
    int before = -1;
    for (uint32_t i = 0; i < count; i++) {
        const struct soundfont_preset *preset = soundfont_preset(soundfont, i);
        const int number = preset->bank * 128 + preset->program;
        require(number > before && preset->program < 128 && preset->name[20] == 0 && preset->region_count > 0);
        require(soundfont_find_preset(soundfont, preset->bank, preset->program) == (int)i);
        before = number;
        for (uint32_t j = 0; j < preset->region_count; j++) {
            check_region(soundfont, soundfont_regions(soundfont, preset->regions + j));
        }
        check_match(soundfont, preset, (int)(i * 37 % 128), (int)(i * 59 % 128));
    }
    soundfont_want(soundfont, count - 1);
}

static void check_sample(struct soundfont *soundfont, uint32_t index)
{
    const enum status status = soundfont_sample_wait(soundfont, index);
    require(status == STATUS_OK || status == STATUS_CORRUPT);
    require(soundfont_sample_ready(soundfont, index));
    const struct soundfont_sample *sample = soundfont_sample(soundfont, index);
    require(sample->start <= sample->loop_start && sample->loop_start <= sample->loop_end);
    require(sample->loop_end <= sample->end && sample->end <= sample->available && sample->available > 0);
    require(status == STATUS_OK ? sample->start < sample->end : sample->start == sample->end);
    require(sample->rate >= 400 && sample->rate <= 200000 && sample->key < 128);
    require(sample->partner < soundfont_sample_count(soundfont));
    const volatile int16_t *frames = sample->frames;
    (void)frames[0];
    (void)frames[sample->available - 1];
    if (sample->low) {
        const volatile uint8_t *low = sample->low;
        (void)low[0];
        (void)low[sample->available - 1];
    }
}

static void play(struct instrument *instrument)
{
    enum { PROGRAMS = 4, NOTES = 4, FRAMES = 256 };
    float left[FRAMES];
    float right[FRAMES];
    for (int program = 0; program < PROGRAMS; program++) {
        instrument_program(instrument, program, program);
        for (int note = 0; note < NOTES; note++) {
            instrument_note_on(instrument, program, 1 + 40 * note, 127 - 20 * note);
            instrument_render(instrument, left, right, FRAMES);
        }
        instrument_controller(instrument, program, 123, 0);
        for (int i = 0; i < FRAMES; i++) {
            require(isfinite(left[i]) && isfinite(right[i]));
        }
    }
    for (int i = 0; i < 2 * NOTES; i++) {
        instrument_render(instrument, left, right, FRAMES);
    }
}

static void play_file(const uint8_t *data, size_t size, enum instrument_interpolation interpolation)
{
    char path[64];
    const int file = memfd_create("soundfont", 0);
    require(file >= 0 && write(file, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const struct instrument_options options = {
        .soundfont = path, .polyphony = 16, .dry = 1, .interpolation = interpolation};
    struct instrument *instrument = NULL;
    if (sampler_new(&options, &instrument, NULL) == STATUS_OK) {
        play(instrument);
    }
    instrument_free(instrument);
    (void)close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct soundfont *soundfont = NULL;
    struct complaint complaint = {""};
    const enum status status = soundfont_open_memory(data, size, &soundfont, &complaint);
    if (status) {
        require(!soundfont && complaint.text[0] && (status == STATUS_CORRUPT || status == STATUS_UNSUPPORTED));
        return 0;
    }
    check_presets(soundfont);
    for (uint32_t i = 0; i < soundfont_sample_count(soundfont); i++) {
        check_sample(soundfont, i);
    }
    soundfont_close(soundfont);
    play_file(data, size, (enum instrument_interpolation)(size % 3));
    return 0;
}
