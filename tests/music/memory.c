// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of scores and MIDI files when memory runs out: every allocation fails once, in turn. The linker puts the
// functions below in the place of the C library's.
#include "music/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's.
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
// NOLINTEND(bugprone-reserved-identifier)

/// Allocations to go until one fails; negative for none.
static int countdown = -1;

void *__wrap_realloc(void *old, size_t size)
{
    return countdown-- == 0 ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return countdown-- == 0 ? NULL : __real_reallocarray(old, count, size);
}

static struct score example(void)
{
    struct score score = {0};
    countdown = -1;
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(score_add(&score, event_note(10LL * i, i % 3, 60 + i % 12, 64, 15)), STATUS_OK);
    }
    return score;
}

static void adding(void **state)
{
    (void)state;
    struct score score = {0};
    countdown = 1;
    enum status status = STATUS_OK;
    int added = 0;
    while (!status) {
        status = score_add(&score, event_cut(added, 0));
        added += !status;
    }
    assert_int_equal(status, STATUS_NO_MEMORY);
    assert_int_equal(score.count, added);
    assert_int_equal(score.events[added - 1].tick, added - 1);
    assert_int_equal(score_add(&score, event_cut(added, 0)), STATUS_OK);
    score_done(&score);
}

static void sorting(void **state)
{
    (void)state;
    struct score score = example();
    assert_int_equal(score_add(&score, event_cut(0, 0)), STATUS_OK);
    countdown = 0;
    assert_int_equal(score_sort(&score), STATUS_NO_MEMORY);
    assert_int_equal(score.count, 2001);
    assert_int_equal(score.events[2000].kind, EVENT_CUT);
    score_done(&score);
}

static void writing(void **state)
{
    (void)state;
    const struct midi_file_options options = {.bpm = 60, .beats = 4, .unit = 4};
    struct score score = example();
    enum status status = STATUS_NO_MEMORY;
    int failures = 0;
    while (status) {
        uint8_t *bytes = NULL;
        size_t size = 77;
        countdown = failures;
        status = midi_file_write(&score, &options, &bytes, &size);
        assert_true(status == STATUS_OK || (status == STATUS_NO_MEMORY && !bytes && size == 77));
        failures += status == STATUS_NO_MEMORY;
        free(bytes);
    }
    assert_true(failures > 3);
    score_done(&score);
}

static void reading(void **state)
{
    (void)state;
    const struct midi_file_options options = {.bpm = 60, .beats = 4, .unit = 4};
    struct score score = example();
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(midi_file_write(&score, &options, &bytes, &size), STATUS_OK);
    score_done(&score);
    enum status status = STATUS_NO_MEMORY;
    int failures = 0;
    while (status) {
        struct complaint complaint = {""};
        countdown = failures;
        status = midi_file_read(bytes, size, &score, &complaint);
        assert_true(status == STATUS_OK || (status == STATUS_NO_MEMORY && complaint.text[0]));
        assert_int_equal(status == STATUS_OK, score.count > 0);
        failures += status == STATUS_NO_MEMORY;
        score_done(&score);
    }
    assert_true(failures > 3);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding),
        cmocka_unit_test(sorting),
        cmocka_unit_test(writing),
        cmocka_unit_test(reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
