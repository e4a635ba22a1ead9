// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/patch_file.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct patch *parse(const char *text)
{
    struct patch *patch = NULL;
    struct complaint complaint = {""};
    if (patch_file_parse(text, strlen(text), "x.yaml", NULL, &patch, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return patch;
}

static const char whole[] = "title: Tone\n"
                            "about: One tone.\n"
                            "modules:\n"
                            "  keys: {type: notes, voices: 12, mode: mono, glide: 0.1}\n"
                            "  osc:\n"
                            "    frequency: 220\n"
                            "    type: sine\n"
                            "  other: {type: sine}\n"
                            "cables:\n"
                            "  - keys.pitch -> osc.pitch, other.pitch * 0.5\n"
                            "  - osc.out->other.phase*-2\n";

static void reads_modules_and_cables(void **state)
{
    (void)state;
    struct patch *patch = parse(whole);
    struct patch_module *keys = NULL;
    struct patch_module *osc = NULL;
    struct patch_module *other = NULL;
    assert_string_equal(patch_title(patch), "Tone");
    assert_string_equal(patch_about(patch), "One tone.");
    assert_int_equal(patch_module_count(patch), 3);
    assert_int_equal(patch_find(patch, "keys", &keys, NULL), STATUS_OK);
    assert_int_equal(patch_find(patch, "osc", &osc, NULL), STATUS_OK);
    assert_int_equal(patch_find(patch, "other", &other, NULL), STATUS_OK);
    assert_int_equal(keys->voices, 12);
    assert_float_equal(keys->params[0], 1, 0);
    assert_float_equal(osc->params[0], 220, 0);
    assert_float_equal(other->params[0], 440, 0);
    assert_int_equal(patch_cable_count(patch), 3);
    static const float gains[] = {1, 0.5F, -2};
    for (size_t i = 0; i < 3; i++) {
        assert_float_equal(patch_cable_at(patch, i)->gain, gains[i], 0);
    }
    assert_int_equal(patch_cable_at(patch, 2)->from, osc->uid);
    assert_int_equal(patch_cable_at(patch, 2)->to, other->uid);
    assert_int_equal(patch_cable_at(patch, 2)->to_port, 1);
    patch_free(patch);
}

/// What is refused, and words that its complaint has: the line, and what to do.
static void refuses_mistakes_with_their_line_and_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *word;
    } cases[] = {
        {"", "x.yaml: empty", "modules:"},
        {"# nothing\n", "x.yaml: empty", "modules:"},
        {"hello\n", "x.yaml:1:", "modules:"},
        {"title: x\n", "x.yaml:1:", "modules:"},
        {"modules: {}\ncabels: []\n", "x.yaml:2:", "did you mean cables?"},
        {"modules: {}\nmodules: {}\n", "x.yaml:2:", "first on line 1"},
        {"modules: [a]\n", "x.yaml:1:", "osc: {type: sine"},
        {"modules:\n  a: {type: sine}\n  b: {typ: sine}\n", "x.yaml:3:", "type"},
        {"# \xc3\xa4\nmodules:\n  \ta: {type: sine}\n", "x.yaml:3:", "tab: take spaces"},
        {"modules:\n  a: sine\n", "x.yaml:2:", "{type: sine}"},
        {"modules:\n  a: {type: sien}\n", "x.yaml:2:", "sine"},
        {"modules:\n  a: {type: sine}\n  a: {type: sine}\n", "x.yaml:3:", "first on line 2"},
        {"modules:\n  1a: {type: sine}\n", "x.yaml:2:", "1a"},
        {"modules:\n  a: {type: sine, type: sine}\n", "x.yaml:2:", "twice"},
        {"modules:\n  a:\n    type: sine\n    frequenzy: 3\n", "x.yaml:4:", "frequency"},
        {"modules:\n  a:\n    type: sine\n    frequency: high\n", "x.yaml:4:", "frequency"},
        {"modules:\n  a:\n    type: sine\n    frequency: nan\n", "x.yaml:4:", "frequency"},
        {"modules:\n  a:\n    type: sine\n    frequency: inf\n", "x.yaml:4:", "frequency"},
        {"modules:\n  a:\n    type: sine\n    frequency: 1e9\n", "x.yaml:4:", "20000"},
        {"modules:\n  a:\n    type: sine\n    frequency: [1]\n", "x.yaml:4:", "no single value"},
        {"modules:\n  a:\n    type: sine\n    voices: 3\n", "x.yaml:4:", "voices"},
        {"modules:\n  a: {type: notes, voices: 0}\n", "x.yaml:2:", "voices"},
        {"modules:\n  a: {type: notes, voices: 2.5}\n", "x.yaml:2:", "voices"},
        {"modules:\n  a: {type: notes, mode: polly}\n", "x.yaml:2:", "poly"},
        {"modules: {a: {type: sine}}\ncables: a\n", "x.yaml:2:", "list"},
        {"modules: {a: {type: sine}}\ncables:\n- [a]\n", "x.yaml:3:", "a cable is one text"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out\n", "x.yaml:3:", "->"},
        {"modules: {a: {type: sine}}\ncables:\n- a -> a.pitch\n", "x.yaml:3:", "module.output"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out -> a\n", "x.yaml:3:", "module.input"},
        {"modules: {abc: {type: sine}}\ncables:\n- abd.out -> abc.pitch\n", "x.yaml:3:", "abc"},
        {"modules: {a: {type: sine}}\ncables:\n- a.uot -> a.pitch\n", "x.yaml:3:", "out"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out -> a.pich\n", "x.yaml:3:", "pitch"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out -> a.pitch * loud\n", "x.yaml:3:", "loud"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out -> a.pitch * nan\n", "x.yaml:3:", "nan"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out -> a.pitch * 1001\n", "x.yaml:3:", "1000"},
        {"modules: {a: {type: sine}}\ncables:\n- a.out -> a.pitch\n- a.out -> a.pitch\n", "x.yaml:4:", "a.out"},
        {"modules: &m {}\n", "x.yaml:1:", "anchors"},
        {"modules:\n  a: *b\n", "x.yaml:2:", "anchors"},
        {"modules: !!map {}\n", "x.yaml:1:", "tags"},
        {"modules: {}\n---\nmodules: {}\n", "x.yaml:2:", "one document"},
        {"modules: {a: {b: {c: {d: {}}}}}\n", "x.yaml:1:", "too deep"},
        {"modules: {\n", "x.yaml:", "not YAML"},
        {"modules:\n\t- a\n", "x.yaml:2:", "not YAML"},
        {"title: [x]\nmodules: {}\n", "x.yaml:1:", "title"},
        {"title: \"a\\nb\"\nmodules: {}\n", "x.yaml:1:", "title"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct patch *patch = NULL;
        struct complaint said = {""};
        const enum status status =
            patch_file_parse(cases[i].text, strlen(cases[i].text), "x.yaml", NULL, &patch, &said);
        if (status == STATUS_OK || patch || !strstr(said.text, cases[i].line) || !strstr(said.text, cases[i].word)) {
            fail_msg("%s: %s (wanted %s and %s)", cases[i].text, said.text, cases[i].line, cases[i].word);
        }
    }
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    static const char bytes[] = "modules: \0 {}";
    static const char latin[] = "title: \xe4\nmodules: {}\n";
    struct patch *patch = NULL;
    struct complaint said = {""};
    assert_int_equal(patch_file_parse(bytes, sizeof bytes, "x", NULL, &patch, &said), STATUS_CORRUPT);
    assert_int_equal(patch_file_parse(latin, sizeof latin - 1, "x", NULL, &patch, &said), STATUS_CORRUPT);
}

static void refuses_more_than_a_megabyte(void **state)
{
    (void)state;
    char *text = malloc(PATCH_FILE_MAX + 1);
    struct patch *patch = NULL;
    struct complaint said = {""};
    assert_non_null(text);
    static const char start[] = {'m', 'o', 'd', 'u', 'l', 'e', 's', ':', ' ', '{', '}'};
    memset(text, '\n', PATCH_FILE_MAX + 1);
    memcpy(text, start, sizeof start);
    assert_int_equal(patch_file_parse(text, PATCH_FILE_MAX + 1, "x", NULL, &patch, &said), STATUS_FULL);
    assert_int_equal(patch_file_parse(text, PATCH_FILE_MAX, "x", NULL, &patch, &said), STATUS_OK);
    patch_free(patch);
    free(text);
}

static char folder[] = "/tmp/tutti-patch-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void path_of(char out[128], const char *name)
{
    (void)snprintf(out, 128, "%s/%s", folder, name);
}

static void assert_same(const struct patch *a, const struct patch *b)
{
    char *texts[2];
    size_t sizes[2];
    assert_int_equal(patch_file_format(a, NULL, &texts[0], &sizes[0], NULL), STATUS_OK);
    assert_int_equal(patch_file_format(b, NULL, &texts[1], &sizes[1], NULL), STATUS_OK);
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
    assert_int_equal(patch_module_count(a), patch_module_count(b));
    for (size_t i = 0; i < patch_module_count(a); i++) {
        const struct patch_module *x = patch_module_at(a, i);
        const struct patch_module *y = patch_module_at(b, i);
        assert_true(x->type == y->type && x->voices == y->voices && strcmp(x->id, y->id) == 0);
        assert_string_equal(x->file, y->file);
        assert_memory_equal(x->params, y->params, sizeof x->params);
    }
}

static void what_is_saved_loads_as_the_same(void **state)
{
    (void)state;
    char path[128];
    struct patch *again = NULL;
    struct patch *patch = parse("title: \"\\\"Quoted\\\" \\\\ \xc3\xa4 # no: comment\"\n"
                                "modules:\n"
                                "  on: {type: notes, voices: 3, priority: low, glide: 0.123456789}\n"
                                "  null: {type: sine, frequency: 261.62558}\n"
                                "  font: {type: soundfont, file: /a b/\"c\".sf2, gain: -3.3}\n"
                                "cables:\n"
                                "  - on.pitch -> null.pitch * 0.333333343\n");
    path_of(path, "a.yaml");
    assert_int_equal(patch_file_save(patch, path, NULL), STATUS_OK);
    assert_int_equal(patch_file_load(path, &again, NULL), STATUS_OK);
    assert_same(patch, again);
    assert_float_equal(patch_cable_at(again, 0)->gain, 0.333333343F, 0);
    patch_free(again);
    patch_free(patch);
    assert_int_equal(unlink(path), 0);
}

static void files_are_found_from_the_folder_of_the_patch(void **state)
{
    (void)state;
    char path[128];
    char expected[160];
    static const char text[] = "modules: {font: {type: soundfont, file: sub/a.sf2}}\n";
    struct patch *patch = NULL;
    path_of(path, "b.yaml");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    assert_int_equal(patch_file_load(path, &patch, NULL), STATUS_OK);
    char *real = realpath(folder, NULL);
    (void)snprintf(expected, sizeof expected, "%s/sub/a.sf2", real);
    free(real);
    assert_string_equal(patch_module_at(patch, 0)->file, expected);
    // Saved beside it the path is short again.
    assert_int_equal(patch_file_save(patch, path, NULL), STATUS_OK);
    patch_free(patch);
    char read[256] = "";
    file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(read, 1, sizeof read - 1, file) > 0);
    (void)fclose(file);
    assert_non_null(strstr(read, "file: \"sub/a.sf2\""));
    assert_int_equal(unlink(path), 0);
}

/// What the file of the only module is after it was set to \p file, saved and loaded.
static void expect_file(const char *file, const char *expected)
{
    char path[128];
    struct patch *again = NULL;
    struct patch *patch = parse("modules: {font: {type: soundfont}}\n");
    path_of(path, "c.yaml");
    assert_int_equal(patch_set_text(patch, "font", "file", file, NULL, NULL), STATUS_OK);
    assert_int_equal(patch_file_save(patch, path, NULL), STATUS_OK);
    assert_int_equal(patch_file_load(path, &again, NULL), STATUS_OK);
    assert_string_equal(patch_module_at(again, 0)->file, expected);
    patch_free(again);
    patch_free(patch);
    assert_int_equal(unlink(path), 0);
}

static void a_file_is_the_same_after_a_save(void **state)
{
    (void)state;
    char whole_path[PATH_MAX];
    char *here = getcwd(NULL, 0);
    char *real = realpath(folder, NULL);
    (void)snprintf(whole_path, sizeof whole_path, "%s/sub/a.sf2", here);
    expect_file("sub/a.sf2", whole_path);
    (void)snprintf(whole_path, sizeof whole_path, "%s//a.sf2", real);
    expect_file(whole_path, whole_path);
    free(real);
    free(here);
}

static void a_save_that_fails_leaves_what_was_there(void **state)
{
    (void)state;
    char path[128];
    struct complaint said = {""};
    struct patch *patch = parse(whole);
    path_of(path, "no/such/folder.yaml");
    assert_int_equal(patch_file_save(patch, path, &said), STATUS_IO);
    assert_non_null(strstr(said.text, "folder.yaml"));
    // A folder cannot be replaced by a file; nothing is left beside it.
    path_of(path, "taken");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(patch_file_save(patch, path, &said), STATUS_IO);
    assert_int_equal(rmdir(path), 0);
    patch_free(patch);
}

static void a_save_replaces_files_only_and_follows_links(void **state)
{
    (void)state;
    struct patch *patch = parse("modules: {a: {type: sine}}\n");
    char pipe[128], file[128], link[128];
    path_of(pipe, "pipe.yaml");
    path_of(file, "file.yaml");
    path_of(link, "link.yaml");
    struct stat there;
    struct complaint said = {""};
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(patch_file_save(patch, pipe, &said), STATUS_IO);
    assert_non_null(strstr(said.text, "is no file"));
    assert_int_equal(lstat(pipe, &there), 0);
    assert_true(S_ISFIFO(there.st_mode));
    assert_int_equal(patch_file_save(patch, folder, &said), STATUS_IO);
    assert_int_equal(patch_file_save(patch, file, NULL), STATUS_OK);
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(symlink("file.yaml", link), 0);
    assert_int_equal(truncate(file, 0), 0);
    assert_int_equal(patch_file_save(patch, link, NULL), STATUS_OK);
    assert_int_equal(lstat(link, &there), 0);
    assert_true(S_ISLNK(there.st_mode));
    assert_int_equal(lstat(file, &there), 0);
    assert_true(there.st_size > 0 && (there.st_mode & 0777) == 0600);
    patch_free(patch);
    assert_int_equal(unlink(pipe) | unlink(link) | unlink(file), 0);
}

static void loads_what_ships_by_name(void **state)
{
    (void)state;
    char name[PATCH_FILE_NAME_SIZE];
    size_t count = 0;
    while (patch_file_shipped(count, name)) {
        struct patch *patch = NULL;
        struct complaint said = {""};
        if (patch_file_load(name, &patch, &said) != STATUS_OK) {
            fail_msg("%s", said.text);
        }
        assert_true(patch_title(patch)[0] && patch_about(patch)[0]);
        patch_free(patch);
        count++;
    }
    assert_true(count >= 12);
}

static void says_what_there_is_to_an_unknown_name(void **state)
{
    (void)state;
    struct patch *patch = NULL;
    struct complaint said = {""};
    assert_int_equal(patch_file_load("warm-pat", &patch, &said), STATUS_IO);
    assert_non_null(strstr(said.text, "did you mean warm-pad?"));
    assert_int_equal(patch_file_load("/nowhere/x.yaml", &patch, &said), STATUS_IO);
    assert_non_null(strstr(said.text, "warm-pad"));
    assert_int_equal(patch_file_load("/tmp", &patch, &said), STATUS_IO);
    assert_null(patch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_modules_and_cables),
        cmocka_unit_test(refuses_mistakes_with_their_line_and_what_to_do),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(refuses_more_than_a_megabyte),
        cmocka_unit_test(what_is_saved_loads_as_the_same),
        cmocka_unit_test(files_are_found_from_the_folder_of_the_patch),
        cmocka_unit_test(a_file_is_the_same_after_a_save),
        cmocka_unit_test(a_save_that_fails_leaves_what_was_there),
        cmocka_unit_test(a_save_replaces_files_only_and_follows_links),
        cmocka_unit_test(loads_what_ships_by_name),
        cmocka_unit_test(says_what_there_is_to_an_unknown_name),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
