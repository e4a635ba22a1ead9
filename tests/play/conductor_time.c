// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/timed.h"

#include "core/clock.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, WARM = 8 };

static const struct conductor_counts *counts(const struct stage *stage)
{
    return conductor_counts(stage->conductor);
}

static void send(struct stage *stage, uint64_t frame, uint32_t index)
{
    static uint64_t order;
    const struct command command = {.frame = frame, .order = order++, .kind = COMMAND_SET, .uid = 1, .index = index};
    assert_true(inbox_send(conductor_inbox(stage->conductor), &command, 1, TIMED_SIZE));
}

static void a_command_is_in_the_block_after_the_next(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    stage_warm_up(stage, WARM);
    // Block WARM is being rendered. What comes now is for WARM + 1, which is played one callback after it.
    assert_int_equal(atomic_load(&stage->score->go), WARM + 1);
    assert_int_equal(conductor_now(stage->conductor), (WARM + 1) * BLOCK);
    send(stage, 0, 7);
    stage_warm_up(stage, 1);
    assert_int_equal(atomic_load(&stage->score->go), WARM + 2);
    assert_int_equal(atomic_load(&stage->score->log_written), 1);
    assert_int_equal(stage->score->log[0].frame, (WARM + 1) * BLOCK);
    assert_int_equal(stage->score->log[0].index, 7);
    assert_int_equal(atomic_load(&counts(stage)->behind), 0);
    stage_free(stage);
}

static void the_log_is_in_order_of_frames_and_of_sending(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    const uint64_t base = 20 * BLOCK;
    send(stage, base + 5, 2);
    send(stage, base + 200, 5);
    send(stage, base + 5, 3);
    send(stage, base + 1, 1);
    send(stage, base + 63, 4);
    stage_warm_up(stage, 18);
    assert_int_equal(atomic_load(&stage->score->log_written), 0);
    stage_warm_up(stage, 2);
    // Block 20 may be rendered: all of its commands are there.
    assert_int_equal(atomic_load(&stage->score->log_written), 4);
    stage_warm_up(stage, 10);
    assert_int_equal(atomic_load(&stage->score->log_written), 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(stage->score->log[i].index, i + 1);
    }
    assert_int_equal(stage->score->log[0].frame, base + 1);
    stage_free(stage);
}

static void what_is_past_takes_effect_at_once_after_what_was_due(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    send(stage, 10 * BLOCK, 1);
    stage_warm_up(stage, 9);
    assert_int_equal(conductor_now(stage->conductor), 10 * BLOCK);
    send(stage, 3, 2);
    send(stage, 0, 3);
    stage_warm_up(stage, 1);
    assert_int_equal(atomic_load(&stage->score->log_written), 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(stage->score->log[i].index, i + 1);
        assert_int_equal(stage->score->log[i].frame, 10 * BLOCK);
    }
    assert_int_equal(atomic_load(&counts(stage)->behind), 1);
    stage_free(stage);
}

static void a_flood_is_spread_over_blocks_and_nothing_is_lost(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    for (uint32_t i = 0; i < TIMED_SIZE; i++) {
        send(stage, 40 * BLOCK, i);
    }
    const struct command more = {.kind = COMMAND_SET};
    assert_false(inbox_send(conductor_inbox(stage->conductor), &more, 1, TIMED_SIZE));
    uint64_t before = 0;
    for (uint32_t block = 0; block < 80; block++) {
        stage_warm_up(stage, 1);
        const uint64_t written = atomic_load(&stage->score->log_written);
        assert_in_range(written - before, 0, 1024);
        // No block's commands came after it could be rendered.
        for (uint64_t i = before; i < written; i++) {
            assert_in_range(stage->score->log[i].frame, (block + 1) * BLOCK, (block + 2) * BLOCK - 1);
            assert_int_equal(stage->score->log[i].index, i);
        }
        before = written;
    }
    assert_int_equal(before, TIMED_SIZE);
    assert_true(inbox_send(conductor_inbox(stage->conductor), &more, 1, TIMED_SIZE));
    stage_free(stage);
}

static void counts_how_long_a_command_took_to_be_heard(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    stage_warm_up(stage, WARM);
    const struct command command = {.kind = COMMAND_SET, .stamp = (uint64_t)clock_now_ns()};
    assert_true(inbox_send(conductor_inbox(stage->conductor), &command, 1, TIMED_SIZE));
    stage_warm_up(stage, 1);
    assert_int_equal(histogram_summarize(&counts(stage)->latency_us).count, 0);
    stage_warm_up(stage, 1);
    assert_int_equal(histogram_summarize(&counts(stage)->latency_us).count, 1);
    stage_free(stage);
}

// A device that asks for any number of frames gets all of them, in order, once the lead has grown.
static void plays_periods_of_any_length(void **state)
{
    (void)state;
    static const uint32_t periods[] = {64, 128, 100, 1, 63, 65, 1024, 17};
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        struct stage *stage = stage_new(BLOCK, 0, 2);
        stage_warm_up(stage, WARM);
        uint64_t frame = WARM * BLOCK;
        const uint32_t settle = 16 * BLOCK / periods[i] + 16;
        uint64_t late = 0;
        for (uint32_t call = 0; call < settle + 100; call++) {
            stage_catch_up(stage);
            stage_play(stage, periods[i]);
            if (call == settle) {
                late = atomic_load(&counts(stage)->late);
            }
            for (uint32_t j = 0; call >= settle && j < periods[i]; j++) {
                assert_true(stage->out[1][j] == stage_sample(frame + j, 1));
            }
            frame += periods[i];
        }
        assert_int_equal(atomic_load(&counts(stage)->late), late);
        assert_int_equal(atomic_load(&counts(stage)->frame), frame);
        stage_free(stage);
    }
}

static void input_goes_to_the_block_that_is_rendered_next(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 2, 1);
    stage_warm_up(stage, WARM);
    for (int i = 0; i < BLOCK; i++) {
        stage->in[0][i] = (float)i;
        stage->in[1][i] = -(float)i;
    }
    const uint64_t go = atomic_load(&stage->score->go);
    stage_play(stage, BLOCK);
    const float *input = stage->score->input + shared_input_at(&stage->format, go);
    for (int i = 0; i < BLOCK; i++) {
        assert_true(input[i] == (float)i && input[BLOCK + i] == -(float)i);
    }
    stage_free(stage);
}

static void knows_the_frame_of_a_moment(void **state)
{
    (void)state;
    struct stage *stage = stage_new(BLOCK, 0, 1);
    assert_int_equal(conductor_frame_at(stage->conductor, clock_now_ns()), 0);
    stage_warm_up(stage, WARM);
    const int64_t before = clock_now_ns();
    stage_play(stage, BLOCK);
    const int64_t after = clock_now_ns();
    assert_true(conductor_frame_at(stage->conductor, before) <= WARM * BLOCK);
    assert_true(conductor_frame_at(stage->conductor, after) >= WARM * BLOCK);
    // A second later it is a second's frames on.
    const uint64_t later = conductor_frame_at(stage->conductor, after + 1000000000);
    assert_in_range(later - conductor_frame_at(stage->conductor, after), 47999, 48001);
    assert_int_equal(conductor_frame_at(stage->conductor, 0), 0);
    stage_free(stage);
}

struct flood {
    struct inbox *inbox;
    uint32_t count;
};

static void *send_pairs(void *argument)
{
    const struct flood *flood = argument;
    for (uint32_t i = 0; i < flood->count; i++) {
        const struct command pair[2] = {{.index = 2 * i}, {.index = 2 * i + 1}};
        while (!inbox_send(flood->inbox, pair, 2, 64)) {
        }
    }
    return NULL;
}

static void a_sender_and_the_taker_lose_nothing(void **state)
{
    (void)state;
    struct flood flood = {.count = 20000};
    flood.inbox = aligned_alloc(64, sizeof *flood.inbox);
    assert_non_null(flood.inbox);
    memset(flood.inbox, 0, sizeof *flood.inbox);
    pthread_t sender;
    assert_int_equal(pthread_create(&sender, NULL, send_pairs, &flood), 0);
    struct command command;
    for (uint32_t i = 0; i < 2 * flood.count;) {
        if (inbox_take(flood.inbox, &command)) {
            assert_int_equal(command.index, i);
            inbox_done(flood.inbox);
            i++;
        }
    }
    assert_int_equal(pthread_join(sender, NULL), 0);
    assert_false(inbox_take(flood.inbox, &command));
    free(flood.inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_in_the_block_after_the_next),
        cmocka_unit_test(the_log_is_in_order_of_frames_and_of_sending),
        cmocka_unit_test(what_is_past_takes_effect_at_once_after_what_was_due),
        cmocka_unit_test(a_flood_is_spread_over_blocks_and_nothing_is_lost),
        cmocka_unit_test(counts_how_long_a_command_took_to_be_heard),
        cmocka_unit_test(plays_periods_of_any_length),
        cmocka_unit_test(input_goes_to_the_block_that_is_rendered_next),
        cmocka_unit_test(knows_the_frame_of_a_moment),
        cmocka_unit_test(a_sender_and_the_taker_lose_nothing),
    };
    return cmocka_run_group_tests_name("conductor_time", tests, NULL, NULL);
}
