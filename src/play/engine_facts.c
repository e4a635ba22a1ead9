// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/engine_parts.h"

double engine_rate(const struct engine *engine)
{
    return engine->format.rate;
}

uint32_t engine_block(const struct engine *engine)
{
    return engine->format.block;
}

uint32_t engine_ins(const struct engine *engine)
{
    return engine->format.ins;
}

uint32_t engine_outs(const struct engine *engine)
{
    return engine->format.outs;
}

uint64_t engine_now(const struct engine *engine)
{
    return conductor_now(engine->conductor);
}

uint64_t engine_frame_at(const struct engine *engine, int64_t ns)
{
    const uint64_t frame = conductor_frame_at(engine->conductor, ns);
    const uint64_t now = engine_now(engine);
    return frame > now && engine_is_gone(engine) ? now : frame;
}

int64_t engine_ahead_ns(const struct engine *engine)
{
    const uint64_t now = engine_now(engine);
    const uint64_t played = atomic_load(&conductor_counts(engine->conductor)->frame);
    return now > played ? (int64_t)(1e9 * (double)(now - played) / engine->format.rate) : 0;
}

struct recorder *engine_recorder(struct engine *engine)
{
    return engine->recorder;
}

static void add_slots(const struct engine *engine, struct engine_stats *out)
{
    out->redundant = !engine->options.alone;
    for (uint32_t slot = 0; slot < ENGINE_SLOTS; slot++) {
        const struct keeper_facts facts = keeper_facts(engine->keeper, slot);
        out->deaths[slot] = facts.deaths;
        out->joins[slot] = facts.joins;
        out->join_ms[slot] = facts.join_ms;
        out->state[slot] = facts.state;
        out->pid[slot] = facts.pid;
        out->redundant &=
            facts.state == ENGINE_SLOT_PLAYING && conductor_verdict(engine->conductor, slot) == CONDUCTOR_FAIR;
    }
}

void engine_stats(const struct engine *engine, struct engine_stats *out)
{
    const struct conductor_counts *counts = conductor_counts(engine->conductor);
    const struct histogram_summary took = histogram_summarize(&counts->callback_ns);
    *out = (struct engine_stats){
        .frame = atomic_load(&counts->frame),
        .callbacks = atomic_load(&counts->callbacks),
        .blocks = atomic_load(&counts->blocks),
        .late = atomic_load(&counts->late),
        .awaited = atomic_load(&counts->awaited),
        .starved = atomic_load(&counts->starved),
        .switches = atomic_load(&counts->switches),
        .divergences = atomic_load(&counts->divergences),
        .xruns = device_xruns(engine->device),
        .commands = atomic_load(&engine->commands),
        .refused = atomic_load(&engine->refused),
        .behind = atomic_load(&counts->behind),
        .active = atomic_load(&counts->active),
        .ahead = atomic_load(&counts->ahead),
        .load = took.average * 1e-9 * engine->format.rate / engine->format.block,
    };
    for (uint32_t i = 0; i < ENGINE_OCCUPANCY; i++) {
        out->occupancy[i] = atomic_load(&counts->occupancy[i]);
    }
    add_slots(engine, out);
}

const struct histogram *engine_callback_ns(const struct engine *engine)
{
    return &conductor_counts(engine->conductor)->callback_ns;
}

const struct histogram *engine_latency_us(const struct engine *engine)
{
    return &conductor_counts(engine->conductor)->latency_us;
}

void engine_peaks(struct engine *engine, float *peaks)
{
    conductor_peaks(engine->conductor, peaks);
}

bool engine_is_gone(const struct engine *engine)
{
    return device_is_gone(engine->device);
}

const char *engine_device(const struct engine *engine)
{
    return device_kind(engine->device);
}

const char *engine_hint(const struct engine *engine)
{
    return device_hint(engine->device);
}
