// SPDX-License-Identifier: GPL-3.0-or-later
// The sampler against FluidSynth over all programs and drum keys, coarsely; `compare_instruments` does the same over as
// many notes as one likes, and songs. What is within the limits, or outside for a
// reason that is known (note_reason.h), in 99 notes of 100 is what "sounds right" means.
#include "note_compare.h"
#include "note_measure.h"
#include "note_reason.h"
#include "sound.h"
#include "synth/fluid.h"
#include "synth/sampler.h"
#include "synth/soundfont.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINES = 40, POLYPHONY = 256 };

static const double GOOD = 0.99;
static const double GAIN = 0.2;

static void compare(const char *soundfont, const struct note_grid *grids, size_t count)
{
    const struct instrument_options options = {
        .soundfont = soundfont, .rate = NOTE_RATE, .polyphony = POLYPHONY, .gain = GAIN, .dry = 1};
    struct instrument *reference = NULL;
    struct instrument *tested = NULL;
    struct note_results results = {0};
    assert_int_equal(fluid_new(&options, &reference, NULL), STATUS_OK);
    assert_int_equal(sampler_new(&options, &tested, NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        note_compare(reference, tested, &grids[i], &results);
    }
    note_results_explain(&results, soundfont ? soundfont : soundfont_find(), 0);
    note_results_print(&results, LINES, stderr);
    const double good = note_results_explained(&results);
    const size_t notes = results.count;
    note_results_done(&results);
    instrument_free(tested);
    instrument_free(reference);
    assert_true(notes > 100);
    assert_true(good >= GOOD);
}

static void test_general_midi_sounds_right(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    const struct note_grid grids[] = {
        {.program_last = 127,
         .key_first = 45,
         .key_last = 72,
         .key_step = 27,
         .velocities = {64, 100},
         .velocity_count = 2,
         .hold_s = 0.5,
         .tail_s = 1},
        {.drums = true,
         .key_last = 127,
         .key_step = 1,
         .velocities = {100},
         .velocity_count = 1,
         .hold_s = 0.5,
         .tail_s = 1},
    };
    compare(NULL, grids, 2);
}

/// Each has what the others do not: TimGM6mb is mono and short, MuseScore General is .sf3 with layers and modulators.
static void test_other_soundfonts_sound_right(void **state)
{
    (void)state;
    static const char *const paths[] = {"/usr/share/sounds/sf2/TimGM6mb.sf2",
                                        "/usr/share/sounds/sf3/MuseScore_General_Full.sf3"};
    const struct note_grid grid = {.program_last = 127,
                                   .key_first = 60,
                                   .key_last = 60,
                                   .key_step = 1,
                                   .velocities = {64},
                                   .velocity_count = 1,
                                   .hold_s = 0.5,
                                   .tail_s = 1};
    bool any = false;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (access(paths[i], R_OK) == 0) {
            any = true;
            compare(paths[i], &grid, 1);
        }
    }
    if (!any) {
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_general_midi_sounds_right),
        cmocka_unit_test(test_other_soundfonts_sound_right),
    };
    return cmocka_run_group_tests(tests, sound_keep, sound_drop);
}
