// SPDX-License-Identifier: GPL-3.0-or-later
// The command's table gets two rules more, --config and --help. The sources are then asked from the strongest to the
// weakest, and each fills only the slots that are still empty: so a value that is overruled in the environment is not
// even read, while a file is checked as a whole. Complaints are written without the command's name, which
// options_new() puts before whichever comes out.
#include "core/options.h"

#include "core/options_file.h"
#include "core/options_parts.h"

#include <stdlib.h>
#include <string.h>

const struct option_rule options_built_in[OPTIONS_BUILT_IN] = {
    {.name = "config", .kind = OPTION_TEXT, .value = "FILE", .help = "a YAML file of options, \"name: value\" a line"},
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "show this page"},
};

struct slot *options_slot(const struct options *options, const char *name, size_t length)
{
    for (size_t i = 0; i < options->count; i++) {
        if (strlen(options->rules[i].name) == length && strncmp(options->rules[i].name, name, length) == 0) {
            return &options->slots[i];
        }
    }
    return NULL;
}

const struct option_rule *options_rule(const struct options *options, const struct slot *slot)
{
    return &options->rules[slot - options->slots];
}

enum status options_fill(const struct options *options, struct slot *slot, enum source source, const char *text,
                         const char *shown, struct complaint *complaint)
{
    slot->source = source;
    return option_read(options_rule(options, slot), text, shown, &slot->value, complaint);
}

static enum status read_environment(struct options *options, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i + 1 < options->count && status == STATUS_OK; i++) {
        char variable[OPTION_VARIABLE_MAX];
        option_variable(options->rules[i].name, variable);
        const char *text = getenv(variable);
        if (text && *text && options->slots[i].source == SOURCE_NONE) {
            char shown[160];
            (void)snprintf(shown, sizeof shown, "%s=%.60s", variable, text);
            status = options_fill(options, &options->slots[i], SOURCE_ENVIRONMENT, text, shown, complaint);
        }
    }
    return status;
}

static enum status read_file(struct options *options, struct complaint *complaint)
{
    const char *path = options_text(options, "config");
    if (!path) {
        return STATUS_OK;
    }
    const size_t count = options->command->rule_count;
    const enum status status = options_file_load(path, options->rules, count, &options->file, complaint);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const struct option_value *value = options_file_value(options->file, i);
        if (value && options->slots[i].source == SOURCE_NONE) {
            options->slots[i] = (struct slot){SOURCE_FILE, *value};
        }
    }
    return status;
}

static enum status fill_defaults(struct options *options, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < options->count && status == STATUS_OK; i++) {
        const struct option_rule *rule = &options->rules[i];
        if (options->slots[i].source == SOURCE_NONE && rule->standard) {
            status = options_fill(options, &options->slots[i], SOURCE_DEFAULT, rule->standard, rule->name, complaint);
        }
    }
    return status;
}

static enum status read_all(struct options *options, int argc, char *const *argv, struct complaint *complaint)
{
    const int skipped = argc > 0 ? 1 : 0;
    enum status status = options_read_line(options, argc - skipped, argv + skipped, complaint);
    if (status == STATUS_OK && options_help(options)) {
        return STATUS_OK;
    }
    enum status (*const weaker[])(struct options *, struct complaint *) = {read_environment, read_file, fill_defaults};
    for (size_t i = 0; status == STATUS_OK && i < sizeof weaker / sizeof *weaker; i++) {
        status = weaker[i](options, complaint);
    }
    return status;
}

enum status options_new(const struct options_command *command, int argc, char *const *argv, struct options **out,
                        struct complaint *complaint)
{
    *out = NULL;
    enum status status = STATUS_NO_MEMORY;
    struct complaint inner = {"out of memory"};
    struct options *options = calloc(1, sizeof *options);
    if (!options) {
        goto fail;
    }
    options->command = command;
    options->count = command->rule_count + OPTIONS_BUILT_IN;
    options->rules = calloc(options->count, sizeof *options->rules);
    options->slots = calloc(options->count, sizeof *options->slots);
    options->operands = calloc((size_t)argc + 1, sizeof *options->operands);
    if (!options->rules || !options->slots || !options->operands) {
        goto fail;
    }
    if (command->rule_count) {
        memcpy(options->rules, command->rules, command->rule_count * sizeof *options->rules);
    }
    memcpy(options->rules + command->rule_count, options_built_in, sizeof options_built_in);
    status = read_all(options, argc, argv, &inner);
    if (status != STATUS_OK) {
        goto fail;
    }
    *out = options;
    return STATUS_OK;
fail:
    options_free(options);
    return complain(complaint, status, "%s: %s", command->name, inner.text);
}

void options_free(struct options *options)
{
    if (options) {
        options_file_free(options->file);
        free(options->rules);
        free(options->slots);
        free(options->operands);
        free(options);
    }
}

/// The slot of an option that a command asks for.
static const struct slot *asked(const struct options *options, const char *name, unsigned kinds)
{
    const struct slot *slot = options_slot(options, name, strlen(name));
    if (!slot || !(kinds >> options_rule(options, slot)->kind & 1)) {
        (void)fprintf(stderr, "%s: the program asks for an option \"%s\" that is not in its table\n",
                      options->command->name, name);
        abort();
    }
    return slot;
}

bool options_help(const struct options *options)
{
    return options->slots[options->count - 1].value.flag;
}

bool options_has(const struct options *options, const char *name)
{
    return asked(options, name, ~0U)->source != SOURCE_NONE;
}

bool options_given(const struct options *options, const char *name)
{
    const enum source source = asked(options, name, ~0U)->source;
    return source != SOURCE_NONE && source != SOURCE_DEFAULT;
}

bool options_typed(const struct options *options, const char *name)
{
    return asked(options, name, ~0U)->source == SOURCE_COMMAND_LINE;
}

const char *options_text(const struct options *options, const char *name)
{
    return asked(options, name, 1U << OPTION_TEXT | 1U << OPTION_CHOICE)->value.text;
}

const char *options_written(const struct options *options, const char *name)
{
    return asked(options, name, ~0U)->value.text;
}

int64_t options_integer(const struct options *options, const char *name)
{
    return asked(options, name, 1U << OPTION_INTEGER)->value.integer;
}

double options_number(const struct options *options, const char *name)
{
    return asked(options, name, 1U << OPTION_NUMBER)->value.number;
}

bool options_flag(const struct options *options, const char *name)
{
    return asked(options, name, 1U << OPTION_FLAG)->value.flag;
}

/// The index of an option whose list stands in the file and was not overruled; else the count of all.
static size_t listed(const struct options *options, const char *name)
{
    const struct slot *slot = asked(options, name, 1U << OPTION_TEXT);
    return slot->source == SOURCE_FILE ? (size_t)(slot - options->slots) : options->count;
}

size_t options_item_count(const struct options *options, const char *name)
{
    const size_t index = listed(options, name);
    return index < options->count ? options_file_item_count(options->file, index) : 0;
}

const struct option_value *options_item(const struct options *options, const char *name, size_t index,
                                        const char *field)
{
    const struct option_rule *rule = options_rule(options, asked(options, name, 1U << OPTION_TEXT));
    for (size_t i = 0; i < rule->field_count; i++) {
        if (strcmp(rule->fields[i].name, field) == 0) {
            const size_t list = listed(options, name);
            return list < options->count ? options_file_item(options->file, list, index, i) : NULL;
        }
    }
    (void)fprintf(stderr, "%s: the program asks for a field \"%s\" that \"%s\" does not have\n", options->command->name,
                  field, name);
    abort();
}

int options_item_line(const struct options *options, const char *name, size_t index)
{
    const size_t list = listed(options, name);
    return list < options->count ? options_file_item_line(options->file, list, index) : 0;
}

size_t options_operand_count(const struct options *options)
{
    return options->operand_count;
}

const char *options_operand(const struct options *options, size_t index)
{
    return index < options->operand_count ? options->operands[index] : NULL;
}
