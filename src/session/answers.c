// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/answers.h"

#include "core/clock.h"
#include "core/log.h"
#include "session/method.h"
#include "session/session_parts.h"

#include <string.h>

struct osc_arg answer_text(const char *text)
{
    return (struct osc_arg){.type = 's', .text = text};
}

struct osc_arg answer_number(double number)
{
    return (struct osc_arg){.type = 'f', .number = number};
}

struct osc_arg answer_count(uint64_t count)
{
    return (struct osc_arg){.type = count > INT32_MAX ? 'h' : 'i', .integer = (int64_t)count, .number = (double)count};
}

// A script is answered by nothing but the log.
static void send_answer(struct session *session, const char *kind, const char *address, const struct request_origin *to,
                        const struct osc_arg *values, size_t count)
{
    if (!session->osc || !*to->peer.host) {
        return;
    }
    struct osc_arg args[ANSWER_VALUES_MAX + 2] = {answer_text(address)};
    count = count < ANSWER_VALUES_MAX ? count : ANSWER_VALUES_MAX;
    if (count > 0) {
        memcpy(args + 1, values, count * sizeof *values);
    }
    size_t used = count + 1;
    if (*to->tag) {
        args[used++] = answer_text(to->tag);
    }
    osc_send(session->osc, &to->peer, kind, args, used);
}

void answers_reply(struct session *session, const struct method *method, const struct request_origin *to,
                   const struct osc_arg *values, size_t count)
{
    if (!method->quiet || *to->tag) {
        send_answer(session, "/tutti/reply", method->address, to, values, count);
    }
}

void answers_item(struct session *session, const struct request *request, const struct osc_arg *values, size_t count)
{
    send_answer(session, "/tutti/item", request->method->address, &request->from, values, count);
}

void answers_error(struct session *session, const char *address, const struct request_origin *to,
                   const struct complaint *complaint)
{
    const struct osc_arg text = answer_text(complaint->text);
    atomic_fetch_add(&session->counts.refused, 1);
    if (to->line > 0) {
        atomic_fetch_add(&session->counts.script_errors, 1);
        log_write(LOG_LEVEL_ERROR, "script_refused", "line=%u method=%s reason=%s", to->line, address, complaint->text);
    }
    send_answer(session, "/tutti/error", address, to, &text, 1);
}

void answers_late(struct session *session, const struct method *method, const struct request_origin *from,
                  uint64_t frames)
{
    atomic_fetch_add(&session->counts.late, 1);
    if (from->line > 0) {
        atomic_fetch_add(&session->counts.script_errors, 1);
        log_write(LOG_LEVEL_ERROR, "script_late", "line=%u method=%s frames=%llu", from->line, method->address,
                  (unsigned long long)frames);
    }
}

void answers_change(struct session *session, const struct osc_peer *by, const char *address,
                    const struct osc_arg *values, size_t count)
{
    struct osc_peer peers[SUBSCRIBERS_MAX];
    const size_t told =
        session->osc ? subscribers_of(&session->subscribers, SUBSCRIPTION_CHANGES, clock_now_ns(), by, peers) : 0;
    for (size_t i = 0; i < told; i++) {
        osc_send(session->osc, &peers[i], address, values, count);
    }
}
