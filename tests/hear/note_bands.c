// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/note_bands.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ON = 0x90, OFF = 0x80, DRUM = 0x99 };

static const double ROW = 0.01;

struct played {
    struct midi_ear *ear;
    struct note_bands *bands;
};

static struct played played_made(void)
{
    const struct played played = {.ear = midi_ear_new(), .bands = note_bands_new(ROW)};
    assert_true(played.ear && played.bands);
    return played;
}

static void played_done(struct played *played)
{
    midi_ear_free(played->ear);
    note_bands_free(played->bands);
}

/// The band that is fullest in the row at \p time; of the rises, where \p rises.
static int fullest(struct played *played, double time, bool rises)
{
    const float *row = note_bands_row(played->bands, played->ear, time) + (rises ? BEAT_BANDS : 0);
    int best = 0;
    for (int i = 1; i < BEAT_BANDS; i++) {
        best = row[i] > row[best] ? i : best;
    }
    return row[best] > 0.0F ? best : -1;
}

static bool holds(int band, double hz)
{
    return band >= 0 && band_levels_edge(band) < hz && band_levels_edge(band + 2) > hz;
}

static void a_note_is_in_its_band(void **state)
{
    (void)state;
    static const uint8_t keys[] = {33, 45, 57, 69, 81, 93};
    for (size_t i = 0; i < sizeof keys; i++) {
        struct played played = played_made();
        midi_ear_push(played.ear, 0.0, ON, keys[i], 100);
        assert_true(holds(fullest(&played, 0.1, false), 440.0 * exp2((keys[i] - 69) / 12.0)));
        played_done(&played);
    }
}

static void drums_are_where_they_sound(void **state)
{
    (void)state;
    static const struct {
        uint8_t key;
        double low, high;
    } drums[] = {
        {36, 40.0, 150.0}, {38, 150.0, 9000.0}, {42, 5000.0, 15000.0}, {49, 2000.0, 15000.0}, {75, 600.0, 8000.0}};
    for (size_t i = 0; i < sizeof drums / sizeof drums[0]; i++) {
        struct played played = played_made();
        midi_ear_push(played.ear, 0.0, DRUM, drums[i].key, 127);
        const int band = fullest(&played, 0.03, false);
        assert_true(band >= 0 && band_levels_edge(band + 2) > drums[i].low && band_levels_edge(band) < drums[i].high);
        played_done(&played);
    }
}

static void rises_as_a_sound_does_and_decays(void **state)
{
    (void)state;
    struct played played = played_made();
    int row = 0;
    midi_ear_push(played.ear, 0.0, ON, 36, 120);
    while (row < 50) {
        (void)note_bands_row(played.bands, played.ear, ++row * ROW);
    }
    midi_ear_push(played.ear, 0.5, ON, 84, 80);
    const int band = fullest(&played, ++row * ROW, true);
    assert_true(band >= 0);
    float before = note_bands_row(played.bands, played.ear, ++row * ROW)[band];
    for (int i = 0; i < 2; i++) {
        const float *values = note_bands_row(played.bands, played.ear, ++row * ROW);
        assert_true(values[band] > before && values[BEAT_BANDS + band] > 0.0F && values[band] <= 1.0F);
        before = values[band];
    }
    while (row < 70) {
        (void)note_bands_row(played.bands, played.ear, ++row * ROW);
    }
    // Nothing rises while it decays.
    assert_int_equal(fullest(&played, ++row * ROW, true), -1);
    midi_ear_push(played.ear, 0.715, OFF, 84, 0);
    midi_ear_push(played.ear, 0.715, OFF, 36, 0);
    const float *values = note_bands_row(played.bands, played.ear, 2.0);
    for (int i = 0; i < BEAT_BANDS; i++) {
        assert_true(values[i] < 0.02F);
    }
    played_done(&played);
}

static void what_is_to_come_is_not_seen(void **state)
{
    (void)state;
    struct played played = played_made();
    assert_int_equal(fullest(&played, 0.01, false), -1);
    midi_ear_push(played.ear, 0.5, ON, 60, 100);
    assert_int_equal(fullest(&played, 0.02, false), -1);
    played_done(&played);
    note_bands_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_is_in_its_band),
        cmocka_unit_test(drums_are_where_they_sound),
        cmocka_unit_test(rises_as_a_sound_does_and_decays),
        cmocka_unit_test(what_is_to_come_is_not_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
