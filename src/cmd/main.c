// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The program: finds the command and runs it.
#include "cmd/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    size_t (*rules)(struct option_rule *rules);
    const char *summary; ///< NULL: not for people, without options
} commands[] = {
    {"serve", command_serve, serve_rules, "endless stations for browsers and players"},
    {"render", command_render, render_rules, "a station to WAV, FLAC, Ogg or MIDI, or a MIDI file to sound"},
    {"listen", command_listen, listen_rules, "says what it hears in a sound file or from a device"},
    {"modules", command_modules, modules_rules, "what patches of the synthesizer are made of"},
    {"synth", command_synth, synth_rules, "the modular synthesizer in real time, steered by OSC or a script"},
    {"ctl", command_ctl, ctl_rules, "sends a message to tutti synth and prints the answer"},
    {"bench", command_bench, bench_rules, "every figure that the project claims, as JSON, each beside its peer"},
    {"slot", command_slot, NULL, NULL},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out)
{
    (void)fprintf(out, "usage: tutti COMMAND [OPTION]...\n\nEndless generative music, in real time.\n\n");
    for (int i = 0; i < COMMANDS; i++) {
        if (commands[i].summary) {
            (void)fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
        }
    }
    (void)fprintf(out, "\ntutti COMMAND --help says more. tutti --version prints the version.\n");
}

struct options *command_options(const struct options_command *command, int argc, char **argv, int *exit)
{
    struct options *options = NULL;
    struct complaint complaint;
    if (options_new(command, argc, argv, &options, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", complaint.text);
        *exit = EXIT_WRONG_USE;
        return NULL;
    }
    if (options_help(options)) {
        options_print_help(command, stdout);
        options_free(options);
        *exit = EXIT_OK;
        return NULL;
    }
    return options;
}

int command_fail(const char *name, const char *message)
{
    (void)fprintf(stderr, "%s: %s\n", name, message);
    return EXIT_FAILED;
}

// Before the command itself, which may go on for days.
static void check_environment(void)
{
    struct option_rule rules[COMMANDS][COMMAND_RULES_MAX];
    struct options_command known[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) {
        const size_t count = commands[i].rules ? commands[i].rules(rules[i]) : 0;
        known[i] = (struct options_command){.rules = rules[i], .rule_count = count};
    }
    options_check_environment(known, COMMANDS, stderr);
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    // A reader that is gone is an error of the write, which is told, and no end without a word.
    (void)signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): it cannot fail for this signal
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            if (commands[i].rules) {
                check_environment();
            }
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (is_one_of(name, (const char *const[]){"--version", "version", NULL})) {
        (void)printf("tutti %s\n", TUTTI_VERSION);
        return EXIT_OK;
    }
    if (is_one_of(name, (const char *const[]){"--help", "-h", "help", NULL})) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (*name) {
        (void)fprintf(stderr, "tutti: there is no command \"%s\"\n\n", name);
    }
    print_help(stderr);
    return EXIT_WRONG_USE;
}
