// SPDX-License-Identifier: GPL-3.0-or-later
// The editor on a real patch, with what publishes it written down instead: a publication can be held up, as by a file
// that takes long, so that more comes to wait meanwhile.
#include "session/editor.h"

#include "session/method.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { TOLD_SIZE = 8192 };

struct desk {
    struct document document;
    struct editor *editor;
    sem_t go;     ///< as many publications may go on
    sem_t inside; ///< as many have begun
    sem_t done;   ///< as many requests are answered or performed
    pthread_mutex_t lock;
    size_t publications;
    uint64_t frame; ///< of the last
    uint64_t begins;
    const char *hates; ///< a module with which nothing plays
    size_t waiting;    ///< when the last of what was performed together was
    char told[TOLD_SIZE];
};

static void tell(struct desk *desk, const char *what, const struct request *request, const char *more)
{
    char line[160];
    (void)snprintf(line, sizeof line, "%s %s%s;", what, request_text(request, 0), more);
    (void)pthread_mutex_lock(&desk->lock);
    if (strlen(desk->told) + strlen(line) < TOLD_SIZE) {
        strcat(desk->told, line);
    }
    (void)pthread_mutex_unlock(&desk->lock);
    (void)sem_post(&desk->done);
}

static enum status check(void *closure, const struct patch *patch, struct complaint *complaint)
{
    const struct desk *desk = closure;
    struct patch_module *module = NULL;
    return desk->hates && patch_find(patch, desk->hates, &module, NULL) == STATUS_OK
               ? complain(complaint, STATUS_INVALID, "hated")
               : STATUS_OK;
}

static enum status publish(void *closure, const struct patch *patch, uint64_t frame, uint64_t *begins,
                           struct complaint *complaint)
{
    struct desk *desk = closure;
    (void)sem_post(&desk->inside);
    (void)sem_wait(&desk->go);
    const enum status status = check(closure, patch, complaint);
    if (status == STATUS_OK) {
        desk->publications++;
        desk->frame = frame;
        *begins = desk->begins;
    }
    return status;
}

static void perform(void *closure, const struct request *request, bool more)
{
    struct desk *desk = closure;
    desk->waiting = editor_count(desk->editor);
    tell(closure, "perform", request, more ? "+" : "");
}

static void answer(void *closure, const struct request *request, enum status status, const struct complaint *complaint,
                   uint64_t begins)
{
    (void)complaint;
    (void)begins;
    tell(closure, status == STATUS_OK ? "ok" : "refused", request, "");
}

static int rest(void *closure)
{
    (void)closure;
    return -1;
}

static struct desk *desk_new(void)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->begins = 1000;
    (void)pthread_mutex_init(&desk->lock, NULL);
    (void)sem_init(&desk->go, 0, 0);
    (void)sem_init(&desk->inside, 0, 0);
    (void)sem_init(&desk->done, 0, 0);
    document_init(&desk->document, patch_new());
    const struct editor_ops ops = {
        .closure = desk, .publish = publish, .check = check, .perform = perform, .answer = answer, .rest = rest};
    assert_int_equal(editor_new(&desk->document, &ops, &desk->editor), STATUS_OK);
    return desk;
}

static void desk_free(struct desk *desk)
{
    editor_free(desk->editor);
    document_done(&desk->document);
    (void)sem_destroy(&desk->go);
    (void)sem_destroy(&desk->inside);
    (void)sem_destroy(&desk->done);
    (void)pthread_mutex_destroy(&desk->lock);
    free(desk);
}

static void push(struct desk *desk, uint64_t frame, const char *address, const char *a, const char *b, double number)
{
    struct request request = {.method = method_find(address), .frame = frame, .count = 2};
    assert_non_null(request.method);
    request.args[0] = (struct osc_arg){.type = 's', .text = a};
    request.args[1] = (struct osc_arg){.type = 's', .text = b};
    if (number >= 0) {
        request.args[request.count++] = (struct osc_arg){.type = 'f', .number = number};
    }
    assert_int_equal(editor_push(desk->editor, &request), STATUS_OK);
}

static void add(struct desk *desk, const char *id)
{
    push(desk, 0, "/tutti/synth/module/add", id, "sine", -1);
}

static void let_go(struct desk *desk, int publications)
{
    for (int i = 0; i < publications; i++) {
        (void)sem_post(&desk->go);
    }
}

static void await(struct desk *desk, int answers)
{
    for (int i = 0; i < answers; i++) {
        (void)sem_wait(&desk->done);
    }
}

static float frequency_of(struct desk *desk, const char *id)
{
    struct patch_module *module = NULL;
    assert_int_equal(patch_find(document_lock(&desk->document), id, &module, NULL), STATUS_OK);
    const float frequency = module->params[0];
    document_unlock(&desk->document);
    return frequency;
}

static void a_bundle_is_one_program(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    char id[16];
    for (int i = 0; i < 30; i++) {
        (void)snprintf(id, sizeof id, "m%d", i);
        add(desk, id);
        push(desk, 0, "/tutti/synth/set", id, "frequency", 100 + i);
    }
    editor_release(desk->editor);
    let_go(desk, 30);
    await(desk, 60);
    assert_int_equal(desk->publications, 1);
    assert_int_equal(patch_module_count(desk->document.patch), 30);
    assert_true(frequency_of(desk, "m29") == 129);
    assert_int_equal(patch_module_at(desk->document.patch, 0)->begin, 1000);
    desk_free(desk);
}

static void what_waits_together_becomes_one_program(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add(desk, "a");
    editor_release(desk->editor);
    (void)sem_wait(&desk->inside);
    for (const char *id = "b\0c\0d\0"; *id; id += 2) {
        add(desk, id);
        editor_release(desk->editor);
    }
    let_go(desk, 2);
    await(desk, 4);
    assert_int_equal(desk->publications, 2);
    assert_string_equal(desk->told, "ok a;ok b;ok c;ok d;");
    desk_free(desk);
}

static void what_has_another_frame_is_another_program(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    push(desk, 500, "/tutti/synth/module/add", "a", "sine", -1);
    push(desk, 500, "/tutti/synth/module/add", "b", "sine", -1);
    push(desk, 600, "/tutti/synth/module/add", "c", "sine", -1);
    editor_release(desk->editor);
    let_go(desk, 3);
    await(desk, 3);
    assert_int_equal(desk->publications, 2);
    assert_int_equal(desk->frame, 600);
    desk_free(desk);
}

static void who_is_refused_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk->hates = "evil";
    add(desk, "a");
    add(desk, "a");
    add(desk, "evil");
    push(desk, 0, "/tutti/synth/module/add", "b", "sinus", -1);
    add(desk, "c");
    editor_release(desk->editor);
    let_go(desk, 4);
    await(desk, 5);
    // The patch refuses at once, and the whole with the evil one when it is compiled.
    assert_string_equal(desk->told, "refused a;refused b;refused evil;ok a;ok c;");
    assert_int_equal(desk->publications, 1);
    assert_int_equal(patch_module_count(desk->document.patch), 2);
    desk_free(desk);
}

static void a_refusal_leaves_all_as_it_was(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    desk->hates = "evil";
    add(desk, "evil");
    editor_release(desk->editor);
    let_go(desk, 1);
    await(desk, 1);
    assert_string_equal(desk->told, "refused evil;");
    assert_int_equal(desk->publications, 0);
    assert_int_equal(patch_module_count(desk->document.patch), 0);
    desk_free(desk);
}

static void what_names_a_waiting_module_waits_behind_it(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add(desk, "osc1");
    assert_true(editor_holds(desk->editor, "osc1"));
    assert_true(editor_holds(desk->editor, "osc*"));
    assert_true(editor_holds(desk->editor, "*"));
    assert_false(editor_holds(desk->editor, "osc2"));
    assert_false(editor_holds(desk->editor, "filter*"));
    push(desk, 0, "/tutti/synth/note/on", "osc1", "60", -1);
    push(desk, 0, "/tutti/synth/note/on", "osc1", "64", -1);
    push(desk, 0, "/tutti/synth/note/on", "osc1", "67", -1);
    add(desk, "osc2");
    editor_release(desk->editor);
    (void)sem_wait(&desk->inside);
    assert_true(editor_holds(desk->editor, "osc1"));
    let_go(desk, 2);
    await(desk, 5);
    assert_string_equal(desk->told, "ok osc1;perform osc1+;perform osc1+;perform osc1;ok osc2;");
    // They were held until the last of them was on its way.
    assert_int_equal(desk->waiting, 4);
    while (editor_count(desk->editor) > 0) {
    }
    assert_false(editor_holds(desk->editor, "*"));
    desk_free(desk);
}

static void nothing_is_done_before_it_is_released(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add(desk, "a");
    editor_release(desk->editor);
    (void)sem_wait(&desk->inside);
    add(desk, "b");
    let_go(desk, 1);
    await(desk, 1);
    assert_string_equal(desk->told, "ok a;");
    assert_true(editor_holds(desk->editor, "b"));
    add(desk, "c");
    editor_release(desk->editor);
    let_go(desk, 1);
    await(desk, 2);
    assert_int_equal(desk->publications, 2);
    desk_free(desk);
}

static void a_value_set_meanwhile_survives_the_edit(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add(desk, "a");
    editor_release(desk->editor);
    let_go(desk, 1);
    await(desk, 1);
    (void)sem_wait(&desk->inside);
    add(desk, "b");
    editor_release(desk->editor);
    (void)sem_wait(&desk->inside);
    struct patch *patch = document_lock(&desk->document);
    assert_int_equal(patch_set_number(patch, "a", "frequency", 123, NULL, NULL), STATUS_OK);
    document_unlock(&desk->document);
    let_go(desk, 1);
    await(desk, 1);
    assert_true(frequency_of(desk, "a") == 123);
    desk_free(desk);
}

static void a_value_of_what_is_there_is_played_in_its_place(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    add(desk, "a");
    editor_release(desk->editor);
    let_go(desk, 3);
    await(desk, 1);
    push(desk, 0, "/tutti/synth/set", "a", "frequency", 100);
    push(desk, 0, "/tutti/synth/module/remove", "a", "", -1);
    push(desk, 0, "/tutti/synth/set", "a", "frequency", 200);
    push(desk, 0, "/tutti/synth/set", "*", "frequency", 300);
    editor_release(desk->editor);
    await(desk, 4);
    assert_string_equal(desk->told, "ok a;perform a;refused a;ok a;perform *;");
    desk_free(desk);
}

static void has_a_limit(void **state)
{
    (void)state;
    struct desk *desk = desk_new();
    for (int i = 0; i < EDITOR_MAX; i++) {
        push(desk, 0, "/tutti/synth/module/remove", "nobody", "", -1);
    }
    const struct request request = {.method = method_find("/tutti/synth/module/list")};
    assert_int_equal(editor_push(desk->editor, &request), STATUS_FULL);
    editor_release(desk->editor);
    // Its end does not wait for what waits.
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_is_one_program),
        cmocka_unit_test(what_waits_together_becomes_one_program),
        cmocka_unit_test(what_has_another_frame_is_another_program),
        cmocka_unit_test(who_is_refused_does_not_hold_up_the_others),
        cmocka_unit_test(a_refusal_leaves_all_as_it_was),
        cmocka_unit_test(what_names_a_waiting_module_waits_behind_it),
        cmocka_unit_test(nothing_is_done_before_it_is_released),
        cmocka_unit_test(a_value_set_meanwhile_survives_the_edit),
        cmocka_unit_test(a_value_of_what_is_there_is_played_in_its_place),
        cmocka_unit_test(has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
