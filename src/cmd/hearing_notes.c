// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/hearing_notes.h"

#include "cmd/hearing_print.h"
#include "core/clock.h"

#include <string.h>

enum status hearing_notes_init(struct hearing_notes *hearing, struct complaint *complaint)
{
    memset(hearing, 0, sizeof *hearing);
    const enum status status = hear_notes_new(&hearing->notes, complaint);
    if (status == STATUS_OK) {
        hearing->hearing.options.rate = HEAR_NOTES_RATE;
        hearing->hearing.hop = HEAR_NOTES_STEP;
        hearing->hearing.board = hear_notes_board(hearing->notes);
    }
    return status;
}

void hearing_notes_done(struct hearing_notes *hearing)
{
    hear_notes_free(hearing->notes);
    hearing->notes = NULL;
}

size_t hearing_notes_step(struct hearing_notes *hearing, struct hear_event *events)
{
    const int64_t start_ns = clock_now_ns();
    const size_t said = hear_notes_step(hearing->notes, events);
    histogram_record(&hearing->hearing.hop_ns, (uint64_t)(clock_now_ns() - start_ns));
    hearing_count(&hearing->hearing, HEAR_NOTES_STEP, events, said);
    return said;
}

double hearing_notes_seconds(const struct hearing_notes *hearing)
{
    return (double)atomic_load(&hearing->hearing.frames) / HEAR_NOTES_RATE;
}

enum status hearing_notes_end(struct hearing_notes *hearing, double wall_s, uint64_t lost, struct complaint *complaint)
{
    const struct midi_ear_counts *counts = hear_notes_counts(hearing->notes);
    hearing->hearing.bad = counts->strays + counts->nonsense;
    atomic_store(&hearing->hearing.lost, counts->crowded_out + counts->lost_onsets + lost);
    hearing_print_summary(stdout, &hearing->hearing, wall_s);
    if (fflush(stdout) != 0 || !hearing_print_is_read()) {
        return complain(complaint, STATUS_IO, "standard output takes no more");
    }
    return STATUS_OK;
}
