// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/context.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TURNS = 200000 };

static void an_empty_board_holds_an_empty_context(void **state)
{
    (void)state;
    static struct context_board board;
    struct context context;
    memset(&context, 1, sizeof context);
    context_get(&board, &context);
    assert_true(context.rate == 0 && context.frame == 0 && !context.chord.sounds && !context.key.known);
}

static void what_is_put_is_what_is_taken(void **state)
{
    (void)state;
    static struct context_board board;
    struct context context, taken;
    memset(&context, 0, sizeof context);
    context.rate = 96000;
    context.beat.tempo = 120;
    context.chord.chord = chord_of(9, CHORD_MINOR_7);
    context.pitch.confidence = 0.5;
    context_put(&board, &context);
    assert_true(context_try(&board, &taken));
    assert_memory_equal(&context, &taken, sizeof context);
}

static struct context all_alike(uint64_t turn)
{
    struct context context;
    memset(&context, 0, sizeof context);
    context.frame = turn;
    context.rate = context.beat.tempo = context.level.rms_db = context.pitch.confidence = (double)turn;
    return context;
}

static void *write_on(void *argument)
{
    struct context_board *board = argument;
    for (uint64_t turn = 1; turn <= TURNS; turn++) {
        const struct context context = all_alike(turn);
        context_put(board, &context);
    }
    return NULL;
}

static void a_reader_never_sees_half_of_two(void **state)
{
    (void)state;
    static struct context_board board;
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_on, &board), 0);
    uint64_t last = 0;
    while (last < TURNS) {
        struct context context;
        context_get(&board, &context);
        assert_true(context.frame >= last);
        last = context.frame;
        const struct context expected = all_alike(last);
        assert_memory_equal(&context, &expected, sizeof context);
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_board_holds_an_empty_context),
        cmocka_unit_test(what_is_put_is_what_is_taken),
        cmocka_unit_test(a_reader_never_sees_half_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
