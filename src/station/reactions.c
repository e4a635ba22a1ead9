// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/reactions.h"

void reactions_add(struct reactions *reactions, int64_t arrived_ns, uint64_t frame, bool with_chord)
{
    if (reactions->count < STATION_COMMANDS) {
        reactions->waiting[reactions->count++] =
            (struct reaction){.arrived_ns = arrived_ns, .sounds = !with_chord, .frame = frame};
    }
}

void reactions_chord(struct reactions *reactions, uint64_t frame)
{
    for (unsigned i = 0; i < reactions->count; i++) {
        struct reaction *reaction = &reactions->waiting[i];
        if (!reaction->sounds) {
            reaction->sounds = true;
            reaction->frame = frame;
        }
    }
}

void reactions_record(struct reactions *reactions, const struct chunk *chunk, struct histogram *histogram)
{
    unsigned left = 0;
    for (unsigned i = 0; i < reactions->count; i++) {
        const struct reaction *reaction = &reactions->waiting[i];
        if (!reaction->sounds) {
            reactions->waiting[left++] = *reaction;
            continue;
        }
        const double into_chunk_s = ((double)reaction->frame - (double)chunk->frame) / chunk->rate;
        const int64_t took_ns = chunk->due_ns + (int64_t)(into_chunk_s * 1e9) - reaction->arrived_ns;
        histogram_record(histogram, took_ns > 0 ? (uint64_t)(took_ns / 1000) : 0);
    }
    reactions->count = left;
}
