// SPDX-License-Identifier: GPL-3.0-or-later
// A parameter is changed where it stands. A setting makes the module anew: it gets a new uid, and its cables with it.
#include "synth/modules.h"
#include "synth/patch_parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// What a person calls a value: a text, or a number where \c text is NULL.
struct wish {
    const char *text;
    double number;
};

static void renew(struct patch *patch, struct patch_module *module)
{
    const uint32_t before = module->uid;
    module->uid = ++patch->uids;
    for (uint32_t i = 0; i < patch->cables; i++) {
        struct patch_cable *cable = &patch->cable[i];
        if (cable->from == before || cable->to == before) {
            cable->uid = ++patch->uids;
            cable->from = cable->from == before ? module->uid : cable->from;
            cable->to = cable->to == before ? module->uid : cable->to;
        }
    }
}

static enum status read_number(const struct patch_module *module, const char *name, const struct wish *wish,
                               double *out, struct complaint *complaint)
{
    *out = wish->number;
    if (!wish->text) {
        return STATUS_OK;
    }
    char *end = NULL;
    errno = 0;
    *out = strtod(wish->text, &end);
    if (end == wish->text || *end != '\0') {
        return complain(complaint, STATUS_INVALID, "module \"%s\": %s is a number, not \"%.40s\"", module->id, name,
                        wish->text);
    }
    return STATUS_OK;
}

static enum status set_voices(struct patch *patch, struct patch_module *module, const struct wish *wish,
                              struct complaint *complaint)
{
    double number = 0;
    const enum status status = read_number(module, "voices", wish, &number, complaint);
    if (status) {
        return status;
    }
    if (!(number >= 1 && number <= MODULE_VOICES_MAX && number == floor(number))) {
        return complain(complaint, STATUS_RANGE, "module \"%s\": voices are 1 to %d, not %g", module->id,
                        MODULE_VOICES_MAX, number);
    }
    if (module->voices != (uint32_t)number) {
        module->voices = (uint32_t)number;
        renew(patch, module);
    }
    return STATUS_OK;
}

static enum status set_file(struct patch *patch, struct patch_module *module, const struct wish *wish,
                            struct complaint *complaint)
{
    if (!wish->text) {
        return complain(complaint, STATUS_INVALID, "module \"%s\": file is a path, not %g", module->id, wish->number);
    }
    if (strlen(wish->text) >= sizeof module->file) {
        return complain(complaint, STATUS_FULL, "module \"%s\": the path of a file has at most %zu bytes", module->id,
                        sizeof module->file - 1);
    }
    memset(module->file, 0, sizeof module->file);
    memcpy(module->file, wish->text, strlen(wish->text));
    renew(patch, module);
    return STATUS_OK;
}

/// A setting: which modules have it, and how it is set.
static const struct setting {
    const char *name;
    enum status (*set)(struct patch *patch, struct patch_module *module, const struct wish *wish,
                       struct complaint *complaint);
} settings[] = {{"voices", set_voices}, {"file", set_file}};

enum { SETTING_VOICES, SETTING_FILE, SETTINGS };

static bool has_setting(const struct module_type *type, int setting)
{
    return setting == SETTING_VOICES ? type->has_voices : type->has_file;
}

static const struct setting *find_setting(const struct module_type *type, const char *name)
{
    for (int i = 0; i < SETTINGS; i++) {
        if (has_setting(type, i) && strcmp(settings[i].name, name) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

static enum status refuse_name(const struct patch_module *module, const char *name, struct complaint *complaint)
{
    const char *names[MODULE_PARAMS_MAX + SETTINGS];
    size_t count = 0;
    for (size_t i = 0; i < module_params(module->type->params); i++) {
        names[count++] = module->type->params[i].name;
    }
    for (int i = 0; i < SETTINGS; i++) {
        if (has_setting(module->type, i)) {
            names[count++] = settings[i].name;
        }
    }
    char hint[COMPLAINT_SIZE];
    patch_name_hint(name, names, count, hint);
    return complain(complaint, STATUS_UNKNOWN, "module \"%s\" has no parameter \"%.40s\"%s", module->id, name, hint);
}

static enum status refuse_choice(const struct patch_module *module, const struct module_param *param,
                                 const struct wish *wish, struct complaint *complaint)
{
    size_t count = 0;
    while (param->choices[count]) {
        count++;
    }
    char number[32];
    (void)snprintf(number, sizeof number, "%g", wish->number);
    const char *text = wish->text ? wish->text : number;
    char hint[COMPLAINT_SIZE];
    patch_name_hint(text, param->choices, count, hint);
    return complain(complaint, STATUS_UNKNOWN, "module \"%s\": %s cannot be \"%.40s\"%s", module->id, param->name, text,
                    hint);
}

/// A name of the list, or its place in it.
static enum status find_choice(const struct patch_module *module, const struct module_param *param,
                               const struct wish *wish, double *out, struct complaint *complaint)
{
    char *end = NULL;
    const double number = wish->text ? strtod(wish->text, &end) : wish->number;
    const bool is_number = !wish->text || (end != wish->text && *end == '\0');
    for (int i = 0; param->choices[i]; i++) {
        const bool is_named = wish->text && strcmp(param->choices[i], wish->text) == 0;
        if (is_named || (is_number && number == i)) {
            *out = i;
            return STATUS_OK;
        }
    }
    return refuse_choice(module, param, wish, complaint);
}

static enum status set_param(struct patch_module *module, int index, const struct wish *wish,
                             struct complaint *complaint)
{
    const struct module_param *param = &module->type->params[index];
    double number = 0;
    const enum status status = param->choices ? find_choice(module, param, wish, &number, complaint)
                                              : read_number(module, param->name, wish, &number, complaint);
    if (status) {
        return status;
    }
    // Compared as it is kept, so that 0.1 may be set where the least is 0.1F.
    const float value = (float)number;
    if (!(value >= param->min && value <= param->max)) {
        return complain(complaint, STATUS_RANGE, "module \"%s\": %s is %g to %g%s%s, not %g", module->id, param->name,
                        (double)param->min, (double)param->max, param->unit[0] ? " " : "", param->unit, number);
    }
    module->params[index] = value;
    return STATUS_OK;
}

static enum status set(struct patch *patch, const char *id, const char *name, const struct wish *wish,
                       struct patch_change *out, struct complaint *complaint)
{
    struct patch_module *module = patch_module_called(patch, id, complaint);
    if (!module) {
        return STATUS_UNKNOWN;
    }
    const int param = module_param_find(module->type->params, name);
    const struct setting *setting = param < 0 ? find_setting(module->type, name) : NULL;
    if (param < 0 && !setting) {
        return refuse_name(module, name, complaint);
    }
    const enum status status =
        setting ? setting->set(patch, module, wish, complaint) : set_param(module, param, wish, complaint);
    if (!status && out) {
        *out =
            (struct patch_change){.uid = module->uid, .param = param, .value = param >= 0 ? module->params[param] : 0};
    }
    return status;
}

enum status patch_set_text(struct patch *patch, const char *id, const char *name, const char *text,
                           struct patch_change *out, struct complaint *complaint)
{
    return set(patch, id, name, &(struct wish){.text = text}, out, complaint);
}

enum status patch_set_number(struct patch *patch, const char *id, const char *name, double value,
                             struct patch_change *out, struct complaint *complaint)
{
    return set(patch, id, name, &(struct wish){.number = value}, out, complaint);
}
