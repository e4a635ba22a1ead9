// SPDX-License-Identifier: GPL-3.0-or-later
// What may be wrong with what a person gave is found first, before anything makes a sound: the script, the patch, the
// port; then the device is opened and the patch played. The script's clock starts a fixed time after the frame from
// which the patch plays, so that the same script gives the same sound, to the bit, however long starting took; its
// recording begins there too.
#include "session/session.h"

#include "core/clock.h"
#include "core/log.h"
#include "session/exporter.h"
#include "session/session_parts.h"
#include "synth/patch_file.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const double LEAD_IN_S = 0.5;
static const int64_t NS_PER_S = 1000000000;

// For how long a device may stand still before the wall's clock counts.
static const int64_t STILL_NS = 1000000000;

static enum status load_patch(const struct session_options *options, struct patch **out, struct complaint *complaint)
{
    if (options->patch) {
        return patch_file_load(options->patch, out, complaint);
    }
    *out = patch_new();
    return *out ? STATUS_OK : complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

static enum status load(struct session *session, const struct session_options *options, struct complaint *complaint)
{
    struct patch *patch = NULL;
    enum status status = STATUS_OK;
    if (options->script) {
        status = script_load(options->script, &session->script, complaint);
    }
    if (status == STATUS_OK) {
        status = load_patch(options, &patch, complaint);
    }
    if (status == STATUS_OK) {
        document_init(&session->document, patch);
        session->has_document = true;
    }
    if (status == STATUS_OK && options->port >= 0) {
        status = osc_new(options->address, (uint16_t)options->port, intake_take, session, &session->osc, complaint);
    }
    return status;
}

// The patch, playing. \p begins gets its first frame.
static enum status play(struct session *session, const struct session_options *options, uint64_t *begins,
                        struct complaint *complaint)
{
    const enum status status = engine_new(&options->engine, &session->engine, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    session->publisher = publisher_new(session->engine);
    session->schedule = schedule_new();
    struct patch *copy = document_copy(&session->document);
    if (!session->publisher || !session->schedule || !copy) {
        patch_free(copy);
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const enum status published = publisher_publish(session->publisher, copy, 0, begins, complaint);
    if (published != STATUS_OK) {
        patch_free(copy);
        return published;
    }
    struct patch *before = document_lock(&session->document);
    for (size_t i = 0; i < patch_module_count(before); i++) {
        struct patch_module *module = NULL;
        if (patch_find(before, patch_module_at(before, i)->id, &module, NULL) == STATUS_OK) {
            module->begin = *begins;
        }
    }
    document_unlock(&session->document);
    patch_free(copy);
    return STATUS_OK;
}

static enum status record(struct session *session, const struct session_options *options, struct complaint *complaint)
{
    if (!options->record) {
        return STATUS_OK;
    }
    const uint64_t frames = (uint64_t)llround(options->seconds * engine_rate(session->engine));
    return recorder_start_at(engine_recorder(session->engine), options->record, options->bits, session->start, frames,
                             complaint);
}

static enum status start(struct session *session, const struct session_options *options, struct complaint *complaint)
{
    uint64_t begins = 0;
    enum status status = load(session, options, complaint);
    if (status == STATUS_OK) {
        status = play(session, options, &begins, complaint);
    }
    if (status != STATUS_OK) {
        return status;
    }
    session->start = begins + (uint64_t)llround(LEAD_IN_S * engine_rate(session->engine));
    const struct editor_ops ops = player_editor_ops(session);
    status = editor_new(&session->document, &ops, &session->editor);
    if (status != STATUS_OK) {
        return complain(complaint, status, "no thread can be had: %s", status_text(status));
    }
    if (options->metrics_port >= 0) {
        status = exporter_new(session, (uint16_t)options->metrics_port, &session->exporter, complaint);
    }
    // Last: what fails does not leave a file.
    return status == STATUS_OK ? record(session, options, complaint) : status;
}

enum status session_new(const struct session_options *options, struct session **out, struct complaint *complaint)
{
    *out = NULL;
    struct session *session = calloc(1, sizeof *session);
    if (!session) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    subscribers_init(&session->subscribers);
    session->bits = options->bits;
    session->seconds = options->seconds;
    const enum status status = start(session, options, complaint);
    if (status != STATUS_OK) {
        session_free(session);
        return status;
    }
    *out = session;
    return STATUS_OK;
}

static void end_recording(struct session *session)
{
    struct complaint complaint;
    struct recorder *recorder = engine_recorder(session->engine);
    if (!recorder_facts(recorder).recording) {
        return;
    }
    const enum status status = recorder_stop(recorder, &complaint);
    const struct recorder_facts facts = recorder_facts(recorder);
    const unsigned long long frames = facts.frames;
    const unsigned long long lost = facts.lost;
    if (status == STATUS_OK) {
        log_write(LOG_LEVEL_INFO, "recorded", "path=%s frames=%llu", facts.path, frames);
    } else {
        log_write(LOG_LEVEL_ERROR, "recorded", "path=%s frames=%llu lost=%llu reason=%s", facts.path, frames, lost,
                  complaint.text);
    }
}

void session_free(struct session *session)
{
    if (!session) {
        return;
    }
    exporter_free(session->exporter);
    editor_free(session->editor);
    if (session->engine) {
        end_recording(session);
    }
    publisher_free(session->publisher);
    engine_free(session->engine);
    schedule_free(session->schedule);
    osc_free(session->osc);
    if (session->has_document) {
        document_done(&session->document);
    }
    script_free(session->script);
    subscribers_done(&session->subscribers);
    free(session);
}

uint16_t session_port(const struct session *session)
{
    return session->osc ? osc_port(session->osc) : 0;
}

uint16_t session_metrics_port(const struct session *session)
{
    return session->exporter ? exporter_port(session->exporter) : 0;
}

struct engine *session_engine(const struct session *session)
{
    return session->engine;
}

uint64_t session_script_errors(const struct session *session)
{
    return atomic_load(&session->counts.script_errors);
}

size_t session_script_left(const struct session *session)
{
    return session->script ? script_left(session->script) : 0;
}

// How far the run is: by frames, and by the wall where those stand still.
struct progress {
    int64_t began_ns, moved_ns, tended_ns;
    uint64_t frame;
};

static bool is_over(const struct session *session, struct progress *progress, int64_t now_ns)
{
    struct engine_stats stats;
    engine_stats(session->engine, &stats);
    if (stats.frame != progress->frame) {
        progress->frame = stats.frame;
        progress->moved_ns = now_ns;
    }
    if (session->seconds <= 0) {
        return false;
    }
    const uint64_t frames = (uint64_t)llround(session->seconds * engine_rate(session->engine));
    const bool is_still = now_ns - progress->moved_ns >= STILL_NS;
    const int64_t there_ns = now_ns - progress->began_ns - session->absence.total_ns;
    return stats.frame >= session->start + frames ||
           (is_still && (double)there_ns >= (session->seconds + LEAD_IN_S) * (double)NS_PER_S);
}

static int shorter(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

// Waits for a packet, for \p stop_fd, or for the time of what is to be done next. Whether it is to stop.
static bool wait_for_work(const struct session *session, int stop_fd)
{
    enum { END_TICK_MS = 10 };
    struct pollfd watched[] = {{.fd = stop_fd, .events = POLLIN},
                               {.fd = session->osc ? osc_descriptor(session->osc) : -1, .events = POLLIN}};
    const int64_t now_ns = clock_now_ns();
    int ms = shorter(intake_wait_ms(session), meters_wait_ms(session, now_ns));
    ms = shorter(ms, absence_wait_ms(session, now_ns));
    ms = session->seconds > 0 ? shorter(ms, END_TICK_MS) : ms;
    if (poll(watched, 2, ms) <= 0) {
        return false;
    }
    return watched[0].revents != 0;
}

enum status session_run(struct session *session, int stop_fd, struct complaint *complaint)
{
    const int64_t began_ns = clock_now_ns();
    struct progress progress = {.began_ns = began_ns, .moved_ns = began_ns, .tended_ns = began_ns};
    int64_t now_ns = began_ns;
    bool stops = false;
    while (!stops && !is_over(session, &progress, now_ns)) {
        absence_tend(session, now_ns);
        intake_tend(session);
        meters_tend(session, now_ns);
        stops = wait_for_work(session, stop_fd);
        if (session->osc) {
            osc_poll(session->osc);
        }
        now_ns = clock_now_ns();
        if (session->exporter && now_ns - progress.tended_ns >= NS_PER_S) {
            exporter_tend(session->exporter);
            progress.tended_ns = now_ns;
        }
    }
    return engine_is_gone(session->engine)
               ? complain(complaint, STATUS_CLOSED, "the sound device is gone: its server ended or it was unplugged")
               : STATUS_OK;
}
