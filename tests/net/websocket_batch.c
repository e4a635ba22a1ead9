// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket_batch.h"

#include "client.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

// Where the system has no such call there is nothing to test.
static struct websocket_batch *batch_or_skip(void)
{
    struct websocket_batch *batch = NULL;
    const enum status status = websocket_batch_new(&batch);
    if (status == STATUS_UNSUPPORTED) {
        skip();
    }
    assert_int_equal(status, STATUS_OK);
    return batch;
}

static void queue_text(struct pair *pair, const char *text, size_t size)
{
    struct buffer *frame = websocket_frame(WEBSOCKET_TEXT, text, size);
    assert_non_null(frame);
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    buffer_unref(frame);
}

static void expect_text(struct pair *pair, const char *text)
{
    struct client_frame *frame = malloc(sizeof *frame);
    assert_true(client_frame_receive(pair->client, frame));
    assert_int_equal(frame->first, FIN | TEXT);
    assert_int_equal(frame->size, strlen(text));
    assert_memory_equal(frame->payload, text, frame->size);
    free(frame);
}

// As many as go in, some with one frame and some with more frames than one call takes, round after round.
static void test_all_get_theirs(void **state)
{
    (void)state;
    struct websocket_batch *batch = batch_or_skip();
    struct pair *pairs[WEBSOCKET_BATCH];
    for (int i = 0; i < WEBSOCKET_BATCH; i++) {
        pairs[i] = pair_new();
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < WEBSOCKET_BATCH; i++) {
            for (int k = 0; k <= (i + round) % (WEBSOCKET_GATHER + 3); k++) {
                queue_text(pairs[i], k == 0 ? "first" : "further", k == 0 ? 5 : 7);
            }
            const bool full = websocket_batch_add(batch, pairs[i]->websocket, pairs[i]);
            assert_int_equal(full, i == WEBSOCKET_BATCH - 1);
        }
        void *users[WEBSOCKET_BATCH];
        unsigned count = 0;
        assert_int_equal(websocket_batch_write(batch, users, &count), STATUS_OK);
        assert_int_equal(count, WEBSOCKET_BATCH);
        for (int i = 0; i < WEBSOCKET_BATCH; i++) {
            assert_ptr_equal(users[i], pairs[i]);
            const size_t frames = (size_t)(i + round) % (WEBSOCKET_GATHER + 3) + 1;
            assert_int_equal(websocket_queued(pairs[i]->websocket),
                             frames > WEBSOCKET_GATHER ? frames - WEBSOCKET_GATHER : 0);
            assert_int_equal(websocket_write(pairs[i]->websocket), STATUS_OK);
            for (size_t k = 0; k < frames; k++) {
                expect_text(pairs[i], k == 0 ? "first" : "further");
            }
        }
        // There is nothing left to write.
        assert_int_equal(websocket_batch_write(batch, users, &count), STATUS_OK);
        assert_int_equal(count, 0);
    }
    websocket_batch_free(batch);
    for (int i = 0; i < WEBSOCKET_BATCH; i++) {
        pair_free(pairs[i]);
    }
}

// A socket that takes a part, one that takes nothing and one that nobody has any more, beside one that is well.
static void test_each_for_itself(void **state)
{
    (void)state;
    enum { LARGE = 4 << 20 };
    struct websocket_batch *batch = batch_or_skip();
    struct pair *full = pair_new();
    struct pair *gone = pair_new();
    struct pair *well = pair_new();
    char *large = calloc(1, LARGE);
    assert_non_null(large);
    queue_text(full, large, LARGE);
    queue_text(gone, "lost", 4);
    queue_text(well, "well", 4);
    close(gone->client);
    gone->client = -1;
    struct pair *all[] = {full, gone, well};
    for (int i = 0; i < 3; i++) {
        assert_false(websocket_batch_add(batch, all[i]->websocket, all[i]));
    }
    void *users[WEBSOCKET_BATCH];
    unsigned count = 0;
    assert_int_equal(websocket_batch_write(batch, users, &count), STATUS_OK);
    assert_int_equal(count, 3);
    const size_t left = websocket_queued_bytes(full->websocket);
    assert_in_range(left, 1, LARGE);
    assert_int_equal(websocket_written(full->websocket) + left, LARGE + 10);
    assert_int_equal(websocket_write(full->websocket), STATUS_AGAIN);
    assert_int_equal(websocket_write(gone->websocket), STATUS_CLOSED);
    expect_text(well, "well");

    // It is full now, and the next try neither waits nor loses anything.
    assert_false(websocket_batch_add(batch, full->websocket, full));
    assert_int_equal(websocket_batch_write(batch, users, &count), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(websocket_queued_bytes(full->websocket), left);
    assert_int_equal(websocket_write(full->websocket), STATUS_AGAIN);
    free(large);
    websocket_batch_free(batch);
    for (int i = 0; i < 3; i++) {
        pair_free(all[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_get_theirs),
        cmocka_unit_test(test_each_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
