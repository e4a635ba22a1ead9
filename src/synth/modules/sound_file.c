// SPDX-License-Identifier: GPL-3.0-or-later
// The header of a file may claim anything, so it is believed only for how much memory to take, within the limit; what
// counts is how many frames come.
#include "synth/modules/sound_file.h"

#include <math.h>
#include <sndfile.h>
#include <stdlib.h>

enum { PIECE = 4096 };

static void take_piece(struct sound_file *file, const float *piece, uint32_t count, int channels)
{
    for (uint32_t c = 0; c < file->channels; c++) {
        float *out = file->samples[c] + file->frames;
        for (uint32_t i = 0; i < count; i++) {
            const float x = piece[i * (size_t)channels + c];
            // What is not finite, or as good as that, would stay in every filter behind.
            out[i] = fabsf(x) <= 1e6F ? x : 0;
        }
    }
    file->frames += count;
}

static enum status read_all(SNDFILE *sound, const SF_INFO *info, struct sound_file *file)
{
    float *piece = malloc(sizeof(float) * PIECE * (size_t)info->channels);
    if (!piece) {
        return STATUS_NO_MEMORY;
    }
    const uint32_t room = (uint32_t)info->frames;
    while (file->frames < room) {
        const uint32_t wanted = room - file->frames < PIECE ? room - file->frames : PIECE;
        const sf_count_t count = sf_readf_float(sound, piece, wanted);
        if (count <= 0) {
            break;
        }
        take_piece(file, piece, (uint32_t)count, info->channels);
    }
    free(piece);
    return file->frames ? STATUS_OK : STATUS_UNSUPPORTED;
}

static enum status read_open(SNDFILE *sound, const SF_INFO *info, struct sound_file *file)
{
    const uint32_t channels = info->channels < SOUND_FILE_CHANNELS ? (uint32_t)info->channels : SOUND_FILE_CHANNELS;
    const size_t stride = (size_t)info->frames + 2 * SOUND_FILE_PAD;
    *file = (struct sound_file){.channels = channels, .rate = info->samplerate};
    file->memory = calloc(stride * channels, sizeof(float));
    if (!file->memory) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t c = 0; c < SOUND_FILE_CHANNELS; c++) {
        file->samples[c] = file->memory + SOUND_FILE_PAD + (c < channels ? c : 0) * stride;
    }
    const enum status status = read_all(sound, info, file);
    if (status) {
        free(file->memory);
        file->memory = NULL;
    }
    return status;
}

enum status sound_file_read(const char *path, const char *shown, struct sound_file *out, struct complaint *complaint)
{
    SF_INFO info = {0};
    SNDFILE *sound = sf_open(path, SFM_READ, &info);
    if (!sound) {
        return complain(complaint, sf_error(NULL) == SF_ERR_SYSTEM ? STATUS_IO : STATUS_UNSUPPORTED,
                        "cannot read the sound \"%s\": %s", shown, sf_strerror(NULL));
    }
    enum status status = STATUS_UNSUPPORTED;
    const sf_count_t most =
        ((sf_count_t)SOUND_FILE_MEMORY_MB << 20) / (SOUND_FILE_CHANNELS * (sf_count_t)sizeof(float));
    if (info.frames > most) {
        status = complain(complaint, STATUS_FULL, "the sound \"%s\" is too long: at most %d MB decoded, %lld frames",
                          shown, SOUND_FILE_MEMORY_MB, (long long)most);
    } else if (info.frames < 1 || info.channels < 1 || info.samplerate < 1) {
        status = complain(complaint, STATUS_UNSUPPORTED, "the sound \"%s\" is empty", shown);
    } else {
        status = read_open(sound, &info, out);
        if (status) {
            status = complain(complaint, status, "cannot read the sound \"%s\": %s", shown,
                              status == STATUS_NO_MEMORY ? status_text(status) : "nothing in it can be decoded");
        }
    }
    sf_close(sound);
    return status;
}
