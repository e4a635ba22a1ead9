// SPDX-License-Identifier: GPL-3.0-or-later
// The page has two columns: the options as they are typed, and their texts, wrapped at blanks. An option too long for
// its column gets a line of its own.
#include "core/options_parts.h"

#include <string.h>

enum { LEFT = 28, WIDTH = 80 };

static const char *value_name(const struct option_rule *rule)
{
    static const char *const names[] = {
        [OPTION_TEXT] = "TEXT", [OPTION_INTEGER] = "N", [OPTION_NUMBER] = "N", [OPTION_CHOICE] = "NAME"};
    return rule->value ? rule->value : names[rule->kind];
}

static void print_wrapped(FILE *out, size_t column, size_t indent, const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            (void)fputc(' ', out);
            column++;
        }
        (void)fprintf(out, "%.*s", (int)length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    (void)fputc('\n', out);
}

static void print_rule(FILE *out, const struct option_rule *rule)
{
    char left[80] = "      ";
    if (rule->letter) {
        (void)snprintf(left, sizeof left, "  -%c, ", rule->letter);
    }
    const bool is_flag = rule->kind == OPTION_FLAG;
    (void)snprintf(left + 6, sizeof left - 6, "--%s%s%s", rule->name, is_flag ? "" : " ",
                   is_flag ? "" : value_name(rule));
    char text[512];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", rule->help);
    char allowed[160];
    option_allowed(rule, allowed, sizeof allowed);
    const bool has_limits = rule->kind == OPTION_CHOICE || rule->min < 0 || rule->max > 0;
    if (has_limits && used < sizeof text) {
        used += (size_t)snprintf(text + used, sizeof text - used, ": %s", allowed + strlen("give "));
    }
    if (rule->standard && used < sizeof text) {
        (void)snprintf(text + used, sizeof text - used, " (default %s)", rule->standard);
    }
    size_t column = (size_t)fprintf(out, "%s", left);
    if (column + 2 > LEFT) {
        (void)fputc('\n', out);
        column = 0;
    }
    (void)fprintf(out, "%*s", (int)(LEFT - column), "");
    print_wrapped(out, LEFT, LEFT, text);
}

// The example is an option of this very command.
static void print_sources(FILE *out, const struct options_command *command)
{
    bool has_flags = false;
    for (size_t i = 0; i < command->rule_count; i++) {
        has_flags = has_flags || command->rules[i].kind == OPTION_FLAG;
    }
    const char *name = command->rule_count > 0 ? command->rules[0].name : options_built_in[0].name;
    char variable[OPTION_VARIABLE_MAX];
    char text[320];
    option_variable(name, variable);
    (void)snprintf(text, sizeof text,
                   "%sWhat the command line leaves open is taken from the environment (%s for --%s), then from the "
                   "file, then from the defaults.",
                   has_flags ? "A flag is turned off by --no-NAME. " : "", variable, name);
    (void)fputc('\n', out);
    print_wrapped(out, 0, 0, text);
}

void options_print_help(const struct options_command *command, FILE *out)
{
    const char *operands = command->operands ? command->operands : "";
    (void)fprintf(out, "usage: %s [OPTION]...%s%s\n\n", command->name, *operands ? " " : "", operands);
    print_wrapped(out, 0, 0, command->summary);
    (void)fputc('\n', out);
    for (size_t i = 0; i < command->rule_count; i++) {
        print_rule(out, &command->rules[i]);
    }
    for (size_t i = 0; i < OPTIONS_BUILT_IN; i++) {
        print_rule(out, &options_built_in[i]);
    }
    print_sources(out, command);
}
