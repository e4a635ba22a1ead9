// SPDX-License-Identifier: GPL-3.0-or-later
// An id or a voice may be a pattern: then what was asked goes to every module that it matches and that can take it, and
// is refused only where there is none.
#include "session/methods.h"

#include "session/batch.h"
#include "synth/modules.h"
#include "synth/patch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MIDI_CHANNEL_FIRST = 0x80, MIDI_CHANNEL_LAST = 0xef, MIDI_DATA_MAX = 127 };

static const char *const fault_names[COMMAND_FAULT_COUNT] = {
    [COMMAND_FAULT_CRASH] = "crash", [COMMAND_FAULT_GARBAGE] = "garbage", [COMMAND_FAULT_DIVERGE] = "diverge"};

static bool is_pattern(const char *text)
{
    return text[strcspn(text, "?*[]{}")] != '\0';
}

// Sets the parameter of one module, and sends what the patch made of the value.
static enum status set_one(struct patch *patch, const char *id, const struct request *request, struct batch *batch,
                           struct complaint *complaint)
{
    struct patch_module *module = NULL;
    struct patch_change change = {0};
    const char *name = request_text(request, 1);
    enum status status = patch_find(patch, id, &module, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const int param = module_param_find(module->type->params, name);
    const float before = param >= 0 ? module->params[param] : 0;
    if (param < 0 && ((module->type->has_voices && strcmp(name, "voices") == 0) ||
                      (module->type->has_file && strcmp(name, "file") == 0))) {
        return complain(complaint, STATUS_INVALID, "%s is a setting: set it for one module at a time, \"%s\"", name,
                        id);
    }
    status = request_is_text(request, 2)
                 ? patch_set_text(patch, id, name, request_text(request, 2), &change, complaint)
                 : patch_set_number(patch, id, name, request_number(request, 2), &change, complaint);
    if (status == STATUS_OK) {
        batch_add(batch,
                  (struct command){
                      .kind = COMMAND_SET, .uid = change.uid, .index = (uint32_t)change.param, .value = change.value},
                  module->begin, before);
    }
    return status;
}

static enum status set_all(struct patch *patch, const struct request *request, struct batch *batch,
                           struct complaint *complaint)
{
    const char *pattern = request_text(request, 0);
    const char *name = request_text(request, 1);
    bool found = false;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        if (osc_match(pattern, module->id) && module_param_find(module->type->params, name) >= 0) {
            const enum status status = set_one(patch, module->id, request, batch, complaint);
            if (status != STATUS_OK) {
                return status;
            }
            found = true;
        }
    }
    return found ? STATUS_OK
                 : complain(complaint, STATUS_UNKNOWN,
                            "no module that \"%.60s\" matches has a parameter \"%.60s\" (settings are "
                            "set for one module at a time)",
                            pattern, name);
}

enum status methods_set(struct patch *patch, const struct request *request, struct batch *batch,
                        struct complaint *complaint)
{
    const char *id = request_text(request, 0);
    return is_pattern(id) ? set_all(patch, request, batch, complaint) : set_one(patch, id, request, batch, complaint);
}

static bool is_voice(const struct patch_module *module)
{
    return (bool)module->type->event;
}

// Whether \p module, the \p place-th voice of the patch (from 1), is meant.
static bool is_meant(const struct request *request, const struct patch_module *module, uint32_t place)
{
    if (request_is_text(request, 0)) {
        return osc_match(request_text(request, 0), module->id);
    }
    const double number = request_number(request, 0);
    return number == 0 || number == place;
}

static enum status no_voice(const struct patch *patch, const struct request *request, struct complaint *complaint)
{
    struct patch_module *module = NULL;
    char names[120] = "";
    size_t used = 0;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *at = patch_module_at(patch, i);
        if (is_voice(at) && used + PROGRAM_ID_SIZE + 2 < sizeof names) {
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", at->id);
        }
    }
    if (!used) {
        return complain(complaint, STATUS_UNKNOWN,
                        "nothing here plays notes: add a module of the type notes or soundfont");
    }
    if (!request_is_text(request, 0)) {
        return complain(complaint, STATUS_UNKNOWN, "there is no voice %.0f: those that play notes are %s",
                        request_number(request, 0), names);
    }
    const char *id = request_text(request, 0);
    if (patch_find(patch, id, &module, NULL) == STATUS_OK) {
        return complain(complaint, STATUS_INVALID, "\"%s\" plays no notes: those that do are %s", id, names);
    }
    return complain(complaint, STATUS_UNKNOWN, "no voice is called \"%.60s\": those that play notes are %s", id, names);
}

static enum status send_event(const struct patch *patch, const struct request *request,
                              const struct module_event *event, struct batch *batch, struct complaint *complaint)
{
    uint32_t place = 0;
    bool found = false;
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        if (is_voice(module) && is_meant(request, module, ++place)) {
            batch_add(batch, (struct command){.kind = COMMAND_EVENT, .uid = module->uid, .event = *event},
                      module->begin, 0);
            found = true;
        }
    }
    return found ? STATUS_OK : no_voice(patch, request, complaint);
}

static enum status check_range(const char *what, double value, double least, double most, struct complaint *complaint)
{
    // NaN is within no range.
    return value >= least && value <= most
               ? STATUS_OK
               : complain(complaint, STATUS_RANGE, "%s %g is out of range: give %g to %g", what, value, least, most);
}

// An integer is MIDI's, to 127; a float is a part of the whole. 1 is the softest, 1.0 the loudest.
static enum status read_velocity(const struct osc_arg *arg, float *out, struct complaint *complaint)
{
    const bool is_midi = arg->type == 'i' || arg->type == 'h';
    const double most = is_midi ? MIDI_DATA_MAX : 1;
    *out = (float)(arg->number / most);
    return arg->number >= 0 && arg->number <= most
               ? STATUS_OK
               : complain(complaint, STATUS_RANGE,
                          "velocity %g is out of range: give 0 to 127 as an integer or 0 to 1 as a float", arg->number);
}

enum status methods_note_on(struct patch *patch, const struct request *request, struct batch *batch,
                            struct complaint *complaint)
{
    struct module_event event = {.kind = MODULE_EVENT_NOTE_ON, .key = (float)request_number(request, 1)};
    enum status status = check_range("key", request_number(request, 1), 0, MIDI_DATA_MAX, complaint);
    if (status == STATUS_OK) {
        status = read_velocity(&request->args[2], &event.velocity, complaint);
    }
    if (!(event.velocity > 0)) {
        event.kind = MODULE_EVENT_NOTE_OFF;
    }
    return status == STATUS_OK ? send_event(patch, request, &event, batch, complaint) : status;
}

enum status methods_note_off(struct patch *patch, const struct request *request, struct batch *batch,
                             struct complaint *complaint)
{
    const struct module_event event = {.kind = MODULE_EVENT_NOTE_OFF, .key = (float)request_number(request, 1)};
    const enum status status = check_range("key", request_number(request, 1), 0, MIDI_DATA_MAX, complaint);
    return status == STATUS_OK ? send_event(patch, request, &event, batch, complaint) : status;
}

enum status methods_midi(struct patch *patch, const struct request *request, struct batch *batch,
                         struct complaint *complaint)
{
    static const char *const names[] = {"status", "data1", "data2"};
    uint8_t bytes[3];
    for (size_t i = 0; i < 3; i++) {
        const double value = request_number(request, i + 1);
        const enum status status = check_range(names[i], value, i == 0 ? MIDI_CHANNEL_FIRST : 0,
                                               i == 0 ? MIDI_CHANNEL_LAST : MIDI_DATA_MAX, complaint);
        if (status != STATUS_OK) {
            return status;
        }
        bytes[i] = (uint8_t)value;
    }
    const struct module_event event = {
        .kind = MODULE_EVENT_MIDI, .status = bytes[0], .data1 = bytes[1], .data2 = bytes[2]};
    return send_event(patch, request, &event, batch, complaint);
}

enum status methods_panic(struct patch *patch, const struct request *request, struct batch *batch,
                          struct complaint *complaint)
{
    (void)patch;
    (void)request;
    (void)complaint;
    batch_add(batch, (struct command){.kind = COMMAND_EVENT, .event = {.kind = MODULE_EVENT_PANIC}}, 0, 0);
    return STATUS_OK;
}

enum status methods_fault(struct patch *patch, const struct request *request, struct batch *batch,
                          struct complaint *complaint)
{
    (void)patch;
    const char *name = request_text(request, 1);
    uint32_t fault = 0;
    while (fault < COMMAND_FAULT_COUNT && strcmp(name, fault_names[fault]) != 0) {
        fault++;
    }
    if (fault == COMMAND_FAULT_COUNT) {
        return complain(complaint, STATUS_UNKNOWN, "there is no fault \"%.60s\": give crash, garbage or diverge", name);
    }
    const double slot = request_number(request, 0);
    if (slot != 0 && slot != 1) {
        return complain(complaint, STATUS_RANGE, "there is no slot %g: give 0 or 1", slot);
    }
    batch_add(batch, (struct command){.kind = COMMAND_FAULT, .uid = (uint32_t)slot, .index = fault}, 0, 0);
    return STATUS_OK;
}
