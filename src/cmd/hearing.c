// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/hearing.h"

#include "play/edge.h"

#include <math.h>
#include <string.h>

enum status hearing_init(struct hearing *hearing, const struct hear_options *options, uint32_t hop,
                         struct complaint *complaint)
{
    memset(hearing, 0, sizeof *hearing);
    hearing->options = *options;
    hearing->hop = hop;
    const enum status status = hear_new(options, &hearing->hear, complaint);
    hearing->board = status == STATUS_OK ? hear_board(hearing->hear) : NULL;
    return status;
}

void hearing_done(struct hearing *hearing)
{
    hear_free(hearing->hear);
    hearing->hear = NULL;
}

void hearing_count(struct hearing *hearing, size_t count, const struct hear_event *events, size_t said)
{
    atomic_fetch_add_explicit(&hearing->frames, count, memory_order_relaxed);
    for (size_t i = 0; i < said; i++) {
        atomic_fetch_add_explicit(&hearing->said[events[i].kind], 1, memory_order_relaxed);
        if (events[i].kind == HEAR_BEAT) {
            const double place = events[i].beat.tempo * HEARING_TEMPOS_A_BPM;
            hearing->tempos[place < HEARING_TEMPOS - 1 ? (uint32_t)place : HEARING_TEMPOS - 1]++;
        }
    }
}

double hearing_tempo(const struct hearing *hearing)
{
    const uint64_t beats = atomic_load(&hearing->said[HEAR_BEAT]);
    uint64_t below = 0;
    for (uint32_t i = 0; i < HEARING_TEMPOS; i++) {
        below += hearing->tempos[i];
        if (2 * below > beats) {
            return (i + 0.5) / HEARING_TEMPOS_A_BPM;
        }
    }
    return NAN;
}

size_t hearing_push(struct hearing *hearing, const float *interleaved, size_t count, struct hear_event *events)
{
    const int64_t start_ns = edge_now_ns();
    const size_t said = hear_push(hearing->hear, interleaved, count, events);
    histogram_record(&hearing->hop_ns, (uint64_t)(edge_now_ns() - start_ns));
    hearing_count(hearing, count, events, said);
    hearing->bad = hear_bad_frames(hearing->hear);
    return said;
}
