// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/note_chroma.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ON = 0x90, OFF = 0x80 };

static struct midi_ear *ear_made(void)
{
    struct midi_ear *ear = midi_ear_new();
    assert_non_null(ear);
    return ear;
}

/// How strong \p key is in \p view; 0 where the view does not reach it.
static float at(const struct chroma_frame *frame, int view, int key)
{
    const int i = key - chroma_lowest[view];
    return i >= 0 && i < CHROMA_SEMITONES ? frame->views[view][i] : 0.0F;
}

static void a_note_has_its_place_and_its_overtones(void **state)
{
    (void)state;
    struct midi_ear *ear = ear_made();
    struct note_chroma chroma;
    struct chroma_frame frame = {.frame = 7.0};
    note_chroma_init(&chroma, 1.0 / 60.0);
    midi_ear_push(ear, 0.0, ON, 52, 100);
    note_chroma_look(&chroma, ear, 0.5, &frame);
    assert_true(frame.frame == 7.0 && frame.level > 0.999F);
    assert_true(at(&frame, 0, 52) > 0.999F && at(&frame, 1, 52) > 0.99F);
    // An octave, a twelfth and two octaves above, each weaker.
    assert_true(at(&frame, 1, 64) < 0.95F && at(&frame, 1, 64) > at(&frame, 1, 71));
    assert_true(at(&frame, 1, 71) > at(&frame, 1, 76) && at(&frame, 1, 76) > 0.3F);
    assert_true(at(&frame, 2, 64) > 0.5F && at(&frame, 1, 53) == 0.0F && at(&frame, 1, 40) == 0.0F);
    midi_ear_free(ear);
}

static void the_top_sees_a_note_before_the_bass_does(void **state)
{
    (void)state;
    struct midi_ear *ear = ear_made();
    struct note_chroma chroma;
    struct chroma_frame frame = {.frame = 0.0};
    note_chroma_init(&chroma, 1.0 / 60.0);
    midi_ear_push(ear, 0.0, ON, 67, 100);
    note_chroma_look(&chroma, ear, 0.04, &frame);
    assert_true(at(&frame, 2, 67) > at(&frame, 1, 67) && at(&frame, 1, 67) > at(&frame, 0, 67));
    assert_true(at(&frame, 0, 67) > 0.0F);
    midi_ear_free(ear);
}

static void soft_is_like_loud_and_what_has_ended_fades(void **state)
{
    (void)state;
    for (uint8_t velocity = 30; velocity <= 120; velocity += 30) {
        struct midi_ear *ear = ear_made();
        struct note_chroma chroma;
        struct chroma_frame frame = {.frame = 0.0};
        note_chroma_init(&chroma, 1.0 / 60.0);
        midi_ear_push(ear, 0.0, ON, 60, velocity);
        note_chroma_look(&chroma, ear, 0.4, &frame);
        assert_true(frame.level > 0.999F);
        midi_ear_push(ear, 0.4, OFF, 60, 0);
        note_chroma_look(&chroma, ear, 1.0, &frame);
        assert_true(frame.level < 0.05F);
        midi_ear_free(ear);
    }
}

static void drums_and_silence_have_no_harmony(void **state)
{
    (void)state;
    struct midi_ear *ear = ear_made();
    struct note_chroma chroma;
    struct chroma_frame frame = {.frame = 0.0};
    note_chroma_init(&chroma, 1.0 / 60.0);
    midi_ear_push(ear, 0.0, ON | 9, 38, 120);
    for (double time = 0.01; time < 1.0; time += 0.1) {
        note_chroma_look(&chroma, ear, time, &frame);
        assert_true(frame.level == 0.0F && at(&frame, 1, 60) == 0.0F);
    }
    midi_ear_free(ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_has_its_place_and_its_overtones),
        cmocka_unit_test(the_top_sees_a_note_before_the_bass_does),
        cmocka_unit_test(soft_is_like_loud_and_what_has_ended_fades),
        cmocka_unit_test(drums_and_silence_have_no_harmony),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
