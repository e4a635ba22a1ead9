// SPDX-License-Identifier: GPL-3.0-or-later
// Files: those that are installed, and those that are broken. What becomes of their records is tested in
// soundfont_presets.c, of their samples in soundfont_source.c.
#include "synth/soundfont.h"

#include "core/clock.h"
#include "soundfont_maker.h"
#include "synth/soundfont_vorbis.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char fluid[] = "/usr/share/sounds/sf2/FluidR3_GM.sf2";
static const char timidity[] = "/usr/share/sounds/sf2/TimGM6mb.sf2";
static const char musescore[] = "/usr/share/sounds/sf3/MuseScore_General.sf3";

static void need(const char *path)
{
    if (access(path, R_OK) != 0) {
        print_message("skipped: no SoundFont at %s\n", path);
        skip();
    }
}

static struct soundfont *open_soundfont(const char *path)
{
    struct soundfont *soundfont = NULL;
    struct complaint complaint = {""};
    if (soundfont_open(path, &soundfont, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    assert_non_null(soundfont);
    return soundfont;
}

/// What soundfont.h promises of every region, and that the General MIDI set is there.
static void check_all(const struct soundfont *soundfont)
{
    for (uint32_t i = 0; i < soundfont_preset_count(soundfont); i++) {
        const struct soundfont_preset *preset = soundfont_preset(soundfont, i);
        assert_int_equal(soundfont_find_preset(soundfont, preset->bank, preset->program), i);
        assert_true(preset->region_count > 0);
        for (uint32_t j = 0; j < preset->region_count; j++) {
            const struct soundfont_region *region = soundfont_regions(soundfont, preset->regions + j);
            assert_true(region->key_low <= region->key_high && region->key_high < 128);
            assert_true(region->velocity_low <= region->velocity_high && region->velocity_high < 128);
            assert_true(region->sample < soundfont_sample_count(soundfont));
            assert_true(region->modulator_count >= 10);
        }
    }
    for (int program = 0; program < 128; program++) {
        assert_true(soundfont_find_preset(soundfont, 0, program) >= 0);
    }
    assert_true(soundfont_find_preset(soundfont, 128, 0) >= 0);
    assert_int_equal(soundfont_find_preset(soundfont, 127, 127), -1);
    assert_int_equal(soundfont_find_preset(soundfont, -1, 0), -1);
    assert_int_equal(soundfont_find_preset(soundfont, 0, -1), -1);
    assert_int_equal(soundfont_find_preset(soundfont, 20000, 0), -1);
}

static void test_fluid_r3(void **state)
{
    (void)state;
    need(fluid);
    struct soundfont *soundfont = open_soundfont(fluid);
    assert_int_equal(soundfont_preset_count(soundfont), 189);
    assert_int_equal(soundfont_sample_count(soundfont), 1418);
    assert_int_equal(soundfont_left_out(soundfont), 0);
    assert_string_equal(soundfont_preset(soundfont, 0)->name, "Yamaha Grand Piano");
    check_all(soundfont);
    for (uint32_t i = 0; i < soundfont_sample_count(soundfont); i++) {
        assert_true(soundfont_sample_ready(soundfont, i));
        assert_int_equal(soundfont_sample_wait(soundfont, i), STATUS_OK);
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        assert_true(sample->end > sample->start && sample->loop_end > sample->loop_start);
    }
    soundfont_close(soundfont);
}

/// Waits until sample \p index has moved to memory of our own.
static const struct soundfont_sample *wait_until_kept(const struct soundfont *soundfont, uint32_t index,
                                                      const int16_t *mapped)
{
    for (int64_t until = clock_now_ns() + 20000000000; clock_now_ns() < until;) {
        const struct soundfont_sample *sample = soundfont_sample(soundfont, index);
        if (sample->frames != mapped) {
            return sample;
        }
        (void)usleep(1000);
    }
    fail_msg("sample %u was not copied", index);
    return NULL;
}

static bool is_kept(const struct soundfont_sample *sample)
{
    return sample->available == sample->end + SOUNDFONT_PADDING;
}

/// Wants the first preset, and expects the last of its samples to play the same afterwards.
static void expect_last_kept(struct soundfont *soundfont)
{
    const struct soundfont_preset *preset = soundfont_preset(soundfont, 0);
    const uint32_t last = soundfont_regions(soundfont, preset->regions + preset->region_count - 1)->sample;
    const struct soundfont_sample before = *soundfont_sample(soundfont, last);
    soundfont_want(soundfont, 0);
    const struct soundfont_sample *after = wait_until_kept(soundfont, last, before.frames);
    assert_memory_equal(after->frames, before.frames, before.end * sizeof *before.frames);
    assert_int_equal(after->low != NULL, before.low != NULL);
    if (before.low) {
        assert_memory_equal(after->low, before.low, before.end);
    }
    assert_true(is_kept(after) && !is_kept(&before));
    assert_int_equal(after->end, before.end);
    assert_int_equal(after->loop_start, before.loop_start);
    assert_int_equal(after->loop_end, before.loop_end);
    assert_int_equal(after->rate, before.rate);
}

static void test_wanted_samples_are_kept_and_no_others(void **state)
{
    (void)state;
    need(timidity);
    struct soundfont *soundfont = open_soundfont(timidity);
    expect_last_kept(soundfont);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < soundfont_sample_count(soundfont); i++) {
        kept += is_kept(soundfont_sample(soundfont, i));
    }
    assert_true(kept > 0 && kept < soundfont_sample_count(soundfont) / 2);
    soundfont_close(soundfont);
}

static void test_24_bits_are_kept(void **state)
{
    (void)state;
    char path[] = "/tmp/tutti_kept_XXXXXX";
    struct maker maker = {0};
    maker_make_rich(&maker, true);
    const int descriptor = mkstemp(path);
    assert_int_equal(write(descriptor, maker.file.at, maker.file.size), maker.file.size);
    (void)close(descriptor);
    struct soundfont *soundfont = open_soundfont(path);
    assert_non_null(soundfont_sample(soundfont, 0)->low);
    expect_last_kept(soundfont);
    soundfont_close(soundfont);
    (void)unlink(path);
    maker_done(&maker);
}

static void test_timidity(void **state)
{
    (void)state;
    need(timidity);
    struct soundfont *soundfont = open_soundfont(timidity);
    assert_int_equal(soundfont_preset_count(soundfont), 136);
    assert_int_equal(soundfont_left_out(soundfont), 0);
    check_all(soundfont);
    soundfont_close(soundfont);
}

static void *wait_for_some(void *data)
{
    struct soundfont *soundfont = data;
    for (uint32_t i = 100; i < 130; i++) {
        if (soundfont_sample_wait(soundfont, i) != STATUS_OK || !soundfont_sample_ready(soundfont, i)) {
            return data;
        }
        const struct soundfont_sample *sample = soundfont_sample(soundfont, i);
        if (sample->end <= sample->start || sample->frames[sample->available - 1] != 0) {
            return data;
        }
    }
    return NULL;
}

static void test_musescore_decoded_by_two_at_once(void **state)
{
    (void)state;
    need(musescore);
    struct soundfont *soundfont = open_soundfont(musescore);
    check_all(soundfont);
    soundfont_want(soundfont, 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_some, soundfont), 0);
    assert_null(wait_for_some(soundfont));
    void *failed = NULL;
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_int_equal(soundfont_left_out(soundfont), 0);
    soundfont_close(soundfont);
}

// Files of our own.

static char folder[] = "/tmp/test_soundfont_XXXXXX";
static char path[64];

static int start(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_the_same_file_is_shared(void **state)
{
    (void)state;
    struct maker maker = {0};
    maker_make_rich(&maker, false);
    write_file("a.sf2", maker.file.at, maker.file.size);
    struct soundfont *first = open_soundfont(path);
    char other[80];
    (void)snprintf(other, sizeof other, "%s/../%s/a.sf2", folder, strrchr(folder, '/') + 1);
    struct soundfont *second = open_soundfont(other);
    assert_ptr_equal(first, second);
    // A file that takes its place is another one, and the first goes on.
    assert_int_equal(unlink(path), 0);
    write_file("a.sf2", maker.file.at, maker.file.size);
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct soundfont *third = open_soundfont(path);
    assert_ptr_not_equal(first, third);
    soundfont_close(first);
    assert_int_equal(soundfont_preset_count(second), 2);
    assert_int_equal(soundfont_sample(second, 0)->frames[0], 100);
    soundfont_close(second);
    soundfont_close(third);
    soundfont_close(NULL);
    assert_int_equal(unlink(path), 0);
    maker_done(&maker);
}

static void *open_often(void *data)
{
    (void)data;
    void *last = NULL;
    for (int i = 0; i < 100; i++) {
        struct soundfont *soundfont = NULL;
        if (soundfont_open(path, &soundfont, NULL) != STATUS_OK) {
            return NULL;
        }
        soundfont_want(soundfont, 1);
        last = soundfont;
        soundfont_close(soundfont);
    }
    return last;
}

static void test_threads_open_and_close_at_once(void **state)
{
    (void)state;
    struct maker maker = {0};
    maker_make_rich(&maker, true);
    write_file("threads.sf2", maker.file.at, maker.file.size);
    for (int is_held = 0; is_held < 2; is_held++) {
        struct soundfont *held = is_held ? open_soundfont(path) : NULL;
        pthread_t threads[3];
        for (int i = 0; i < 3; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, open_often, NULL), 0);
        }
        for (int i = 0; i < 3; i++) {
            void *opened = NULL;
            assert_int_equal(pthread_join(threads[i], &opened), 0);
            assert_non_null(opened);
            assert_true(!is_held || opened == held);
        }
        soundfont_close(held);
    }
    assert_int_equal(unlink(path), 0);
    maker_done(&maker);
}

static void test_samples_of_an_odd_address_and_of_sf3_in_a_file(void **state)
{
    (void)state;
    struct maker maker = {0};
    maker_make_vorbis(&maker, 3000);
    write_file("a.sf3", maker.file.at, maker.file.size);
    struct soundfont *soundfont = open_soundfont(path);
    assert_int_equal(soundfont_sample_wait(soundfont, 1), STATUS_OK);
    assert_int_equal(soundfont_sample(soundfont, 1)->end, 3000);
    soundfont_close(soundfont);
    assert_int_equal(unlink(path), 0);
    maker_done(&maker);
    // An odd chunk without its padding before the frames.
    maker_make_rich(&maker, true);
    uint8_t *at = memmem(maker.file.at, maker.file.size, "ifil", 4);
    struct maker_bytes odd = {0};
    maker_append(&odd, maker.file.at, (size_t)(at - maker.file.at));
    maker_append(&odd, "ISFT\x03\0\0\0abc", 11);
    maker_append(&odd, at, maker.file.size - (size_t)(at - maker.file.at));
    odd.at[16] = (uint8_t)(odd.at[16] + 11);
    write_file("odd.sf2", odd.at, odd.size);
    soundfont = open_soundfont(path);
    assert_int_equal((uintptr_t)soundfont_sample(soundfont, 0)->frames % 2, 0);
    assert_int_equal(soundfont_sample(soundfont, 0)->frames[1], 101);
    assert_non_null(soundfont_sample(soundfont, 0)->low);
    soundfont_close(soundfont);
    assert_int_equal(unlink(path), 0);
    free(odd.at);
    maker_done(&maker);
}

// Complaints.

static void expect_complaint(enum status status, enum status expected, const struct complaint *complaint,
                             const char *word)
{
    assert_int_equal(status, expected);
    if (!strstr(complaint->text, word)) {
        fail_msg("\"%s\" does not say \"%s\"", complaint->text, word);
    }
}

static void expect_path(const char *wrong, enum status expected, const char *word)
{
    struct soundfont *soundfont = NULL;
    struct complaint complaint = {""};
    expect_complaint(soundfont_open(wrong, &soundfont, &complaint), expected, &complaint, word);
    assert_null(soundfont);
    assert_int_equal(soundfont_open(wrong, &soundfont, NULL), expected);
}

static void test_what_is_no_soundfont(void **state)
{
    (void)state;
    expect_path("/nowhere/x.sf2", STATUS_IO, "fluid-soundfont-gm");
    expect_path("", STATUS_IO, "--soundfont");
    expect_path("/tmp", STATUS_IO, "folder");
    expect_path("/dev/zero", STATUS_CORRUPT, "not a SoundFont");
    (void)snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_path(path, STATUS_CORRUPT, "not a SoundFont");
    assert_int_equal(unlink(path), 0);
    write_file("empty", "", 0);
    expect_path(path, STATUS_CORRUPT, "not a SoundFont");
    write_file("empty", "RIFF\x04\0\0\0sfbk", 12);
    expect_path(path, STATUS_CORRUPT, "damaged, its part phdr is missing: give another SoundFont");
    expect_path(path, STATUS_CORRUPT, path);
    assert_int_equal(unlink(path), 0);
}

static void expect_bytes(const struct maker_bytes *bytes, enum status expected, const char *word)
{
    struct soundfont *soundfont = NULL;
    struct complaint complaint = {""};
    const enum status status = soundfont_open_memory(bytes->at, bytes->size, &soundfont, &complaint);
    expect_complaint(status, expected, &complaint, word);
    assert_null(soundfont);
}

static void test_soundfonts_that_cannot_play(void **state)
{
    (void)state;
    struct maker maker = {0};
    expect_bytes(&maker.file, STATUS_CORRUPT, "not a SoundFont");
    maker_end(&maker);
    maker_finish(&maker);
    expect_bytes(&maker.file, STATUS_CORRUPT, "no preset that plays");
    maker_done(&maker);
    maker_begin_plain(&maker);
    maker.chunk[MAKER_SHDR].at[45] = 0x80;
    maker_finish_plain(&maker);
    expect_bytes(&maker.file, STATUS_UNSUPPORTED, "ROM of a sound card");
    maker_done(&maker);
    maker_begin_plain(&maker);
    maker.chunk[MAKER_IFIL].at[0] = 1;
    maker_finish_plain(&maker);
    expect_bytes(&maker.file, STATUS_UNSUPPORTED, "version 1");
    maker_done(&maker);
    maker_begin_plain(&maker);
    maker.chunk[MAKER_SMPL].size = 0;
    maker_finish_plain(&maker);
    expect_bytes(&maker.file, STATUS_CORRUPT, "no preset that plays");
    maker_done(&maker);
}

/// Every prefix opens or is refused, and what opens can be played.
static void test_cut_anywhere(void **state)
{
    (void)state;
    struct maker maker = {0};
    maker_make_rich(&maker, true);
    int opened = 0;
    for (size_t size = 0; size <= maker.file.size; size++) {
        // A block of exactly this size, for a sanitizer to see a step past its end.
        uint8_t *bytes = malloc(size + 1);
        assert_non_null(bytes);
        memcpy(bytes + 1, maker.file.at, size);
        struct soundfont *soundfont = NULL;
        struct complaint complaint = {""};
        const enum status status = soundfont_open_memory(bytes + 1, size, &soundfont, &complaint);
        assert_true(status == STATUS_OK || (status == STATUS_CORRUPT && complaint.text[0]));
        free(bytes);
        for (uint32_t i = 0; !status && i < soundfont_sample_count(soundfont); i++) {
            assert_int_equal(soundfont_sample_wait(soundfont, i), STATUS_OK);
            opened++;
        }
        soundfont_close(soundfont);
    }
    assert_true(opened > 0);
    maker_done(&maker);
}

/// Every byte of what describes the samples, set to what breaks most.
static void test_any_byte_wrong(void **state)
{
    (void)state;
    struct maker maker = {0};
    maker_make_rich(&maker, false);
    static const uint8_t wrong[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t i = 12; i < 5 * maker.file.size; i++) {
        uint8_t *at = &maker.file.at[i / 5];
        const uint8_t right = *at;
        *at = wrong[i % 5];
        struct soundfont *soundfont = NULL;
        struct complaint complaint = {""};
        if (soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, &complaint) == STATUS_OK) {
            for (uint32_t j = 0; j < soundfont_sample_count(soundfont); j++) {
                const enum status status = soundfont_sample_wait(soundfont, j);
                assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
            }
        }
        soundfont_close(soundfont);
        *at = right;
    }
    maker_done(&maker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fluid_r3),
        cmocka_unit_test(test_wanted_samples_are_kept_and_no_others),
        cmocka_unit_test(test_24_bits_are_kept),
        cmocka_unit_test(test_timidity),
        cmocka_unit_test(test_musescore_decoded_by_two_at_once),
        cmocka_unit_test(test_the_same_file_is_shared),
        cmocka_unit_test(test_threads_open_and_close_at_once),
        cmocka_unit_test(test_samples_of_an_odd_address_and_of_sf3_in_a_file),
        cmocka_unit_test(test_what_is_no_soundfont),
        cmocka_unit_test(test_soundfonts_that_cannot_play),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_any_byte_wrong),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
