// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const modes[] = {"ionian", "dorian", "aeolian", NULL};

static const struct option_rule song_fields[] = {
    {.name = "name", .kind = OPTION_TEXT},
    {.name = "bpm", .kind = OPTION_NUMBER, .min = 30, .max = 200},
    {.name = "mode", .kind = OPTION_CHOICE, .choices = modes},
};

static const struct option_rule rules[] = {
    {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .value = "FILE", .help = "where the sound goes"},
    {.name = "bpm", .kind = OPTION_NUMBER, .help = "beats a minute", .standard = "60", .min = 30, .max = 200},
    {.name = "seed", .letter = 's', .kind = OPTION_INTEGER, .help = "the music's seed", .max = 4294967295},
    {.name = "mode", .kind = OPTION_CHOICE, .help = "the mode", .standard = "dorian", .choices = modes},
    {.name = "sample-rate", .kind = OPTION_INTEGER, .help = "frames a second", .min = 8000, .max = 192000},
    {.name = "gain", .kind = OPTION_NUMBER, .help = "any number"},
    {.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .help = "say nothing"},
    {.name = "loop", .letter = 'l', .kind = OPTION_FLAG, .help = "play again", .standard = "yes"},
    {.name = "songs",
     .kind = OPTION_TEXT,
     .value = "LIST",
     .help = "what to play",
     .fields = song_fields,
     .field_count = sizeof song_fields / sizeof *song_fields},
};

static const struct options_command command = {
    .name = "tutti render",
    .summary = "Renders a station or a patch to a file, faster than real time.",
    .operands = "[PATCH]",
    .operands_max = 2,
    .rules = rules,
    .rule_count = sizeof rules / sizeof *rules,
};

enum { WORDS_MAX = 10, TOO_MANY = 257 };

static enum status parse(const char *const *given, struct options **out, struct complaint *complaint)
{
    char *words[WORDS_MAX + 1] = {NULL};
    static char storage[WORDS_MAX][256];
    int count = 0;
    for (; given[count]; count++) {
        (void)snprintf(storage[count], sizeof storage[count], "%s", given[count]);
        words[count] = storage[count];
    }
    return options_new(&command, count, words, out, complaint);
}

static struct options *accept_words(const char *const *words)
{
    struct options *options = NULL;
    struct complaint complaint = {""};
    if (parse(words, &options, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return options;
}

static void assert_refused(const char *const *words, enum status status, const char *text)
{
    struct options *options = NULL;
    struct complaint complaint = {""};
    assert_int_equal(parse(words, &options, &complaint), status);
    assert_null(options);
    assert_string_equal(complaint.text, text);
}

#define WORDS(...) ((const char *const[]){"render", __VA_ARGS__, NULL})

/// A file of options under a fixed text, named in the complaint as /tmp/tutti-options-XXXXXX.
struct file {
    char path[40];
};

static struct file write_file(const char *yaml)
{
    struct file file = {"/tmp/tutti-options-XXXXXX"};
    const int descriptor = mkstemp(file.path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, yaml, strlen(yaml)), strlen(yaml));
    assert_int_equal(close(descriptor), 0);
    return file;
}

static void assert_file_refused(const char *yaml, enum status status, const char *text)
{
    const struct file file = write_file(yaml);
    char whole[300];
    (void)snprintf(whole, sizeof whole, "tutti render: %s:%s", file.path, text);
    struct options *options = NULL;
    struct complaint complaint = {""};
    assert_int_equal(parse(WORDS("--config", file.path), &options, &complaint), status);
    assert_null(options);
    complaint.text[strlen(whole) < sizeof complaint.text ? strlen(whole) : sizeof complaint.text - 1] = '\0';
    assert_string_equal(complaint.text, whole);
    assert_int_equal(unlink(file.path), 0);
}

static void nothing_given_leaves_the_defaults(void **state)
{
    (void)state;
    struct options *options = accept_words((const char *const[]){"render", NULL});
    assert_true(options_number(options, "bpm") == 60);
    assert_true(options_has(options, "bpm") && !options_given(options, "bpm"));
    assert_string_equal(options_text(options, "mode"), "dorian");
    assert_true(options_flag(options, "loop") && !options_flag(options, "quiet"));
    assert_null(options_text(options, "output"));
    assert_false(options_has(options, "seed"));
    assert_int_equal(options_integer(options, "seed"), 0);
    assert_int_equal(options_operand_count(options), 0);
    assert_null(options_operand(options, 0));
    options_free(options);
    options_free(NULL);
}

static void every_way_of_writing_a_value(void **state)
{
    (void)state;
    struct options *options = accept_words(WORDS("--bpm", "72.5", "--mode=aeolian", "-qo-", "-s", "4294967295", "in"));
    assert_true(options_number(options, "bpm") == 72.5 && options_given(options, "bpm"));
    assert_true(options_typed(options, "bpm"));
    assert_string_equal(options_text(options, "mode"), "aeolian");
    assert_true(options_flag(options, "quiet"));
    assert_string_equal(options_text(options, "output"), "-");
    assert_int_equal(options_integer(options, "seed"), 4294967295);
    assert_int_equal(options_operand_count(options), 1);
    assert_string_equal(options_operand(options, 0), "in");
    options_free(options);
}

static void the_last_word_counts_and_flags_can_be_turned_off(void **state)
{
    (void)state;
    struct options *options = accept_words(WORDS("--bpm=60", "--bpm=90", "--quiet", "--no-quiet", "--loop=off"));
    assert_true(options_number(options, "bpm") == 90);
    assert_false(options_flag(options, "quiet"));
    assert_false(options_flag(options, "loop"));
    options_free(options);
}

static void operands_are_what_is_no_option(void **state)
{
    (void)state;
    struct options *options = accept_words(WORDS("-", "--gain", "-5", "--", "--bpm"));
    assert_true(options_number(options, "gain") == -5);
    assert_int_equal(options_operand_count(options), 2);
    assert_string_equal(options_operand(options, 0), "-");
    assert_string_equal(options_operand(options, 1), "--bpm");
    options_free(options);
    assert_refused(WORDS("a", "b", "c"), STATUS_INVALID, "tutti render: \"c\" is one word too many: see --help");
}

static void bad_numbers_are_refused_with_what_to_give(void **state)
{
    (void)state;
    assert_refused(WORDS("--bpm", "900"), STATUS_RANGE, "tutti render: --bpm 900 is out of range: give 30 to 200");
    assert_refused(WORDS("--seed", "-1"), STATUS_RANGE,
                   "tutti render: --seed -1 is out of range: give a whole number from 0 to 4294967295");
    static const char *const never[] = {"nan", "inf", "-inf", "0x40", "60bpm", "60 ", " 60", "", "1e", "--60", "1e999"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        struct options *options = NULL;
        struct complaint complaint = {""};
        assert_int_not_equal(parse(WORDS("--bpm", never[i]), &options, &complaint), STATUS_OK);
        assert_non_null(strstr(complaint.text, ": give 30 to 200"));
        assert_int_not_equal(parse(WORDS("--gain", never[i]), &options, &complaint), STATUS_OK);
        assert_non_null(strstr(complaint.text, ": give a number"));
    }
    static const char *const no_integers[] = {"1.5", "1e3", "99999999999999999999", "-99999999999999999999", "+", ""};
    for (size_t i = 0; i < sizeof no_integers / sizeof *no_integers; i++) {
        struct options *options = NULL;
        assert_int_not_equal(parse(WORDS("--seed", no_integers[i]), &options, NULL), STATUS_OK);
        assert_null(options);
    }
}

static void limits_are_inside_the_range(void **state)
{
    (void)state;
    struct options *options = accept_words(WORDS("--bpm=30", "--seed=0", "--sample-rate=192000"));
    assert_true(options_number(options, "bpm") == 30);
    assert_true(options_has(options, "seed") && options_integer(options, "seed") == 0);
    assert_int_equal(options_integer(options, "sample-rate"), 192000);
    options_free(options);
}

static void mistyped_names_get_a_suggestion(void **state)
{
    (void)state;
    assert_refused(WORDS("--bmp", "60"), STATUS_UNKNOWN, "tutti render: there is no option --bmp: did you mean --bpm?");
    assert_refused(WORDS("--no-lop"), STATUS_UNKNOWN, "tutti render: there is no option --no-lop: see --help");
    assert_refused(WORDS("--no-bpm"), STATUS_UNKNOWN, "tutti render: there is no option --no-bpm: see --help");
    assert_refused(WORDS("--xylophone"), STATUS_UNKNOWN, "tutti render: there is no option --xylophone: see --help");
    assert_refused(WORDS("--mode", "doriann"), STATUS_UNKNOWN,
                   "tutti render: --mode doriann is unknown: did you mean dorian?");
    assert_refused(WORDS("--mode", "loud"), STATUS_UNKNOWN,
                   "tutti render: --mode loud is unknown: give ionian, dorian or aeolian");
    assert_refused(WORDS("-qx"), STATUS_UNKNOWN, "tutti render: there is no option -x: see --help");
}

static void values_are_neither_missing_nor_too_many(void **state)
{
    (void)state;
    assert_refused(WORDS("--bpm"), STATUS_INVALID, "tutti render: --bpm needs a value: give 30 to 200");
    assert_refused(WORDS("-o"), STATUS_INVALID, "tutti render: -o needs a value: give a text");
    assert_refused(WORDS("--no-loop=yes"), STATUS_INVALID, "tutti render: --no-loop takes no value");
    assert_refused(WORDS("--loop=maybe"), STATUS_INVALID,
                   "tutti render: --loop maybe is neither yes nor no: give yes or no");
}

static void help_is_heard_before_anything_after_it(void **state)
{
    (void)state;
    struct options *options = accept_words(WORDS("-qh", "--nonsense"));
    assert_true(options_help(options));
    options_free(options);
    assert_false(options_help(options = accept_words(WORDS("-q"))));
    options_free(options);
}

static void the_page_names_all_and_is_no_wider_than_a_terminal(void **state)
{
    (void)state;
    char *page = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&page, &size);
    assert_non_null(stream);
    options_print_help(&command, stream);
    assert_int_equal(fclose(stream), 0);
    static const char *const wanted[] = {
        "usage: tutti render [OPTION]... [PATCH]\n",
        "\n  -o, --output FILE         where the sound goes\n",
        "\n      --bpm N               beats a minute: 30 to 200 (default 60)\n",
        "ionian, dorian or aeolian (default dorian)",
        "\n      --config FILE ",
        "\n  -h, --help ",
        "A flag is turned off by --no-NAME.",
        "TUTTI_OUTPUT for --output",
        "4294967295\n",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!strstr(page, wanted[i])) {
            fail_msg("no \"%s\" in:\n%s", wanted[i], page);
        }
    }
    for (const char *line = page; *line; line += strcspn(line, "\n") + 1) {
        assert_in_range(strcspn(line, "\n"), 0, 80);
    }
    free(page);
}

static void the_page_says_nothing_of_what_a_command_lacks(void **state)
{
    (void)state;
    const struct options_command bare = {.name = "tutti bare", .summary = "Does little."};
    char *page = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&page, &size);
    assert_non_null(stream);
    options_print_help(&bare, stream);
    assert_int_equal(fclose(stream), 0);
    assert_null(strstr(page, "--no-NAME"));
    assert_non_null(strstr(page, "TUTTI_CONFIG"));
    free(page);
}

static void large_limits_are_written_out(void **state)
{
    (void)state;
    const struct option_rule rule = {.name = "seed", .kind = OPTION_INTEGER, .max = 9007199254740991.0};
    char allowed[160];
    option_allowed(&rule, allowed, sizeof allowed);
    assert_string_equal(allowed, "give a whole number from 0 to 9007199254740991");
}

static void variables_that_mean_nothing_are_told(void **state)
{
    (void)state;
    static const struct option_rule others[] = {{.name = "port", .kind = OPTION_INTEGER}};
    const struct options_command commands[] = {command, {.name = "other", .rules = others, .rule_count = 1}};
    static const char *const set[] = {"TUTTI_PORT", "TUTTI_BPM",         "TUTTI_CONFIG",
                                      "TUTTI",      "TUTTI_SAMPEL_RATE", "TUTTI_XYLOPHONE"};
    char *told = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&told, &size);
    assert_non_null(stream);
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        assert_int_equal(setenv(set[i], "1", 1), 0);
    }
    options_check_environment(commands, 2, stream);
    assert_int_equal(fclose(stream), 0);
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        assert_int_equal(unsetenv(set[i]), 0);
    }
    assert_string_equal(told, "warning: TUTTI_SAMPEL_RATE means nothing to Tutti: did you mean TUTTI_SAMPLE_RATE?\n"
                              "warning: TUTTI_XYLOPHONE means nothing to Tutti\n");
    free(told);
}

static void sources_have_their_order(void **state)
{
    (void)state;
    const struct file file = write_file("bpm: 70\nmode: aeolian\nsample-rate: 44100\nquiet: true\n");
    assert_int_equal(setenv("TUTTI_BPM", "80", 1), 0);
    assert_int_equal(setenv("TUTTI_MODE", "ionian", 1), 0);
    assert_int_equal(setenv("TUTTI_OUTPUT", "", 1), 0);
    assert_int_equal(setenv("TUTTI_CONFIG", file.path, 1), 0);
    struct options *options = accept_words(WORDS("--bpm", "90", "--no-quiet"));
    assert_true(options_number(options, "bpm") == 90);
    assert_string_equal(options_text(options, "mode"), "ionian");
    assert_int_equal(options_integer(options, "sample-rate"), 44100);
    assert_true(options_given(options, "sample-rate") && !options_typed(options, "sample-rate"));
    assert_false(options_flag(options, "quiet"));
    assert_true(options_flag(options, "loop") && !options_given(options, "loop"));
    assert_null(options_text(options, "output"));
    options_free(options);
    assert_int_equal(unsetenv("TUTTI_CONFIG"), 0);
    assert_int_equal(setenv("TUTTI_SAMPLE_RATE", "fast", 1), 0);
    assert_refused(WORDS("-q"), STATUS_INVALID,
                   "tutti render: TUTTI_SAMPLE_RATE=fast is not a whole number: "
                   "give a whole number from 8000 to 192000");
    assert_int_equal(unsetenv("TUTTI_SAMPLE_RATE"), 0);
    assert_int_equal(unsetenv("TUTTI_OUTPUT"), 0);
    assert_int_equal(unsetenv("TUTTI_MODE"), 0);
    assert_int_equal(unsetenv("TUTTI_BPM"), 0);
    assert_int_equal(unlink(file.path), 0);
}

static void bad_files_are_refused_by_name_and_key(void **state)
{
    (void)state;
    assert_file_refused("bmp: 60\n", STATUS_UNKNOWN, "1: there is no option bmp: did you mean bpm?");
    assert_file_refused("\nxylophone: 60\n", STATUS_UNKNOWN, "2: there is no option xylophone: see --help");
    assert_file_refused("config: a.yaml\n", STATUS_UNKNOWN, "1: there is no option config");
    assert_file_refused("bpm: 900\n", STATUS_RANGE, "1: bpm: 900 is out of range: give 30 to 200");
    assert_file_refused("quiet: on\nbpm: .nan\n", STATUS_INVALID, "2: bpm: .nan is not a number: give 30 to 200");
    assert_file_refused("bpm:\n", STATUS_INVALID, "1: bpm:  is not a number: give 30 to 200");
    assert_file_refused("bpm: 60\nseed: 1\nbpm: 61\n", STATUS_INVALID, "3: bpm is given twice: first on line 1");
    assert_file_refused("output: \"a\\0b\"\n", STATUS_CORRUPT, "1: output is no single value: give a text");
    assert_file_refused("mode: [ionian]\n", STATUS_CORRUPT, "1: mode is no single value: give ionian, dorian or");
    assert_file_refused("bpm: {a: b}\n", STATUS_CORRUPT, "1: bpm is no single value: give 30 to 200");
    assert_file_refused("[a]: 1\n", STATUS_CORRUPT, "1: not a list of \"name: value\" lines");
    assert_file_refused("- bpm\n", STATUS_CORRUPT, "1: not a list of \"name: value\" lines");
    assert_file_refused("quiet: on\nbpm: 'x\n", STATUS_CORRUPT, "3: not YAML: ");
    assert_file_refused("bpm: *a\n", STATUS_CORRUPT, "1: not YAML: ");
    assert_refused(WORDS("--config", "/nonexistent/tutti.yaml"), STATUS_IO,
                   "tutti render: /nonexistent/tutti.yaml: No such file or directory");
    assert_refused(WORDS("--config", "/tmp"), STATUS_IO, "tutti render: /tmp: Is a directory");
}

static const char song_list[] = "bpm: 70\n"
                                "songs:\n"
                                "  - name: first\n"
                                "    bpm: 80\n"
                                "  - {mode: aeolian, name: second}\n";

static void a_file_may_give_a_list(void **state)
{
    (void)state;
    const struct file file = write_file(song_list);
    struct options *options = accept_words(WORDS("--config", file.path));
    assert_true(options_given(options, "songs"));
    assert_null(options_text(options, "songs"));
    assert_int_equal(options_item_count(options, "songs"), 2);
    assert_string_equal(options_item(options, "songs", 0, "name")->text, "first");
    assert_true(options_item(options, "songs", 0, "bpm")->number == 80);
    assert_int_equal(options_item(options, "songs", 0, "bpm")->line, 4);
    assert_null(options_item(options, "songs", 0, "mode"));
    assert_string_equal(options_item(options, "songs", 1, "mode")->text, "aeolian");
    assert_null(options_item(options, "songs", 1, "bpm"));
    assert_null(options_item(options, "songs", 2, "name"));
    assert_int_equal(options_item_line(options, "songs", 1), 5);
    assert_true(options_number(options, "bpm") == 70);
    options_free(options);
    // A text that goes before the file leaves nothing of its list, and a text in the file is no list.
    options = accept_words(WORDS("--songs", "other", "--config", file.path));
    assert_string_equal(options_text(options, "songs"), "other");
    assert_int_equal(options_item_count(options, "songs"), 0);
    assert_null(options_item(options, "songs", 0, "name"));
    options_free(options);
    assert_int_equal(unlink(file.path), 0);
}

static void lists_and_texts_in_files(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        size_t count;
    } cases[] = {{"songs: a,b\n", 0}, {"songs: []\n", 0}, {"songs: [{}]\n", 1}, {"songs: [&a {name: x}, *a]\n", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct file file = write_file(cases[i].yaml);
        struct options *options = accept_words(WORDS("--config", file.path));
        assert_int_equal(options_item_count(options, "songs"), cases[i].count);
        options_free(options);
        assert_int_equal(unlink(file.path), 0);
    }
}

static void bad_lists_are_refused_by_line_and_field(void **state)
{
    (void)state;
    assert_file_refused("songs:\n  - name: a\n  - bmp: 60\n", STATUS_UNKNOWN,
                        "3: songs: there is no field bmp: did you mean bpm?");
    assert_file_refused("songs:\n  - name: a\n    bpm: 900\n", STATUS_RANGE,
                        "3: songs: bpm: 900 is out of range: give 30 to 200");
    assert_file_refused("songs:\n  - mode: loud\n", STATUS_UNKNOWN,
                        "2: songs: mode: loud is unknown: give ionian, dorian or aeolian");
    assert_file_refused("songs:\n  - name: a\n    name: b\n", STATUS_INVALID,
                        "3: songs: name is given twice: first on line 2");
    assert_file_refused("songs:\n  - first\n", STATUS_CORRUPT, "2: songs: not a list of \"name: value\" lines");
    assert_file_refused("songs:\n  - name: [a]\n", STATUS_CORRUPT, "2: songs: name is no single value: give a text");
    assert_file_refused("songs: &a [*a]\n", STATUS_CORRUPT, "1: songs: not a list of \"name: value\" lines");
    assert_file_refused("songs: {name: a}\n", STATUS_CORRUPT, "1: songs is no single value: give a text");
    char many[TOO_MANY * 4 + 32] = "songs: [";
    for (int i = 0; i < TOO_MANY; i++) {
        strcat(many, "{},"); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
    }
    strcat(many, "]\n"); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
    assert_file_refused(many, STATUS_FULL, "1: songs: a list has at most 256 items");
}

static void files_may_be_empty_but_not_endless(void **state)
{
    (void)state;
    static const char *const silent[] = {"", "# nothing\n", "{}\n"};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        const struct file file = write_file(silent[i]);
        struct options *options = accept_words(WORDS("--config", file.path));
        assert_true(options_number(options, "bpm") == 60);
        options_free(options);
        assert_int_equal(unlink(file.path), 0);
    }
    assert_refused(WORDS("--config", "/dev/zero"), STATUS_FULL, "tutti render: /dev/zero: longer than 65536 bytes");
}

static void a_command_may_have_no_options_of_its_own(void **state)
{
    (void)state;
    const struct options_command bare = {.name = "tutti bare", .summary = "Does little."};
    struct options *options = NULL;
    char *words[] = {(char[]){"bare"}, NULL};
    assert_int_equal(options_new(&bare, 1, words, &options, NULL), STATUS_OK);
    options_free(options);
    assert_int_equal(options_new(&bare, 0, words + 1, &options, NULL), STATUS_OK);
    options_free(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_leaves_the_defaults),
        cmocka_unit_test(every_way_of_writing_a_value),
        cmocka_unit_test(the_last_word_counts_and_flags_can_be_turned_off),
        cmocka_unit_test(operands_are_what_is_no_option),
        cmocka_unit_test(bad_numbers_are_refused_with_what_to_give),
        cmocka_unit_test(limits_are_inside_the_range),
        cmocka_unit_test(mistyped_names_get_a_suggestion),
        cmocka_unit_test(values_are_neither_missing_nor_too_many),
        cmocka_unit_test(help_is_heard_before_anything_after_it),
        cmocka_unit_test(the_page_names_all_and_is_no_wider_than_a_terminal),
        cmocka_unit_test(the_page_says_nothing_of_what_a_command_lacks),
        cmocka_unit_test(large_limits_are_written_out),
        cmocka_unit_test(variables_that_mean_nothing_are_told),
        cmocka_unit_test(sources_have_their_order),
        cmocka_unit_test(bad_files_are_refused_by_name_and_key),
        cmocka_unit_test(a_file_may_give_a_list),
        cmocka_unit_test(lists_and_texts_in_files),
        cmocka_unit_test(bad_lists_are_refused_by_line_and_field),
        cmocka_unit_test(files_may_be_empty_but_not_endless),
        cmocka_unit_test(a_command_may_have_no_options_of_its_own),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
