// SPDX-License-Identifier: GPL-3.0-or-later
#include "desk.h"

#include "core/random.h"
#include "synth/modules.h"
#include "synth/soundfont.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct complaint said;

static enum status compile(struct desk *desk)
{
    return compiler_compile(desk->compiler, desk->patch, NULL, NULL, desk->program, &said);
}

static void expect(enum status got, enum status status, const char *text)
{
    assert_int_equal(got, status);
    if (!strstr(said.text, text)) {
        fail_msg("\"%s\" does not say \"%s\"", said.text, text);
    }
}

static const struct program_module *find(const struct desk *desk, const char *id)
{
    const uint32_t uid = desk_uid(desk, id);
    for (uint32_t i = 0; i < desk->program->modules; i++) {
        if (desk->program->module[i].uid == uid) {
            return &desk->program->module[i];
        }
    }
    fail_msg("%s does not play", id);
    return NULL;
}

static void add_sines(struct desk *desk, int count)
{
    for (int i = 0; i < count; i++) {
        const char id[] = {(char)('a' + i), '\0'};
        desk_add(desk, id, "sine");
    }
}

static void cables_lead_forward(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 4);
    desk_connect(desk, "d.out", "c.pitch", 1);
    desk_connect(desk, "c.out", "a.pitch", 1);
    desk_connect(desk, "a.out", "b.phase", 1);
    desk_connect(desk, "d.out", "b.phase", 1);
    desk_connect(desk, "d.out", "b.pitch", 0.5F);
    desk_play(desk);
    assert_int_equal(program_check(desk->program, &said), STATUS_OK);
    assert_true(find(desk, "d") < find(desk, "c") && find(desk, "c") < find(desk, "a"));
    assert_int_equal(find(desk, "b")->cables, 3);
    assert_int_equal(desk->program->cable[find(desk, "b")->cable].to_port, 0);
    desk_free(desk);
}

static enum status note_file(void *closure, const struct patch_module *module, char path[PROGRAM_FILE_SIZE],
                             struct complaint *complaint)
{
    char *noted = closure;
    (void)complaint;
    memcpy(noted, module->file, PROGRAM_FILE_SIZE);
    memcpy(path, module->file, PROGRAM_FILE_SIZE);
    return STATUS_OK;
}

static void a_file_that_a_type_has_of_its_own_is_asked_for_too(void **state)
{
    (void)state;
    if (access(soundfont_find(), R_OK) != 0) {
        skip();
    }
    struct desk *desk = desk_new();
    char noted[PROGRAM_FILE_SIZE] = "";
    desk_add(desk, "band", "soundfont");
    assert_int_equal(compiler_compile(desk->compiler, desk->patch, note_file, noted, desk->program, &said), STATUS_OK);
    assert_string_equal(noted, soundfont_find());
    assert_string_equal(find(desk, "band")->file, soundfont_find());
    desk_free(desk);
}

static void spells_a_cycle_out(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 4);
    desk_connect(desk, "a.out", "b.pitch", 1);
    desk_connect(desk, "b.out", "c.pitch", 1);
    desk_connect(desk, "c.out", "d.pitch", 1);
    desk_connect(desk, "c.out", "b.phase", 1);
    expect(compile(desk), STATUS_INVALID, "feedback");
    assert_true(strstr(said.text, "b -> c -> b") || strstr(said.text, "c -> b -> c"));
    desk_disconnect(desk, "c.out", "b.phase");
    desk_connect(desk, "a.out", "a.phase", 1);
    expect(compile(desk), STATUS_INVALID, "a -> a");
    desk_disconnect(desk, "a.out", "a.phase");
    desk_add(desk, "back", "feedback");
    desk_connect(desk, "c.out", "back.in", 1);
    desk_connect(desk, "back.out", "a.phase", 1);
    desk_connect(desk, "back.out", "back.in", 1);
    assert_int_equal(compile(desk), STATUS_OK);
    assert_int_equal(program_check(desk->program, &said), STATUS_OK);
    desk_free(desk);
}

static void a_long_cycle_is_shortened(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 20);
    for (int i = 0; i < 20; i++) {
        const char from[] = {(char)('a' + i), '.', 'o', 'u', 't', '\0'};
        const char to[] = {(char)('a' + (i + 1) % 20), '.', 'p', 'i', 't', 'c', 'h', '\0'};
        desk_connect(desk, from, to, 1);
    }
    expect(compile(desk), STATUS_INVALID, " -> ... -> ");
    desk_free(desk);
}

static void voices_flow_to_what_hears_them(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "out", "output");
    add_sines(desk, 4);
    desk_add(desk, "keys", "notes");
    desk_add(desk, "back", "feedback");
    desk_write(desk, "keys", "voices", "40");
    desk_connect(desk, "c.out", "b.pitch", 1);
    desk_connect(desk, "a.out", "b.phase", 1);
    desk_connect(desk, "keys.pitch", "a.pitch", 1);
    desk_connect(desk, "b.out", "out.mono", 1);
    desk_connect(desk, "b.out", "back.in", 1);
    desk_connect(desk, "back.out", "d.phase", 1);
    assert_int_equal(compile(desk), STATUS_OK);
    assert_int_equal(find(desk, "keys")->voices, 40);
    assert_int_equal(find(desk, "a")->voices, 40);
    assert_int_equal(find(desk, "b")->voices, 40);
    assert_int_equal(find(desk, "c")->voices, 1);
    assert_int_equal(find(desk, "back")->voices, 40);
    assert_int_equal(find(desk, "d")->voices, 40);
    assert_int_equal(find(desk, "out")->voices, 1);
    desk_free(desk);
}

static void unequal_voices_are_refused_by_name(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 3);
    desk_add(desk, "keys", "notes");
    desk_add(desk, "lead", "notes");
    desk_write(desk, "keys", "voices", "8");
    desk_write(desk, "lead", "voices", "16");
    desk_connect(desk, "keys.pitch", "a.pitch", 1);
    desk_connect(desk, "a.out", "c.pitch", 1);
    desk_connect(desk, "lead.pitch", "b.pitch", 1);
    desk_connect(desk, "b.out", "c.phase", 1);
    expect(compile(desk), STATUS_INVALID, "module \"c\" hears 8 voices of \"a\" and 16 of \"b\"");
    desk_write(desk, "lead", "voices", "8");
    assert_int_equal(compile(desk), STATUS_OK);
    desk_free(desk);
}

static void is_the_same_in_every_run(void **state)
{
    (void)state;
    struct desk *one = desk_new();
    struct desk *other = desk_new();
    struct desk *desks[] = {one, other};
    for (int i = 0; i < 2; i++) {
        add_sines(desks[i], 5);
        desk_connect(desks[i], "e.out", "b.pitch", 1);
        desk_connect(desks[i], "a.out", "b.pitch", 1);
        desk_play(desks[i]);
        desk_remove(desks[i], "e");
        desk_play(desks[i]);
    }
    assert_memory_equal(one->program, other->program, sizeof *one->program);
    assert_true(find(one, "a")->seed != find(one, "b")->seed);
    desk_free(one);
    desk_free(other);
}

static void forgets_what_is_not_committed(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 1);
    assert_int_equal(compile(desk), STATUS_OK);
    assert_int_equal(desk->program->serial, 1);
    add_sines(desk, 0);
    desk_add(desk, "z", "sine");
    assert_int_equal(compile(desk), STATUS_OK);
    assert_int_equal(desk->program->serial, 1);
    compiler_commit(desk->compiler);
    const uint32_t life = find(desk, "z")->life;
    const uint32_t hot = find(desk, "z")->hot;
    desk_remove(desk, "z");
    assert_int_equal(compile(desk), STATUS_OK);
    assert_false(compiler_is_leaving(desk->compiler));
    desk_add(desk, "y", "sine");
    assert_int_equal(compile(desk), STATUS_OK);
    assert_int_equal(desk->program->serial, 2);
    for (uint32_t i = 0; i < desk->program->modules; i++) {
        assert_true((desk->program->module[i].life == life) == (desk->program->module[i].hot == hot));
    }
    desk_free(desk);
}

static void what_leaves_keeps_its_pitch(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 3);
    desk_add(desk, "out", "output");
    desk_connect(desk, "a.out", "b.pitch", 1);
    desk_connect(desk, "c.out", "b.phase", 0.5F);
    desk_connect(desk, "b.out", "out.mono", 1);
    desk_play(desk);
    desk_remove(desk, "b");
    desk_remove(desk, "c");
    desk_play(desk);
    assert_int_equal(desk->program->modules, 4);
    assert_int_equal(desk->program->cables, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct program_cable *cable = &desk->program->cable[i];
        const bool is_heard = strcmp(desk->program->module[cable->to].id, "out") == 0;
        assert_true(is_heard ? cable->gain == 0 : cable->gain != 0);
    }
    // What comes and goes meanwhile adds to it.
    desk_connect(desk, "a.out", "out.left", 1);
    desk_play(desk);
    assert_int_equal(desk->program->modules, 4);
    compiler_settle(desk->compiler);
    desk_play(desk);
    assert_false(compiler_is_leaving(desk->compiler));
    assert_int_equal(desk->program->modules, 2);
    assert_int_equal(desk->program->cables, 1);
    desk_free(desk);
}

static void a_cable_that_comes_back_goes_on(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 2);
    desk_connect(desk, "a.out", "b.pitch", 0.5F);
    desk_play(desk);
    const uint32_t life = desk->program->cable[0].life;
    desk_disconnect(desk, "a.out", "b.pitch");
    desk_play(desk);
    assert_true(desk->program->cable[0].gain == 0);
    desk_connect(desk, "a.out", "b.pitch", 2);
    desk_play(desk);
    assert_int_equal(desk->program->cables, 1);
    assert_int_equal(desk->program->cable[0].life, life);
    assert_true(desk->program->cable[0].gain == 2);
    assert_false(compiler_is_leaving(desk->compiler));
    desk_free(desk);
}

static void places_are_given_away_after_two_settlings(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add_sines(desk, 2);
    desk_play(desk);
    const uint32_t hot = find(desk, "a")->hot;
    desk_remove(desk, "a");
    desk_play(desk);
    compiler_settle(desk->compiler);
    desk_add(desk, "c", "sine");
    desk_play(desk); // The program before still plays while this one is prepared.
    assert_int_not_equal(find(desk, "c")->hot, hot);
    desk_add(desk, "d", "sine");
    desk_play(desk);
    assert_int_not_equal(find(desk, "d")->hot, hot);
    compiler_settle(desk->compiler);
    desk_add(desk, "e", "sine");
    desk_play(desk);
    assert_int_equal(find(desk, "e")->hot, hot);
    desk_free(desk);
}

static void memory_that_is_full_is_named(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "512");
    enum status status = STATUS_OK;
    int count = 0;
    for (; count < 250 && !status; count++) {
        char id[16];
        char port[32];
        (void)snprintf(id, sizeof id, "m%d", count);
        (void)snprintf(port, sizeof port, "m%d.in", count);
        desk_add(desk, id, "feedback"); // 128 KB of state
        desk_connect(desk, "keys.pitch", port, 1);
        status = compile(desk);
    }
    expect(status, STATUS_FULL, "no memory is left for the state of module \"m");
    assert_true(count > 3);
    desk_free(desk);
}

static void too_many_signals_are_refused(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk_add(desk, "keys", "notes");
    desk_write(desk, "keys", "voices", "512");
    enum status status = STATUS_OK;
    for (int count = 0; count < 254 && !status; count++) {
        char id[16];
        char port[32];
        (void)snprintf(id, sizeof id, "m%d", count);
        (void)snprintf(port, sizeof port, "m%d.in", count);
        desk_add(desk, id, "vca");
        desk_connect(desk, "keys.pitch", port, 1);
        if (count > 240) {
            status = compile(desk);
        }
    }
    expect(status, STATUS_FULL, "no buffer is left");
    desk_free(desk);
}

static void edit_at_random(struct desk *desk, struct random *random)
{
    static const char *const types[] = {"sine", "feedback", "output", "input", "notes", "vca", "delay"};
    char id[2][8];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(id[i], sizeof id[i], "m%u", random_below(random, 20));
    }
    struct patch_module *module[2] = {NULL};
    const bool is_there = patch_find(desk->patch, id[0], &module[0], NULL) == STATUS_OK;
    const bool are_there = is_there && patch_find(desk->patch, id[1], &module[1], NULL) == STATUS_OK;
    if (!is_there) {
        desk_add(desk, id[0], types[random_below(random, 7)]);
    } else if (random_below(random, 6) == 0) {
        desk_remove(desk, id[0]);
    } else if (module[0]->type->has_voices) {
        desk_write(desk, id[0], "voices", random_below(random, 2) ? "20" : "1");
    } else if (are_there && module[0]->type->outputs && module[1]->type->inputs) {
        const size_t port = random_below(random, (uint32_t)module_ports(module[1]->type->inputs));
        const char *from = module[0]->type->outputs[0].name;
        const char *to = module[1]->type->inputs[port].name;
        if (patch_disconnect(desk->patch, id[0], from, id[1], to, NULL)) {
            assert_int_equal(patch_connect(desk->patch, id[0], from, id[1], to, 0.1F, NULL), STATUS_OK);
        }
    }
}

/// The rack refuses what does not follow, and ASan sees what is written outside.
static void any_edits_follow_each_other(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 1, 1);
    struct desk *desk = desk_new();
    int played = 0;
    for (int i = 0; i < 600; i++) {
        struct patch *before = patch_copy(desk->patch);
        edit_at_random(desk, &random);
        if (compile(desk)) {
            assert_true(said.text[0] != '\0');
            patch_free(desk->patch);
            desk->patch = before;
            continue;
        }
        patch_free(before);
        desk_play(desk);
        played++;
        desk_render(desk, 1 + random_below(&random, 100), 64);
        if (random_below(&random, 4) == 0) {
            desk_render(desk, 500, 64);
            compiler_settle(desk->compiler);
        }
    }
    assert_true(played > 300);
    assert_true(desk->program->hot_size < PROGRAM_HOT_MAX / 2);
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cables_lead_forward),
        cmocka_unit_test(a_file_that_a_type_has_of_its_own_is_asked_for_too),
        cmocka_unit_test(spells_a_cycle_out),
        cmocka_unit_test(a_long_cycle_is_shortened),
        cmocka_unit_test(voices_flow_to_what_hears_them),
        cmocka_unit_test(unequal_voices_are_refused_by_name),
        cmocka_unit_test(is_the_same_in_every_run),
        cmocka_unit_test(forgets_what_is_not_committed),
        cmocka_unit_test(what_leaves_keeps_its_pitch),
        cmocka_unit_test(a_cable_that_comes_back_goes_on),
        cmocka_unit_test(places_are_given_away_after_two_settlings),
        cmocka_unit_test(memory_that_is_full_is_named),
        cmocka_unit_test(too_many_signals_are_refused),
        cmocka_unit_test(any_edits_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
