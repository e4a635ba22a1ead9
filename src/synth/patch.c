// SPDX-License-Identifier: GPL-3.0-or-later
// Modules and cables stand in arrays, in the order of their coming; what is taken out closes the gap.
#include "synth/patch.h"

#include "core/nearest.h"
#include "core/utf8.h"
#include "synth/modules.h"
#include "synth/patch_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct patch *patch_new(void)
{
    return calloc(1, sizeof(struct patch));
}

struct patch *patch_copy(const struct patch *patch)
{
    struct patch *copy = malloc(sizeof *copy);
    if (copy) {
        *copy = *patch;
    }
    return copy;
}

void patch_free(struct patch *patch)
{
    free(patch);
}

void patch_follow(struct patch *patch, const struct patch *before)
{
    for (uint32_t i = 0; i < patch->modules; i++) {
        patch->module[i].uid += before->uids;
    }
    for (uint32_t i = 0; i < patch->cables; i++) {
        patch->cable[i].uid += before->uids;
        patch->cable[i].from += before->uids;
        patch->cable[i].to += before->uids;
    }
    patch->uids += before->uids;
}

const char *patch_title(const struct patch *patch)
{
    return patch->title;
}

const char *patch_about(const struct patch *patch)
{
    return patch->about;
}

size_t patch_module_count(const struct patch *patch)
{
    return patch->modules;
}

const struct patch_module *patch_module_at(const struct patch *patch, size_t index)
{
    return &patch->module[index];
}

size_t patch_cable_count(const struct patch *patch)
{
    return patch->cables;
}

const struct patch_cable *patch_cable_at(const struct patch *patch, size_t index)
{
    return &patch->cable[index];
}

const struct patch_module *patch_by_uid(const struct patch *patch, uint32_t uid)
{
    for (uint32_t i = 0; i < patch->modules; i++) {
        if (patch->module[i].uid == uid) {
            return &patch->module[i];
        }
    }
    return NULL;
}

void patch_name_hint(const char *wanted, const char *const *names, size_t count, char text[COMPLAINT_SIZE])
{
    text[0] = '\0';
    const char *nearest = count > 0 ? name_nearest(wanted, names, count, sizeof *names) : NULL;
    if (nearest) {
        (void)snprintf(text, COMPLAINT_SIZE, ": did you mean \"%s\"?", nearest);
        return;
    }
    size_t size = 0;
    for (size_t i = 0; i < count && size < COMPLAINT_SIZE; i++) {
        size += (size_t)snprintf(text + size, COMPLAINT_SIZE - size, "%s%s", i > 0 ? ", " : ": there is ", names[i]);
    }
}

struct patch_module *patch_module_called(struct patch *patch, const char *id, struct complaint *complaint)
{
    const char *ids[PROGRAM_MODULES_MAX];
    for (uint32_t i = 0; i < patch->modules; i++) {
        if (strcmp(patch->module[i].id, id) == 0) {
            return &patch->module[i];
        }
        ids[i] = patch->module[i].id;
    }
    char hint[COMPLAINT_SIZE];
    patch_name_hint(id, ids, patch->modules, hint);
    (void)complain(complaint, STATUS_UNKNOWN, "there is no module \"%.*s\"%s", PROGRAM_ID_SIZE, id, hint);
    return NULL;
}

enum status patch_find(const struct patch *patch, const char *id, struct patch_module **out,
                       struct complaint *complaint)
{
    // The module is as changeable as whoever asks knows it to be.
    *out = patch_module_called((struct patch *)patch, id, complaint);
    return *out ? STATUS_OK : STATUS_UNKNOWN;
}

static enum status set_line(char *to, size_t size, const char *text, const char *what, struct complaint *complaint)
{
    const size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        const struct utf8 next = utf8_next(text + at, length - at);
        if (!next.valid || next.code < ' ' || next.code == 0x7f) {
            return complain(complaint, STATUS_INVALID, "the %s of a patch is one line of text in UTF-8", what);
        }
        at += next.size;
    }
    if (length >= size) {
        return complain(complaint, STATUS_FULL, "the %s of a patch has at most %zu bytes", what, size - 1);
    }
    memcpy(to, text, length + 1);
    return STATUS_OK;
}

enum status patch_set_title(struct patch *patch, const char *title, struct complaint *complaint)
{
    return set_line(patch->title, sizeof patch->title, title, "title", complaint);
}

enum status patch_set_about(struct patch *patch, const char *about, struct complaint *complaint)
{
    return set_line(patch->about, sizeof patch->about, about, "description", complaint);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_id(const char *id)
{
    const size_t length = strlen(id);
    if (!is_letter(id[0]) || length >= PROGRAM_ID_SIZE) {
        return false;
    }
    for (size_t i = 1; i < length; i++) {
        if (!is_letter(id[i]) && !(id[i] >= '0' && id[i] <= '9') && id[i] != '_' && id[i] != '-') {
            return false;
        }
    }
    return true;
}

static enum status check_id(const struct patch *patch, const char *id, struct complaint *complaint)
{
    if (!is_id(id)) {
        return complain(complaint, STATUS_INVALID,
                        "\"%.*s\" cannot name a module: take a letter, then letters, digits, _ and -, %d at most",
                        PROGRAM_ID_SIZE, id, PROGRAM_ID_SIZE - 1);
    }
    for (uint32_t i = 0; i < patch->modules; i++) {
        if (strcmp(patch->module[i].id, id) == 0) {
            return complain(complaint, STATUS_INVALID, "there is a module \"%s\" already: remove it first", id);
        }
    }
    return STATUS_OK;
}

enum status patch_add(struct patch *patch, const char *id, const char *type, struct complaint *complaint)
{
    const enum status status = check_id(patch, id, complaint);
    if (status) {
        return status;
    }
    const struct module_type *found = modules_find(type);
    if (!found) {
        const char *nearest = modules_nearest(type);
        return complain(complaint, STATUS_UNKNOWN, "there is no type of module \"%.40s\"%s%s%s", type,
                        nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    }
    if (patch->modules == PROGRAM_MODULES_MAX) {
        return complain(complaint, STATUS_FULL, "a patch has at most %d modules", PROGRAM_MODULES_MAX);
    }
    struct patch_module *module = &patch->module[patch->modules++];
    *module = (struct patch_module){.type = found, .uid = ++patch->uids, .voices = 1};
    memcpy(module->id, id, strlen(id) + 1);
    for (size_t i = 0; i < module_params(found->params); i++) {
        module->params[i] = found->params[i].standard;
    }
    return STATUS_OK;
}

enum status patch_remove(struct patch *patch, const char *id, struct complaint *complaint)
{
    struct patch_module *module = patch_module_called(patch, id, complaint);
    if (!module) {
        return STATUS_UNKNOWN;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < patch->cables; i++) {
        if (patch->cable[i].from != module->uid && patch->cable[i].to != module->uid) {
            patch->cable[kept++] = patch->cable[i];
        }
    }
    patch->cables = kept;
    patch->modules--;
    const size_t after = (size_t)(&patch->module[patch->modules] - module);
    memmove(module, module + 1, after * sizeof *module);
    return STATUS_OK;
}
