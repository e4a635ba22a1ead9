// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/method.h"

#include "core/nearest.h"
#include "session/methods.h"

#include <stdio.h>
#include <string.h>

static const struct method methods[] = {
    {.address = "/tutti/ping", .types = "", .usage = "", .help = "answers with the version", .now = methods_ping},
    {.address = "/tutti/help",
     .types = "|s",
     .usage = "[ADDRESS]",
     .help = "the methods, each with its arguments; ADDRESS may be a pattern",
     .now = methods_help},
    {.address = "/tutti/subscribe",
     .types = "s|n",
     .usage = "changes|meters|all [SECONDS]",
     .help = "tells the sender of changes or meters for so long (60 s)",
     .now = methods_subscribe},
    {.address = "/tutti/unsubscribe",
     .types = "|s",
     .usage = "[changes|meters|all]",
     .help = "tells the sender no more",
     .now = methods_unsubscribe},
    {.address = "/tutti/synth/types",
     .types = "",
     .usage = "",
     .help = "the types of modules: NAME TITLE",
     .ask = methods_types},
    {.address = "/tutti/synth/type",
     .types = "s",
     .usage = "TYPE",
     .help = "its ports, parameters and settings",
     .ask = methods_type},
    {.address = "/tutti/synth/module/add",
     .types = "ss",
     .usage = "ID TYPE",
     .help = "a new module",
     .reach = METHOD_REACH_MODULE,
     .changes = true,
     .edit = methods_add},
    {.address = "/tutti/synth/module/remove",
     .types = "s",
     .usage = "ID",
     .help = "removes it with its cables; it fades out",
     .reach = METHOD_REACH_MODULE,
     .changes = true,
     .edit = methods_remove},
    {.address = "/tutti/synth/module/list",
     .types = "",
     .usage = "",
     .help = "the modules: ID TYPE VOICES FILE",
     .ask = methods_modules},
    {.address = "/tutti/synth/cable/add",
     .types = "ssss|n",
     .usage = "FROM PORT TO PORT [GAIN]",
     .help = "a new cable, which fades in",
     .changes = true,
     .edit = methods_connect},
    {.address = "/tutti/synth/cable/remove",
     .types = "ssss",
     .usage = "FROM PORT TO PORT",
     .help = "removes it; it fades out",
     .changes = true,
     .edit = methods_disconnect},
    {.address = "/tutti/synth/cable/gain",
     .types = "ssssn",
     .usage = "FROM PORT TO PORT GAIN",
     .help = "another gain for a cable, to which it fades",
     .changes = true,
     .edit = methods_gain},
    {.address = "/tutti/synth/cable/list",
     .types = "|s",
     .usage = "[ID]",
     .help = "the cables, or those of a module: FROM PORT TO PORT GAIN",
     .ask = methods_cables},
    {.address = "/tutti/synth/set",
     .types = "ssv",
     .usage = "ID PARAMETER VALUE",
     .help = "a value; ID may be a pattern, and a choice a text",
     .reach = METHOD_REACH_MODULE,
     .quiet = true,
     .play = methods_set,
     .edit = methods_setting},
    {.address = "/tutti/synth/get",
     .types = "s|s",
     .usage = "ID [PARAMETER]",
     .help = "the values as last set: ID PARAMETER VALUE",
     .reach = METHOD_REACH_MODULE,
     .ask = methods_get},
    {.address = "/tutti/synth/note/on",
     .types = "xnn",
     .usage = "VOICE KEY VELOCITY",
     .help = "starts a note; velocity 1 to 127 as an integer, up to 1 as a float, 0 ends the note",
     .reach = METHOD_REACH_MODULE,
     .quiet = true,
     .play = methods_note_on},
    {.address = "/tutti/synth/note/off",
     .types = "xn",
     .usage = "VOICE KEY",
     .help = "ends a note",
     .reach = METHOD_REACH_MODULE,
     .quiet = true,
     .play = methods_note_off},
    {.address = "/tutti/synth/midi",
     .types = "xnnn",
     .usage = "VOICE STATUS DATA1 DATA2",
     .help = "a channel message of MIDI",
     .reach = METHOD_REACH_MODULE,
     .quiet = true,
     .play = methods_midi},
    {.address = "/tutti/synth/panic", .types = "", .usage = "", .help = "ends all notes", .play = methods_panic},
    {.address = "/tutti/synth/patch/load",
     .types = "s",
     .usage = "FILE",
     .help = "another patch: a file, or one that ships by its name",
     .reach = METHOD_REACH_ALL,
     .changes = true,
     .edit = methods_load},
    {.address = "/tutti/synth/patch/save",
     .types = "s",
     .usage = "FILE",
     .help = "writes the patch as it stands",
     .ask = methods_save},
    {.address = "/tutti/synth/record/start",
     .types = "s|v",
     .usage = "FILE [16|24|float]",
     .help = "records to a new .wav or .flac: PATH, numbered where FILE is there already",
     .changes = true,
     .ask = methods_record_start},
    {.address = "/tutti/synth/record/stop",
     .types = "",
     .usage = "",
     .help = "ends the recording: FRAMES LOST",
     .changes = true,
     .ask = methods_record_stop},
    {.address = "/tutti/synth/stats",
     .types = "",
     .usage = "",
     .help = "all figures: NAME VALUE",
     .now = methods_stats},
    {.address = "/tutti/synth/metrics",
     .types = "",
     .usage = "",
     .help = "the same as Prometheus' text",
     .now = methods_metrics},
    {.address = "/tutti/synth/fault",
     .types = "ns",
     .usage = "SLOT crash|garbage|diverge",
     .help = "breaks a slot, for tests; only with --faults",
     .play = methods_fault},
};

enum { METHODS = sizeof methods / sizeof methods[0] };

const struct method *method_at(size_t index)
{
    return index < METHODS ? &methods[index] : NULL;
}

const struct method *method_find(const char *address)
{
    size_t i = 0;
    while (i < METHODS && strcmp(methods[i].address, address) != 0) {
        i++;
    }
    return method_at(i);
}

// The part of an address that begins at \p from, behind its slash; returns where the next begins.
static const char *next_part(const char *from, char part[OSC_ADDRESS_SIZE])
{
    const char *end = strchrnul(from, '/');
    const size_t length = (size_t)(end - from) < OSC_ADDRESS_SIZE ? (size_t)(end - from) : OSC_ADDRESS_SIZE - 1;
    memcpy(part, from, length);
    part[length] = '\0';
    return *end ? end + 1 : NULL;
}

bool method_matches(const struct method *method, const char *pattern)
{
    const char *address = method->address + 1;
    pattern++;
    bool matches = true;
    while (matches && address && pattern) {
        char part[OSC_ADDRESS_SIZE];
        char wanted[OSC_ADDRESS_SIZE];
        address = next_part(address, part);
        pattern = next_part(pattern, wanted);
        matches = osc_match(wanted, part);
    }
    return matches && !address && !pattern;
}

enum status method_unknown(const char *address, struct complaint *complaint)
{
    const char *nearest = name_nearest(address, &methods[0].address, METHODS, sizeof methods[0]);
    if (nearest) {
        return complain(complaint, STATUS_UNKNOWN, "there is no method \"%s\": did you mean %s?", address, nearest);
    }
    return complain(complaint, STATUS_UNKNOWN, "there is no method \"%s\": /tutti/help lists all", address);
}

static bool is_number(const struct osc_arg *arg)
{
    return strchr("ifhd", arg->type) != NULL;
}

static bool fits(char type, const struct osc_arg *arg)
{
    switch (type) {
    case 's':
        return arg->text != NULL;
    case 'n':
        return is_number(arg);
    case 'v':
        return arg->text || is_number(arg) || arg->type == 'T' || arg->type == 'F';
    default:
        return arg->text || (is_number(arg) && arg->number >= 0 && arg->number <= INT32_MAX &&
                             arg->number == (double)(int64_t)arg->number);
    }
}

static const char *type_name(char type)
{
    return type == 's'   ? "a text"
           : type == 'n' ? "a number"
           : type == 'v' ? "a number or a text"
                         : "a text or a whole number";
}

static enum status wrong_use(const struct method *method, struct complaint *complaint, const char *what)
{
    return complain(complaint, STATUS_INVALID, "%s; usage: %s%s%s", what, method->address, *method->usage ? " " : "",
                    method->usage);
}

enum status method_check(const struct method *method, const struct osc_arg *args, size_t count,
                         struct complaint *complaint)
{
    char what[64];
    const char *bar = strchr(method->types, '|');
    const size_t least = bar ? (size_t)(bar - method->types) : strlen(method->types);
    const size_t most = strlen(method->types) - (bar ? 1 : 0);
    if (count < least || count > most) {
        const size_t wanted = count < least ? least : most;
        (void)snprintf(what, sizeof what, "%zu argument%s, where %zu %s", count, count == 1 ? "" : "s", wanted,
                       least == most   ? "are wanted"
                       : count < least ? "at least are wanted"
                                       : "at most are wanted");
        return wrong_use(method, complaint, what);
    }
    for (size_t i = 0; i < count; i++) {
        const char type = method->types[i < least ? i : i + 1];
        if (!fits(type, &args[i])) {
            (void)snprintf(what, sizeof what, "argument %zu must be %s", i + 1, type_name(type));
            return wrong_use(method, complaint, what);
        }
    }
    return STATUS_OK;
}
