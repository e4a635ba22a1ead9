// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti modules: the types of modules that a patch is made of, from their own tables.
#include "synth/modules.h"
#include "cmd/command.h"

#include <stdio.h>
#include <string.h>

static const char NAME[] = "tutti modules";

enum { TYPES_MAX = 64, NAME_WIDTH = 16, UNIT_WIDTH = 10, RANGE_WIDTH = 24 };

size_t modules_rules(struct option_rule *rules)
{
    (void)rules;
    return 0;
}

static void print_ports(const char *title, const struct module_port *ports)
{
    if (module_ports(ports) == 0) {
        return;
    }
    (void)printf("  %s\n", title);
    for (; ports->name; ports++) {
        (void)printf("    %-*s%-*s%s\n", NAME_WIDTH, ports->name, UNIT_WIDTH, ports->unit, ports->help);
    }
}

static void print_choices(const struct module_param *param)
{
    (void)printf("    %-*s", NAME_WIDTH, param->name);
    for (size_t i = 0; param->choices[i]; i++) {
        (void)printf("%s%s", i > 0 ? ", " : "", param->choices[i]);
    }
    (void)printf("; else %s\n    %-*s%s\n", param->choices[(size_t)(param->standard + 0.5F)], NAME_WIDTH, "",
                 param->help);
}

static void print_number(const struct module_param *param)
{
    char range[RANGE_WIDTH * 2];
    (void)snprintf(range, sizeof range, "%g to %g; else %g", (double)param->min, (double)param->max,
                   (double)param->standard);
    (void)printf("    %-*s%-*s%-*s %s\n", NAME_WIDTH, param->name, UNIT_WIDTH, param->unit, RANGE_WIDTH, range,
                 param->help);
}

static void print_params(const struct module_type *type)
{
    const size_t count = module_params(type->params);
    if (count == 0 && !type->has_voices && !type->has_file) {
        return;
    }
    (void)printf("  settings and parameters\n");
    if (type->has_voices) {
        (void)printf("    %-*s%-*s1 to %d\n", NAME_WIDTH, "voices", UNIT_WIDTH, "", MODULE_VOICES_MAX);
    }
    if (type->has_file) {
        (void)printf("    %-*s%-*sa path\n", NAME_WIDTH, "file", UNIT_WIDTH, "");
    }
    for (size_t i = 0; i < count; i++) {
        if (type->params[i].choices) {
            print_choices(&type->params[i]);
        } else {
            print_number(&type->params[i]);
        }
    }
}

static void print_type(const struct module_type *type)
{
    (void)printf("%s: %s%s\n", type->name, type->title, type->mono ? " (one voice: hears the sum of all)" : "");
    print_ports("inputs", type->inputs);
    print_ports("outputs", type->outputs);
    print_params(type);
}

static void print_list(void)
{
    const struct module_type *type = NULL;
    for (size_t i = 0; (type = modules_at(i)) != NULL; i++) {
        (void)printf("%-*s%s\n", NAME_WIDTH, type->name, type->title);
    }
    (void)printf("\n%s NAME... says what goes into one and comes out of it; \"all\" is every one.\n", NAME);
}

static int print_named(const char *name)
{
    if (strcmp(name, "all") == 0) {
        const struct module_type *each = NULL;
        for (size_t i = 0; (each = modules_at(i)) != NULL; i++) {
            print_type(each);
        }
        return EXIT_OK;
    }
    const struct module_type *type = modules_find(name);
    if (type) {
        print_type(type);
        return EXIT_OK;
    }
    const char *meant = modules_nearest(name);
    (void)fprintf(stderr, "%s: there is no module \"%.60s\": %s%s%s\n", NAME, name, meant ? "did you mean " : "see `",
                  meant ? meant : NAME, meant ? "?" : "`");
    return EXIT_WRONG_USE;
}

int command_modules(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {.name = NAME,
                                            .summary = "Lists the modules that patches are made of, or says all about "
                                                       "those that are named.",
                                            .operands = "[NAME]...",
                                            .operands_max = TYPES_MAX,
                                            .rules = rules,
                                            .rule_count = modules_rules(rules)};
    int exit = EXIT_OK;
    struct options *options = command_options(&command, argc, argv, &exit);
    if (!options) {
        return exit;
    }
    const size_t count = options_operand_count(options);
    if (count == 0) {
        print_list();
    }
    for (size_t i = 0; i < count && exit == EXIT_OK; i++) {
        exit = print_named(options_operand(options, i));
    }
    options_free(options);
    return exit;
}
