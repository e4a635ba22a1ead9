// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/cable_text.h"

#include "core/option.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// A cable as it is written, taken apart in place.
struct written_cable {
    char *from, *out_port, *to, *in_port;
    double gain;
};

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t", text[length - 1])) {
        text[--length] = '\0';
    }
    return text;
}

/// Cuts "id.port" in two. False where it is not that.
static bool cut_end(char *text, char **id, char **port)
{
    char *dot = strchr(text, '.');
    if (!dot) {
        return false;
    }
    *dot = '\0';
    *id = trim(text);
    *port = trim(dot + 1);
    return **id != '\0' && **port != '\0' && !strpbrk(*id, " \t") && !strpbrk(*port, " \t.");
}

/// Cuts "* 0.5" off the end of \p text.
static enum status cut_gain(char *text, double *gain, struct complaint *said)
{
    static const struct option_rule rule = {.kind = OPTION_NUMBER, .min = -1000, .max = 1000};
    char *star = strchr(text, '*');
    *gain = 1;
    if (!star) {
        return STATUS_OK;
    }
    *star = '\0';
    const char *number = trim(star + 1);
    char shown[64];
    (void)snprintf(shown, sizeof shown, "the gain \"%.40s\"", number);
    struct option_value value;
    const enum status status = option_read(&rule, number, shown, &value, said);
    *gain = value.number;
    return status;
}

static enum status read_end(struct patch *patch, const struct written_cable *source, char *text, struct complaint *said)
{
    struct written_cable cable = *source;
    const enum status status = cut_gain(text, &cable.gain, said);
    if (status != STATUS_OK) {
        return status;
    }
    if (!cut_end(text, &cable.to, &cable.in_port)) {
        return complain(said, STATUS_CORRUPT, "write it as \"module.output -> module.input * 0.5\"");
    }
    return patch_connect(patch, cable.from, cable.out_port, cable.to, cable.in_port, (float)cable.gain, said);
}

enum status cable_text_connect(struct patch *patch, char *text, struct complaint *said)
{
    struct written_cable cable = {0};
    char *arrow = strstr(text, "->");
    if (!arrow) {
        return complain(said, STATUS_CORRUPT, "there is no \"->\": write \"module.output -> module.input\"");
    }
    *arrow = '\0';
    if (!cut_end(text, &cable.from, &cable.out_port)) {
        return complain(said, STATUS_CORRUPT, "write \"module.output\" before the \"->\"");
    }
    enum status status = STATUS_OK;
    for (char *end = arrow + 2; end && status == STATUS_OK;) {
        char *comma = strchr(end, ',');
        if (comma) {
            *comma = '\0';
        }
        status = read_end(patch, &cable, end, said);
        end = comma ? comma + 1 : NULL;
    }
    return status;
}
