// SPDX-License-Identifier: GPL-3.0-or-later
// The sampler as a module: what goes into it, and that two of them never differ.
#include "stand.h"

#include "../sampler_fixture.h"
#include "music/event.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 9600 };

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

static const struct setting looped[] = {{GENERATOR_SAMPLE_MODES, 1}, {0, 0}};

/// Two instruments and a drum set: a loud and a faint tone, and one in between.
static void make_font(struct font *font)
{
    memset(font, 0, sizeof *font);
    const int loud = font_sine(font, (struct font_sine){.amplitude = 0.8});
    const int faint = font_sine(font, (struct font_sine){.amplitude = 0.2});
    const int middle = font_sine(font, (struct font_sine){.amplitude = 0.4});
    font_preset(font, 0, 0);
    font_zone(font, loud, looped);
    font_preset(font, 0, 5);
    font_zone(font, faint, looped);
    font_preset(font, 128, 0);
    font_zone(font, middle, looped);
    font_write(font);
}

static float peak(struct stand *stand)
{
    static float out[FRAMES];
    float most = 0;
    stand_run(stand, FRAMES, MODULE_BLOCK, "left", 0, out);
    for (int i = FRAMES / 2; i < FRAMES; i++) {
        most = fmaxf(most, fabsf(out[i]));
    }
    return most;
}

static void notes_begin_and_end(void **state)
{
    (void)state;
    struct font font;
    make_font(&font);
    struct stand *stand = stand_new("soundfont", RATE, 1, font.path);
    assert_float_equal(peak(stand), 0, 0);
    note_on(stand, 60, 1);
    const float loud = peak(stand);
    assert_true(loud > 0.05F && loud < 1);
    stand_set(stand, "gain", -20);
    assert_float_equal(peak(stand), loud / 10, loud / 100);
    note_off(stand, 60);
    assert_true(peak(stand) < 1e-4F);
    stand_free(stand);
    font_done(&font);
}

static void programs_come_from_parameters_and_events(void **state)
{
    (void)state;
    struct font font;
    make_font(&font);
    struct stand *stand = stand_new("soundfont", RATE, 1, font.path);
    note_on(stand, 60, 1);
    const float loud = peak(stand);
    note_off(stand, 60);
    (void)peak(stand);
    stand_set(stand, "program", 5);
    note_on(stand, 60, 1);
    assert_float_equal(peak(stand), loud / 4, loud / 20);
    note_off(stand, 60);
    midi(stand, MIDI_PROGRAM, 0, 0);
    (void)peak(stand);
    midi(stand, MIDI_NOTE_ON, 60, 127);
    assert_float_equal(peak(stand), loud, loud / 20);
    midi(stand, MIDI_NOTE_OFF, 60, 0);
    stand_set(stand, "bank", 128);
    stand_set(stand, "program", 0);
    (void)peak(stand);
    note_on(stand, 60, 1);
    assert_float_equal(peak(stand), loud / 2, loud / 20);
    stand_event(stand, &(struct module_event){.kind = MODULE_EVENT_PANIC});
    (void)peak(stand);
    assert_float_equal(peak(stand), 0, 0);
    stand_free(stand);
    font_done(&font);
}

static void hears_its_channel_only(void **state)
{
    (void)state;
    struct font font;
    make_font(&font);
    struct stand *stand = stand_new("soundfont", RATE, 1, font.path);
    stand_set(stand, "channel", 2);
    midi(stand, MIDI_NOTE_ON, 60, 127);
    assert_float_equal(peak(stand), 0, 0);
    midi(stand, MIDI_NOTE_ON | 1, 60, 127);
    assert_true(peak(stand) > 0.05F);
    stand_free(stand);
    font_done(&font);
}

static void perform(const char *path, uint32_t block, float *out)
{
    struct stand *stand = stand_new("soundfont", RATE, 1, path);
    note_on(stand, 60, 1);
    stand_run(stand, FRAMES / 3, block, "right", 0, out);
    note_on(stand, 67, 0.5F);
    midi(stand, MIDI_BEND, 0, 80);
    stand_run(stand, FRAMES / 3, block, "right", 0, out + FRAMES / 3);
    note_off(stand, 60);
    stand_run(stand, FRAMES / 3, block, "right", 0, out + FRAMES / 3 * 2);
    stand_free(stand);
}

static void how_it_is_cut_changes_nothing(void **state)
{
    (void)state;
    static float whole[FRAMES];
    static float parts[FRAMES];
    struct font font;
    make_font(&font);
    perform(font.path, 64, whole);
    perform(font.path, 23, parts);
    assert_memory_equal(whole, parts, sizeof whole);
    font_done(&font);
}

/// No note is missed because its sample is not decoded yet.
static void a_compressed_file_plays_from_its_first_frame(void **state)
{
    (void)state;
    static float first[FRAMES];
    static float second[FRAMES];
    struct maker maker = {0};
    maker_make_vorbis(&maker, 200000);
    char path[] = "/tmp/tutti-module-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0 && write(file, maker.file.at, maker.file.size) == (ssize_t)maker.file.size);
    (void)close(file);
    perform(path, 64, first);
    perform(path, 64, second);
    assert_memory_equal(first, second, sizeof first);
    float most = 0;
    for (int i = 0; i < 480; i++) {
        most = fmaxf(most, fabsf(first[i]));
    }
    assert_true(most > 0.001F);
    (void)unlink(path);
    maker_done(&maker);
}

static void render(const struct module_type *type, const struct module_call *call, uint32_t blocks, float *out)
{
    for (uint32_t i = 0; i < blocks; i++) {
        type->process(call);
        for (uint32_t j = 0; j < call->frames; j++) {
            out[i * call->frames + j] = ((const float(*)[16])call->out[0])[j][0];
        }
    }
}

/// Two of them, as two processes have them: the second takes over the first's state in the middle of a note.
static void a_copy_of_the_state_goes_on_alike(void **state)
{
    (void)state;
    enum { BLOCKS = 40, CUT = 50 };
    static float out[2][BLOCKS * CUT];
    static _Alignas(64) float signals[2][MODULE_BLOCK][16];
    _Alignas(64) unsigned char hot[2][64] = {{0}};
    struct font font;
    make_font(&font);
    const struct module_type *type = modules_find("soundfont");
    const struct module_setup setup = {.rate = RATE, .voices = 1};
    const struct module_ramp params[MODULE_PARAMS_MAX] = {{.value = 5}};
    void *resources[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(type->open(&setup, font.path, "x.sf2", &resources[i], NULL), STATUS_OK);
    }
    struct module_call call = {.setup = &setup,
                               .frames = CUT,
                               .lanes = 1,
                               .state = hot[0],
                               .resource = resources[0],
                               .out = {signals[0], signals[1]},
                               .params = params};
    type->event(&call, &(struct module_event){.kind = MODULE_EVENT_NOTE_ON, .key = 50, .velocity = 1});
    render(type, &call, 3, out[0]);
    const size_t size = type->saved_size(resources[0]);
    void *saved = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(saved);
    type->save(resources[0], saved);
    memcpy(hot[1], hot[0], sizeof hot[0]);
    assert_int_equal(type->restore(resources[1], saved, size), STATUS_OK);
    assert_true(type->restore(resources[1], saved, size - 1) != STATUS_OK);
    render(type, &call, BLOCKS, out[0]);
    call.state = hot[1];
    call.resource = resources[1];
    render(type, &call, BLOCKS, out[1]);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    free(saved);
    type->close(resources[0]);
    type->close(resources[1]);
    font_done(&font);
}

static void a_wrong_file_is_named_as_it_was_given(void **state)
{
    (void)state;
    const struct module_type *type = modules_find("soundfont");
    const struct module_setup setup = {.rate = RATE, .voices = 1};
    struct complaint complaint = {""};
    void *resource = NULL;
    assert_int_not_equal(type->open(&setup, "/proc/self/exe", "piano.sf2", &resource, &complaint), STATUS_OK);
    assert_null(resource);
    assert_non_null(strstr(complaint.text, "piano.sf2"));
    assert_null(strstr(complaint.text, "/proc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_begin_and_end),
        cmocka_unit_test(programs_come_from_parameters_and_events),
        cmocka_unit_test(hears_its_channel_only),
        cmocka_unit_test(how_it_is_cut_changes_nothing),
        cmocka_unit_test(a_compressed_file_plays_from_its_first_frame),
        cmocka_unit_test(a_copy_of_the_state_goes_on_alike),
        cmocka_unit_test(a_wrong_file_is_named_as_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
