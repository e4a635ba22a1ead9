// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/input.h"

#include "music/midi_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MIB_MAX = 256, FIRST_SIZE = 65536 };

static const size_t INPUT_BYTES_MAX = (size_t)SIZE_MIB_MAX << 20;

struct bytes {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

static const char *shown(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static enum status grow(struct bytes *bytes)
{
    const size_t capacity = bytes->capacity ? 2 * bytes->capacity : FIRST_SIZE;
    uint8_t *data = realloc(bytes->data, capacity);
    if (!data) {
        return STATUS_NO_MEMORY;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return STATUS_OK;
}

// A pipe does not say how much will come, so a file is not asked either.
static enum status read_all(FILE *file, const char *path, struct bytes *bytes, struct complaint *complaint)
{
    size_t count = 0;
    do {
        if (bytes->size > INPUT_BYTES_MAX) {
            return complain(complaint, STATUS_FULL, "%.200s has more than the %d MiB of a MIDI file", shown(path),
                            SIZE_MIB_MAX);
        }
        if (bytes->size == bytes->capacity && grow(bytes) != STATUS_OK) {
            return complain(complaint, STATUS_NO_MEMORY, "out of memory");
        }
        errno = 0;
        count = fread(bytes->data + bytes->size, 1, bytes->capacity - bytes->size, file);
        bytes->size += count;
    } while (count > 0);
    if (ferror(file)) {
        return complain(complaint, STATUS_IO, "%.200s cannot be read: %s", shown(path), strerror(errno));
    }
    return bytes->size > 0 ? STATUS_OK : complain(complaint, STATUS_CORRUPT, "%.200s is empty", shown(path));
}

static enum status read_path(const char *path, struct bytes *bytes, struct complaint *complaint)
{
    if (strcmp(path, "-") == 0) {
        return read_all(stdin, path, bytes, complaint);
    }
    FILE *file = fopen(path, "rb");
    if (!file) {
        return complain(complaint, STATUS_IO, "%.200s cannot be opened: %s", path, strerror(errno));
    }
    const enum status status = read_all(file, path, bytes, complaint);
    (void)fclose(file);
    return status;
}

enum status input_read_midi(const char *path, struct score *score, bool *cut_short, struct complaint *complaint)
{
    struct bytes bytes = {0};
    struct complaint why = {""};
    enum status status = read_path(path, &bytes, complaint);
    if (status == STATUS_OK) {
        status = midi_file_read(bytes.data, bytes.size, score, &why);
        if (status != STATUS_OK) {
            (void)complain(complaint, status, "%.100s: %.200s", shown(path), why.text);
        } else if (cut_short) {
            *cut_short = midi_file_cut_short(bytes.data, bytes.size);
        }
    }
    free(bytes.data);
    return status;
}
