// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes are what a server sends to a listener of a load test, in pieces of a size that the first byte gives; the
// second byte says in which format the listener takes them, and whether the answer to its request comes first.
#include "cmd/bench_listeners_stream.h"

#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

enum { HEADER_SIZE = 2, ANSWERED = 0x80 };

static enum status take(struct load_stream *stream, const struct load_ear *ear, bool *opened, const uint8_t *at,
                        const uint8_t *end)
{
    int answer = 0;
    enum status status = STATUS_OK;
    if (!*opened) {
        status = load_stream_answer(stream, &at, end, &answer);
        *opened = status == STATUS_OK;
    }
    while (status == STATUS_OK) {
        status = load_stream_hear(stream, ear, &at, end);
        assert(at <= end);
    }
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER_SIZE) {
        return 0;
    }
    struct random random;
    random_init(&random, 1, 0);
    struct load_stream *stream = load_stream_new((enum format)(data[1] % FORMAT_COUNT), &random);
    struct tally *tally = calloc(1, sizeof *tally);
    assert(stream && tally);
    const struct load_ear ear = {.fd = -1, .tally = tally, .joined_us = 1};
    const size_t piece = (size_t)data[0] * data[0] + 1;
    bool opened = !(data[1] & ANSWERED);
    enum status status = STATUS_AGAIN;
    for (size_t done = HEADER_SIZE; done < size && status == STATUS_AGAIN; done += piece) {
        status = take(stream, &ear, &opened, data + done, data + (size - done < piece ? size : done + piece));
    }
    assert(tally_get(tally, TALLY_HOLES) <= tally_get(tally, TALLY_CHUNKS));
    free(tally);
    free(stream);
    return 0;
}
