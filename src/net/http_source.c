// SPDX-License-Identifier: GPL-3.0-or-later
// libmicrohttpd asks a source for bytes whenever its socket takes some. A source that has none is suspended, or the
// thread would spin, and joins a list; a wake resumes the whole list. A connection in the list is suspended, and
// libmicrohttpd never frees a suspended connection, so the list holds nothing stale.
//
// A wake must not fall into the gap between "nothing now" and the suspension. So the count of wakes is read before the
// source is asked, and a connection goes to sleep only if the count is still the same under the mutex that every wake
// takes; else the source is asked again.
#include "net/http_source.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 4096 };

struct http_source_body {
    struct http_source source;
    struct http_sleepers *sleepers;
    struct MHD_Connection *connection;
    struct http_source_body *next; ///< under the sleepers' mutex
};

enum outcome { OUTCOME_SLEEP, OUTCOME_AGAIN, OUTCOME_END };

enum status http_sleepers_init(struct http_sleepers *sleepers, struct http_pulse *pulse)
{
    *sleepers = (struct http_sleepers){.pulse = pulse};
    return pthread_mutex_init(&sleepers->mutex, NULL) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

void http_sleepers_done(struct http_sleepers *sleepers)
{
    assert(!sleepers->first);
    pthread_mutex_destroy(&sleepers->mutex);
}

static void resume_all_locked(struct http_sleepers *sleepers)
{
    atomic_fetch_add_explicit(&sleepers->wakes, 1, memory_order_release);
    while (sleepers->first) {
        struct http_source_body *body = sleepers->first;
        sleepers->first = body->next;
        MHD_resume_connection(body->connection);
    }
}

void http_sleepers_wake(struct http_sleepers *sleepers)
{
    pthread_mutex_lock(&sleepers->mutex);
    resume_all_locked(sleepers);
    pthread_mutex_unlock(&sleepers->mutex);
}

void http_sleepers_stop(struct http_sleepers *sleepers)
{
    pthread_mutex_lock(&sleepers->mutex);
    sleepers->stopping = true;
    resume_all_locked(sleepers);
    pthread_mutex_unlock(&sleepers->mutex);
}

static enum outcome fall_asleep(struct http_source_body *body, unsigned wakes)
{
    struct http_sleepers *sleepers = body->sleepers;
    enum outcome outcome = OUTCOME_SLEEP;
    pthread_mutex_lock(&sleepers->mutex);
    if (sleepers->stopping) {
        outcome = OUTCOME_END;
    } else if (atomic_load_explicit(&sleepers->wakes, memory_order_relaxed) != wakes) {
        outcome = OUTCOME_AGAIN;
    } else {
        body->next = sleepers->first;
        sleepers->first = body;
        MHD_suspend_connection(body->connection);
    }
    pthread_mutex_unlock(&sleepers->mutex);
    return outcome;
}

static ssize_t read_body(void *user, uint64_t position, char *out, size_t size)
{
    (void)position;
    struct http_source_body *body = user;
    enum outcome outcome = OUTCOME_AGAIN;
    http_pulse_beat(body->sleepers->pulse);
    while (outcome == OUTCOME_AGAIN) {
        const unsigned wakes = atomic_load_explicit(&body->sleepers->wakes, memory_order_acquire);
        const ssize_t got = body->source.read(body->source.user, (uint8_t *)out, size);
        assert(got <= (ssize_t)size);
        if (got > 0) {
            return got;
        }
        outcome = got < 0 ? OUTCOME_END : fall_asleep(body, wakes);
    }
    return outcome == OUTCOME_SLEEP ? 0 : MHD_CONTENT_READER_END_OF_STREAM;
}

static void close_body(void *user)
{
    struct http_source_body *body = user;
    body->source.closed(body->source.user);
    free(body);
}

struct MHD_Response *http_source_response(struct http_sleepers *sleepers, struct MHD_Connection *connection,
                                          const struct http_source *source)
{
    struct http_source_body *body = malloc(sizeof *body);
    if (!body) {
        source->closed(source->user);
        return NULL;
    }
    *body = (struct http_source_body){.source = *source, .sleepers = sleepers, .connection = connection};
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, read_body, body, close_body);
    if (!response) {
        close_body(body);
    }
    return response;
}
