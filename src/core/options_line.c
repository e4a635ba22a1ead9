// SPDX-License-Identifier: GPL-3.0-or-later
// The command line, word by word, as getopt_long() reads it but without its global state and its abbreviations: a
// name cut short would change its meaning when an option is added.
#include "core/nearest.h"
#include "core/options_parts.h"

#include <ctype.h>
#include <string.h>

/// The words of the command line that are left.
struct words {
    char *const *at;
    char *const *end;
};

/// Gives the option the value \p inside the word, or else the next word.
static enum status take_value(struct options *options, struct slot *slot, const char *shown_name, const char *inside,
                              struct words *words, struct complaint *complaint)
{
    const struct option_rule *rule = options_rule(options, slot);
    const char *text = inside;
    if (!text && rule->kind == OPTION_FLAG) {
        text = "yes";
    } else if (!text && words->at == words->end) {
        char allowed[160];
        option_allowed(rule, allowed, sizeof allowed);
        return complain(complaint, STATUS_INVALID, "%s needs a value: %s", shown_name, allowed);
    } else if (!text) {
        text = *words->at++;
    }
    char shown[120];
    (void)snprintf(shown, sizeof shown, "%.40s %.60s", shown_name, text);
    return options_fill(options, slot, SOURCE_COMMAND_LINE, text, shown, complaint);
}

static enum status refuse_unknown(const struct options *options, const char *name, size_t length,
                                  struct complaint *complaint)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "%.*s", (int)(length < sizeof wanted ? length : sizeof wanted - 1), name);
    const char *meant = name_nearest(wanted, &options->rules[0].name, options->count, sizeof *options->rules);
    if (meant) {
        return complain(complaint, STATUS_UNKNOWN, "there is no option --%s: did you mean --%s?", wanted, meant);
    }
    return complain(complaint, STATUS_UNKNOWN, "there is no option --%s: see --help", wanted);
}

/// A word that begins with two hyphens.
static enum status take_long(struct options *options, const char *word, struct words *words,
                             struct complaint *complaint)
{
    const char *name = word + 2;
    const size_t length = strcspn(name, "=");
    const char *inside = name[length] == '=' ? name + length + 1 : NULL;
    char shown[64];
    (void)snprintf(shown, sizeof shown, "--%.*s", (int)(length < 60 ? length : 60), name);
    struct slot *slot = options_slot(options, name, length);
    if (slot) {
        return take_value(options, slot, shown, inside, words, complaint);
    }
    if (strncmp(name, "no-", 3) == 0) {
        slot = options_slot(options, name + 3, length - 3);
        if (slot && options_rule(options, slot)->kind == OPTION_FLAG) {
            if (inside) {
                return complain(complaint, STATUS_INVALID, "%s takes no value", shown);
            }
            return options_fill(options, slot, SOURCE_COMMAND_LINE, "no", shown, complaint);
        }
    }
    return refuse_unknown(options, name, length, complaint);
}

/// A word of one hyphen and letters: flags may stand together, and the last may have its value in the word.
static enum status take_letters(struct options *options, const char *word, struct words *words,
                                struct complaint *complaint)
{
    for (const char *letter = word + 1; *letter; letter++) {
        struct slot *slot = NULL;
        for (size_t i = 0; i < options->count && !slot; i++) {
            slot = options->rules[i].letter == *letter ? &options->slots[i] : NULL;
        }
        if (!slot) {
            return complain(complaint, STATUS_UNKNOWN, "there is no option -%c: see --help",
                            isprint((unsigned char)*letter) ? *letter : '?');
        }
        const bool is_flag = options_rule(options, slot)->kind == OPTION_FLAG;
        const char *inside = !is_flag && letter[1] ? letter + 1 : NULL;
        const enum status status =
            take_value(options, slot, (const char[]){'-', *letter, '\0'}, inside, words, complaint);
        if (status != STATUS_OK || !is_flag) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status take_operand(struct options *options, const char *word, struct complaint *complaint)
{
    if (options->operand_count == options->command->operands_max) {
        return complain(complaint, STATUS_INVALID, "\"%.60s\" is one word too many: see --help", word);
    }
    options->operands[options->operand_count++] = word;
    return STATUS_OK;
}

enum status options_read_line(struct options *options, int count, char *const *argv, struct complaint *complaint)
{
    struct words words = {argv, argv + count};
    bool only_operands = false;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && words.at < words.end && !options_help(options)) {
        const char *word = *words.at++;
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            status = take_operand(options, word, complaint);
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (word[1] == '-') {
            status = take_long(options, word, &words, complaint);
        } else {
            status = take_letters(options, word, &words, complaint);
        }
    }
    return status;
}
