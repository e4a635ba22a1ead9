// SPDX-License-Identifier: GPL-3.0-or-later
// From requests to commands. Those that belong together are sent to the engine at once, so that they take effect on one
// frame; each is answered when that is done. Where the engine has no room for them, none is played, and the values are
// taken back.
#include "core/clock.h"
#include "session/answers.h"
#include "session/method.h"
#include "session/session_parts.h"
#include "synth/modules.h"

#include <stdlib.h>
#include <string.h>

// The values that were sent, as messages that would do the same.
static void tell_values(struct session *session, const struct batch *batch)
{
    struct osc_peer peers[SUBSCRIBERS_MAX];
    const int64_t now = clock_now_ns();
    if (!session->osc || subscribers_of(&session->subscribers, SUBSCRIPTION_CHANGES, now, NULL, peers) == 0) {
        return;
    }
    const struct osc_peer *by = batch->requests == 1 ? &batch->receipts[0].from.peer : NULL;
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct command *command = &batch->commands[i];
        char id[PROGRAM_ID_SIZE] = "";
        const struct module_type *type = NULL;
        const struct patch_module *module = patch_by_uid(document_lock(&session->document), command->uid);
        if (module && command->kind == COMMAND_SET) {
            memcpy(id, module->id, sizeof id);
            type = module->type;
        }
        document_unlock(&session->document);
        if (type) {
            const struct osc_arg values[] = {answer_text(id), answer_text(type->params[command->index].name),
                                             answer_number((double)command->value)};
            answers_change(session, by, "/tutti/synth/set", values, 3);
        }
    }
}

static void take_back(struct session *session, const struct batch *batch)
{
    struct patch *patch = document_lock(&session->document);
    for (uint32_t i = batch->count; i-- > 0;) {
        const struct command *command = &batch->commands[i];
        const struct patch_module *found = command->kind == COMMAND_SET ? patch_by_uid(patch, command->uid) : NULL;
        struct patch_module *module = NULL;
        if (found && patch_find(patch, found->id, &module, NULL) == STATUS_OK) {
            module->params[command->index] = batch->before[i];
        }
    }
    document_unlock(&session->document);
}

static void answer_all(struct session *session, const struct batch *batch, uint64_t late)
{
    for (uint32_t i = 0; i < batch->requests; i++) {
        const struct batch_receipt *receipt = &batch->receipts[i];
        if (late > 0) {
            answers_late(session, receipt->method, &receipt->from, late);
        }
        answers_reply(session, receipt->method, &receipt->from, NULL, 0);
    }
}

static void refuse_all(struct session *session, const struct batch *batch, enum status status)
{
    struct complaint complaint;
    if (status == STATUS_UNSUPPORTED) {
        (void)complain(&complaint, status, "faults are not allowed: start with --faults");
    } else {
        (void)complain(&complaint, status, "%s: the engine has no room for more commands", status_text(status));
    }
    for (uint32_t i = 0; i < batch->requests; i++) {
        answers_error(session, batch->receipts[i].method->address, &batch->receipts[i].from, &complaint);
    }
}

void player_send(struct session *session, struct batch *batch)
{
    uint64_t frame = batch->frame;
    enum status status = STATUS_OK;
    if (batch->count > 0) {
        status = engine_send(session->engine, batch->commands, batch->count, &frame);
    }
    if (status == STATUS_OK) {
        // The first may be for a module that begins later: what is asked is whether the batch missed its own frame.
        const bool waited = batch->count > 0 && batch->commands[0].frame > batch->frame;
        const uint64_t late = batch->frame > 0 && !waited && frame > batch->frame ? frame - batch->frame : 0;
        answer_all(session, batch, late);
        tell_values(session, batch);
    } else {
        take_back(session, batch);
        refuse_all(session, batch, status);
    }
    // What follows of the same packet is for the same frame.
    const uint64_t next = batch->count > 0 && batch->frame == 0 ? frame : batch->frame;
    const int64_t stamp = batch->stamp;
    batch_begin(batch, next, engine_now(session->engine));
    batch->stamp = stamp;
}

void player_play(struct session *session, struct batch *batch, const struct request *request)
{
    struct complaint complaint;
    if (!batch_has_room(batch)) {
        player_send(session, batch);
    }
    const uint32_t count = batch->count;
    struct patch *patch = document_lock(&session->document);
    const enum status status = request->method->play(patch, request, batch, &complaint);
    document_unlock(&session->document);
    if (status == STATUS_OK) {
        batch_end_request(batch, request);
    } else {
        batch->count = count;
        answers_error(session, request->method->address, &request->from, &complaint);
    }
}

static enum status publish(void *closure, const struct patch *patch, uint64_t frame, uint64_t *begins,
                           struct complaint *complaint)
{
    struct session *session = closure;
    return publisher_publish(session->publisher, patch, frame, begins, complaint);
}

static enum status check(void *closure, const struct patch *patch, struct complaint *complaint)
{
    struct session *session = closure;
    return publisher_check(session->publisher, patch, complaint);
}

static void perform_call(struct session *session, const struct request *request)
{
    const struct method *method = request->method;
    struct complaint complaint = {"out of memory"};
    struct answer answer = {.session = session, .request = request};
    const enum status status = method->ask ? method->ask(session, request, &answer, &complaint) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        answers_reply(session, method, &request->from, answer.values, answer.count);
    } else {
        answers_error(session, method->address, &request->from, &complaint);
    }
    if (status == STATUS_OK && method->changes) {
        answers_change(session, &request->from.peer, method->address, request->args, request->count);
    }
    free(answer.made);
}

static void perform(void *closure, const struct request *request, bool more)
{
    struct session *session = closure;
    struct batch *batch = &session->deferred;
    if (!request->method->play) {
        perform_call(session, request);
        return;
    }
    if (batch->requests == 0) {
        batch_begin(batch, request->frame, engine_now(session->engine));
    }
    player_play(session, batch, request);
    if (!more) {
        player_send(session, batch);
    }
}

static void answer(void *closure, const struct request *request, enum status status, const struct complaint *complaint,
                   uint64_t begins)
{
    struct session *session = closure;
    const struct method *method = request->method;
    if (status != STATUS_OK) {
        answers_error(session, method->address, &request->from, complaint);
        return;
    }
    if (request->frame > 0 && begins > request->frame) {
        answers_late(session, method, &request->from, begins - request->frame);
    }
    answers_reply(session, method, &request->from, NULL, 0);
    if (method->changes) {
        answers_change(session, &request->from.peer, method->address, request->args, request->count);
    }
}

static int rest(void *closure)
{
    struct session *session = closure;
    // Nobody but this thread replaces the document; its parameters may change meanwhile, which the program does not
    // show anyway for modules that live on.
    struct patch *copy = document_copy(&session->document);
    const int ms = copy ? publisher_settle(session->publisher, copy) : 1000;
    patch_free(copy);
    return ms;
}

struct editor_ops player_editor_ops(struct session *session)
{
    return (struct editor_ops){
        .closure = session, .publish = publish, .check = check, .perform = perform, .answer = answer, .rest = rest};
}
