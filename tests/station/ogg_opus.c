// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/ogg_opus.h"

#include "fixture.h"
#include "station/opus_stream.h"

#include <math.h>
#include <ogg/ogg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SERIAL = 0x7edcba98, PRESKIP = 312, FRAMES = 960, CHUNKS = 20, PACKETS = 5, BYTES_MAX = 1 << 18 };

// What was sent, and as libogg reads it.
struct ogg {
    uint8_t bytes[BYTES_MAX];
    size_t size;
    ogg_sync_state sync;
    ogg_stream_state stream;
};

static void append(struct ogg *ogg, const struct buffer *pages)
{
    assert_non_null(pages);
    assert_true(ogg->size + pages->size <= BYTES_MAX);
    memcpy(ogg->bytes + ogg->size, pages->bytes, pages->size);
    ogg->size += pages->size;
}

static struct ogg *ogg_start(void)
{
    struct ogg *ogg = calloc(1, sizeof *ogg);
    assert_non_null(ogg);
    ogg_sync_init(&ogg->sync);
    ogg_stream_init(&ogg->stream, SERIAL);
    return ogg;
}

static void ogg_end(struct ogg *ogg)
{
    ogg_sync_clear(&ogg->sync);
    ogg_stream_clear(&ogg->stream);
    free(ogg);
}

static void ogg_load(struct ogg *ogg)
{
    memcpy(ogg_sync_buffer(&ogg->sync, (long)ogg->size), ogg->bytes, ogg->size);
    ogg_sync_wrote(&ogg->sync, (long)ogg->size);
}

// libogg gives only pages whose checksum is right, and -1 for bytes between them.
static bool next_page(struct ogg *ogg, ogg_page *page)
{
    const int got = ogg_sync_pageout(&ogg->sync, page);
    assert_true(got >= 0);
    if (got == 1) {
        assert_int_equal(ogg_page_version(page), 0);
        assert_int_equal(ogg_page_serialno(page), SERIAL);
    }
    return got == 1;
}

static struct buffer *make_chunk(struct ogg_opus *stream, struct opus_stream *opus, int number, bool last)
{
    float samples[2 * FRAMES];
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    for (int p = 0; p < PACKETS; p++) {
        for (size_t i = 0; i < FRAMES; i++) {
            const double seconds = (double)((size_t)(number * PACKETS + p) * FRAMES + i) / 48000.0;
            samples[2 * i] = samples[2 * i + 1] = (float)(0.3 * sin(2 * M_PI * 440 * seconds));
        }
        assert_int_equal(opus_stream_write(opus, samples, FRAMES), STATUS_OK);
        const size_t size = opus_stream_read(opus, packet);
        assert_true(size > 0);
        assert_int_equal(ogg_opus_add(stream, packet, size, FRAMES, last && p == PACKETS - 1, 0), STATUS_OK);
    }
    return ogg_opus_take(stream);
}

// The head and the chunks from \p first on, with an end or, as a station's, without.
static struct ogg *join_at(int first, bool ends)
{
    struct opus_stream *opus = NULL;
    assert_int_equal(opus_stream_new(48000, 96000, &opus, NULL), STATUS_OK);
    struct ogg_opus *stream = ogg_opus_new(SERIAL, opus_stream_preskip(opus), 44100, "Nocturne", "seed 7");
    assert_non_null(stream);
    assert_null(ogg_opus_take(stream));
    struct ogg *ogg = ogg_start();
    append(ogg, ogg_opus_head(stream));
    for (int i = 0; i < first + CHUNKS; i++) {
        struct buffer *pages = make_chunk(stream, opus, i, ends && i == first + CHUNKS - 1);
        if (i >= first) {
            append(ogg, pages);
        }
        buffer_unref(pages);
    }
    ogg_opus_free(stream);
    opus_stream_free(opus);
    return ogg;
}

static void expect_head(struct ogg *ogg)
{
    ogg_page page;
    ogg_packet packet;
    assert_true(next_page(ogg, &page));
    assert_true(ogg_page_bos(&page));
    assert_int_equal(ogg_page_granulepos(&page), 0);
    assert_int_equal(ogg_page_pageno(&page), 0);
    assert_int_equal(ogg_stream_pagein(&ogg->stream, &page), 0);
    assert_int_equal(ogg_stream_packetout(&ogg->stream, &packet), 1);
    // RFC 7845, 5.1
    assert_int_equal(packet.bytes, 19);
    assert_memory_equal(packet.packet, "OpusHead", 8);
    assert_int_equal(packet.packet[8], 1);
    assert_int_equal(packet.packet[9], 2);
    assert_in_range(number_at(packet.packet + 10, 2), 1, FRAMES);
    assert_int_equal(number_at(packet.packet + 12, 4), 44100);
    assert_int_equal(number_at(packet.packet + 16, 2), 0);
    assert_int_equal(packet.packet[18], 0);
    assert_int_equal(ogg_stream_packetout(&ogg->stream, &packet), 0); // alone on its page
    assert_true(next_page(ogg, &page));
    assert_false(ogg_page_bos(&page));
    assert_int_equal(ogg_page_granulepos(&page), 0);
    assert_int_equal(ogg_stream_pagein(&ogg->stream, &page), 0);
    assert_int_equal(ogg_stream_packetout(&ogg->stream, &packet), 1);
    assert_memory_equal(packet.packet, "OpusTags", 8);
    const size_t vendor = number_at(packet.packet + 8, 4);
    const uint8_t *tag = packet.packet + 12 + vendor;
    assert_int_equal(number_at(tag, 4), 3);
    tag += 4;
    static const char *const expected[] = {"TITLE=Nocturne", "ARTIST=Tutti", "COMMENT=seed 7"};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(number_at(tag, 4), strlen(expected[i]));
        assert_memory_equal(tag + 4, expected[i], strlen(expected[i]));
        tag += 4 + strlen(expected[i]);
    }
    assert_int_equal(ogg_stream_packetout(&ogg->stream, &packet), 0);
}

static void test_a_listener_from_the_start_gets_a_whole_stream(void **state)
{
    (void)state;
    struct ogg *ogg = join_at(0, false);
    ogg_load(ogg);
    expect_head(ogg);
    ogg_page page;
    ogg_packet packet;
    int64_t granule = 0;
    long number = 2;
    while (next_page(ogg, &page)) {
        assert_int_equal(ogg_page_pageno(&page), number++);
        assert_false(ogg_page_continued(&page));
        assert_false(ogg_page_eos(&page));
        granule += (int64_t)FRAMES * ogg_page_packets(&page);
        assert_int_equal(ogg_page_granulepos(&page), granule);
        assert_int_equal(ogg_stream_pagein(&ogg->stream, &page), 0);
        while (ogg_stream_packetout(&ogg->stream, &packet) != 0) {
            assert_true(packet.bytes > 0);
        }
    }
    assert_int_equal(granule, FRAMES * PACKETS * CHUNKS);
    ogg_end(ogg);
}

static void test_a_flipped_bit_fails_the_checksum(void **state)
{
    (void)state;
    struct ogg *ogg = join_at(0, false);
    ogg->bytes[ogg->size - 100] ^= 1;
    ogg_load(ogg);
    ogg_page page;
    int pages = 0;
    int got = 0;
    while ((got = ogg_sync_pageout(&ogg->sync, &page)) == 1) {
        pages++;
    }
    assert_true(got <= 0 && pages == CHUNKS + 1);
    ogg_end(ogg);
}

// Runs opus-tools on \p ogg; what they say goes to \p said, and it is said whether they were content.
static bool opus_tool(const struct ogg *ogg, const char *command, char *said, size_t capacity)
{
    char path[] = "/tmp/tutti_test_XXXXXX.opus";
    const int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, ogg->bytes, ogg->size), ogg->size);
    (void)close(file);
    char line[256];
    (void)snprintf(line, sizeof line, command, path);
    FILE *pipe = popen(line, "r"); // NOLINT(cert-env33-c): the line is the test's own
    assert_non_null(pipe);
    const size_t size = fread(said, 1, capacity - 1, pipe);
    said[size] = '\0';
    const int result = pclose(pipe);
    (void)unlink(path);
    return result == 0;
}

static void need_opus_tools(void)
{
    if (access("/usr/bin/opusdec", X_OK) != 0 || access("/usr/bin/opusinfo", X_OK) != 0) {
        skip();
    }
}

static void test_opusinfo_finds_nothing_wrong(void **state)
{
    (void)state;
    need_opus_tools();
    struct ogg *ogg = join_at(0, true);
    char said[4096];
    assert_true(opus_tool(ogg, "/usr/bin/opusinfo %s 2>&1", said, sizeof said));
    assert_non_null(strstr(said, "TITLE=Nocturne"));
    assert_non_null(strstr(said, "Original sample rate: 44100 Hz"));
    ogg_end(ogg);
}

static void test_one_who_joins_later_hears_it_all(void **state)
{
    (void)state;
    need_opus_tools();
    char samples[64];
    struct ogg *ogg = join_at(33, false);
    ogg_load(ogg);
    expect_head(ogg);
    ogg_page page;
    assert_true(next_page(ogg, &page));
    assert_int_equal(ogg_page_granulepos(&page), FRAMES * PACKETS * 34);
    assert_true(opus_tool(ogg, "/usr/bin/opusdec --quiet --no-dither --rate 48000 %s - 2>/dev/null | wc -c", samples,
                          sizeof samples));
    // Two bytes a sample; a decoder may drop the preskip.
    const long bytes = strtol(samples, NULL, 10);
    assert_in_range(bytes, 4L * (FRAMES * PACKETS * CHUNKS - FRAMES), 4L * FRAMES * PACKETS * CHUNKS + 100);
    ogg_end(ogg);
}

static void test_the_last_packet_ends_the_stream_and_is_trimmed(void **state)
{
    (void)state;
    struct ogg_opus *stream = ogg_opus_new(SERIAL, PRESKIP, 48000, NULL, NULL);
    struct ogg *ogg = ogg_start();
    append(ogg, ogg_opus_head(stream));
    assert_int_equal(ogg_opus_add(stream, (const uint8_t *)"abc", 3, FRAMES, false, 0), STATUS_OK);
    assert_int_equal(ogg_opus_add(stream, (const uint8_t *)"de", 2, FRAMES, true, 100), STATUS_OK);
    struct buffer *pages = ogg_opus_take(stream);
    append(ogg, pages);
    buffer_unref(pages);
    ogg_load(ogg);
    ogg_page page;
    while (next_page(ogg, &page) && !ogg_page_eos(&page)) {
    }
    assert_true(ogg_page_eos(&page));
    assert_int_equal(ogg_page_granulepos(&page), 2 * FRAMES - 100);
    ogg_opus_free(stream);
    ogg_opus_free(NULL);
    ogg_end(ogg);
}

static void test_a_long_title_is_cut(void **state)
{
    (void)state;
    char title[1000];
    memset(title, 't', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    struct ogg_opus *stream = ogg_opus_new(SERIAL, PRESKIP, 48000, title, title);
    assert_non_null(stream);
    assert_true(ogg_opus_head(stream)->size < 512);
    ogg_opus_free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_listener_from_the_start_gets_a_whole_stream),
        cmocka_unit_test(test_a_flipped_bit_fails_the_checksum),
        cmocka_unit_test(test_opusinfo_finds_nothing_wrong),
        cmocka_unit_test(test_one_who_joins_later_hears_it_all),
        cmocka_unit_test(test_the_last_packet_ends_the_stream_and_is_trimmed),
        cmocka_unit_test(test_a_long_title_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
