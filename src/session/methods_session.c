// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/methods.h"

#include "core/clock.h"
#include "session/answers.h"
#include "session/figures.h"
#include "session/session_parts.h"

#include <stdio.h>
#include <string.h>

static const int64_t NS_PER_S = 1000000000;

enum status methods_ping(struct session *session, const struct request *request, struct answer *answer,
                         struct complaint *complaint)
{
    (void)session;
    (void)request;
    (void)complaint;
    answer->values[0] = answer_text(TUTTI_VERSION);
    answer->count = 1;
    return STATUS_OK;
}

enum status methods_help(struct session *session, const struct request *request, struct answer *answer,
                         struct complaint *complaint)
{
    const char *wanted = request_text(request, 0);
    size_t said = 0;
    for (size_t i = 0; method_at(i); i++) {
        const struct method *method = method_at(i);
        if (!*wanted || (*wanted == '/' && method_matches(method, wanted))) {
            const struct osc_arg values[] = {answer_text(method->address), answer_text(method->usage),
                                             answer_text(method->help)};
            answers_item(session, request, values, 3);
            said++;
        }
    }
    answer->values[0] = answer_count(said);
    answer->count = 1;
    return said > 0 ? STATUS_OK : method_unknown(wanted, complaint);
}

enum status methods_stats(struct session *session, const struct request *request, struct answer *answer,
                          struct complaint *complaint)
{
    (void)complaint;
    struct figure figures[FIGURES_MAX];
    const size_t count = figures_read(session, figures);
    for (size_t i = 0; i < count; i++) {
        const struct osc_arg values[] = {answer_text(figures[i].name), figures[i].is_count
                                                                           ? answer_count((uint64_t)figures[i].value)
                                                                           : answer_number(figures[i].value)};
        answers_item(session, request, values, 2);
    }
    answer->values[0] = answer_count(count);
    answer->count = 1;
    return STATUS_OK;
}

enum status methods_metrics(struct session *session, const struct request *request, struct answer *answer,
                            struct complaint *complaint)
{
    (void)request;
    answer->made = session_metrics(session);
    answer->values[0] = answer_text(answer->made);
    answer->count = 1;
    return answer->made ? STATUS_OK : complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

// A bit for each kind that \p what names; 0 for none.
static unsigned read_kinds(const char *what)
{
    static const struct {
        const char *name;
        unsigned kinds;
    } names[] = {{"changes", 1U << SUBSCRIPTION_CHANGES},
                 {"meters", 1U << SUBSCRIPTION_METERS},
                 {"all", (1U << SUBSCRIPTION_COUNT) - 1},
                 {"", (1U << SUBSCRIPTION_COUNT) - 1}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(what, names[i].name) == 0) {
            return names[i].kinds;
        }
    }
    return 0;
}

static enum status check_kinds(unsigned kinds, const char *what, struct complaint *complaint)
{
    return kinds ? STATUS_OK
                 : complain(complaint, STATUS_UNKNOWN, "\"%.60s\" cannot be subscribed to: give changes, meters or all",
                            what);
}

enum status methods_subscribe(struct session *session, const struct request *request, struct answer *answer,
                              struct complaint *complaint)
{
    const double seconds = request->count > 1 ? request_number(request, 1) : SUBSCRIPTION_S;
    const unsigned kinds = *request_text(request, 0) ? read_kinds(request_text(request, 0)) : 0;
    enum status status = check_kinds(kinds, request_text(request, 0), complaint);
    if (status == STATUS_OK && !(seconds > 0 && seconds <= SUBSCRIPTION_MAX_S)) {
        status = complain(complaint, STATUS_RANGE, "%g seconds are out of range: give up to %d", seconds,
                          SUBSCRIPTION_MAX_S);
    }
    if (status == STATUS_OK && !*request->from.peer.host) {
        status = complain(complaint, STATUS_UNSUPPORTED, "a script cannot be told of anything");
    }
    if (status != STATUS_OK) {
        return status;
    }
    const int64_t now = clock_now_ns();
    status = subscribers_add(&session->subscribers, &request->from.peer, kinds, now,
                             now + (int64_t)(seconds * (double)NS_PER_S));
    answer->values[0] = request->args[0];
    answer->values[1] = answer_number(seconds);
    answer->count = 2;
    return status == STATUS_OK ? STATUS_OK
                               : complain(complaint, status, "%d have subscribed, and no more can", SUBSCRIBERS_MAX);
}

enum status methods_unsubscribe(struct session *session, const struct request *request, struct answer *answer,
                                struct complaint *complaint)
{
    (void)answer;
    const unsigned kinds = read_kinds(request_text(request, 0));
    const enum status status = check_kinds(kinds, request_text(request, 0), complaint);
    if (status == STATUS_OK) {
        subscribers_remove(&session->subscribers, &request->from.peer, kinds);
    }
    return status;
}

// As a text or as a number.
static int read_bits(const struct request *request, enum recorder_bits standard)
{
    static const char *const names[] = {[RECORDER_16] = "16", [RECORDER_24] = "24", [RECORDER_FLOAT] = "float"};
    char wanted[16];
    if (request->count < 2) {
        return (int)standard;
    }
    (void)snprintf(wanted, sizeof wanted, "%g", request_number(request, 1));
    for (int i = 0; i <= RECORDER_FLOAT; i++) {
        if (strcmp(names[i], request_is_text(request, 1) ? request_text(request, 1) : wanted) == 0) {
            return i;
        }
    }
    return -1;
}

enum status methods_record_start(struct session *session, const struct request *request, struct answer *answer,
                                 struct complaint *complaint)
{
    const int bits = read_bits(request, session->bits);
    if (bits < 0) {
        return complain(complaint, STATUS_UNKNOWN, "a sample cannot have that size: give 16, 24 or float");
    }
    struct recorder *recorder = engine_recorder(session->engine);
    const enum status status =
        recorder_start_at(recorder, request_text(request, 0), (enum recorder_bits)bits, request->frame, 0, complaint);
    if (status == STATUS_OK) {
        // Which name it got.
        answer->made = strdup(recorder_facts(recorder).path);
        answer->values[0] = answer_text(answer->made ? answer->made : "");
        answer->count = 1;
    }
    return status;
}

enum status methods_record_stop(struct session *session, const struct request *request, struct answer *answer,
                                struct complaint *complaint)
{
    struct recorder *recorder = engine_recorder(session->engine);
    const enum status status =
        request->frame > 0 ? recorder_stop_at(recorder, request->frame, complaint) : recorder_stop(recorder, complaint);
    const struct recorder_facts facts = recorder_facts(recorder);
    answer->values[0] = answer_count(facts.frames);
    answer->values[1] = answer_count(facts.lost);
    answer->count = 2;
    return status;
}
