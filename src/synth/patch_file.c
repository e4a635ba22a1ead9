// SPDX-License-Identifier: GPL-3.0-or-later
// Finds a patch by its name: a file, or one that the build put into the program.
#include "synth/patch_file.h"

#include "core/embed.h"
#include "core/nearest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern const struct embed patch_files[];

static const char ENDING[] = ".yaml";

bool patch_file_shipped(size_t index, char name[PATCH_FILE_NAME_SIZE])
{
    size_t i = 0;
    while (i < index && patch_files[i].name) {
        i++;
    }
    if (!patch_files[i].name) {
        return false;
    }
    const size_t length = strlen(patch_files[i].name) - strlen(ENDING);
    (void)snprintf(name, PATCH_FILE_NAME_SIZE, "%.*s", (int)length, patch_files[i].name);
    return true;
}

/// The patch that ships as \p name, with or without its ending, or NULL.
static const struct embed *find_shipped(const char *name)
{
    char file[PATCH_FILE_NAME_SIZE + sizeof ENDING];
    const struct embed *found = embed_find(patch_files, name);
    if (!found && strlen(name) < PATCH_FILE_NAME_SIZE) {
        (void)snprintf(file, sizeof file, "%s%s", name, ENDING);
        found = embed_find(patch_files, file);
    }
    return found;
}

static enum status refuse_name(const char *path, struct complaint *complaint)
{
    enum { MOST = 64 };
    char names[MOST][PATCH_FILE_NAME_SIZE];
    char all[COMPLAINT_SIZE] = "";
    size_t count = 0;
    size_t used = 0;
    while (count < MOST && patch_file_shipped(count, names[count])) {
        const int length = snprintf(all + used, sizeof all - used, "%s%s", count > 0 ? ", " : "", names[count]);
        used = used + (size_t)length < sizeof all ? used + (size_t)length : sizeof all - 1;
        count++;
    }
    const char *pointers[MOST];
    for (size_t i = 0; i < count; i++) {
        pointers[i] = names[i];
    }
    const char *meant = name_nearest(path, pointers, count, sizeof *pointers);
    if (meant) {
        return complain(complaint, STATUS_IO, "there is no patch %.60s: did you mean %s? There are %s", path, meant,
                        all);
    }
    return complain(complaint, STATUS_IO, "there is no patch %.60s: give a file, or one of %s", path, all);
}

/// All of \p stream up to one byte more than a patch may have.
static enum status read_stream(FILE *stream, const char *path, char **text, size_t *size, struct complaint *complaint)
{
    char *bytes = malloc(PATCH_FILE_MAX + 1);
    if (!bytes) {
        return complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", path, status_text(STATUS_NO_MEMORY));
    }
    *size = fread(bytes, 1, PATCH_FILE_MAX + 1, stream);
    if (ferror(stream)) {
        free(bytes);
        return complain(complaint, STATUS_IO, "%.80s: %s", path, strerror(errno));
    }
    *text = bytes;
    return STATUS_OK;
}

/// The folder of \p path, absolute. False where it cannot be had.
static bool folder_of(const char *path, char folder[PATH_MAX])
{
    char *whole = realpath(path, NULL);
    char *slash = whole ? strrchr(whole, '/') : NULL;
    if (slash) {
        *slash = '\0';
        (void)snprintf(folder, PATH_MAX, "%s", whole);
    }
    free(whole);
    return slash;
}

static enum status load_stream(FILE *stream, const char *path, struct patch **out, struct complaint *complaint)
{
    char *text = NULL;
    size_t size = 0;
    char folder[PATH_MAX];
    const bool has_folder = folder_of(path, folder);
    enum status status = read_stream(stream, path, &text, &size, complaint);
    if (status == STATUS_OK) {
        status = patch_file_parse(text, size, path, has_folder ? folder : NULL, out, complaint);
        free(text);
    }
    return status;
}

enum status patch_file_load(const char *path, struct patch **out, struct complaint *complaint)
{
    *out = NULL;
    const struct embed *shipped = strchr(path, '/') ? NULL : find_shipped(path);
    struct stat kind;
    if (stat(path, &kind) == 0) {
        // Not opened before it is known to be a file: a pipe would wait for its writer.
        errno = S_ISDIR(kind.st_mode) ? EISDIR : EINVAL;
        FILE *stream = S_ISREG(kind.st_mode) ? fopen(path, "rbe") : NULL;
        if (stream) {
            const enum status status = load_stream(stream, path, out, complaint);
            (void)fclose(stream);
            return status;
        }
        if (!shipped) {
            return complain(complaint, STATUS_IO, "%.80s: %s", path, strerror(errno));
        }
    }
    if (shipped) {
        return patch_file_parse((const char *)shipped->bytes, embed_size(shipped), shipped->name, NULL, out, complaint);
    }
    return errno == ENOENT || errno == ENOTDIR ? refuse_name(path, complaint)
                                               : complain(complaint, STATUS_IO, "%.80s: %s", path, strerror(errno));
}
