// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/demo_phrase.h"

#include "music/meter.h"

/// In halves of a beat. The last chord ends on beat 16.
static const struct {
    int8_t at, length, key, velocity;
} notes[] = {
    {0, 1, 36, 100}, {1, 1, 48, 80},  {2, 1, 55, 70},  {3, 1, 60, 80},  {4, 1, 64, 90},  {5, 1, 67, 70},
    {6, 1, 72, 100}, {7, 1, 79, 60},  {8, 7, 48, 90},  {8, 7, 60, 80},  {8, 7, 64, 80},  {8, 7, 67, 80},
    {16, 7, 45, 90}, {16, 7, 60, 70}, {16, 7, 64, 70}, {16, 7, 69, 70}, {24, 3, 41, 90}, {24, 3, 57, 80},
    {24, 3, 60, 80}, {24, 3, 65, 80}, {28, 3, 43, 90}, {28, 3, 59, 80}, {28, 3, 62, 80}, {28, 3, 67, 80},
};

enum status demo_phrase_write(struct score *score)
{
    const int64_t half = TICKS_PER_BEAT / 2;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof notes / sizeof *notes && status == STATUS_OK; i++) {
        status = score_add(score, event_midi(notes[i].at * half, 0, MIDI_NOTE_ON, notes[i].key, notes[i].velocity));
        if (status == STATUS_OK) {
            const int64_t end = (notes[i].at + notes[i].length) * half;
            status = score_add(score, event_midi(end, 0, MIDI_NOTE_OFF, notes[i].key, 0));
        }
    }
    if (status == STATUS_OK) {
        status = score_sort(score);
    }
    if (status != STATUS_OK) {
        score_clear(score);
    }
    return status;
}
