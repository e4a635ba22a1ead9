// SPDX-License-Identifier: GPL-3.0-or-later
// Requests wait in a list and stay in it until they are done, so that editor_holds() sees those in the works; what is
// pushed is seen by the thread only when it is released, so that a bundle is not torn apart. The thread takes from the
// head of the list as many edits as belong together (a group), makes each on a copy of the patch, and publishes the
// copy. Each edit that the patch itself refuses is out at once. When the whole is refused, as for a cycle,
// somebody in the group is to blame: then each is made and checked on its own, and those that pass are published.
//
// Nobody but this thread replaces the document, so that a copy of it is up to date but for parameters, which
// document_replace() sees to.
#include "session/editor.h"

#include "session/method.h"
#include "synth/modules.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GROUP_MAX = 512 };

static const int64_t NS_PER_MS = 1000000;
static const int64_t NS_PER_S = 1000000000;

struct waiting {
    struct waiting *next;
    struct request *request;
    bool released;
    bool refused; ///< answered already
};

struct editor {
    struct document *document;
    struct editor_ops ops;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stops;
    size_t count;
    struct waiting *first, *last;
    struct waiting *held; ///< the first that is not released
};

// What a group of edits comes to.
struct group {
    struct editor *editor;
    struct patch *patch;
    struct waiting *members[GROUP_MAX];
    size_t count;
    uint64_t frame;
};

static void wait_ms(struct editor *editor, int ms)
{
    if (ms < 0) {
        (void)pthread_cond_wait(&editor->wake, &editor->lock);
        return;
    }
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    const int64_t ns = until.tv_nsec + ms * NS_PER_MS;
    until.tv_sec += ns / NS_PER_S;
    until.tv_nsec = ns % NS_PER_S;
    (void)pthread_cond_timedwait(&editor->wake, &editor->lock, &until);
}

// The head of the list, or NULL at the end. What has faded is cleared away only while nothing waits.
static struct waiting *await(struct editor *editor)
{
    (void)pthread_mutex_lock(&editor->lock);
    while (!editor->stops && (!editor->first || !editor->first->released)) {
        (void)pthread_mutex_unlock(&editor->lock);
        const int ms = editor->ops.rest(editor->ops.closure);
        (void)pthread_mutex_lock(&editor->lock);
        if (!editor->stops && (!editor->first || !editor->first->released)) {
            wait_ms(editor, ms);
        }
    }
    struct waiting *first = editor->stops ? NULL : editor->first;
    (void)pthread_mutex_unlock(&editor->lock);
    return first;
}

static struct waiting *next_of(struct editor *editor, const struct waiting *waiting)
{
    (void)pthread_mutex_lock(&editor->lock);
    struct waiting *next = waiting->next && waiting->next->released ? waiting->next : NULL;
    (void)pthread_mutex_unlock(&editor->lock);
    return next;
}

static void drop_first(struct editor *editor)
{
    (void)pthread_mutex_lock(&editor->lock);
    struct waiting *first = editor->first;
    editor->first = first->next;
    editor->last = first->next ? editor->last : NULL;
    editor->held = editor->held == first ? first->next : editor->held;
    editor->count--;
    (void)pthread_mutex_unlock(&editor->lock);
    request_free(first->request);
    free(first);
}

static bool is_pattern(const char *text)
{
    return text[strcspn(text, "?*[]{}")] != '\0';
}

// A value that the document can take as it stands is played and no edit.
static bool is_value(const struct group *group, const struct request *request)
{
    struct patch_module *module = NULL;
    const char *id = request_text(request, 0);
    if (is_pattern(id)) {
        return true;
    }
    return patch_find(group->patch, id, &module, NULL) == STATUS_OK &&
           module_param_find(module->type->params, request_text(request, 1)) >= 0 &&
           document_has(group->editor->document, module->uid);
}

static bool belongs(const struct group *group, const struct request *request)
{
    const struct method *method = request->method;
    return method->edit && request->frame == group->frame && group->count < GROUP_MAX &&
           !(method->play && is_value(group, request));
}

static void refuse(struct group *group, struct waiting *waiting, enum status status, const struct complaint *complaint)
{
    waiting->refused = true;
    group->editor->ops.answer(group->editor->ops.closure, waiting->request, status, complaint, 0);
}

static void make(struct group *group, struct waiting *waiting)
{
    struct complaint complaint;
    const enum status status = waiting->request->method->edit(&group->patch, waiting->request, &complaint);
    if (status != STATUS_OK) {
        refuse(group, waiting, status, &complaint);
    }
    group->members[group->count++] = waiting;
}

static bool gather(struct group *group, struct waiting *first)
{
    group->count = 0;
    group->frame = first->request->frame;
    group->patch = document_copy(group->editor->document);
    for (struct waiting *at = first; group->patch && at && belongs(group, at->request);
         at = next_of(group->editor, at)) {
        make(group, at);
    }
    return group->patch != NULL;
}

// Makes \p waiting on a copy, which is kept where it would play.
static void make_checked(struct group *group, struct waiting *waiting)
{
    const struct editor_ops *ops = &group->editor->ops;
    struct complaint complaint = {"out of memory"};
    struct patch *copy = patch_copy(group->patch);
    enum status status = STATUS_NO_MEMORY;
    if (copy) {
        status = waiting->request->method->edit(&copy, waiting->request, &complaint);
        status = status == STATUS_OK ? ops->check(ops->closure, copy, &complaint) : status;
    }
    if (status != STATUS_OK) {
        patch_free(copy);
        refuse(group, waiting, status, &complaint);
        return;
    }
    patch_free(group->patch);
    group->patch = copy;
}

static size_t standing(const struct group *group)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        count += !group->members[i]->refused;
    }
    return count;
}

static enum status publish(struct group *group, uint64_t *begins, struct complaint *complaint)
{
    const struct editor_ops *ops = &group->editor->ops;
    return ops->publish(ops->closure, group->patch, group->frame, begins, complaint);
}

static enum status publish_one_by_one(struct group *group, uint64_t *begins, struct complaint *complaint)
{
    patch_free(group->patch);
    group->patch = document_copy(group->editor->document);
    if (!group->patch) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < group->count; i++) {
        if (!group->members[i]->refused) {
            make_checked(group, group->members[i]);
        }
    }
    return standing(group) > 0 ? publish(group, begins, complaint) : STATUS_OK;
}

static void finish(struct group *group)
{
    uint64_t begins = 0;
    struct complaint complaint;
    enum status status = STATUS_OK;
    const size_t able = standing(group);
    if (able > 0) {
        status = publish(group, &begins, &complaint);
    }
    if (status != STATUS_OK && able > 1) {
        status = publish_one_by_one(group, &begins, &complaint);
    }
    if (status == STATUS_OK && standing(group) > 0) {
        document_replace(group->editor->document, group->patch, begins);
        group->patch = NULL;
    }
    for (size_t i = 0; i < group->count; i++) {
        if (!group->members[i]->refused) {
            group->editor->ops.answer(group->editor->ops.closure, group->members[i]->request, status, &complaint,
                                      begins);
        }
        drop_first(group->editor);
    }
    patch_free(group->patch);
}

static bool goes_with(const struct request *a, const struct request *b)
{
    return a->frame == b->frame && a->method->play && b->method->play && !b->method->edit;
}

// What is no edit, with all of the same frame that may be sent together. They stay in the list until they are sent, so
// that what comes for the same module waits behind them.
static void perform(struct editor *editor, const struct waiting *first)
{
    const struct editor_ops *ops = &editor->ops;
    size_t count = 0;
    for (const struct waiting *at = first; at; count++) {
        const struct waiting *next = next_of(editor, at);
        next = next && goes_with(at->request, next->request) ? next : NULL;
        ops->perform(ops->closure, at->request, next != NULL);
        at = next;
    }
    while (count-- > 0) {
        drop_first(editor);
    }
}

static void work(struct editor *editor, struct group *group, struct waiting *first)
{
    if (!first->request->method->edit) {
        perform(editor, first);
    } else if (gather(group, first) && group->count > 0) {
        finish(group);
    } else {
        patch_free(group->patch);
        perform(editor, first);
    }
}

static void *run(void *closure)
{
    struct editor *editor = closure;
    struct group group = {.editor = editor};
    for (struct waiting *first = await(editor); first; first = await(editor)) {
        work(editor, &group, first);
    }
    return NULL;
}

enum status editor_new(struct document *document, const struct editor_ops *ops, struct editor **out)
{
    *out = NULL;
    struct editor *editor = calloc(1, sizeof *editor);
    if (!editor) {
        return STATUS_NO_MEMORY;
    }
    editor->document = document;
    editor->ops = *ops;
    pthread_condattr_t monotonic;
    (void)pthread_mutex_init(&editor->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&editor->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&editor->thread, NULL, run, editor) != 0) {
        (void)pthread_cond_destroy(&editor->wake);
        (void)pthread_mutex_destroy(&editor->lock);
        free(editor);
        return STATUS_IO;
    }
    *out = editor;
    return STATUS_OK;
}

void editor_free(struct editor *editor)
{
    if (!editor) {
        return;
    }
    (void)pthread_mutex_lock(&editor->lock);
    editor->stops = true;
    (void)pthread_cond_signal(&editor->wake);
    (void)pthread_mutex_unlock(&editor->lock);
    (void)pthread_join(editor->thread, NULL);
    while (editor->first) {
        drop_first(editor);
    }
    (void)pthread_cond_destroy(&editor->wake);
    (void)pthread_mutex_destroy(&editor->lock);
    free(editor);
}

enum status editor_push(struct editor *editor, const struct request *request)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    struct request *copy = request_copy(request);
    enum status status = waiting && copy ? STATUS_OK : STATUS_NO_MEMORY;
    (void)pthread_mutex_lock(&editor->lock);
    if (status == STATUS_OK && editor->count >= EDITOR_MAX) {
        status = STATUS_FULL;
    }
    if (status == STATUS_OK) {
        waiting->request = copy;
        if (editor->last) {
            editor->last->next = waiting;
        } else {
            editor->first = waiting;
        }
        editor->last = waiting;
        editor->held = editor->held ? editor->held : waiting;
        editor->count++;
    }
    (void)pthread_mutex_unlock(&editor->lock);
    if (status != STATUS_OK) {
        request_free(copy);
        free(waiting);
    }
    return status;
}

void editor_release(struct editor *editor)
{
    (void)pthread_mutex_lock(&editor->lock);
    for (; editor->held; editor->held = editor->held->next) {
        editor->held->released = true;
    }
    (void)pthread_cond_signal(&editor->wake);
    (void)pthread_mutex_unlock(&editor->lock);
}

// Whether two patterns have a name in common is not worked out: they may.
static bool concerns(const struct request *request, const char *pattern)
{
    const char *id = request_text(request, 0);
    switch (request->method->reach) {
    case METHOD_REACH_ALL:
        return true;
    case METHOD_REACH_MODULE:
        return !request_is_text(request, 0) || (is_pattern(id) && is_pattern(pattern)) || osc_match(pattern, id) ||
               osc_match(id, pattern);
    default:
        return false;
    }
}

bool editor_holds(struct editor *editor, const char *pattern)
{
    (void)pthread_mutex_lock(&editor->lock);
    const struct waiting *at = editor->first;
    while (at && !concerns(at->request, pattern)) {
        at = at->next;
    }
    (void)pthread_mutex_unlock(&editor->lock);
    return at != NULL;
}

size_t editor_count(struct editor *editor)
{
    (void)pthread_mutex_lock(&editor->lock);
    const size_t count = editor->count;
    (void)pthread_mutex_unlock(&editor->lock);
    return count;
}
