// SPDX-License-Identifier: GPL-3.0-or-later
// Levels go out 25 times a second while somebody wants them; whether something became of the slots is looked at as
// often then, and else ten times a second. The log gets a line for people once a minute and on every change, and one
// for debugging after each thousand callbacks.
#include "session/meters.h"

#include "core/log.h"
#include "session/answers.h"
#include "session/figures.h"
#include "session/session_parts.h"

#include <math.h>
#include <string.h>

static const int64_t METER_NS = 40000000;
static const int64_t LOOK_NS = 100000000;
static const int64_t SLOTS_NS = 1000000000;
static const int64_t LOG_NS = 60000000000;
static const int64_t NS_PER_MS = 1000000;
static const double SILENCE_DB = -120;

enum { CALLBACKS_A_LINE = 1000 };

static size_t everyone(struct session *session, int64_t now_ns, struct osc_peer peers[2 * SUBSCRIBERS_MAX])
{
    const size_t count = subscribers_of(&session->subscribers, SUBSCRIPTION_METERS, now_ns, NULL, peers);
    struct osc_peer others[SUBSCRIBERS_MAX];
    const size_t more = subscribers_of(&session->subscribers, SUBSCRIPTION_CHANGES, now_ns, NULL, others);
    size_t all = count;
    for (size_t i = 0; i < more; i++) {
        size_t j = 0;
        while (j < count && memcmp(&peers[j], &others[i], sizeof others[i]) != 0) {
            j++;
        }
        if (j == count) {
            peers[all++] = others[i];
        }
    }
    return all;
}

static void send_all(struct session *session, const struct osc_peer *peers, size_t told, const char *address,
                     const struct osc_arg *values, size_t count)
{
    for (size_t i = 0; i < told; i++) {
        osc_send(session->osc, &peers[i], address, values, count);
    }
}

static void tell_levels(struct session *session, const struct osc_peer *peers, size_t told)
{
    float peaks[DEVICE_CHANNELS_MAX] = {0};
    struct osc_arg values[DEVICE_CHANNELS_MAX];
    const uint32_t outs = engine_outs(session->engine);
    engine_peaks(session->engine, peaks);
    for (uint32_t i = 0; i < outs; i++) {
        const double db = 20 * log10((double)peaks[i]);
        values[i] = answer_number(db > SILENCE_DB ? db : SILENCE_DB);
    }
    send_all(session, peers, told, "/tutti/synth/meters", values, outs);
}

static void tell_slots(struct session *session, const struct osc_peer *peers, size_t told,
                       const struct engine_stats *stats)
{
    struct osc_arg values[2 + 2 * ENGINE_SLOTS] = {answer_count(stats->redundant), answer_count(stats->active)};
    for (size_t i = 0; i < ENGINE_SLOTS; i++) {
        values[2 + 2 * i] = answer_text(figures_state(stats->state[i]));
        values[3 + 2 * i] = answer_count((uint64_t)stats->pid[i]);
    }
    send_all(session, peers, told, "/tutti/synth/slots", values, 2 + 2 * ENGINE_SLOTS);
}

static bool is_news(const struct engine_stats *a, const struct engine_stats *b)
{
    return a->switches != b->switches || a->divergences != b->divergences || a->starved != b->starved ||
           a->active != b->active || a->redundant != b->redundant || memcmp(a->state, b->state, sizeof a->state) != 0 ||
           memcmp(a->pid, b->pid, sizeof a->pid) != 0;
}

// What a person should look at is a warning: redundancy that is lost, and blocks that no slot had in time. That the
// other slot is heard is nothing to anybody.
static enum log_level weigh(const struct engine_stats *stats, const struct engine_stats *before)
{
    if ((before->redundant && !stats->redundant) || stats->starved != before->starved ||
        stats->divergences != before->divergences) {
        return LOG_LEVEL_WARNING;
    }
    const bool is_same = memcmp(stats->state, before->state, sizeof stats->state) == 0 &&
                         memcmp(stats->pid, before->pid, sizeof stats->pid) == 0;
    return is_same ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static void log_slots(const struct engine_stats *stats, const struct engine_stats *before)
{
    log_write(weigh(stats, before), "slots",
              "redundant=%s active=%u slot0=%s pid0=%d slot1=%s pid1=%d switches=%llu divergences=%llu starved=%llu "
              "late=%llu",
              stats->redundant ? "yes" : "no", stats->active, figures_state(stats->state[0]), stats->pid[0],
              figures_state(stats->state[1]), stats->pid[1], (unsigned long long)stats->switches,
              (unsigned long long)stats->divergences, (unsigned long long)stats->starved,
              (unsigned long long)stats->late);
}

static void log_figures(const struct session *session, enum log_level level, const struct engine_stats *stats)
{
    const struct histogram_summary callback = histogram_summarize(engine_callback_ns(session->engine));
    const struct histogram_summary latency = histogram_summarize(engine_latency_us(session->engine));
    log_write(level, "figures",
              "frames=%llu callbacks=%llu xruns=%llu late=%llu switches=%llu load=%.3f callback_p50_us=%.1f "
              "callback_p99_us=%.1f callback_max_us=%.1f latency_p99_us=%.0f commands=%llu redundant=%s",
              (unsigned long long)stats->frame, (unsigned long long)stats->callbacks, (unsigned long long)stats->xruns,
              (unsigned long long)stats->late, (unsigned long long)stats->switches, stats->load, callback.p50 / 1000,
              callback.p99 / 1000, callback.max / 1000, latency.p99, (unsigned long long)stats->commands,
              stats->redundant ? "yes" : "no");
}

// A disk that is full, and one that takes more again.
static void watch_recorder(struct session *session)
{
    const struct recorder_facts facts = recorder_facts(engine_recorder(session->engine));
    if (facts.status == session->meters.recorder) {
        return;
    }
    session->meters.recorder = facts.status;
    log_write(facts.status == STATUS_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "recording",
              "path=%s status=%s frames=%llu lost=%llu", facts.path, status_text(facts.status),
              (unsigned long long)facts.frames, (unsigned long long)facts.lost);
}

static void write_log(struct session *session, const struct engine_stats *stats, int64_t now_ns)
{
    struct meters *meters = &session->meters;
    meters->log_ns = meters->log_ns ? meters->log_ns : now_ns;
    if (now_ns - meters->log_ns >= LOG_NS) {
        log_figures(session, LOG_LEVEL_INFO, stats);
        meters->log_ns = now_ns;
    }
    if (stats->callbacks / CALLBACKS_A_LINE != meters->thousands) {
        log_figures(session, LOG_LEVEL_DEBUG, stats);
        meters->thousands = stats->callbacks / CALLBACKS_A_LINE;
    }
}

void meters_tend(struct session *session, int64_t now_ns)
{
    struct meters *meters = &session->meters;
    if (now_ns < meters->next_ns) {
        return;
    }
    struct osc_peer peers[2 * SUBSCRIBERS_MAX];
    struct engine_stats stats;
    const size_t wanted =
        session->osc ? subscribers_of(&session->subscribers, SUBSCRIPTION_METERS, now_ns, NULL, peers) : 0;
    engine_stats(session->engine, &stats);
    const bool news = is_news(&stats, &meters->seen);
    if (wanted > 0) {
        tell_levels(session, peers, wanted);
    }
    if (session->osc && (news || (wanted > 0 && now_ns - meters->slots_ns >= SLOTS_NS))) {
        const size_t told = news ? everyone(session, now_ns, peers) : wanted;
        tell_slots(session, peers, told, &stats);
        meters->slots_ns = now_ns;
    }
    if (news) {
        log_slots(&stats, &meters->seen);
    }
    write_log(session, &stats, now_ns);
    watch_recorder(session);
    meters->seen = stats;
    meters->next_ns = now_ns + (wanted > 0 ? METER_NS : LOOK_NS);
}

int meters_wait_ms(const struct session *session, int64_t now_ns)
{
    const int64_t left = session->meters.next_ns - now_ns;
    return left > 0 ? (int)(left / NS_PER_MS) + 1 : 0;
}
