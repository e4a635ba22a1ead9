// SPDX-License-Identifier: GPL-3.0-or-later
// A patch as text: parameters that are at their standard are left out, numbers have as many digits as bring the same
// float back. The text is made in memory, written to a file beside the one that is meant, and moved there, so that
// nobody ever finds half of it.
#include "core/utf8.h"
#include "synth/patch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Whether YAML reads a character as it stands, in double quotes.
static bool is_plain(uint32_t code)
{
    const bool is_line_end = code == 0x2028 || code == 0x2029;
    return code >= ' ' && code != '"' && code != '\\' && (code < 0x7f || code >= 0xa0) && !is_line_end &&
           code != 0xfeff && code < 0xfffe;
}

/// A text in double quotes.
static void write_quoted(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (size_t left = strlen(text); left > 0;) {
        const struct utf8 c = utf8_next(text, left);
        if (is_plain(c.code) || c.size == 4) {
            (void)fwrite(text, 1, c.size, out);
        } else {
            (void)fprintf(out, "\\u%04x", c.code);
        }
        text += c.size;
        left -= c.size;
    }
    (void)fputc('"', out);
}

static bool is_utf8(const char *text)
{
    bool valid = true;
    for (size_t left = strlen(text); left > 0 && valid;) {
        const struct utf8 c = utf8_next(text, left);
        valid = c.valid;
        text += c.size;
        left -= c.size;
    }
    return valid;
}

/// A file may have any name; YAML holds only those that are text.
static enum status check_names(const struct patch *patch, struct complaint *complaint)
{
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        if (!is_utf8(module->file)) {
            return complain(complaint, STATUS_INVALID, "module \"%s\": the name of its file is not UTF-8: rename it",
                            module->id);
        }
    }
    return STATUS_OK;
}

static void write_number(FILE *out, float value)
{
    char text[32];
    int digits = 6;
    do {
        (void)snprintf(text, sizeof text, "%.*g", digits, (double)value);
        digits++;
    } while ((float)strtod(text, NULL) != value && digits <= 9);
    (void)fputs(text, out);
}

static size_t choice_count(const struct module_param *param)
{
    size_t count = 0;
    while (param->choices && param->choices[count]) {
        count++;
    }
    return count;
}

static void write_param(FILE *out, const struct module_param *param, float value)
{
    (void)fprintf(out, ", %s: ", param->name);
    const size_t index = value >= 0 ? (size_t)(value + 0.5F) : 0;
    if (index < choice_count(param)) {
        (void)fputs(param->choices[index], out);
    } else {
        write_number(out, value);
    }
}

/// The path of a file, short where it lies in or below \p folder.
static void write_file(FILE *out, const char *file, const char *folder)
{
    const size_t length = strlen(folder);
    // A second slash would make what is left look absolute.
    const bool is_below = length > 0 && strncmp(file, folder, length) == 0 && file[length] == '/' &&
                          file[length + 1] != '/' && file[length + 1] != '\0';
    (void)fputs(", file: ", out);
    write_quoted(out, is_below ? file + length + 1 : file);
}

static void write_module(FILE *out, const struct patch_module *module, const char *folder)
{
    (void)fprintf(out, "  %s: {type: %s", module->id, module->type->name);
    if (module->type->has_voices) {
        (void)fprintf(out, ", voices: %u", module->voices);
    }
    if (module->file[0]) {
        write_file(out, module->file, folder);
    }
    for (size_t i = 0; module->type->params && module->type->params[i].name; i++) {
        if (module->params[i] != module->type->params[i].standard) {
            write_param(out, &module->type->params[i], module->params[i]);
        }
    }
    (void)fputs("}\n", out);
}

static void write_cable(FILE *out, const struct patch *patch, const struct patch_cable *cable)
{
    const struct patch_module *from = patch_by_uid(patch, cable->from);
    const struct patch_module *to = patch_by_uid(patch, cable->to);
    (void)fprintf(out, "  - %s.%s -> %s.%s", from->id, from->type->outputs[cable->from_port].name, to->id,
                  to->type->inputs[cable->to_port].name);
    if (cable->gain != 1) {
        (void)fputs(" * ", out);
        write_number(out, cable->gain);
    }
    (void)fputc('\n', out);
}

static void write_text(FILE *out, const char *name, const char *text)
{
    if (text[0]) {
        (void)fprintf(out, "%s: ", name);
        write_quoted(out, text);
        (void)fputc('\n', out);
    }
}

static void write_patch(FILE *out, const struct patch *patch, const char *folder)
{
    write_text(out, "title", patch_title(patch));
    write_text(out, "about", patch_about(patch));
    const size_t modules = patch_module_count(patch);
    const size_t cables = patch_cable_count(patch);
    (void)fputs(modules > 0 ? "modules:\n" : "modules: {}\n", out);
    for (size_t i = 0; i < modules; i++) {
        write_module(out, patch_module_at(patch, i), folder);
    }
    (void)fputs(cables > 0 ? "cables:\n" : "", out);
    for (size_t i = 0; i < cables; i++) {
        write_cable(out, patch, patch_cable_at(patch, i));
    }
}

/// The folder that \p path is to be in, absolute; "" where it cannot be had.
static void folder_of(const char *path, char folder[PATH_MAX])
{
    char given[PATH_MAX];
    (void)snprintf(given, sizeof given, "%s", path);
    char *slash = strrchr(given, '/');
    if (slash) {
        *slash = '\0';
    }
    const char *parent = !slash ? "." : slash == given ? "/" : given;
    if (!realpath(parent, folder)) {
        folder[0] = '\0';
    }
}

static enum status refuse(const char *path, struct complaint *complaint)
{
    return complain(complaint, STATUS_IO, "cannot write %.80s: %s", path, strerror(errno));
}

/// Writes \p text to the open file \p descriptor, to the disk, and closes it.
static int write_all(int descriptor, const char *text, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const ssize_t now = write(descriptor, text + done, size - done);
        if (now < 0 && errno != EINTR) {
            break;
        }
        done += now > 0 ? (size_t)now : 0;
    }
    const int synced = done == size ? fsync(descriptor) : -1;
    return close(descriptor) == 0 ? synced : -1;
}

/// Where the file that \p path names lies, behind links, and the mode that it has, or is to have. False, with errno,
/// for what is there and is no file: a device or a pipe is not to be replaced by one.
static bool find_target(const char *path, char target[PATH_MAX], mode_t *mode)
{
    struct stat there;
    *mode = 0644;
    if (stat(path, &there) != 0) {
        const int length = snprintf(target, PATH_MAX, "%s", path);
        errno = length >= PATH_MAX ? ENAMETOOLONG : errno;
        return length < PATH_MAX && errno == ENOENT;
    }
    *mode = there.st_mode & 0777;
    if (!S_ISREG(there.st_mode)) {
        errno = S_ISDIR(there.st_mode) ? EISDIR : EINVAL;
        return false;
    }
    return realpath(path, target) != NULL;
}

static enum status replace(const char *given, const char *text, size_t size, struct complaint *complaint)
{
    char path[PATH_MAX];
    char beside[PATH_MAX];
    mode_t mode = 0;
    if (!find_target(given, path, &mode)) {
        return errno == EINVAL ? complain(complaint, STATUS_IO, "cannot write %.80s: it is there and is no file", given)
                               : refuse(given, complaint);
    }
    if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return refuse(given, complaint);
    }
    const int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0) {
        return refuse(given, complaint);
    }
    if (fchmod(descriptor, mode) != 0 || write_all(descriptor, text, size) != 0 || rename(beside, path) != 0) {
        const enum status status = refuse(given, complaint);
        (void)unlink(beside);
        return status;
    }
    return STATUS_OK;
}

enum status patch_file_format(const struct patch *patch, const char *folder, char **text, size_t *size,
                              struct complaint *complaint)
{
    *text = NULL;
    const enum status status = check_names(patch, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    FILE *out = open_memstream(text, size);
    if (!out) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    write_patch(out, patch, folder ? folder : "");
    const int failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(*text);
        *text = NULL;
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    return STATUS_OK;
}

/// Files that were named from where the program runs get their whole paths: in a patch file they are looked for from
/// where that lies.
static enum status anchor_files(struct patch *patch, struct complaint *complaint)
{
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) {
        return complain(complaint, STATUS_IO, "this folder: %s", strerror(errno));
    }
    enum status status = STATUS_OK;
    for (size_t i = 0; i < patch_module_count(patch) && status == STATUS_OK; i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        if (module->file[0] != '\0' && module->file[0] != '/') {
            char whole[PATH_MAX + PROGRAM_FILE_SIZE];
            (void)snprintf(whole, sizeof whole, "%s/%s", here, module->file);
            status = patch_set_text(patch, module->id, "file", whole, NULL, complaint);
        }
    }
    return status;
}

enum status patch_file_save(const struct patch *patch, const char *path, struct complaint *complaint)
{
    char folder[PATH_MAX];
    char *text = NULL;
    size_t size = 0;
    folder_of(path, folder);
    struct patch *copy = patch_copy(patch);
    enum status status = copy ? anchor_files(copy, complaint) : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    if (status == STATUS_OK) {
        status = patch_file_format(copy, folder, &text, &size, complaint);
    }
    patch_free(copy);
    if (status == STATUS_OK) {
        status = replace(path, text, size, complaint);
        free(text);
    }
    return status;
}
