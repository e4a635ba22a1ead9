// SPDX-License-Identifier: GPL-3.0-or-later
#include "sound.h"

#include "synth/fluid.h"
#include "synth/soundfont.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

bool sound_available(void)
{
    const char *path = soundfont_find();
    const bool available = access(path, R_OK) == 0;
    if (!available) {
        print_message("skipped: no SoundFont at %s; install fluid-soundfont-gm\n", path);
    }
    return available;
}

int sound_keep(void **state)
{
    struct instrument *instrument = NULL;
    if (access(soundfont_find(), R_OK) == 0 &&
        fluid_new(&(struct instrument_options){0}, &instrument, NULL) != STATUS_OK) {
        return -1;
    }
    *state = instrument;
    return 0;
}

int sound_drop(void **state)
{
    instrument_free(*state);
    return 0;
}

struct instrument *sound_instrument(const struct instrument_options *options)
{
    struct instrument *instrument = NULL;
    struct complaint complaint = {""};
    if (fluid_new(options, &instrument, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return instrument;
}

void sound_refuse(instrument_new *make, const struct instrument_options *options, enum status status, const char *word)
{
    struct instrument *instrument = NULL;
    struct complaint complaint = {""};
    assert_int_equal(make(options, &instrument, &complaint), status);
    assert_null(instrument);
    if (!strstr(complaint.text, word)) {
        fail_msg("\"%s\" does not say \"%s\"", complaint.text, word);
    }
    assert_int_equal(make(options, &instrument, NULL), status); // nobody has to listen
}

void sound_refuse_file(instrument_new *make, const char *path, const void *bytes, size_t size, enum status status,
                       const char *word)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    sound_refuse(make, &(struct instrument_options){.soundfont = path}, status, word);
    assert_int_equal(unlink(path), 0);
}

void sound_render(struct sound *sound, struct instrument *instrument, size_t frames, size_t block)
{
    assert_true(frames <= SOUND_FRAMES - sound->count);
    while (frames > 0) {
        const size_t part = frames < block ? frames : block;
        instrument_render(instrument, sound->left + sound->count, sound->right + sound->count, part);
        sound->count += part;
        frames -= part;
    }
}

double sound_rms(const struct sound *sound, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        sum += (double)sound->left[i] * sound->left[i] + (double)sound->right[i] * sound->right[i];
    }
    return sqrt(sum / (2.0 * (double)(to - from)));
}

double sound_peak(const struct sound *sound, size_t from, size_t to)
{
    double peak = 0;
    for (size_t i = from; i < to; i++) {
        peak = fmax(peak, fmax(fabs((double)sound->left[i]), fabs((double)sound->right[i])));
    }
    return peak;
}
