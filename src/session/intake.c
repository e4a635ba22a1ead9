// SPDX-License-Identifier: GPL-3.0-or-later
// Every message becomes a request: its method is found, its arguments are checked, and a last argument that is a text
// beginning with # is its tag. What has a time in the future waits in the schedule; a script's lines wait in the
// script. A quarter of a second before a slot may render its frame a request goes on: to the editor where it changes
// the patch, or where something that waits there concerns it; else it is played. That time is for the editor and the
// slots to make ready what is new.
#include "core/clock.h"
#include "core/log.h"
#include "session/answers.h"
#include "session/method.h"
#include "session/session_parts.h"
#include "synth/modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD_MAX_S = 3600, SCRIPT_TICK_MS = 5 };

static const double LEAD_S = 0.25;
static const int64_t LEAD_NS = 250000000;
static const int64_t NS_PER_S = 1000000000;
static const int64_t NS_PER_MS = 1000000;

static void refuse(struct session *session, const struct request *request, const struct complaint *complaint)
{
    answers_error(session, request->method->address, &request->from, complaint);
}

static void push(struct session *session, const struct request *request)
{
    struct complaint complaint;
    const enum status status = editor_push(session->editor, request);
    if (status != STATUS_OK) {
        (void)complain(&complaint, status, "%s: %d requests wait to change the patch", status_text(status), EDITOR_MAX);
        refuse(session, request, &complaint);
    }
}

static void call(struct session *session, const struct request *request)
{
    struct complaint complaint;
    struct answer answer = {.session = session, .request = request};
    if (request->method->now(session, request, &answer, &complaint) == STATUS_OK) {
        answers_reply(session, request->method, &request->from, answer.values, answer.count);
    } else {
        refuse(session, request, &complaint);
    }
    free(answer.made);
}

// Whether a value is none of a parameter, but a setting or of what is not there yet: the editor knows.
static bool is_setting(struct session *session, const struct request *request)
{
    struct patch_module *module = NULL;
    const char *id = request_text(request, 0);
    const bool is_pattern = id[strcspn(id, "?*[]{}")] != '\0';
    const struct patch *patch = document_lock(&session->document);
    const bool found = !is_pattern && patch_find(patch, id, &module, NULL) == STATUS_OK;
    const bool is_value = found && module_param_find(module->type->params, request_text(request, 1)) >= 0;
    document_unlock(&session->document);
    return !is_pattern && found && !is_value;
}

static bool must_wait(struct session *session, const struct request *request)
{
    if (request->count == 0) {
        return false;
    }
    return editor_holds(session->editor, request_is_text(request, 0) ? request_text(request, 0) : "*");
}

// A panic is also for the notes that wait behind an edit. It is answered when it is played for the first time.
static void push_panic(struct session *session, const struct request *request)
{
    struct request again = *request;
    again.from = (struct request_origin){.line = 0};
    push(session, &again);
}

static void dispatch(struct session *session, const struct request *request)
{
    const struct method *method = request->method;
    if (method->now) {
        call(session, request);
    } else if (!method->play || must_wait(session, request) || (method->edit && is_setting(session, request))) {
        push(session, request);
    } else {
        player_play(session, &session->batch, request);
        if (request->count == 0 && editor_count(session->editor) > 0) {
            push_panic(session, request);
        }
    }
}

// The end of what takes effect together.
static void end_together(struct session *session)
{
    player_send(session, &session->batch);
    editor_release(session->editor);
}

static void put_off(struct session *session, const struct request *request, int64_t due)
{
    struct complaint complaint;
    const int64_t ahead_s = (due - clock_now_ns()) / NS_PER_S;
    if (ahead_s > AHEAD_MAX_S) {
        (void)complain(&complaint, STATUS_RANGE, "its time is %lld s ahead, where %d are allowed: is the clock right?",
                       (long long)ahead_s, AHEAD_MAX_S);
        refuse(session, request, &complaint);
        return;
    }
    struct request *copy = request_copy(request);
    const enum status status = copy ? schedule_push(session->schedule, copy, due) : STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        request_free(copy);
        (void)complain(&complaint, status, "%s: %d messages wait for their time", status_text(status), SCHEDULE_MAX);
        refuse(session, request, &complaint);
    }
    atomic_store(&session->counts.scheduled, schedule_count(session->schedule));
}

// A last argument that is a text beginning with # is a tag; returns how many arguments are before it.
static size_t split_tag(const struct osc_message *message, char tag[REQUEST_TAG_SIZE])
{
    const struct osc_arg *last = message->count > 0 ? &message->args[message->count - 1] : NULL;
    const bool has_tag = last && last->text && *last->text == '#';
    (void)snprintf(tag, REQUEST_TAG_SIZE, "%s", has_tag ? last->text : "");
    return message->count - has_tag;
}

// Messages of one time tag are due at one time, though each look at the clocks gives another by some nanoseconds: they
// are for one frame, and in their order.
static int64_t find_due(struct session *session, uint64_t tag)
{
    if (session->tag != tag) {
        session->tag = tag;
        session->tag_due = osc_time_ns(tag);
    }
    return session->tag_due;
}

static void take(struct session *session, const struct osc_message *message, const struct method *method,
                 const struct request_origin *from, size_t count)
{
    struct complaint complaint;
    struct request request = {.method = method, .from = *from, .stamp = clock_now_ns(), .count = count};
    if (method_check(method, message->args, count, &complaint) != STATUS_OK) {
        refuse(session, &request, &complaint);
        return;
    }
    memcpy(request.args, message->args, count * sizeof *message->args);
    const int64_t due = message->time > OSC_NOW ? find_due(session, message->time) : request.stamp;
    if (due > request.stamp) {
        request.stamp = 0;
        put_off(session, &request, due);
        return;
    }
    if (message->time > OSC_NOW) {
        const double late_s = (double)(request.stamp - due) / (double)NS_PER_S;
        answers_late(session, method, from, (uint64_t)(late_s * engine_rate(session->engine)));
    }
    if (session->batch.requests == 0) {
        session->batch.stamp = request.stamp;
        session->batch.now = engine_now(session->engine);
    }
    dispatch(session, &request);
}

static bool is_answer(const char *address)
{
    return strcmp(address, "/tutti/reply") == 0 || strcmp(address, "/tutti/item") == 0 ||
           strcmp(address, "/tutti/error") == 0;
}

static size_t take_all_that_match(struct session *session, const struct osc_message *message,
                                  const struct request_origin *from, size_t count)
{
    size_t matched = 0;
    for (size_t i = 0; method_at(i); i++) {
        if (method_matches(method_at(i), message->address)) {
            take(session, message, method_at(i), from, count);
            matched++;
        }
    }
    return matched;
}

void intake_take(void *closure, const struct osc_message *message)
{
    struct session *session = closure;
    struct request_origin from = {.peer = message->peer};
    const size_t count = split_tag(message, from.tag);
    const struct method *method = method_find(message->address);
    if (method) {
        take(session, message, method, &from, count);
    } else if (!is_answer(message->address) && take_all_that_match(session, message, &from, count) == 0) {
        // An answer is never answered: two programs would go on about it for ever.
        struct complaint complaint;
        if (method_unknown(message->address, &complaint) != STATUS_OK) {
            answers_error(session, message->address, &from, &complaint);
        }
    }
    if (message->left == 0) {
        end_together(session);
        batch_begin(&session->batch, 0, engine_now(session->engine));
    }
}

// Requests come in order of time; those of one frame are sent together.
static void dispatch_at(struct session *session, const struct request *request, uint64_t frame)
{
    struct request timed = *request;
    timed.frame = frame;
    if (session->batch.frame != frame) {
        end_together(session);
        batch_begin(&session->batch, frame, engine_now(session->engine));
    }
    dispatch(session, &timed);
}

// What has one time has one frame, though the engine comes to know better, from call to call, which one that is.
static void tend_schedule(struct session *session)
{
    int64_t due = 0;
    int64_t due_before = 0;
    uint64_t frame = 0;
    const int64_t horizon = clock_now_ns() + LEAD_NS + engine_ahead_ns(session->engine);
    while (schedule_next(session->schedule, &due) && due <= horizon) {
        struct request *request = schedule_pop(session->schedule, horizon);
        if (frame == 0 || due != due_before) {
            frame = engine_frame_at(session->engine, due);
            due_before = due;
        }
        dispatch_at(session, request, frame);
        request_free(request);
    }
    atomic_store(&session->counts.scheduled, schedule_count(session->schedule));
}

static uint64_t line_frame(const struct session *session, const struct script_line *line)
{
    return session->start + script_frame(line, engine_rate(session->engine));
}

static void tend_script(struct session *session)
{
    const uint64_t horizon = engine_now(session->engine) + (uint64_t)(LEAD_S * engine_rate(session->engine));
    const struct script_line *line = script_next(session->script);
    while (line && line_frame(session, line) <= horizon) {
        dispatch_at(session, &line->request, line_frame(session, line));
        script_step(session->script);
        line = script_next(session->script);
    }
}

void intake_tend(struct session *session)
{
    tend_schedule(session);
    if (session->script) {
        tend_script(session);
    }
    end_together(session);
    batch_begin(&session->batch, 0, engine_now(session->engine));
}

int intake_wait_ms(const struct session *session)
{
    int64_t due = 0;
    int64_t ms = -1;
    if (schedule_next(session->schedule, &due)) {
        const int64_t early = LEAD_NS + engine_ahead_ns(session->engine);
        const int64_t left = (due - early - clock_now_ns()) / NS_PER_MS + 1;
        ms = left < 0 ? 0 : left;
    }
    const struct script_line *line = session->script ? script_next(session->script) : NULL;
    if (line && (ms < 0 || ms > SCRIPT_TICK_MS)) {
        ms = SCRIPT_TICK_MS;
    }
    return (int)ms;
}
