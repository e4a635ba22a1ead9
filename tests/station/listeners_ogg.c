// SPDX-License-Identifier: GPL-3.0-or-later
// Players of the Ogg form, and that all forms come the same where each write is a call of its own.
#include "hall.h"

#include <ogg/ogg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { STALL_MS = 1500, PACKET_FRAMES = 960, PAGE_FRAMES = CHUNK_OGG * CHUNK_BLOCKS * PACKET_FRAMES };

// What libogg finds in what came.
struct pages {
    unsigned heads;
    unsigned music;
    unsigned holes; ///< pages that are missing between two that came
};

static struct pages pages_of(const struct ear *ear)
{
    struct pages pages = {0};
    if (ear->size == 0) {
        return pages;
    }
    ogg_sync_state sync;
    ogg_sync_init(&sync);
    char *room = ogg_sync_buffer(&sync, (long)ear->size);
    assert_non_null(room);
    memcpy(room, ear->bytes, ear->size);
    assert_int_equal(ogg_sync_wrote(&sync, (long)ear->size), 0);
    ogg_page page;
    ogg_int64_t last = 0;
    long number = 0;
    for (int result; (result = ogg_sync_pageout(&sync, &page)) != 0;) {
        // A page is whole, or it is not there yet: nothing else comes between them.
        assert_int_equal(result, 1);
        const ogg_int64_t granule = ogg_page_granulepos(&page);
        if (granule == 0) {
            pages.heads++;
            continue;
        }
        if (pages.music > 0) {
            assert_int_equal((granule - last) % PAGE_FRAMES, 0);
            assert_true(granule > last);
            assert_true(ogg_page_pageno(&page) > number);
            pages.holes += granule - last != PAGE_FRAMES;
        }
        pages.music++;
        last = granule;
        number = ogg_page_pageno(&page);
    }
    ogg_sync_clear(&sync);
    return pages;
}

static void wait_pages(struct ear *ear, unsigned wanted)
{
    for (int i = 0; i < 200 && pages_of(ear).music < wanted; i++) {
        ears_listen(&ear, 1, 100);
    }
    assert_true(pages_of(ear).music >= wanted);
}

static void test_a_player_gets_heads_a_burst_and_every_page(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *first = hall_join(hall, FORMAT_OGG);
    wait_pages(first, 3);
    // In the middle of the music the burst is there at once, and holds 300 ms at least.
    struct ear *player = hall_join(hall, FORMAT_OGG);
    for (int i = 0; i < 100 && pages_of(player).music == 0; i++) {
        ears_listen(&player, 1, 1);
    }
    const unsigned burst = pages_of(player).music * CHUNK_OGG * CHUNK_MS;
    assert_true(burst >= STATION_BURST * CHUNK_MS);
    wait_pages(player, 8);
    const struct pages pages = pages_of(player);
    assert_int_equal(pages.heads, 2);
    assert_int_equal(pages.holes, 0);
    assert_true(memmem(player->bytes, player->size, "OpusHead", 8) != NULL);
    assert_int_equal(station_metrics(hall->station)->listeners[FORMAT_OGG], 2);
    ear_free(first);
    hall_wait_room(hall, &player, 1, HALL_MOST - 1);
    assert_int_equal(station_metrics(hall->station)->listeners[FORMAT_OGG], 1);
    ear_free(player);
    hall_close(hall);
}

static void test_the_end_is_the_end_of_the_body(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *player = hall_join(hall, FORMAT_OGG);
    wait_pages(player, 2);
    hall_close(hall);
    ears_wait_end(&player, 1);
    assert_int_equal(pages_of(player).holes, 0);
    ear_free(player);
}

// What a player says is thrown away, be it a WebSocket's frame or a second request.
static void test_what_a_player_says_is_not_heard(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *player = hall_join(hall, FORMAT_OGG);
    assert_true(ear_say(player, CLOSE, "\x03\xe8", 2));
    assert_true(ear_say(player, TEXT, "{\"type\":\"control\",\"intensity\":0.5}", 34));
    wait_pages(player, 4);
    assert_false(player->ended);
    assert_int_equal(pages_of(player).holes, 0);
    assert_int_equal(hall_count(&station_metrics(hall->station)->rejected_messages), 0);
    ear_free(player);
    hall_close(hall);
}

static void test_one_who_takes_nothing_is_dropped(void **state)
{
    // Faster than real time: what the socket holds is full before long.
    struct hall *hall = hall_open(*state, 20, STALL_MS);
    struct ear *ears[] = {hall_join(hall, FORMAT_OGG), hall_join(hall, FORMAT_OGG)};
    wait_pages(ears[0], 1);
    ears[0]->deaf = true;
    hall_expect_first_dropped(hall, ears);
}

static void test_one_who_falls_behind_goes_on_live(void **state)
{
    struct hall *hall = hall_open(*state, 50, 0);
    struct ear *player = hall_join(hall, FORMAT_OGG);
    wait_pages(player, 1);
    const _Atomic uint64_t *skips = &station_metrics(hall->station)->skips;
    const _Atomic uint64_t *chunks = &station_metrics(hall->station)->chunks;
    const uint64_t enough = hall_count(chunks) + 8ULL * STATION_RING;
    player->deaf = true;
    hall_wait(chunks, enough);
    player->deaf = false;
    const unsigned before = pages_of(player).music;
    wait_pages(player, before + 20);
    assert_true(hall_count(skips) > 0);
    assert_true(pages_of(player).holes > 0);
    ear_free(player);
    hall_close(hall);
}

static void test_without_batches_all_forms_come_the_same(void **state)
{
    struct hall *hall = hall_open_with(*state, &(struct listeners_options){.singly = true}, 1);
    struct ear *ears[FORMAT_COUNT];
    for (int i = 0; i < FORMAT_COUNT; i++) {
        ears[i] = hall_join(hall, (enum format)i);
    }
    hall_wait_chunks(ears, FORMAT_OGG, 8);
    wait_pages(ears[FORMAT_OGG], 4);
    assert_int_equal(pages_of(ears[FORMAT_OGG]).holes, 0);
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (i != FORMAT_OGG) {
            assert_int_equal(hall_heard(ears[i]).skips, 0);
        }
        ear_free(ears[i]);
    }
    hall_close(hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_player_gets_heads_a_burst_and_every_page, fixture_end),
        cmocka_unit_test_teardown(test_the_end_is_the_end_of_the_body, fixture_end),
        cmocka_unit_test_teardown(test_what_a_player_says_is_not_heard, fixture_end),
        cmocka_unit_test_teardown(test_one_who_takes_nothing_is_dropped, fixture_end),
        cmocka_unit_test_teardown(test_one_who_falls_behind_goes_on_live, fixture_end),
        cmocka_unit_test_teardown(test_without_batches_all_forms_come_the_same, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
