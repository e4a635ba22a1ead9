// SPDX-License-Identifier: GPL-3.0-or-later
// A figure is a line of the table: where its value lies in a snapshot of all, and of which type it is there.
#include "session/figures.h"

#include "core/clock.h"
#include "session/session_parts.h"

#include <stdio.h>
#include <string.h>

enum value_type { VALUE_COUNT, VALUE_NUMBER, VALUE_FLAG, VALUE_WORD, VALUE_STATE };

struct snapshot {
    struct engine_stats engine;
    struct recorder_facts recorder;
    struct osc_counts osc;
    double rate, block, lead_blocks;
    double callback_p50_us, callback_p99_us, callback_max_us;
    double latency_p50_ms, latency_p99_ms, latency_max_ms;
    uint64_t modules, cables, programs, edits, scheduled, refused, late, script_errors;
    bool gone;
};

struct row {
    const char *metric, *help;
    enum prometheus_kind kind;
    enum value_type type;
    size_t offset;
    size_t stride; ///< from slot 0 to slot 1; 0 where there is one figure
};

#define AT(field) offsetof(struct snapshot, field)

static const struct row rows[] = {
    {"tutti_synth_frames_total", "Frames given to the device.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(engine.frame), 0},
    {"tutti_synth_callbacks_total", "Callbacks of the device.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(engine.callbacks),
     0},
    {"tutti_synth_blocks_total", "Blocks that were played.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(engine.blocks), 0},
    {"tutti_synth_late_blocks_total", "Blocks that no slot had ready.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.late), 0},
    {"tutti_synth_awaited_blocks_total", "Blocks that no slot had ready at first, but in time.", PROMETHEUS_COUNTER,
     VALUE_COUNT, AT(engine.awaited), 0},
    {"tutti_synth_starved_total", "Times that blocks were late, one or more in a row.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.starved), 0},
    {"tutti_synth_switches_total", "Times that the other slot took over.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.switches), 0},
    {"tutti_synth_divergences_total", "Times that the slots did not play the same.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.divergences), 0},
    {"tutti_synth_xruns_total", "Periods that the device lost.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(engine.xruns), 0},
    {"tutti_synth_commands_total", "Commands that were taken.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(engine.commands),
     0},
    {"tutti_synth_commands_refused_total", "Commands that there was no room for.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.refused), 0},
    {"tutti_synth_commands_behind_total", "Commands whose frame was past.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.behind), 0},
    {"tutti_synth_active_slot", "The slot that is heard.", PROMETHEUS_GAUGE, VALUE_WORD, AT(engine.active), 0},
    {"tutti_synth_redundant", "Whether both slots are in lockstep.", PROMETHEUS_GAUGE, VALUE_FLAG, AT(engine.redundant),
     0},
    {"tutti_synth_load", "Mean time of a callback by its period.", PROMETHEUS_GAUGE, VALUE_NUMBER, AT(engine.load), 0},
    {"tutti_synth_rate_hertz", "Frames a second.", PROMETHEUS_GAUGE, VALUE_NUMBER, AT(rate), 0},
    {"tutti_synth_block_frames", "Frames a period.", PROMETHEUS_GAUGE, VALUE_NUMBER, AT(block), 0},
    {"tutti_synth_lead_blocks", "Mean blocks that the active slot was ahead.", PROMETHEUS_GAUGE, VALUE_NUMBER,
     AT(lead_blocks), 0},
    {"tutti_synth_callback_p50_microseconds", "Half of the callbacks took at most this.", PROMETHEUS_GAUGE,
     VALUE_NUMBER, AT(callback_p50_us), 0},
    {"tutti_synth_callback_p99_microseconds", "99 of 100 callbacks took at most this.", PROMETHEUS_GAUGE, VALUE_NUMBER,
     AT(callback_p99_us), 0},
    {"tutti_synth_callback_max_microseconds", "The longest callback.", PROMETHEUS_GAUGE, VALUE_NUMBER,
     AT(callback_max_us), 0},
    {"tutti_synth_latency_p50_milliseconds", "From a message to its sound, half of them.", PROMETHEUS_GAUGE,
     VALUE_NUMBER, AT(latency_p50_ms), 0},
    {"tutti_synth_latency_p99_milliseconds", "From a message to its sound, 99 of 100.", PROMETHEUS_GAUGE, VALUE_NUMBER,
     AT(latency_p99_ms), 0},
    {"tutti_synth_latency_max_milliseconds", "From a message to its sound, the longest.", PROMETHEUS_GAUGE,
     VALUE_NUMBER, AT(latency_max_ms), 0},
    {"tutti_synth_modules", "Modules of the patch.", PROMETHEUS_GAUGE, VALUE_COUNT, AT(modules), 0},
    {"tutti_synth_cables", "Cables of the patch.", PROMETHEUS_GAUGE, VALUE_COUNT, AT(cables), 0},
    {"tutti_synth_programs_total", "Times that the patch was compiled and taken up.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(programs), 0},
    {"tutti_synth_edits_waiting", "Requests that wait for the editor.", PROMETHEUS_GAUGE, VALUE_COUNT, AT(edits), 0},
    {"tutti_synth_messages_scheduled", "Messages that wait for their time.", PROMETHEUS_GAUGE, VALUE_COUNT,
     AT(scheduled), 0},
    {"tutti_synth_messages_refused_total", "Messages that were answered with an error.", PROMETHEUS_COUNTER,
     VALUE_COUNT, AT(refused), 0},
    {"tutti_synth_messages_late_total", "Messages that missed their time.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(late),
     0},
    {"tutti_synth_script_errors_total", "Lines of the script that were refused or late.", PROMETHEUS_COUNTER,
     VALUE_COUNT, AT(script_errors), 0},
    {"tutti_synth_osc_packets_total", "OSC packets received.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(osc.packets), 0},
    {"tutti_synth_osc_messages_total", "OSC messages received.", PROMETHEUS_COUNTER, VALUE_COUNT, AT(osc.messages), 0},
    {"tutti_synth_osc_malformed_total", "OSC packets that were malformed.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(osc.malformed), 0},
    {"tutti_synth_osc_unsent_total", "OSC messages that could not be sent.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(osc.unsent), 0},
    {"tutti_synth_recording", "Whether a recording runs.", PROMETHEUS_GAUGE, VALUE_FLAG, AT(recorder.recording), 0},
    {"tutti_synth_recorded_frames", "Frames in the recording.", PROMETHEUS_GAUGE, VALUE_COUNT, AT(recorder.frames), 0},
    {"tutti_synth_recorded_lost_frames", "Frames of it that were lost.", PROMETHEUS_GAUGE, VALUE_COUNT,
     AT(recorder.lost), 0},
    {"tutti_synth_device_gone", "Whether the device is gone, and waited for.", PROMETHEUS_GAUGE, VALUE_FLAG, AT(gone),
     0},
    {"tutti_synth_slot_state", "0 dead, 1 starting, 2 joining, 3 playing.", PROMETHEUS_GAUGE, VALUE_STATE,
     AT(engine.state), sizeof(int)},
    {"tutti_synth_slot_pid", "Its process.", PROMETHEUS_GAUGE, VALUE_STATE, AT(engine.pid), sizeof(int)},
    {"tutti_synth_slot_deaths_total", "Times that it died or was replaced.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.deaths), sizeof(uint64_t)},
    {"tutti_synth_slot_joins_total", "Times that it came into lockstep.", PROMETHEUS_COUNTER, VALUE_COUNT,
     AT(engine.joins), sizeof(uint64_t)},
    {"tutti_synth_slot_join_milliseconds", "From its loss to lockstep, the last time.", PROMETHEUS_GAUGE, VALUE_NUMBER,
     AT(engine.join_ms), sizeof(double)},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

_Static_assert(ROWS + 5 <= FIGURES_MAX, "room for all, five of them twice");
_Static_assert(sizeof(enum engine_slot_state) == sizeof(int), "read as one type");

const char *figures_state(enum engine_slot_state state)
{
    static const char *const names[] = {[ENGINE_SLOT_DEAD] = "dead",
                                        [ENGINE_SLOT_STARTING] = "starting",
                                        [ENGINE_SLOT_JOINING] = "joining",
                                        [ENGINE_SLOT_PLAYING] = "playing"};
    return names[state];
}

static double mean_lead(const struct engine_stats *stats)
{
    return stats->callbacks > 0 ? (double)stats->ahead / (double)stats->callbacks : 0;
}

static void read_patch(const struct session *session, struct snapshot *out)
{
    // The lock is all that changes.
    struct document *document = (struct document *)&session->document;
    const struct patch *patch = document_lock(document);
    out->modules = patch_module_count(patch);
    out->cables = patch_cable_count(patch);
    document_unlock(document);
    out->edits = editor_count(session->editor);
    out->programs = publisher_programs(session->publisher);
}

static void read_snapshot(const struct session *session, struct snapshot *out)
{
    *out = (struct snapshot){.rate = engine_rate(session->engine),
                             .block = engine_block(session->engine),
                             .recorder = recorder_facts(engine_recorder(session->engine)),
                             .gone = engine_is_gone(session->engine),
                             .scheduled = atomic_load(&session->counts.scheduled),
                             .refused = atomic_load(&session->counts.refused),
                             .late = atomic_load(&session->counts.late),
                             .script_errors = atomic_load(&session->counts.script_errors)};
    engine_stats(session->engine, &out->engine);
    const struct histogram_summary callback = histogram_summarize(engine_callback_ns(session->engine));
    const struct histogram_summary latency = histogram_summarize(engine_latency_us(session->engine));
    out->lead_blocks = mean_lead(&out->engine);
    out->callback_p50_us = callback.p50 / 1000;
    out->callback_p99_us = callback.p99 / 1000;
    out->callback_max_us = callback.max / 1000;
    out->latency_p50_ms = latency.p50 / 1000;
    out->latency_p99_ms = latency.p99 / 1000;
    out->latency_max_ms = latency.max / 1000;
    if (session->osc) {
        out->osc = osc_counts(session->osc);
    }
    read_patch(session, out);
}

static double read_value(enum value_type type, const char *at)
{
    union {
        uint64_t count;
        double number;
        bool flag;
        uint32_t word;
        int state;
    } value = {.count = 0};
    static const size_t sizes[] = {[VALUE_COUNT] = sizeof(uint64_t),
                                   [VALUE_NUMBER] = sizeof(double),
                                   [VALUE_FLAG] = sizeof(bool),
                                   [VALUE_WORD] = sizeof(uint32_t),
                                   [VALUE_STATE] = sizeof(int)};
    memcpy(&value, at, sizes[type]);
    switch (type) {
    case VALUE_COUNT:
        return (double)value.count;
    case VALUE_NUMBER:
        return value.number;
    case VALUE_FLAG:
        return value.flag;
    case VALUE_WORD:
        return value.word;
    default:
        return value.state;
    }
}

// "slot_0_deaths" of "tutti_synth_slot_deaths_total".
static void name_figure(struct figure *figure)
{
    const char *from = figure->metric + strlen("tutti_synth_");
    int length = (int)strlen(from);
    if (figure->kind == PROMETHEUS_COUNTER) {
        length -= (int)strlen("_total");
    }
    if (figure->slot < 0) {
        (void)snprintf(figure->name, sizeof figure->name, "%.*s", length, from);
    } else {
        const int head = (int)strlen("slot_");
        (void)snprintf(figure->name, sizeof figure->name, "slot_%d_%.*s", figure->slot, length - head, from + head);
    }
}

size_t figures_read(const struct session *session, struct figure figures[FIGURES_MAX])
{
    struct snapshot snapshot;
    size_t count = 0;
    read_snapshot(session, &snapshot);
    for (size_t i = 0; i < ROWS; i++) {
        const int slots = rows[i].stride > 0 ? ENGINE_SLOTS : 1;
        for (int slot = 0; slot < slots; slot++) {
            struct figure *figure = &figures[count++];
            *figure = (struct figure){.metric = rows[i].metric,
                                      .help = rows[i].help,
                                      .kind = rows[i].kind,
                                      .slot = rows[i].stride > 0 ? slot : -1,
                                      .is_count = rows[i].type != VALUE_NUMBER};
            figure->value =
                read_value(rows[i].type, (const char *)&snapshot + rows[i].offset + (size_t)slot * rows[i].stride);
            name_figure(figure);
        }
    }
    return count;
}

char *session_metrics(const struct session *session)
{
    struct figure figures[FIGURES_MAX];
    struct prometheus out = {0};
    const size_t count = figures_read(session, figures);
    for (size_t i = 0; i < count; i++) {
        char slot[4];
        if (figures[i].slot <= 0) {
            prometheus_metric(&out, figures[i].metric, figures[i].kind, figures[i].help);
        }
        (void)snprintf(slot, sizeof slot, "%d", figures[i].slot & 1);
        prometheus_sample(&out, figures[i].metric, figures[i].slot < 0 ? NULL : "slot",
                          figures[i].slot < 0 ? NULL : slot, figures[i].value);
    }
    prometheus_metric(&out, "tutti_synth_latency_seconds", PROMETHEUS_HISTOGRAM,
                      "From a message to the beginning of its first block at the device.");
    prometheus_histogram(&out, "tutti_synth_latency_seconds", NULL, NULL, engine_latency_us(session->engine));
    if (out.status != STATUS_OK) {
        prometheus_done(&out);
        return NULL;
    }
    return out.text;
}
