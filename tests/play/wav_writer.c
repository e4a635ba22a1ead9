// SPDX-License-Identifier: GPL-3.0-or-later
// Heads of WAV files, and what is larger than RIFF can say: with its limit lowered, and with a file of 5 GB that has
// nothing in it.
#include "recording.h"

#include "play/wav_header.h"
#include "play/writer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void the_head_is_what_the_standard_says(void **state)
{
    (void)state;
    static const uint8_t expected[] = {
        'R',  'I',  'F', 'F', 92,  0,    0,   0,                       // 80 - 8 + 5 frames of 4 bytes
        'W',  'A',  'V', 'E', 'J', 'U',  'N', 'K', 28, 0, 0,  0,       //
        0,    0,    0,   0,   0,   0,    0,   0,   0,  0, 0,  0, 0, 0, //
        0,    0,    0,   0,   0,   0,    0,   0,   0,  0, 0,  0, 0, 0, //
        'f',  'm',  't', ' ', 16,  0,    0,   0,   1,  0, 2,  0,       //
        0x80, 0xBB, 0,   0,   0,   0xEE, 2,   0,   4,  0, 16, 0,       // 48000, 192000
        'd',  'a',  't', 'a', 20,  0,    0,   0,
    };
    const struct writer_format format = {.rate = 48000, .channels = 2, .bits = RECORDER_16};
    uint8_t bytes[WAV_HEADER_MAX];
    assert_int_equal(wav_header(&format, 5, bytes), sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
}

static void the_head_has_one_size_and_fits_for_all_formats(void **state)
{
    (void)state;
    for (uint32_t channels = 1; channels <= WRITER_CHANNELS_MAX; channels++) {
        for (enum recorder_bits bits = RECORDER_16; bits <= RECORDER_FLOAT; bits++) {
            const struct writer_format format = {.rate = 768000, .channels = channels, .bits = bits};
            uint8_t bytes[WAV_HEADER_MAX];
            const size_t size = wav_header(&format, 0, bytes);
            assert_in_range(size, 80, WAV_HEADER_MAX);
            assert_int_equal(size % 2, 0);
            assert_int_equal(wav_header(&format, UINT64_C(1) << 40, bytes), size);
        }
    }
}

static struct spool open_spool(const char *path)
{
    struct spool spool;
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(spool_open(&spool, file, WRITER_ROOM, NULL), STATUS_OK);
    return spool;
}

static void *begin_wav(const struct writer_format *format, struct spool *spool)
{
    void *writer = NULL;
    assert_int_equal(wav_writer_ops.check(format, NULL), STATUS_OK);
    assert_int_equal(wav_writer_ops.begin(format, spool, &writer, NULL), STATUS_OK);
    assert_non_null(writer);
    return writer;
}

/// Writes the frames from \p frame to before \p end.
static void write_frames(void *writer, uint32_t channels, uint64_t frame, uint64_t end)
{
    float frames[WRITER_CHANNELS_MAX];
    for (; frame < end; frame++) {
        for (uint32_t channel = 0; channel < channels; channel++) {
            frames[channel] = recording_sample(frame, channel);
        }
        assert_true(wav_writer_ops.write(writer, frames, 1));
    }
}

/// Reads the file, which has \p frames right frames, as libsndfile's format \p format.
static void check_file(const char *path, int format, uint64_t frames)
{
    SF_INFO info;
    float *samples = recording_read(path, &info);
    assert_int_equal(info.format & SF_FORMAT_TYPEMASK, format);
    assert_int_equal(info.frames, frames);
    assert_int_equal(recording_count_silent(samples, &info), 0);
    free(samples);
}

static void becomes_rf64_when_it_outgrows_riff(void **state)
{
    struct recording *recording = *state;
    const struct writer_format format = {.rate = 48000, .channels = 2, .bits = RECORDER_FLOAT, .riff_max = 40000};
    struct spool spool = open_spool(recording->path);
    void *writer = begin_wav(&format, &spool);
    write_frames(writer, 2, 0, 4900);
    wav_writer_ops.keep(writer);
    check_file(recording->path, SF_FORMAT_WAV, 4900);
    write_frames(writer, 2, 4900, 10001);
    // Until the head is brought up to date it tells of what was there before.
    check_file(recording->path, SF_FORMAT_WAV, 4900);
    wav_writer_ops.keep(writer);
    check_file(recording->path, SF_FORMAT_RF64, 10001);
    write_frames(writer, 2, 10001, 12000);
    wav_writer_ops.finish(writer);
    assert_true(spool_close(&spool));
    check_file(recording->path, SF_FORMAT_RF64, 12000);
}

static void is_valid_whenever_it_is_kept(void **state)
{
    struct recording *recording = *state;
    const struct writer_format format = {.rate = 48000, .channels = 1, .bits = RECORDER_FLOAT};
    struct spool spool = open_spool(recording->path);
    void *writer = begin_wav(&format, &spool);
    check_file(recording->path, SF_FORMAT_WAV, 0);
    for (uint64_t frame = 0; frame < 3000; frame += 300) {
        write_frames(writer, 1, frame, frame + 300);
        wav_writer_ops.keep(writer);
        check_file(recording->path, SF_FORMAT_WAV, frame + 300);
    }
    wav_writer_ops.finish(writer);
    assert_true(spool_close(&spool));
}

static void an_odd_file_is_made_even(void **state)
{
    struct recording *recording = *state;
    const struct writer_format format = {.rate = 48000, .channels = 1, .bits = RECORDER_24};
    struct spool spool = open_spool(recording->path);
    void *writer = begin_wav(&format, &spool);
    write_frames(writer, 1, 0, 101);
    wav_writer_ops.finish(writer);
    struct stat stat_of;
    assert_int_equal(stat(recording->path, &stat_of), 0);
    assert_int_equal(stat_of.st_size % 2, 0);
    assert_true(spool_close(&spool));
    check_file(recording->path, SF_FORMAT_WAVEX, 101);
}

static void five_gigabytes_are_read_to_their_last_frame(void **state)
{
    struct recording *recording = *state;
    const struct writer_format format = {.rate = 96000, .channels = 2, .bits = RECORDER_24};
    const uint64_t frames = UINT64_C(5000000000) / 6;
    uint8_t header[WAV_HEADER_MAX];
    const size_t size = wav_header(&format, frames, header);
    const uint8_t last[6] = {0, 0, 0x40, 0, 0, 0xC0}; // 0.5, -0.5
    const int fd = open(recording->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, header, size, 0), size);
    if (pwrite(fd, last, sizeof last, (off_t)(size + (frames - 1) * sizeof last)) != sizeof last) {
        (void)close(fd);
        skip(); // the system has no files of that size
    }
    assert_int_equal(close(fd), 0);
    SF_INFO info = {0};
    SNDFILE *file = sf_open(recording->path, SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.format, SF_FORMAT_RF64 | SF_FORMAT_PCM_24);
    assert_true((uint64_t)info.frames == frames);
    assert_true(sf_seek(file, info.frames - 1, SEEK_SET) == info.frames - 1);
    float read[2] = {0};
    assert_int_equal(sf_readf_float(file, read, 2), 1);
    assert_true(read[0] == 0.5F && read[1] == -0.5F);
    assert_int_equal(sf_close(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_is_what_the_standard_says),
        cmocka_unit_test(the_head_has_one_size_and_fits_for_all_formats),
        cmocka_unit_test_setup_teardown(becomes_rf64_when_it_outgrows_riff, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(is_valid_whenever_it_is_kept, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(an_odd_file_is_made_even, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(five_gigabytes_are_read_to_their_last_frame, recording_set_up,
                                        recording_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
