// SPDX-License-Identifier: GPL-3.0-or-later
// A cable is named by what it connects; both ends are looked up before anything is changed.
#include "synth/modules.h"
#include "synth/patch_parts.h"

#include <math.h>
#include <string.h>

static const float GAIN_MAX = 1000;

static enum status find_port(const struct patch_module *module, bool is_input, const char *name, uint32_t *out,
                             struct complaint *complaint)
{
    const struct module_port *ports = is_input ? module->type->inputs : module->type->outputs;
    const char *kind = is_input ? "input" : "output";
    const int found = module_port_find(ports, name);
    if (found >= 0) {
        *out = (uint32_t)found;
        return STATUS_OK;
    }
    const size_t count = module_ports(ports);
    if (count == 0) {
        return complain(complaint, STATUS_UNKNOWN, "module \"%s\" has no %ss", module->id, kind);
    }
    const char *names[MODULE_INPUTS_MAX + MODULE_OUTPUTS_MAX];
    for (size_t i = 0; i < count; i++) {
        names[i] = ports[i].name;
    }
    char hint[COMPLAINT_SIZE];
    patch_name_hint(name, names, count, hint);
    return complain(complaint, STATUS_UNKNOWN, "module \"%s\" has no %s \"%.40s\"%s", module->id, kind, name, hint);
}

/// Finds both ends of what is to be a cable.
static enum status find_ends(struct patch *patch, const char *const names[4], struct patch_cable *cable,
                             struct complaint *complaint)
{
    const struct patch_module *from = patch_module_called(patch, names[0], complaint);
    if (!from) {
        return STATUS_UNKNOWN;
    }
    const enum status status = find_port(from, false, names[1], &cable->from_port, complaint);
    if (status) {
        return status;
    }
    const struct patch_module *to = patch_module_called(patch, names[2], complaint);
    if (!to) {
        return STATUS_UNKNOWN;
    }
    cable->from = from->uid;
    cable->to = to->uid;
    return find_port(to, true, names[3], &cable->to_port, complaint);
}

/// The place of the cable with these ends, or the number of cables.
static uint32_t find_cable(const struct patch *patch, const struct patch_cable *ends)
{
    uint32_t i = 0;
    for (; i < patch->cables; i++) {
        const struct patch_cable *cable = &patch->cable[i];
        if (cable->from == ends->from && cable->to == ends->to && cable->from_port == ends->from_port &&
            cable->to_port == ends->to_port) {
            break;
        }
    }
    return i;
}

enum status patch_connect(struct patch *patch, const char *from, const char *out_port, const char *to,
                          const char *in_port, float gain, struct complaint *complaint)
{
    struct patch_cable cable = {.gain = gain};
    const enum status status = find_ends(patch, (const char *const[]){from, out_port, to, in_port}, &cable, complaint);
    if (status) {
        return status;
    }
    if (!(fabsf(gain) <= GAIN_MAX)) {
        return complain(complaint, STATUS_RANGE, "a cable's gain is -%g to %g, not %g", (double)GAIN_MAX,
                        (double)GAIN_MAX, (double)gain);
    }
    if (find_cable(patch, &cable) < patch->cables) {
        return complain(complaint, STATUS_INVALID,
                        "%s.%s is connected to %s.%s already: change that cable's gain, or remove it first", from,
                        out_port, to, in_port);
    }
    if (patch->cables == PROGRAM_CABLES_MAX) {
        return complain(complaint, STATUS_FULL, "a patch has at most %d cables", PROGRAM_CABLES_MAX);
    }
    cable.uid = ++patch->uids;
    patch->cable[patch->cables++] = cable;
    return STATUS_OK;
}

enum status patch_disconnect(struct patch *patch, const char *from, const char *out_port, const char *to,
                             const char *in_port, struct complaint *complaint)
{
    struct patch_cable ends = {0};
    const enum status status = find_ends(patch, (const char *const[]){from, out_port, to, in_port}, &ends, complaint);
    if (status) {
        return status;
    }
    const uint32_t index = find_cable(patch, &ends);
    if (index == patch->cables) {
        return complain(complaint, STATUS_UNKNOWN, "%s.%s is not connected to %s.%s", from, out_port, to, in_port);
    }
    patch->cables--;
    memmove(&patch->cable[index], &patch->cable[index + 1], (patch->cables - index) * sizeof patch->cable[0]);
    return STATUS_OK;
}
