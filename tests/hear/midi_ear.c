// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/midi_ear.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

enum { ON = 0x90, OFF = 0x80, CONTROLLER = 0xb0, SUSTAIN = 64 };

static struct midi_ear *make(void)
{
    struct midi_ear *ear = midi_ear_new();
    assert_non_null(ear);
    return ear;
}

/// Whether a note of that key sounds at \p time; drums are none.
static bool sounds(const struct midi_ear *ear, uint8_t key, double time)
{
    for (uint32_t i = 0; i < midi_ear_sounding_count(ear); i++) {
        const struct midi_sounding note = midi_ear_sounding(ear, i);
        if (note.key == key && !note.drum && note.begin <= time && note.end > time) {
            return true;
        }
    }
    return false;
}

static unsigned sounding(const struct midi_ear *ear, double time)
{
    unsigned count = 0;
    for (uint8_t key = 0; key < 128; key++) {
        count += sounds(ear, key, time);
    }
    return count;
}

static struct midi_dynamics dynamics_at(const struct midi_ear *ear, double time)
{
    struct midi_dynamics dynamics;
    midi_ear_dynamics(ear, time, &dynamics);
    return dynamics;
}

static unsigned take_onsets(struct midi_ear *ear, struct midi_onset *onsets)
{
    unsigned count = 0;
    while (midi_ear_onset(ear, &onsets[count])) {
        count++;
    }
    return count;
}

static bool near(double value, double truth, double tolerance)
{
    return fabs(value - truth) <= tolerance;
}

static void tells_a_chord_as_one_onset(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    struct midi_onset onsets[MIDI_EAR_ONSETS];
    midi_ear_push(ear, 1.0, ON, 60, 127);
    assert_int_equal(take_onsets(ear, onsets), 1); // as soon as the first note
    assert_true(onsets[0].time == 1.0 && onsets[0].strength == 1.0);
    midi_ear_push(ear, 1.015, ON, 64, 100);
    midi_ear_push(ear, 1.029, ON, 67, 100);
    assert_int_equal(take_onsets(ear, onsets), 0);
    midi_ear_push(ear, 1.031, ON, 72, 32);
    assert_int_equal(take_onsets(ear, onsets), 1);
    assert_true(onsets[0].time == 1.031 && near(onsets[0].strength, 0.252, 0.001));
    midi_ear_free(ear);
}

static void knows_what_sounds(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    assert_int_equal(midi_ear_sounding_count(ear), 0);
    midi_ear_push(ear, 0.5, ON, 52, 100);
    midi_ear_push(ear, 0.75, ON, 60, 50);
    assert_int_equal(midi_ear_sounding_count(ear), 2);
    const struct midi_sounding note = midi_ear_sounding(ear, 1);
    assert_true(note.key == 60 && !note.drum && note.begin == 0.75 && isinf(note.end));
    assert_true(near(note.velocity, 50.0 / 127.0, 1e-9));
    midi_ear_push(ear, 1.0, OFF, 52, 0);
    assert_true(midi_ear_sounding(ear, 0).end == 1.0);
    assert_true(sounds(ear, 60, 1.5) && !sounds(ear, 52, 1.5));
    // One that is struck again is one note.
    midi_ear_push(ear, 2.0, ON, 60, 127);
    assert_true(sounding(ear, 2.0) == 1 && sounds(ear, 60, 2.0));
    midi_ear_free(ear);
}

static void holds_by_the_pedal(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    midi_ear_push(ear, 0.0, CONTROLLER, SUSTAIN, 127);
    midi_ear_push(ear, 0.0, ON, 62, 127);
    midi_ear_push(ear, 0.5, OFF, 62, 0);
    midi_ear_push(ear, 0.5, ON | 1, 65, 127); // another channel has a pedal of its own
    midi_ear_push(ear, 0.6, OFF | 1, 65, 0);
    assert_true(sounds(ear, 62, 1.0) && !sounds(ear, 65, 1.0));
    midi_ear_push(ear, 1.0, ON, 62, 127); // struck again while the pedal holds it
    assert_int_equal(sounding(ear, 1.0), 1);
    midi_ear_push(ear, 1.0, ON, 62, 0);
    midi_ear_push(ear, 1.5, CONTROLLER, SUSTAIN, 0);
    assert_true(sounds(ear, 62, 1.4) && sounding(ear, 2.0) == 0);
    assert_true(midi_ear_counts(ear)->strays == 0 && midi_ear_counts(ear)->notes == 3);
    midi_ear_free(ear);
}

static void obeys_all_off_and_reset(void **state)
{
    (void)state;
    static const uint8_t controllers[] = {120, 123};
    for (size_t i = 0; i < 2; i++) {
        struct midi_ear *ear = make();
        midi_ear_push(ear, 0.0, CONTROLLER, SUSTAIN, 127);
        midi_ear_push(ear, 0.0, ON, 60, 100);
        midi_ear_push(ear, 0.0, ON, 64, 100);
        midi_ear_push(ear, 0.0, OFF, 64, 0);
        midi_ear_push(ear, 0.0, CONTROLLER, controllers[i], 0);
        assert_int_equal(sounding(ear, 1.0), 0);
        midi_ear_free(ear);
    }
    struct midi_ear *ear = make();
    midi_ear_push(ear, 0.0, CONTROLLER, SUSTAIN, 127);
    midi_ear_push(ear, 0.0, ON, 60, 100);
    midi_ear_push(ear, 0.0, ON, 64, 100);
    midi_ear_push(ear, 0.0, OFF, 64, 0);
    midi_ear_push(ear, 0.0, CONTROLLER, 121, 0);
    assert_true(sounds(ear, 60, 1.0) && !sounds(ear, 64, 1.0));
    midi_ear_free(ear);
}

static void drums_end_as_they_begin(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    struct midi_onset onsets[MIDI_EAR_ONSETS];
    static const uint8_t keys[] = {36, 38, 42};
    for (size_t i = 0; i < 3; i++) {
        const double time = (double)i;
        midi_ear_push(ear, time, ON | 9, keys[i], 127);
        const struct midi_sounding drum = midi_ear_sounding(ear, midi_ear_sounding_count(ear) - 1);
        assert_true(drum.drum && drum.key == keys[i] && drum.begin == time && drum.end == time);
        midi_ear_push(ear, time + 0.1, OFF | 9, keys[i], 0);
    }
    assert_int_equal(take_onsets(ear, onsets), 3);
    for (uint32_t band = 0; band < 3; band++) {
        assert_true(onsets[band].band == band && onsets[band].drum);
    }
    assert_int_equal(sounding(ear, 2.0), 0);
    assert_int_equal(midi_ear_counts(ear)->strays, 0);
    midi_ear_free(ear);
}

static void forgets_what_ended_long_ago(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    midi_ear_push(ear, 0.0, ON, 60, 100);
    midi_ear_push(ear, 0.0, ON, 64, 100);
    midi_ear_push(ear, 0.0, ON | 9, 49, 100);
    midi_ear_push(ear, 1.0, OFF, 60, 0);
    midi_ear_pass(ear, 1.5);
    assert_int_equal(midi_ear_sounding_count(ear), 3);
    midi_ear_pass(ear, 1.7);
    assert_int_equal(midi_ear_sounding_count(ear), 2);
    // A cymbal rings on, whoever plays beside it.
    midi_ear_push(ear, 2.0, ON, 70, 100);
    assert_int_equal(midi_ear_sounding_count(ear), 3);
    midi_ear_pass(ear, 4.1);
    midi_ear_pass(ear, (double)NAN);
    assert_int_equal(midi_ear_sounding_count(ear), 2);
    assert_true(sounds(ear, 64, 4.1) && sounds(ear, 70, 4.1));
    midi_ear_free(ear);
}

static void reads_dynamics_from_velocities(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    assert_true(dynamics_at(ear, 0.0).level < -84.0 && dynamics_at(ear, 0.0).density == 0.0);
    for (int i = 0; i < 32; i++) {
        midi_ear_push(ear, 0.25 * i, ON, 60, (uint8_t)(40 + 2 * i));
        midi_ear_push(ear, 0.25 * i + 0.2, OFF, 60, 0);
    }
    struct midi_dynamics dynamics = dynamics_at(ear, 7.99);
    assert_true(near(dynamics.density, 4.0, 0.01));
    assert_true(near(dynamics.level, 40.0 * log10(87.0 / 127.0), 0.3));
    assert_true(near(dynamics.slope, 1.6, 0.2) && dynamics.slope_confidence > 0.75);
    dynamics = dynamics_at(ear, 20.0);
    assert_true(dynamics.level < -84.0 && dynamics.slope_confidence == 0.0 && dynamics.density == 0.0);
    midi_ear_free(ear);
}

static void counts_what_makes_no_sense(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    midi_ear_push(ear, 0.0, OFF, 60, 0);
    midi_ear_push(ear, 0.0, ON, 61, 0);
    assert_int_equal(midi_ear_counts(ear)->strays, 2);
    midi_ear_push(ear, 0.0, ON, 200, 64);
    midi_ear_push(ear, 0.0, ON, 60, 200);
    midi_ear_push(ear, 0.0, 60, 60, 60);
    midi_ear_push(ear, (double)NAN, ON, 60, 60);
    midi_ear_push(ear, INFINITY, ON, 60, 60);
    assert_int_equal(midi_ear_counts(ear)->nonsense, 5);
    assert_int_equal(midi_ear_counts(ear)->notes, 0);
    midi_ear_push(ear, 5.0, ON, 60, 60);
    midi_ear_push(ear, 4.0, OFF, 60, 0); // a clock that ran backwards
    assert_int_equal(sounding(ear, 6.0), 0);
    midi_ear_free(ear);
    midi_ear_free(NULL);
}

static void bears_more_notes_than_it_has_room_for(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    struct midi_onset onsets[MIDI_EAR_ONSETS];
    for (uint8_t key = 0; key < 128; key++) {
        midi_ear_push(ear, 0.0, ON, key, 127);
    }
    assert_int_equal(midi_ear_counts(ear)->crowded_out, 0);
    assert_int_equal(take_onsets(ear, onsets), 1);
    for (uint8_t key = 0; key < 128; key++) {
        midi_ear_push(ear, 1.0, ON | 1, key, 127);
    }
    assert_int_equal(midi_ear_counts(ear)->crowded_out, 128); // the oldest gave way
    assert_int_equal(sounding(ear, 1.0), 128);
    for (uint8_t key = 0; key < 128; key++) {
        midi_ear_push(ear, 2.0, OFF | 1, key, 0);
    }
    assert_int_equal(midi_ear_counts(ear)->strays, 0);
    assert_int_equal(sounding(ear, 3.0), 0);
    for (int i = 0; i < MIDI_EAR_ONSETS + 10; i++) {
        midi_ear_push(ear, 4.0 + i, ON, 60, 100);
    }
    assert_int_equal(midi_ear_counts(ear)->lost_onsets, 11); // that of 1 s too
    assert_int_equal(take_onsets(ear, onsets), MIDI_EAR_ONSETS);
    assert_true(onsets[0].time == 14.0 && onsets[MIDI_EAR_ONSETS - 1].time == 77.0);
    midi_ear_free(ear);
}

static void survives_chance(void **state)
{
    (void)state;
    struct midi_ear *ear = make();
    struct random random;
    random_init(&random, 11, 0);
    double time = 0.0;
    for (int i = 0; i < 20000; i++) {
        const uint64_t bits = random_bits(&random);
        time += 0.01 * random_unit(&random) - 0.001;
        midi_ear_push(ear, time, (uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16));
        if (i % 16 == 0) {
            assert_in_range(midi_ear_sounding_count(ear), 0, MIDI_EAR_NOTES);
            for (uint32_t k = 0; k < midi_ear_sounding_count(ear); k++) {
                const struct midi_sounding note = midi_ear_sounding(ear, k);
                assert_true(note.key < 128 && note.velocity > 0.0 && note.velocity <= 1.0);
                assert_true(isfinite(note.begin) && note.end >= note.begin);
            }
            const struct midi_dynamics dynamics = dynamics_at(ear, time);
            assert_true(isfinite(dynamics.slope) && dynamics.level <= 0.0);
            assert_true(dynamics.slope_confidence >= 0.0 && dynamics.slope_confidence <= 1.0);
        }
    }
    midi_ear_free(ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_chord_as_one_onset),
        cmocka_unit_test(knows_what_sounds),
        cmocka_unit_test(holds_by_the_pedal),
        cmocka_unit_test(obeys_all_off_and_reset),
        cmocka_unit_test(drums_end_as_they_begin),
        cmocka_unit_test(forgets_what_ended_long_ago),
        cmocka_unit_test(reads_dynamics_from_velocities),
        cmocka_unit_test(counts_what_makes_no_sense),
        cmocka_unit_test(bears_more_notes_than_it_has_room_for),
        cmocka_unit_test(survives_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
