// SPDX-License-Identifier: GPL-3.0-or-later
// Lists are read from a copy of the document, so that who plays does not wait while they are sent.
#include "session/methods.h"

#include "session/answers.h"
#include "session/session_parts.h"
#include "synth/modules.h"

#include <stdio.h>
#include <string.h>

static enum status no_memory(struct complaint *complaint)
{
    return complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

static void say_count(struct answer *answer, size_t count)
{
    answer->values[0] = answer_count(count);
    answer->count = 1;
}

enum status methods_modules(struct session *session, const struct request *request, struct answer *answer,
                            struct complaint *complaint)
{
    struct patch *patch = document_copy(&session->document);
    if (!patch) {
        return no_memory(complaint);
    }
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        const struct osc_arg values[] = {answer_text(module->id), answer_text(module->type->name),
                                         answer_count(module->voices), answer_text(module->file)};
        answers_item(session, request, values, 4);
    }
    say_count(answer, patch_module_count(patch));
    patch_free(patch);
    return STATUS_OK;
}

static void say_cable(struct session *session, const struct request *request, const struct patch *patch,
                      const struct patch_cable *cable)
{
    const struct patch_module *from = patch_by_uid(patch, cable->from);
    const struct patch_module *to = patch_by_uid(patch, cable->to);
    const struct osc_arg values[] = {answer_text(from->id), answer_text(from->type->outputs[cable->from_port].name),
                                     answer_text(to->id), answer_text(to->type->inputs[cable->to_port].name),
                                     answer_number((double)cable->gain)};
    answers_item(session, request, values, 5);
}

enum status methods_cables(struct session *session, const struct request *request, struct answer *answer,
                           struct complaint *complaint)
{
    struct patch *patch = document_copy(&session->document);
    if (!patch) {
        return no_memory(complaint);
    }
    struct patch_module *module = NULL;
    enum status status = STATUS_OK;
    if (request->count > 0) {
        status = patch_find(patch, request_text(request, 0), &module, complaint);
    }
    size_t said = 0;
    for (size_t i = 0; status == STATUS_OK && i < patch_cable_count(patch); i++) {
        const struct patch_cable *cable = patch_cable_at(patch, i);
        if (!module || cable->from == module->uid || cable->to == module->uid) {
            say_cable(session, request, patch, cable);
            said++;
        }
    }
    say_count(answer, said);
    patch_free(patch);
    return status;
}

// A choice is said by its name.
static struct osc_arg param_value(const struct module_param *param, float value)
{
    return param->choices ? answer_text(param->choices[(size_t)(value + 0.5F)]) : answer_number((double)value);
}

static size_t say_params(struct session *session, const struct request *request, const struct patch_module *module)
{
    const char *wanted = request->count > 1 ? request_text(request, 1) : "*";
    size_t said = 0;
    const size_t params = module_params(module->type->params);
    for (size_t i = 0; i < params; i++) {
        const struct module_param *param = &module->type->params[i];
        if (osc_match(wanted, param->name)) {
            const struct osc_arg values[] = {answer_text(module->id), answer_text(param->name),
                                             param_value(param, module->params[i])};
            answers_item(session, request, values, 3);
            said++;
        }
    }
    const struct osc_arg settings[][3] = {
        {answer_text(module->id), answer_text("voices"), answer_count(module->voices)},
        {answer_text(module->id), answer_text("file"), answer_text(module->file)}};
    const bool has[] = {module->type->has_voices, module->type->has_file};
    for (size_t i = 0; i < 2; i++) {
        if (has[i] && osc_match(wanted, settings[i][1].text)) {
            answers_item(session, request, settings[i], 3);
            said++;
        }
    }
    return said;
}

// One value is the reply itself; more are items.
static bool say_one(const struct patch_module *module, const char *name, struct answer *answer)
{
    const int param = module_param_find(module->type->params, name);
    if (param >= 0) {
        answer->values[2] = param_value(&module->type->params[param], module->params[param]);
    } else if (module->type->has_voices && strcmp(name, "voices") == 0) {
        answer->values[2] = answer_count(module->voices);
    } else if (module->type->has_file && strcmp(name, "file") == 0) {
        answer->made = strdup(module->file);
        answer->values[2] = answer_text(answer->made ? answer->made : "");
    } else {
        return false;
    }
    answer->values[0] = answer->request->args[0];
    answer->values[1] = answer->request->args[1];
    answer->count = 3;
    return true;
}

static enum status no_value(const struct patch_module *module, const char *name, struct complaint *complaint)
{
    // The patch knows how to say it, and what was meant.
    struct patch *patch = patch_new();
    enum status status = patch ? patch_add(patch, module->id, module->type->name, complaint) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        status = patch_set_number(patch, module->id, name, 0, NULL, complaint);
    }
    patch_free(patch);
    return status == STATUS_UNKNOWN
               ? status
               : complain(complaint, STATUS_UNKNOWN, "\"%s\" has no parameter \"%.60s\"", module->id, name);
}

static enum status get_from(struct session *session, const struct patch *patch, const struct request *request,
                            struct answer *answer, struct complaint *complaint)
{
    const char *id = request_text(request, 0);
    const char *name = request_text(request, 1);
    struct patch_module *module = NULL;
    const bool is_one = !id[strcspn(id, "?*[]{}")];
    if (is_one) {
        const enum status status = patch_find(patch, id, &module, complaint);
        if (status != STATUS_OK) {
            return status;
        }
        if (request->count > 1 && say_one(module, name, answer)) {
            return STATUS_OK;
        }
        if (request->count > 1 && !name[strcspn(name, "?*[]{}")]) {
            return no_value(module, name, complaint);
        }
    }
    size_t said = 0;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *at = patch_module_at(patch, i);
        said += osc_match(id, at->id) ? say_params(session, request, at) : 0;
    }
    say_count(answer, said);
    return said > 0 || is_one ? STATUS_OK
                              : complain(complaint, STATUS_UNKNOWN, "nothing matches \"%.60s\" \"%.60s\"", id, name);
}

enum status methods_get(struct session *session, const struct request *request, struct answer *answer,
                        struct complaint *complaint)
{
    struct patch *patch = document_copy(&session->document);
    const enum status status = patch ? get_from(session, patch, request, answer, complaint) : no_memory(complaint);
    patch_free(patch);
    return status;
}

enum status methods_types(struct session *session, const struct request *request, struct answer *answer,
                          struct complaint *complaint)
{
    (void)complaint;
    size_t count = 0;
    for (; modules_at(count); count++) {
        const struct osc_arg values[] = {answer_text(modules_at(count)->name), answer_text(modules_at(count)->title)};
        answers_item(session, request, values, 2);
    }
    say_count(answer, count);
    return STATUS_OK;
}

static size_t say_ports(struct session *session, const struct request *request, const char *kind,
                        const struct module_port *ports)
{
    const size_t count = module_ports(ports);
    for (size_t i = 0; i < count; i++) {
        const struct osc_arg values[] = {answer_text(kind), answer_text(ports[i].name), answer_text(ports[i].unit),
                                         answer_text(ports[i].help)};
        answers_item(session, request, values, 4);
    }
    return count;
}

// "lowpass highpass bandpass", as far as it fits.
static void join_choices(const char *const *choices, char *out, size_t size)
{
    size_t used = 0;
    *out = '\0';
    for (; *choices && used + strlen(*choices) + 2 < size; choices++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", *choices);
    }
}

static size_t say_type_params(struct session *session, const struct request *request, const struct module_type *type)
{
    const size_t count = module_params(type->params);
    for (size_t i = 0; i < count; i++) {
        const struct module_param *param = &type->params[i];
        char choices[400];
        if (param->choices) {
            join_choices(param->choices, choices, sizeof choices);
        }
        const struct osc_arg values[] = {answer_text("parameter"),
                                         answer_text(param->name),
                                         answer_text(param->choices ? choices : param->unit),
                                         answer_text(param->help),
                                         answer_number((double)param->min),
                                         answer_number((double)param->max),
                                         param_value(param, param->standard)};
        answers_item(session, request, values, 7);
    }
    return count;
}

enum status methods_type(struct session *session, const struct request *request, struct answer *answer,
                         struct complaint *complaint)
{
    const char *name = request_text(request, 0);
    const struct module_type *type = modules_find(name);
    if (!type) {
        const char *nearest = modules_nearest(name);
        return complain(complaint, STATUS_UNKNOWN, "there is no type \"%.60s\"%s%s%s", name,
                        nearest ? ": did you mean \"" : ": /tutti/synth/types lists all", nearest ? nearest : "",
                        nearest ? "\"?" : "");
    }
    size_t count = say_ports(session, request, "input", type->inputs);
    count += say_ports(session, request, "output", type->outputs);
    count += say_type_params(session, request, type);
    const struct osc_arg settings[][2] = {{answer_text("setting"), answer_text("voices")},
                                          {answer_text("setting"), answer_text("file")}};
    const bool has[] = {type->has_voices, type->has_file};
    for (size_t i = 0; i < 2; i++) {
        if (has[i]) {
            answers_item(session, request, settings[i], 2);
            count++;
        }
    }
    say_count(answer, count);
    return STATUS_OK;
}
