// SPDX-License-Identifier: GPL-3.0-or-later
#include "sound.h"

#include "synth/fluid.h"
#include "synth/soundfont.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
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
