// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/option.h"

#include "core/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_bounded(const struct option_rule *rule)
{
    return rule->min < 0 || rule->max > 0;
}

static size_t choice_count(const struct option_rule *rule)
{
    size_t count = 0;
    while (rule->choices[count]) {
        count++;
    }
    return count;
}

static void join_choices(const struct option_rule *rule, char *out, size_t size)
{
    const size_t count = choice_count(rule);
    size_t used = (size_t)snprintf(out, size, "give ");
    for (size_t i = 0; i < count && used < size; i++) {
        const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", before, rule->choices[i]);
    }
}

void option_allowed(const struct option_rule *rule, char *out, size_t size)
{
    static const char *const allowed[] = {
        [OPTION_TEXT] = "give a text",
        [OPTION_INTEGER] = "give a whole number",
        [OPTION_NUMBER] = "give a number",
        [OPTION_FLAG] = "give yes or no",
    };
    if (rule->kind == OPTION_CHOICE) {
        join_choices(rule, out, size);
    } else if (is_bounded(rule)) {
        if (rule->kind == OPTION_INTEGER) {
            (void)snprintf(out, size, "give a whole number from %.0f to %.0f", rule->min, rule->max);
        } else {
            (void)snprintf(out, size, "give %.15g to %.15g", rule->min, rule->max);
        }
    } else {
        (void)snprintf(out, size, "%s", allowed[rule->kind]);
    }
}

void option_variable(const char *name, char out[OPTION_VARIABLE_MAX])
{
    (void)snprintf(out, OPTION_VARIABLE_MAX, "TUTTI_%s", name);
    for (char *c = out; *c; c++) {
        *c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
    }
}

static enum status refuse(const struct option_rule *rule, enum status status, const char *shown, const char *why,
                          struct complaint *complaint)
{
    char allowed[160];
    option_allowed(rule, allowed, sizeof allowed);
    return complain(complaint, status, "%s %s: %s", shown, why, allowed);
}

/// Whether \p text could be the start of a decimal number: strtod would also take blanks, hexadecimal, inf and nan.
static bool looks_decimal(const char *text)
{
    return text[0] != '\0' && strspn(text, "+-.0123456789eE") == strlen(text);
}

static enum status read_number(const struct option_rule *rule, const char *text, const char *shown,
                               struct option_value *out, struct complaint *complaint)
{
    const char *why = rule->kind == OPTION_INTEGER ? "is not a whole number" : "is not a number";
    if (!looks_decimal(text)) {
        return refuse(rule, STATUS_INVALID, shown, why, complaint);
    }
    char *end = NULL;
    errno = 0;
    if (rule->kind == OPTION_INTEGER) {
        out->integer = strtoll(text, &end, 10);
        out->number = (double)out->integer;
    } else {
        out->number = strtod(text, &end);
    }
    if (end == text || *end != '\0') {
        return refuse(rule, STATUS_INVALID, shown, why, complaint);
    }
    const bool overflow = !isfinite(out->number) || (errno == ERANGE && rule->kind == OPTION_INTEGER);
    if (overflow || (is_bounded(rule) && (out->number < rule->min || out->number > rule->max))) {
        return refuse(rule, STATUS_RANGE, shown, "is out of range", complaint);
    }
    return STATUS_OK;
}

static enum status read_flag(const struct option_rule *rule, const char *text, const char *shown,
                             struct option_value *out, struct complaint *complaint)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            out->flag = i % 2 == 1;
            return STATUS_OK;
        }
    }
    return refuse(rule, STATUS_INVALID, shown, "is neither yes nor no", complaint);
}

static enum status read_choice(const struct option_rule *rule, const char *text, const char *shown,
                               struct complaint *complaint)
{
    const size_t count = choice_count(rule);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, rule->choices[i]) == 0) {
            return STATUS_OK;
        }
    }
    const char *meant = name_nearest(text, rule->choices, count, sizeof *rule->choices);
    if (meant) {
        return complain(complaint, STATUS_UNKNOWN, "%s is unknown: did you mean %s?", shown, meant);
    }
    return refuse(rule, STATUS_UNKNOWN, shown, "is unknown", complaint);
}

enum status option_read(const struct option_rule *rule, const char *text, const char *shown, struct option_value *out,
                        struct complaint *complaint)
{
    *out = (struct option_value){.text = text};
    switch (rule->kind) {
    case OPTION_INTEGER:
    case OPTION_NUMBER:
        return read_number(rule, text, shown, out, complaint);
    case OPTION_FLAG:
        return read_flag(rule, text, shown, out, complaint);
    case OPTION_CHOICE:
        return read_choice(rule, text, shown, complaint);
    case OPTION_TEXT:
        break;
    }
    return STATUS_OK;
}
