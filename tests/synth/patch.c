// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/patch.h"

#include "synth/modules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct complaint said;

static struct patch *two_modules(void)
{
    struct patch *patch = patch_new();
    assert_non_null(patch);
    assert_int_equal(patch_add(patch, "osc", "sine", &said), STATUS_OK);
    assert_int_equal(patch_add(patch, "out", "output", &said), STATUS_OK);
    return patch;
}

static void expect(enum status got, enum status status, const char *text)
{
    assert_int_equal(got, status);
    if (!strstr(said.text, text)) {
        fail_msg("\"%s\" does not say \"%s\"", said.text, text);
    }
}

static uint32_t uid_of(const struct patch *patch, const char *id)
{
    struct patch_module *module = NULL;
    assert_int_equal(patch_find(patch, id, &module, NULL), STATUS_OK);
    return module->uid;
}

static void a_new_module_has_the_standards(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    assert_int_equal(patch_module_count(patch), 2);
    const struct patch_module *osc = patch_module_at(patch, 0);
    assert_string_equal(osc->id, "osc");
    assert_string_equal(osc->type->name, "sine");
    assert_true(osc->params[0] == osc->type->params[0].standard);
    assert_ptr_equal(patch_by_uid(patch, osc->uid), osc);
    assert_null(patch_by_uid(patch, 1000));
    assert_int_not_equal(osc->uid, patch_module_at(patch, 1)->uid);
    patch_free(patch);
    patch_free(NULL);
}

static void refuses_ids_and_types(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    static const char *const bad[] = {"",    "1osc",     "-x",  "a b",
                                      "a.b", "\xc3\xa9", "a\n", "a123456789012345678901234567890x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect(patch_add(patch, bad[i], "sine", &said), STATUS_INVALID, "take a letter");
    }
    expect(patch_add(patch, "osc", "sine", &said), STATUS_INVALID, "already");
    expect(patch_add(patch, "other", "sinne", &said), STATUS_UNKNOWN, "did you mean \"sine\"");
    assert_int_equal(patch_add(patch, "a12345678901234567890123456789x", "sine", &said), STATUS_OK);
    assert_int_equal(patch_module_count(patch), 3);
    patch_free(patch);
}

static void names_what_was_meant(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    struct patch_module *module = NULL;
    expect(patch_find(patch, "oscc", &module, &said), STATUS_UNKNOWN,
           "there is no module \"oscc\": did you mean \"osc\"?");
    assert_null(module);
    expect(patch_find(patch, "filter", &module, &said), STATUS_UNKNOWN, "there is osc, out");
    expect(patch_connect(patch, "osc", "outt", "out", "left", 1, &said), STATUS_UNKNOWN, "did you mean \"out\"");
    expect(patch_connect(patch, "osc", "out", "out", "zzzzzz", 1, &said), STATUS_UNKNOWN, "left, right, mono");
    expect(patch_connect(patch, "out", "out", "osc", "pitch", 1, &said), STATUS_UNKNOWN, "has no outputs");
    expect(patch_set_text(patch, "osc", "frequenzy", "3", NULL, &said), STATUS_UNKNOWN, "\"frequency\"");
    expect(patch_set_text(patch, "osc", "voices", "3", NULL, &said), STATUS_UNKNOWN, "no parameter \"voices\"");
    patch_free(patch);
}

static void cables_are_single(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    assert_int_equal(patch_connect(patch, "osc", "out", "out", "left", 0.5F, &said), STATUS_OK);
    expect(patch_connect(patch, "osc", "out", "out", "left", 1, &said), STATUS_INVALID, "already");
    assert_int_equal(patch_connect(patch, "osc", "out", "out", "right", -1000, &said), STATUS_OK);
    expect(patch_connect(patch, "osc", "out", "osc", "pitch", 1001, &said), STATUS_RANGE, "1000");
    expect(patch_connect(patch, "osc", "out", "osc", "pitch", NAN, &said), STATUS_RANGE, "1000");
    assert_int_equal(patch_cable_count(patch), 2);
    const struct patch_cable *cable = patch_cable_at(patch, 0);
    assert_int_equal(cable->from, uid_of(patch, "osc"));
    assert_int_equal(cable->to, uid_of(patch, "out"));
    assert_true(cable->gain == 0.5F);
    expect(patch_disconnect(patch, "osc", "out", "osc", "pitch", &said), STATUS_UNKNOWN, "not connected");
    assert_int_equal(patch_disconnect(patch, "osc", "out", "out", "left", &said), STATUS_OK);
    assert_int_equal(patch_cable_count(patch), 1);
    assert_int_equal(patch_cable_at(patch, 0)->to_port, 1);
    patch_free(patch);
}

static void a_module_goes_with_its_cables(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    assert_int_equal(patch_add(patch, "mod", "sine", &said), STATUS_OK);
    assert_int_equal(patch_connect(patch, "mod", "out", "osc", "pitch", 1, &said), STATUS_OK);
    assert_int_equal(patch_connect(patch, "mod", "out", "out", "mono", 1, &said), STATUS_OK);
    assert_int_equal(patch_connect(patch, "osc", "out", "out", "mono", 1, &said), STATUS_OK);
    const uint32_t gone = uid_of(patch, "osc");
    assert_int_equal(patch_remove(patch, "osc", &said), STATUS_OK);
    expect(patch_remove(patch, "osc", &said), STATUS_UNKNOWN, "no module \"osc\"");
    assert_int_equal(patch_module_count(patch), 2);
    assert_int_equal(patch_cable_count(patch), 1);
    assert_int_equal(patch_cable_at(patch, 0)->from, uid_of(patch, "mod"));
    assert_int_equal(patch_add(patch, "osc", "sine", &said), STATUS_OK);
    assert_int_not_equal(uid_of(patch, "osc"), gone);
    patch_free(patch);
}

static void values_have_ranges(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    struct patch_change change;
    assert_int_equal(patch_set_text(patch, "osc", "frequency", "220.5", &change, &said), STATUS_OK);
    assert_int_equal(change.uid, uid_of(patch, "osc"));
    assert_int_equal(change.param, 0);
    assert_true(change.value == 220.5F);
    assert_true(patch_module_at(patch, 0)->params[0] == 220.5F);
    expect(patch_set_text(patch, "osc", "frequency", "30000", &change, &said), STATUS_RANGE, "0.01 to 20000 Hz");
    expect(patch_set_text(patch, "osc", "frequency", "loud", &change, &said), STATUS_INVALID, "is a number");
    expect(patch_set_text(patch, "osc", "frequency", "12x", &change, &said), STATUS_INVALID, "is a number");
    expect(patch_set_text(patch, "osc", "frequency", "", &change, &said), STATUS_INVALID, "is a number");
    expect(patch_set_number(patch, "osc", "frequency", NAN, &change, &said), STATUS_RANGE, "Hz");
    expect(patch_set_number(patch, "osc", "frequency", INFINITY, &change, &said), STATUS_RANGE, "Hz");
    assert_int_equal(patch_set_number(patch, "osc", "frequency", 0.01, NULL, &said), STATUS_OK);
    assert_true(patch_module_at(patch, 0)->params[0] == 0.01F);
    patch_free(patch);
}

static void choices_have_names(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    assert_int_equal(patch_add(patch, "keys", "notes", &said), STATUS_OK);
    const struct module_type *type = patch_module_at(patch, 2)->type;
    const int mode = module_param_find(type->params, "mode");
    assert_true(mode >= 0);
    assert_non_null(type->params[mode].choices);
    struct patch_change change;
    assert_int_equal(patch_set_text(patch, "keys", "mode", type->params[mode].choices[1], &change, &said), STATUS_OK);
    assert_true(change.value == 1);
    assert_int_equal(patch_set_text(patch, "keys", "mode", "0", &change, &said), STATUS_OK);
    assert_int_equal(patch_set_number(patch, "keys", "mode", 2, &change, &said), STATUS_OK);
    assert_true(change.value == 2);
    expect(patch_set_number(patch, "keys", "mode", 0.5, &change, &said), STATUS_UNKNOWN, "mode cannot be \"0.5\"");
    expect(patch_set_text(patch, "keys", "mode", "zzzz", &change, &said), STATUS_UNKNOWN,
           type->params[mode].choices[0]);
    patch_free(patch);
}

static void a_setting_makes_the_module_anew(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    assert_int_equal(patch_add(patch, "keys", "notes", &said), STATUS_OK);
    assert_int_equal(patch_connect(patch, "keys", "pitch", "osc", "pitch", 1, &said), STATUS_OK);
    const uint32_t before = uid_of(patch, "keys");
    struct patch_change change;
    assert_int_equal(patch_set_text(patch, "keys", "voices", "16", &change, &said), STATUS_OK);
    assert_int_equal(change.param, -1);
    assert_int_equal(change.uid, uid_of(patch, "keys"));
    assert_int_not_equal(change.uid, before);
    assert_int_equal(patch_cable_at(patch, 0)->from, change.uid);
    assert_int_equal(patch_module_at(patch, 2)->voices, 16);
    expect(patch_set_number(patch, "keys", "voices", 0, NULL, &said), STATUS_RANGE, "1 to 512");
    expect(patch_set_number(patch, "keys", "voices", 2.5, NULL, &said), STATUS_RANGE, "1 to 512");
    expect(patch_set_number(patch, "keys", "voices", 513, NULL, &said), STATUS_RANGE, "1 to 512");
    expect(patch_set_text(patch, "keys", "voices", "many", NULL, &said), STATUS_INVALID, "is a number");
    // The same number changes nothing.
    assert_int_equal(patch_set_number(patch, "keys", "voices", 16, NULL, &said), STATUS_OK);
    assert_int_equal(uid_of(patch, "keys"), change.uid);
    patch_free(patch);
}

static void a_copy_is_apart(void **state)
{
    (void)state;
    struct patch *patch = two_modules();
    assert_int_equal(patch_set_title(patch, "One", &said), STATUS_OK);
    struct patch *copy = patch_copy(patch);
    assert_int_equal(patch_remove(copy, "osc", &said), STATUS_OK);
    assert_int_equal(patch_module_count(patch), 2);
    assert_string_equal(patch_title(copy), "One");
    assert_int_equal(uid_of(copy, "out"), uid_of(patch, "out"));
    patch_free(copy);
    patch_free(patch);
}

static void another_patch_follows_with_uids_of_its_own(void **state)
{
    (void)state;
    struct patch *before = two_modules();
    struct patch *patch = two_modules();
    assert_int_equal(patch_connect(patch, "osc", "out", "out", "left", 1, &said), STATUS_OK);
    patch_follow(patch, before);
    for (size_t i = 0; i < 2; i++) {
        assert_null(patch_by_uid(before, patch_module_at(patch, i)->uid));
    }
    assert_int_equal(patch_cable_at(patch, 0)->from, uid_of(patch, "osc"));
    assert_int_equal(patch_add(patch, "more", "sine", &said), STATUS_OK);
    assert_true(uid_of(patch, "more") > uid_of(patch, "out"));
    patch_free(patch);
    patch_free(before);
}

static void a_title_is_a_line(void **state)
{
    (void)state;
    struct patch *patch = patch_new();
    assert_string_equal(patch_title(patch), "");
    assert_int_equal(patch_set_title(patch, "Wärme", &said), STATUS_OK);
    assert_int_equal(patch_set_about(patch, "A slow pad.", &said), STATUS_OK);
    expect(patch_set_title(patch, "a\nb", &said), STATUS_INVALID, "one line");
    expect(patch_set_title(patch, "\xff", &said), STATUS_INVALID, "UTF-8");
    char text[PATCH_ABOUT_SIZE + 1];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    expect(patch_set_about(patch, text, &said), STATUS_FULL, "239 bytes");
    assert_string_equal(patch_title(patch), "Wärme");
    assert_string_equal(patch_about(patch), "A slow pad.");
    patch_free(patch);
}

static void has_limits(void **state)
{
    (void)state;
    struct patch *patch = patch_new();
    char id[16];
    for (int i = 0; i < PROGRAM_MODULES_MAX; i++) {
        (void)snprintf(id, sizeof id, "m%d", i);
        assert_int_equal(patch_add(patch, id, "output", &said), STATUS_OK);
    }
    expect(patch_add(patch, "more", "sine", &said), STATUS_FULL, "256 modules");
    for (int i = 0; i < 4; i++) {
        (void)snprintf(id, sizeof id, "m%d", i);
        assert_int_equal(patch_remove(patch, id, &said), STATUS_OK);
        assert_int_equal(patch_add(patch, id, "sine", &said), STATUS_OK);
    }
    int cables = 0;
    enum status status = STATUS_OK;
    for (int to = 4; to < PROGRAM_MODULES_MAX && !status; to++) {
        for (int from = 0; from < 4 && !status; from++) {
            for (const struct module_port *port = modules_find("output")->inputs; port->name && !status; port++) {
                char source[16];
                (void)snprintf(id, sizeof id, "m%d", to);
                (void)snprintf(source, sizeof source, "m%d", from);
                status = patch_connect(patch, source, "out", id, port->name, 1, &said);
                cables += !status;
            }
        }
    }
    expect(status, STATUS_FULL, "1024 cables");
    assert_int_equal(cables, PROGRAM_CABLES_MAX);
    patch_free(patch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_module_has_the_standards),
        cmocka_unit_test(refuses_ids_and_types),
        cmocka_unit_test(names_what_was_meant),
        cmocka_unit_test(cables_are_single),
        cmocka_unit_test(a_module_goes_with_its_cables),
        cmocka_unit_test(values_have_ranges),
        cmocka_unit_test(choices_have_names),
        cmocka_unit_test(a_setting_makes_the_module_anew),
        cmocka_unit_test(a_copy_is_apart),
        cmocka_unit_test(another_patch_follows_with_uids_of_its_own),
        cmocka_unit_test(a_title_is_a_line),
        cmocka_unit_test(has_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
