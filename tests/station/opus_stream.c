// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/opus_stream.h"

#include <math.h>
#include <opus/opus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SECONDS = 4, DECODED_MAX = (SECONDS + 1) * OPUS_STREAM_RATE };

static struct opus_stream *stream_new(double rate, int bitrate)
{
    struct opus_stream *stream = NULL;
    struct complaint complaint = {""};
    if (opus_stream_new(rate, bitrate, &stream, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return stream;
}

// Tones without a common period, so that only one delay fits; the right side has them softer.
static float tones(double seconds)
{
    return (float)(0.2 * sin(2 * M_PI * 440 * seconds) + 0.2 * sin(2 * M_PI * 997 * seconds) +
                   0.1 * sin(2 * M_PI * 3203 * seconds));
}

static float decoded[DECODED_MAX * 2];

static size_t decode(OpusDecoder *decoder, struct opus_stream *stream, size_t frames)
{
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    size_t size = 0;
    while ((size = opus_stream_read(stream, packet)) > 0) {
        assert_true(frames + OPUS_STREAM_PACKET_FRAMES <= DECODED_MAX);
        const int got =
            opus_decode_float(decoder, packet, (opus_int32)size, decoded + 2 * frames, OPUS_STREAM_PACKET_FRAMES, 0);
        assert_int_equal(got, OPUS_STREAM_PACKET_FRAMES);
        frames += (size_t)got;
    }
    return frames;
}

static size_t encode_and_decode(double rate)
{
    int error = OPUS_OK;
    OpusDecoder *decoder = opus_decoder_create(OPUS_STREAM_RATE, OPUS_STREAM_CHANNELS, &error);
    assert_non_null(decoder);
    struct opus_stream *stream = stream_new(rate, 128000);
    const int preskip = opus_stream_preskip(stream);
    assert_in_range(preskip, 1, OPUS_STREAM_PACKET_FRAMES);
    const size_t block = (size_t)(rate / 50);
    float samples[2 * 1920];
    size_t frames = 0;
    for (size_t i = 0; i < (size_t)((double)SECONDS * rate); i++) {
        samples[2 * (i % block)] = tones((double)i / rate);
        samples[2 * (i % block) + 1] = 0.5F * samples[2 * (i % block)];
        if (i % block == block - 1) {
            assert_int_equal(opus_stream_write(stream, samples, block), STATUS_OK);
            frames = decode(decoder, stream, frames);
        }
    }
    opus_decoder_destroy(decoder);
    opus_stream_free(stream);
    memmove(decoded, decoded + (size_t)2 * (size_t)preskip, (frames - (size_t)preskip) * 2 * sizeof decoded[0]);
    return frames - (size_t)preskip;
}

enum { FROM = OPUS_STREAM_RATE, WINDOW = OPUS_STREAM_RATE / 2, DELAY_MAX = 480 };

// How far above its error the decoded sound is, in dB, if it is \p delay frames late.
static double snr_at(const float *original, int delay)
{
    double signal = 0;
    double noise = 0;
    for (size_t i = 0; i < WINDOW; i++) {
        for (size_t side = 0; side < 2; side++) {
            const double wanted = original[(ptrdiff_t)i + DELAY_MAX - delay] * (side ? 0.5 : 1.0);
            const double error = decoded[2 * (FROM + i) + side] - wanted;
            signal += wanted * wanted;
            noise += error * error;
        }
    }
    return 10 * log10(signal / noise);
}

static void expect_the_music_in_place(double rate)
{
    static float original[WINDOW + 2 * DELAY_MAX];
    assert_true(encode_and_decode(rate) > (size_t)SECONDS * OPUS_STREAM_RATE - OPUS_STREAM_RATE / 10);
    for (int i = 0; i < WINDOW + 2 * DELAY_MAX; i++) {
        original[i] = tones((double)(FROM + i - DELAY_MAX) / (double)OPUS_STREAM_RATE);
    }
    int best = 0;
    double best_snr = -1000;
    for (int delay = -DELAY_MAX; delay <= DELAY_MAX; delay++) {
        const double snr = snr_at(original, delay);
        best = snr > best_snr ? delay : best;
        best_snr = fmax(snr, best_snr);
    }
    assert_int_equal(best, 0);
    assert_true(best_snr > 20);
}

static void test_48000_comes_back_in_place(void **state)
{
    (void)state;
    expect_the_music_in_place(48000);
}

static void test_44100_comes_back_in_place(void **state)
{
    (void)state;
    expect_the_music_in_place(44100);
}

static void count_packets_of_ten_minutes(double rate)
{
    struct opus_stream *stream = stream_new(rate, 6000);
    const size_t block = (size_t)(rate / 50);
    static float silence[2 * 1920];
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    long packets = 0;
    for (long blocks = 1; blocks <= 10L * 60 * 50; blocks++) {
        assert_int_equal(opus_stream_write(stream, silence, block), STATUS_OK);
        while (opus_stream_read(stream, packet) > 0) {
            packets++;
        }
        // What the resampler holds back is less than two packets, at the start as at the end.
        assert_in_range(packets, blocks - 2 > 0 ? blocks - 2 : 0, blocks);
    }
    opus_stream_free(stream);
}

static void test_ten_minutes_do_not_drift(void **state)
{
    (void)state;
    count_packets_of_ten_minutes(44100);
    count_packets_of_ten_minutes(48000);
}

static void test_refuses_what_is_out_of_range(void **state)
{
    (void)state;
    static const double rates[] = {0, -48000, 7999, 192001, NAN, INFINITY};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct opus_stream *stream = NULL;
        struct complaint complaint = {""};
        assert_int_equal(opus_stream_new(rates[i], 96000, &stream, &complaint), STATUS_RANGE);
        assert_null(stream);
        assert_non_null(strstr(complaint.text, "8000"));
    }
    static const int bitrates[] = {0, -1, 5999, 510001};
    for (size_t i = 0; i < sizeof bitrates / sizeof *bitrates; i++) {
        struct opus_stream *stream = NULL;
        struct complaint complaint = {""};
        assert_int_equal(opus_stream_new(48000, bitrates[i], &stream, &complaint), STATUS_RANGE);
        assert_non_null(strstr(complaint.text, "510000"));
    }
    opus_stream_free(stream_new(8000, 6000));
    opus_stream_free(stream_new(192000, 510000));
    opus_stream_free(NULL);
}

static void test_is_full_when_nobody_reads(void **state)
{
    (void)state;
    static const double rates[] = {48000, 44100};
    static float silence[2 * 960];
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    for (size_t i = 0; i < 2; i++) {
        struct opus_stream *stream = stream_new(rates[i], 96000);
        assert_int_equal(opus_stream_read(stream, packet), 0);
        const size_t block = (size_t)(rates[i] / 50);
        int written = 0;
        while (opus_stream_write(stream, silence, block) == STATUS_OK) {
            assert_true(++written < 100);
        }
        assert_in_range(written, 25, 30);
        int packets = 0;
        while (opus_stream_read(stream, packet) > 0) {
            packets++;
        }
        assert_in_range(packets, 24, 25);
        assert_int_equal(opus_stream_write(stream, silence, block), STATUS_OK);
        opus_stream_free(stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_48000_comes_back_in_place), cmocka_unit_test(test_44100_comes_back_in_place),
        cmocka_unit_test(test_ten_minutes_do_not_drift),  cmocka_unit_test(test_refuses_what_is_out_of_range),
        cmocka_unit_test(test_is_full_when_nobody_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
