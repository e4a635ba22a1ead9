// SPDX-License-Identifier: GPL-3.0-or-later
// The notes of a keyboard as signals, one event at a time.
#include "stand.h"

#include "music/event.h"
#include "synth/keyboard.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, BLOCK = 64, FRAMES = 4096 };

static void note_on(struct stand *stand, float key, float velocity)
{
    stand_event(stand, &(struct module_event){.kind = MODULE_EVENT_NOTE_ON, .key = key, .velocity = velocity});
}

static void note_off(struct stand *stand, float key)
{
    stand_event(stand, &(struct module_event){.kind = MODULE_EVENT_NOTE_OFF, .key = key});
}

static void midi(struct stand *stand, int status, int data1, int data2)
{
    stand_event(stand, &(struct module_event){.kind = MODULE_EVENT_MIDI,
                                              .status = (uint8_t)status,
                                              .data1 = (uint8_t)data1,
                                              .data2 = (uint8_t)data2});
}

/// What an output of a voice is after \p frames more frames.
static float after(struct stand *stand, uint32_t frames, const char *output, int voice)
{
    static float out[FRAMES];
    stand_run(stand, frames, BLOCK, output, voice, out);
    return out[frames - 1];
}

static float gate(struct stand *stand, int voice)
{
    return after(stand, 8, "gate", voice);
}

static float pitch(struct stand *stand, int voice)
{
    return after(stand, 8, "pitch", voice);
}

static void a_note_has_pitch_gate_and_velocity(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 4, NULL);
    assert_float_equal(gate(stand, 0), 0, 0);
    note_on(stand, 60.5F, 0.25F);
    assert_float_equal(pitch(stand, 0), -8.5F, 0);
    assert_float_equal(gate(stand, 0), 1, 0);
    assert_float_equal(after(stand, 1, "velocity", 0), 0.25F, 0);
    note_off(stand, 60.5F);
    assert_float_equal(gate(stand, 0), 0, 0);
    assert_float_equal(pitch(stand, 0), -8.5F, 0);
    stand_free(stand);
}

static void the_voice_that_was_let_go_first_is_taken(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 3, NULL);
    note_on(stand, 60, 1);
    note_on(stand, 61, 1);
    note_on(stand, 62, 1);
    note_off(stand, 61);
    note_off(stand, 60);
    note_on(stand, 70, 1);
    assert_float_equal(pitch(stand, 1), 1, 0);
    note_on(stand, 71, 1);
    assert_float_equal(pitch(stand, 0), 2, 0);
    assert_float_equal(pitch(stand, 2), -7, 0);
    stand_free(stand);
}

static void with_no_voice_free_the_pedals_then_the_oldest_is_stolen(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 3, NULL);
    midi(stand, MIDI_CONTROLLER, 64, 127);
    note_on(stand, 60, 1);
    note_on(stand, 61, 1);
    note_on(stand, 62, 1);
    note_off(stand, 61);
    note_on(stand, 70, 1);
    assert_float_equal(pitch(stand, 1), 1, 0);
    note_on(stand, 71, 1);
    assert_float_equal(pitch(stand, 0), 2, 0);
    // A key whose note was stolen lets nothing go.
    note_off(stand, 60);
    assert_float_equal(gate(stand, 0), 1, 0);
    stand_free(stand);
}

static void a_stroke_of_an_open_voice_closes_its_gate_for_one_frame(void **state)
{
    (void)state;
    float out[4];
    struct stand *stand = stand_new("notes", RATE, 1, NULL);
    note_on(stand, 60, 1);
    stand_run(stand, 4, BLOCK, "gate", 0, out);
    assert_float_equal(out[0], 1, 0);
    note_on(stand, 61, 1);
    stand_run(stand, 4, BLOCK, "gate", 0, out);
    assert_float_equal(out[0], 0, 0);
    assert_float_equal(out[1], 1, 0);
    // Also where it is let go and struck within one frame.
    note_off(stand, 61);
    note_on(stand, 61, 1);
    stand_run(stand, 4, BLOCK, "gate", 0, out);
    assert_float_equal(out[0], 0, 0);
    assert_float_equal(out[1], 1, 0);
    stand_free(stand);
}

static void the_shortest_note_opens_the_gate(void **state)
{
    (void)state;
    float out[4];
    struct stand *stand = stand_new("notes", RATE, 1, NULL);
    note_on(stand, 60, 1);
    note_off(stand, 60);
    stand_run(stand, 4, BLOCK, "gate", 0, out);
    assert_float_equal(out[0], 1, 0);
    assert_float_equal(out[1], 0, 0);
    stand_free(stand);
}

static void the_pedal_holds_what_is_let_go(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 2, NULL);
    note_on(stand, 60, 1);
    note_on(stand, 64, 1);
    midi(stand, MIDI_CONTROLLER, 64, 64);
    note_off(stand, 60);
    assert_float_equal(gate(stand, 0), 1, 0);
    midi(stand, MIDI_CONTROLLER, 64, 63);
    assert_float_equal(gate(stand, 0), 0, 0);
    assert_float_equal(gate(stand, 1), 1, 0);
    stand_free(stand);
}

// Three keys go down, and controller `number` comes; whether any of them sounds then, or as an older one again.
static bool sounds_after(struct stand *stand, int number, int voices)
{
    for (int key = 60; key < 63; key++) {
        note_on(stand, (float)key, 1);
        stand_skip(stand, 8, BLOCK);
    }
    midi(stand, MIDI_CONTROLLER, number, 0);
    stand_skip(stand, 8, BLOCK);
    bool is_open = false;
    for (int voice = 0; voice < voices; voice++) {
        is_open |= gate(stand, voice) != 0;
    }
    return is_open;
}

static void all_notes_off_is_like_letting_go_of_every_key(void **state)
{
    (void)state;
    for (int number = 123; number < 128; number++) {
        for (int mode = 0; mode < 3; mode++) {
            const int voices = mode == 0 ? 4 : 1;
            struct stand *stand = stand_new("notes", RATE, (uint32_t)voices, NULL);
            stand_set(stand, "mode", (float)mode);
            assert_false(sounds_after(stand, number, voices));
            midi(stand, MIDI_CONTROLLER, 64, 127);
            assert_true(sounds_after(stand, number, voices)); // the pedal holds it
            midi(stand, MIDI_CONTROLLER, 64, 0);
            stand_skip(stand, 8, BLOCK);
            for (int voice = 0; voice < voices; voice++) {
                assert_float_equal(gate(stand, voice), 0, 0);
            }
            stand_free(stand);
        }
    }
}

static void one_voice_goes_back_to_the_key_that_is_still_down(void **state)
{
    (void)state;
    static const struct {
        float priority, sounds, left;
    } cases[] = {{0, 62, 67}, {1, 67, 62}, {2, 60, 62}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stand *stand = stand_new("notes", RATE, 4, NULL);
        stand_set(stand, "mode", 1);
        stand_set(stand, "priority", cases[i].priority);
        note_on(stand, 60, 1);
        note_on(stand, 67, 1);
        note_on(stand, 62, 1);
        assert_float_equal(pitch(stand, 0), cases[i].sounds - 69, 0);
        note_off(stand, cases[i].sounds);
        assert_float_equal(pitch(stand, 0), cases[i].left - 69, 0);
        assert_float_equal(gate(stand, 0), 1, 0);
        assert_float_equal(gate(stand, 1), 0, 0);
        note_off(stand, 60);
        note_off(stand, 67);
        note_off(stand, 62);
        assert_float_equal(gate(stand, 0), 0, 0);
        stand_free(stand);
    }
}

static void legato_does_not_begin_anew_and_mono_does(void **state)
{
    (void)state;
    for (int legato = 0; legato < 2; legato++) {
        float out[4];
        struct stand *stand = stand_new("notes", RATE, 1, NULL);
        stand_set(stand, "mode", legato ? 2 : 1);
        note_on(stand, 60, 1);
        stand_skip(stand, 8, BLOCK);
        note_on(stand, 62, 1);
        stand_run(stand, 4, BLOCK, "gate", 0, out);
        assert_float_equal(out[0], legato, 0);
        assert_float_equal(pitch(stand, 0), -7, 0);
        stand_free(stand);
    }
}

static void glides_take_their_time_and_arrive(void **state)
{
    (void)state;
    for (int mode = 0; mode < 3; mode++) {
        struct stand *stand = stand_new("notes", RATE, 2, NULL);
        stand_set(stand, "mode", (float)mode);
        stand_set(stand, "glide", 10);
        note_on(stand, 57, 1);
        assert_float_equal(pitch(stand, 0), -12, 0);
        note_on(stand, 69, 1);
        const int voice = mode == 0 ? 1 : 0;
        assert_float_equal(after(stand, 240, "pitch", voice), -6, 0.1);
        assert_float_equal(after(stand, 240, "pitch", voice), 0, 0);
        stand_free(stand);
    }
}

static void a_legato_glide_is_between_keys_that_overlap(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 1, NULL);
    stand_set(stand, "mode", 2);
    stand_set(stand, "glide", 10);
    note_on(stand, 57, 1);
    note_off(stand, 57);
    note_on(stand, 69, 1);
    assert_float_equal(pitch(stand, 0), 0, 0);
    stand_free(stand);
}

static void wheels_and_pressure_arrive_without_a_step(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 20, NULL);
    float out[RATE / 100];
    stand_set(stand, "bend", 12);
    for (int key = 40; key < 60; key++) {
        note_on(stand, (float)key, 1);
    }
    stand_skip(stand, 8, BLOCK);
    midi(stand, MIDI_BEND, 127, 127);
    midi(stand, MIDI_PRESSURE, 127, 0);
    midi(stand, MIDI_CONTROLLER, 1, 127);
    stand_run(stand, RATE / 100, 7, "pitch", 17, out);
    assert_float_equal(out[0], 57 - 69, 0.1);
    assert_float_equal(out[RATE / 100 - 1], 57 - 69 + 12, 0);
    for (int i = 1; i < RATE / 100; i++) {
        assert_true(out[i] >= out[i - 1] && out[i] - out[i - 1] < 0.1F);
    }
    assert_float_equal(after(stand, 8, "pressure", 19), 1, 0);
    assert_float_equal(after(stand, 8, "wheel", 3), 1, 0);
    midi(stand, MIDI_CONTROLLER, 121, 0);
    assert_float_equal(after(stand, 480, "pitch", 17), 57 - 69, 0);
    assert_float_equal(after(stand, 8, "wheel", 3), 0, 0);
    stand_free(stand);
}

static void key_pressure_is_of_its_key(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 2, NULL);
    note_on(stand, 60, 1);
    note_on(stand, 64, 1);
    midi(stand, MIDI_KEY_PRESSURE, 64, 127);
    assert_float_equal(after(stand, 480, "pressure", 1), 1, 0);
    assert_float_equal(after(stand, 480, "pressure", 0), 0, 0);
    note_off(stand, 64);
    note_on(stand, 64, 1);
    assert_float_equal(after(stand, 1, "pressure", 1), 0, 0);
    stand_free(stand);
}

static void hears_its_channel_and_keys_only(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 1, NULL);
    stand_set(stand, "channel", 3);
    stand_set(stand, "low", 60);
    stand_set(stand, "high", 71);
    midi(stand, MIDI_NOTE_ON | 3, 64, 100);
    midi(stand, MIDI_NOTE_ON | 2, 59, 100);
    midi(stand, MIDI_NOTE_ON | 2, 72, 100);
    assert_float_equal(gate(stand, 0), 0, 0);
    midi(stand, MIDI_NOTE_ON | 2, 71, 127);
    assert_float_equal(gate(stand, 0), 1, 0);
    assert_float_equal(after(stand, 1, "velocity", 0), 1, 0);
    midi(stand, MIDI_NOTE_ON | 2, 71, 0);
    assert_float_equal(gate(stand, 0), 0, 0);
    stand_free(stand);
}

static void panic_and_another_mode_or_channel_end_every_note(void **state)
{
    (void)state;
    static const char *const changes[] = {NULL, "mode", "channel"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct stand *stand = stand_new("notes", RATE, 40, NULL);
        midi(stand, MIDI_CONTROLLER, 64, 127);
        for (int key = 0; key < 40; key++) {
            note_on(stand, (float)key, 1);
        }
        if (changes[i]) {
            stand_set(stand, changes[i], 1);
        } else {
            stand_event(stand, &(struct module_event){.kind = MODULE_EVENT_PANIC});
        }
        stand_skip(stand, 8, BLOCK);
        for (int voice = 0; voice < 40; voice++) {
            assert_float_equal(gate(stand, voice), 0, 0);
        }
        note_on(stand, 60, 1);
        note_off(stand, 60);
        stand_skip(stand, 8, BLOCK);
        assert_float_equal(gate(stand, 0), 0, 0);
        stand_free(stand);
    }
}

static void what_makes_no_sense_is_no_note(void **state)
{
    (void)state;
    struct stand *stand = stand_new("notes", RATE, 1, NULL);
    note_on(stand, NAN, 1);
    note_on(stand, 60, NAN);
    note_on(stand, 60, 0);
    note_on(stand, -1, 1);
    note_on(stand, INFINITY, 1);
    assert_float_equal(gate(stand, 0), 0, 0);
    note_on(stand, 60, 7);
    assert_float_equal(after(stand, 8, "velocity", 0), 1, 0);
    stand_free(stand);
}

/// A performance of \p frames frames, cut into calls of \p block at most and at the events.
static void perform(uint32_t mode, uint32_t block, const char *output, float *out)
{
    struct stand *stand = stand_new("notes", RATE, 6, NULL);
    stand_set(stand, "mode", (float)mode);
    stand_set(stand, "glide", 5);
    uint32_t seed = 1;
    uint32_t at = 0;
    while (at < FRAMES) {
        seed = seed * 1664525 + 1013904223;
        const float key = (float)(50 + (seed >> 20) % 12);
        switch ((seed >> 28) % 5) {
        case 0:
            note_off(stand, key);
            break;
        case 1:
            midi(stand, MIDI_BEND, 0, (int)(seed >> 8 & 127));
            break;
        case 2:
            midi(stand, MIDI_CONTROLLER, 64, (int)(seed >> 8 & 127));
            break;
        default:
            note_on(stand, key, 0.5F);
            break;
        }
        const uint32_t step = 1 + (seed >> 12) % 97;
        const uint32_t frames = step < FRAMES - at ? step : FRAMES - at;
        stand_run(stand, frames, block, output, 1, out + at);
        at += frames;
    }
    stand_free(stand);
}

static void how_it_is_cut_changes_nothing(void **state)
{
    (void)state;
    static float whole[FRAMES];
    static float parts[FRAMES];
    static const char *const outs[] = {"pitch", "gate", "velocity"};
    for (uint32_t mode = 0; mode < 3; mode++) {
        for (size_t i = 0; i < sizeof outs / sizeof *outs; i++) {
            perform(mode, 64, outs[i], whole);
            perform(mode, 1, outs[i], parts);
            assert_memory_equal(whole, parts, sizeof whole);
        }
    }
}

static void a_foreign_count_of_keys_is_not_believed(void **state)
{
    (void)state;
    static const enum keyboard_mode modes[] = {KEYBOARD_MONO, KEYBOARD_LEGATO};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        const struct keyboard_rules rules = {.mode = modes[i], .voices = 1};
        struct keyboard *keyboard = calloc(1, sizeof *keyboard);
        assert_non_null(keyboard);
        keyboard->held_count = UINT32_MAX;
        keyboard_press(keyboard, &rules, 60, 1);
        assert_int_equal(keyboard->held_count, KEYBOARD_HELD_MAX);
        keyboard->held_count = UINT32_MAX;
        keyboard_release(keyboard, &rules, 60);
        assert_true(keyboard->held_count < KEYBOARD_HELD_MAX);
        keyboard_pedal(keyboard, &rules, true);
        keyboard->held_count = UINT32_MAX;
        keyboard_pedal(keyboard, &rules, false);
        assert_true(keyboard->held_count < KEYBOARD_HELD_MAX);
        free(keyboard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_has_pitch_gate_and_velocity),
        cmocka_unit_test(the_voice_that_was_let_go_first_is_taken),
        cmocka_unit_test(with_no_voice_free_the_pedals_then_the_oldest_is_stolen),
        cmocka_unit_test(a_stroke_of_an_open_voice_closes_its_gate_for_one_frame),
        cmocka_unit_test(the_shortest_note_opens_the_gate),
        cmocka_unit_test(the_pedal_holds_what_is_let_go),
        cmocka_unit_test(all_notes_off_is_like_letting_go_of_every_key),
        cmocka_unit_test(one_voice_goes_back_to_the_key_that_is_still_down),
        cmocka_unit_test(legato_does_not_begin_anew_and_mono_does),
        cmocka_unit_test(glides_take_their_time_and_arrive),
        cmocka_unit_test(a_legato_glide_is_between_keys_that_overlap),
        cmocka_unit_test(wheels_and_pressure_arrive_without_a_step),
        cmocka_unit_test(key_pressure_is_of_its_key),
        cmocka_unit_test(hears_its_channel_and_keys_only),
        cmocka_unit_test(panic_and_another_mode_or_channel_end_every_note),
        cmocka_unit_test(what_makes_no_sense_is_no_note),
        cmocka_unit_test(a_foreign_count_of_keys_is_not_believed),
        cmocka_unit_test(how_it_is_cut_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
