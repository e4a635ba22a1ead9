// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/event_queue.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct event_queue queue;

static int empty(void **state)
{
    (void)state;
    memset(&queue, 0, sizeof queue);
    return 0;
}

/// An event that says with its data when it came.
static struct event numbered(int64_t tick, int number)
{
    return (struct event){
        .tick = tick, .kind = EVENT_MIDI, .midi = {.status = 0xb0, .data = {(uint8_t)(number >> 8), (uint8_t)number}}};
}

static int number_of(const struct event *event)
{
    return event->midi.data[0] << 8 | event->midi.data[1];
}

static void add(int64_t tick, int number)
{
    const struct event event = numbered(tick, number);
    assert_true(event_queue_add(&queue, &event));
}

static void assert_taken(int64_t tick, int number)
{
    const struct event event = event_queue_take(&queue);
    assert_int_equal(event.tick, tick);
    assert_int_equal(number_of(&event), number);
}

static void test_events_of_one_tick_stay_in_their_order(void **state)
{
    (void)state;
    static const int64_t ticks[] = {5, 5, 3, 5, 3, 9, 3, 5, 1, 9, 9, 1};
    static const int order[] = {8, 11, 2, 4, 6, 0, 1, 3, 7, 5, 9, 10};
    const int count = sizeof ticks / sizeof *ticks;
    for (int i = 0; i < count; i++) {
        add(ticks[i], i);
    }
    for (int i = 0; i < count; i++) {
        assert_int_equal(number_of(event_queue_at(&queue, (size_t)i)), order[i]);
    }
    for (int i = 0; i < count; i++) {
        assert_taken(ticks[order[i]], order[i]);
    }
    assert_int_equal(queue.count, 0);
}

static void test_a_full_queue_takes_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_QUEUE_ROOM; i++) {
        add(EVENT_QUEUE_ROOM - i, i); // each before all others
    }
    const struct event more = numbered(0, 0);
    assert_false(event_queue_add(&queue, &more));
    assert_taken(1, EVENT_QUEUE_ROOM - 1);
    add(0, 7);
    assert_false(event_queue_add(&queue, &more));
    assert_taken(0, 7);
    for (int tick = 2; tick <= EVENT_QUEUE_ROOM; tick++) {
        assert_taken(tick, EVENT_QUEUE_ROOM - tick);
    }
}

static void test_events_play_in_their_order_however_they_come(void **state)
{
    (void)state;
    enum { EVENTS = 65536 };
    static int64_t ticks[EVENTS];
    struct random random;
    random_init(&random, 8, 0);
    int added = 0;
    int taken = 0;
    int64_t now = 0;
    int before = -1;
    while (taken < EVENTS) {
        // More and more wait, and less and less, so that the ring goes around with all lengths.
        for (int most = (int)random_below(&random, 900); most > 0 && added < EVENTS; most--) {
            ticks[added] = now + random_below(&random, 1 + random_below(&random, 2000));
            const struct event event = numbered(ticks[added], added);
            if (!event_queue_add(&queue, &event)) {
                assert_int_equal(queue.count, EVENT_QUEUE_ROOM);
                break;
            }
            added++;
        }
        for (int most = (int)random_below(&random, 900); most > 0 && queue.count > 0; most--) {
            const struct event event = event_queue_take(&queue);
            const int number = number_of(&event);
            assert_int_equal(event.tick, ticks[number]);
            assert_true(event.tick > now || (event.tick == now && number > before));
            now = event.tick;
            before = number;
            taken++;
        }
    }
    assert_int_equal(queue.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_events_of_one_tick_stay_in_their_order, empty),
        cmocka_unit_test_setup(test_a_full_queue_takes_nothing, empty),
        cmocka_unit_test_setup(test_events_play_in_their_order_however_they_come, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
