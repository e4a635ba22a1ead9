// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to a SoundFont when memory, or threads, run out: at every single request in turn. meson.build puts the
// functions below in front of the C library's.
#include "synth/soundfont.h"

#include "soundfont_maker.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NEVER = 1 << 30 };

/// How many more requests of this thread are granted.
static _Thread_local int granted = NEVER;

static int refuses(void)
{
    return granted-- <= 0;
}

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's.
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data);
// NOLINTEND(bugprone-reserved-identifier)

void *__wrap_malloc(size_t size)
{
    return refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuses() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return refuses() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return refuses() ? NULL : __real_reallocarray(old, count, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data)
{
    return refuses() ? EAGAIN : __real_pthread_create(thread, attributes, run, data);
}

/// Opens it with more and more memory, until it is enough.
static struct soundfont *open_with_ever_more(const struct maker *maker)
{
    for (int most = 0; most < 1000; most++) {
        struct soundfont *soundfont = NULL;
        struct complaint complaint = {""};
        granted = most;
        const enum status status = soundfont_open_memory(maker->file.at, maker->file.size, &soundfont, &complaint);
        granted = NEVER;
        if (status == STATUS_OK) {
            assert_true(most > 5);
            return soundfont;
        }
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_null(soundfont);
        assert_non_null(strstr(complaint.text, "no memory"));
    }
    fail();
    return NULL;
}

static void test_opening(void **state)
{
    (void)state;
    struct maker maker = {0};
    maker_make_rich(&maker, true);
    struct soundfont *soundfont = open_with_ever_more(&maker);
    assert_int_equal(soundfont_preset_count(soundfont), 2);
    assert_int_equal(soundfont_left_out(soundfont), 0);
    soundfont_close(soundfont);
    maker_done(&maker);
    maker_make_vorbis(&maker, 200);
    soundfont_close(open_with_ever_more(&maker));
    maker_done(&maker);
}

/// A sample that no preset plays is not decoded by the thread of the SoundFont's own.
static void test_decoding_can_be_tried_again(void **state)
{
    (void)state;
    enum { FRAMES = 10000 };
    struct maker maker = {0};
    maker_begin_plain(&maker);
    const uint32_t start = (uint32_t)maker.chunk[MAKER_SMPL].size;
    const uint32_t end = start + maker_vorbis(&maker, FRAMES, 1);
    maker_sample(&maker, (struct maker_sample){start, end, 0, 0, 44100, 60, 0, 0, 0x11});
    maker_finish_plain(&maker);
    struct soundfont *soundfont = open_with_ever_more(&maker);
    enum status status = STATUS_NO_MEMORY;
    for (int most = 0; most < 100 && status; most++) {
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_false(soundfont_sample_ready(soundfont, 1));
        granted = most;
        status = soundfont_sample_wait(soundfont, 1);
        granted = NEVER;
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(soundfont_sample(soundfont, 1)->end, FRAMES);
    assert_int_equal(soundfont_left_out(soundfont), 0);
    soundfont_close(soundfont);
    maker_done(&maker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_decoding_can_be_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
