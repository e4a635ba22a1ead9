// SPDX-License-Identifier: GPL-3.0-or-later
// WAV and FLAC are libsndfile's work, which must seek back to complete their headers: for standard output they are
// written to an unnamed temporary file that is copied at the end. Ogg Opus goes straight out, page by page, so that it
// can be played while it is made. A file that cannot be completed is removed rather than left behind broken; a device
// or a named pipe is not ours to remove.
#include "cmd/output.h"

#include "station/ogg_opus.h"
#include "station/opus_stream.h"
#include "synth/samples.h"

#include <errno.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANNELS = 2, PACKET = OPUS_STREAM_PACKET_FRAMES, HEADER_MAX = 4096 };

struct output {
    const char *path;
    FILE *file; ///< where bytes go: the file itself, standard output, or the temporary one
    bool standard;
    bool plain; ///< a file on a disk
    bool failed;
    uint32_t rate;
    SNDFILE *sound;           ///< WAV and FLAC
    struct opus_stream *opus; ///< Ogg
    struct ogg_opus *ogg;
    uint64_t frames; ///< written
    uint64_t packets;
};

static const struct {
    const char *name;
    enum output_format format;
} names[] = {{"wav", OUTPUT_WAV},  {"flac", OUTPUT_FLAC}, {"ogg", OUTPUT_OGG},
             {"opus", OUTPUT_OGG}, {"mid", OUTPUT_MIDI},  {"midi", OUTPUT_MIDI}};

enum status output_format_of(const char *path, const char *name, enum output_format *format,
                             struct complaint *complaint)
{
    const char *dot = strrchr(path, '.');
    const char *wanted = name ? name : strcmp(path, "-") == 0 ? "wav" : dot ? dot + 1 : "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(wanted, names[i].name) == 0) {
            *format = names[i].format;
            return STATUS_OK;
        }
    }
    if (name) {
        return complain(complaint, STATUS_UNKNOWN, "--format %.60s: give wav, flac, ogg or mid", name);
    }
    return complain(complaint, STATUS_UNKNOWN,
                    "%.100s: give a name that ends with .wav, .flac, .ogg or .mid, or --format", path);
}

static enum status refuse(struct output *output, const char *what, struct complaint *complaint)
{
    output->failed = true;
    return complain(complaint, STATUS_IO, "%.100s: %s: %s", output->path, what, strerror(errno));
}

// libsndfile has its own word for what went wrong, and for a full disk it can be a misleading one.
static enum status refuse_sound(struct output *output, const char *reason, struct complaint *complaint)
{
    output->failed = true;
    return complain(complaint, STATUS_IO, "%.100s: cannot be written: %s", output->path,
                    errno ? strerror(errno) : reason);
}

static enum status put(struct output *output, const void *bytes, size_t size, struct complaint *complaint)
{
    return fwrite(bytes, 1, size, output->file) == size ? STATUS_OK : refuse(output, "cannot be written", complaint);
}

static enum status put_pages(struct output *output, struct complaint *complaint)
{
    struct buffer *pages = ogg_opus_take(output->ogg);
    const enum status status = pages ? put(output, pages->bytes, pages->size, complaint) : STATUS_OK;
    buffer_unref(pages);
    return status;
}

static enum status open_ogg(struct output *output, const struct output_options *options, struct complaint *complaint)
{
    const enum status status = opus_stream_new(options->rate, options->bitrate, &output->opus, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    output->ogg = ogg_opus_new(options->serial, opus_stream_preskip(output->opus), options->rate, options->title,
                               options->comment);
    if (!output->ogg) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const struct buffer *head = ogg_opus_head(output->ogg);
    return put(output, head->bytes, head->size, complaint);
}

static enum status open_sound(struct output *output, const struct output_options *options, struct complaint *complaint)
{
    SF_INFO info = {.samplerate = (int)options->rate, .channels = CHANNELS};
    // A WAV file counts its bytes in 32 bits; RF64 (EBU Tech 3306) is the same beyond that.
    const bool long_wav = options->frames > (UINT32_MAX - HEADER_MAX) / (unsigned)(options->bits / 8 * CHANNELS);
    info.format = options->format == OUTPUT_FLAC ? SF_FORMAT_FLAC : long_wav ? SF_FORMAT_RF64 : SF_FORMAT_WAV;
    info.format |= options->bits == 24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16;
    errno = 0;
    output->sound = sf_open_fd(fileno(output->file), SFM_WRITE, &info, SF_FALSE);
    if (!output->sound) {
        return refuse_sound(output, sf_strerror(NULL), complaint);
    }
    (void)sf_command(output->sound, SFC_SET_CLIPPING, NULL, SF_TRUE);
    if (options->title) {
        (void)sf_set_string(output->sound, SF_STR_TITLE, options->title);
    }
    if (options->comment) {
        (void)sf_set_string(output->sound, SF_STR_ARTIST, "Tutti");
        (void)sf_set_string(output->sound, SF_STR_COMMENT, options->comment);
    }
    return STATUS_OK;
}

static bool is_plain(FILE *file)
{
    struct stat kind;
    return fstat(fileno(file), &kind) == 0 && S_ISREG(kind.st_mode);
}

static void destroy(struct output *output)
{
    if (output->sound) {
        (void)sf_close(output->sound);
    }
    ogg_opus_free(output->ogg);
    opus_stream_free(output->opus);
    if (output->file && output->file != stdout) {
        (void)fclose(output->file);
    }
    if (output->failed && output->plain && !output->standard) {
        (void)unlink(output->path);
    }
    free(output);
}

enum status output_new(const struct output_options *options, struct output **out, struct complaint *complaint)
{
    struct output *output = calloc(1, sizeof *output);
    if (!output) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    output->path = options->path;
    output->rate = options->rate;
    output->standard = strcmp(options->path, "-") == 0;
    const bool straight = options->format == OUTPUT_OGG;
    output->file = !output->standard ? fopen(options->path, "w+b") : straight ? stdout : tmpfile();
    enum status status = output->file ? STATUS_OK : refuse(output, "cannot be opened", complaint);
    if (status == STATUS_OK) {
        output->plain = is_plain(output->file);
        status = straight ? open_ogg(output, options, complaint) : open_sound(output, options, complaint);
        output->failed = status != STATUS_OK;
    }
    if (status != STATUS_OK) {
        destroy(output);
        return status;
    }
    *out = output;
    return STATUS_OK;
}

static enum status drain_packets(struct output *output, struct complaint *complaint)
{
    uint8_t packet[OPUS_STREAM_PACKET_MAX];
    size_t size = 0;
    while ((size = opus_stream_read(output->opus, packet)) > 0) {
        if (ogg_opus_add(output->ogg, packet, size, PACKET, false, 0) != STATUS_OK) {
            return complain(complaint, STATUS_NO_MEMORY, "out of memory");
        }
        output->packets++;
        // Ten packets a page keep the overhead under one percent.
        if (output->packets % 10 == 0) {
            const enum status status = put_pages(output, complaint);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static enum status write_opus(struct output *output, const float *samples, size_t frames, struct complaint *complaint)
{
    while (frames > 0) {
        const size_t block = frames < PACKET ? frames : PACKET;
        if (opus_stream_write(output->opus, samples, block) != STATUS_OK) {
            return complain(complaint, STATUS_FULL, "the encoder does not keep up");
        }
        const enum status status = drain_packets(output, complaint);
        if (status != STATUS_OK) {
            return status;
        }
        samples += block * CHANNELS;
        frames -= block;
    }
    return STATUS_OK;
}

enum status output_write(struct output *output, const float *samples, size_t frames, struct complaint *complaint)
{
    output->frames += frames;
    enum status status = STATUS_OK;
    errno = 0;
    if (output->opus) {
        status = write_opus(output, samples, frames, complaint);
    } else if (sf_writef_float(output->sound, samples, (sf_count_t)frames) != (sf_count_t)frames) {
        status = refuse_sound(output, sf_strerror(output->sound), complaint);
    }
    output->failed = output->failed || status != STATUS_OK;
    return status;
}

// The decoder drops the pre-skip at the start, so as much must follow the last frame; what fills up the last packet is
// trimmed by the last page's position.
static enum status end_opus(struct output *output, struct complaint *complaint)
{
    static const float silence[PACKET * CHANNELS];
    const uint64_t wanted = (output->frames * OPUS_STREAM_RATE + output->rate - 1) / output->rate +
                            (uint64_t)opus_stream_preskip(output->opus);
    for (bool last = false; !last;) {
        uint8_t packet[OPUS_STREAM_PACKET_MAX];
        const size_t size = opus_stream_read(output->opus, packet);
        if (size == 0) {
            if (opus_stream_write(output->opus, silence, PACKET) != STATUS_OK) {
                return complain(complaint, STATUS_FULL, "the encoder does not keep up");
            }
            continue;
        }
        const uint64_t end = (output->packets + 1) * PACKET;
        last = end >= wanted;
        if (ogg_opus_add(output->ogg, packet, size, PACKET, last, last ? (int)(end - wanted) : 0) != STATUS_OK) {
            return complain(complaint, STATUS_NO_MEMORY, "out of memory");
        }
        output->packets++;
    }
    return put_pages(output, complaint);
}

static enum status copy_to_stdout(struct output *output, struct complaint *complaint)
{
    char block[65536];
    size_t size = 0;
    rewind(output->file);
    while ((size = fread(block, 1, sizeof block, output->file)) > 0) {
        if (fwrite(block, 1, size, stdout) != size) {
            return refuse(output, "cannot be written", complaint);
        }
    }
    return ferror(output->file) ? refuse(output, "cannot be read back", complaint) : STATUS_OK;
}

static enum status finish(struct output *output, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    if (output->opus) {
        status = end_opus(output, complaint);
    } else {
        errno = 0;
        const int error = sf_close(output->sound);
        output->sound = NULL;
        if (error) {
            status = refuse_sound(output, sf_error_number(error), complaint);
        } else if (output->standard) {
            status = copy_to_stdout(output, complaint);
        }
    }
    FILE *last = output->standard ? stdout : output->file;
    if (status == STATUS_OK && fflush(last) != 0) {
        status = refuse(output, "cannot be written", complaint);
    }
    return status;
}

void output_abandon(struct output *output)
{
    output->failed = true;
    destroy(output);
}

enum status output_close(struct output *output, struct complaint *complaint)
{
    enum status status = output->failed ? STATUS_IO : finish(output, complaint);
    output->failed = status != STATUS_OK;
    destroy(output);
    return status;
}

enum status output_write_file(const char *path, const void *bytes, size_t size, struct complaint *complaint)
{
    const bool standard = strcmp(path, "-") == 0;
    struct output output = {.path = path, .standard = standard, .file = standard ? stdout : fopen(path, "wb")};
    if (!output.file) {
        return refuse(&output, "cannot be opened", complaint);
    }
    output.plain = is_plain(output.file);
    enum status status = put(&output, bytes, size, complaint);
    const int error = standard ? fflush(stdout) : fclose(output.file);
    if (status == STATUS_OK && error != 0) {
        status = refuse(&output, "cannot be written", complaint);
    }
    if (status != STATUS_OK && output.plain && !standard) {
        (void)unlink(path);
    }
    return status;
}
