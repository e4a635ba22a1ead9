// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever is read is in order and in range, and survives being written and read again: the second file is the first.
#include "music/midi_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_event(const struct event *event, int64_t not_before)
{
    require(event->tick >= not_before && event->tick <= MIDI_FILE_TICKS);
    require(event->kind == EVENT_TEMPO || event->kind == EVENT_MIDI || event->kind == EVENT_RESET);
    if (event->kind == EVENT_TEMPO) {
        require(event->bpm > 3.5 && event->bpm <= 60e6);
        return;
    }
    if (event->kind == EVENT_RESET) {
        require((unsigned)event->reset < MIDI_RESETS);
        return;
    }
    require(event->channel < 16 && event->midi.status >= 0x80 && event->midi.status <= 0xe0);
    require(event->midi.data[0] < 128 && event->midi.data[1] < 128);
    require(event->midi.status != 0x90 || event->midi.data[1] > 0);
}

static uint8_t *write_score(const struct score *score, size_t *size)
{
    const struct midi_file_options options = {.bpm = 100, .beats = 3, .unit = 4};
    uint8_t *bytes = NULL;
    require(midi_file_write(score, &options, &bytes, size) == STATUS_OK);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct score score = {0};
    struct complaint complaint = {""};
    (void)midi_file_cut_short(data, size);
    if (midi_file_read(data, size, &score, &complaint)) {
        require(score.count == 0 && complaint.text[0]);
        return 0;
    }
    for (size_t i = 0; i < score.count; i++) {
        check_event(&score.events[i], i > 0 ? score.events[i - 1].tick : 0);
    }
    size_t first_size = 0;
    uint8_t *first = write_score(&score, &first_size);
    score_done(&score);
    require(midi_file_read(first, first_size, &score, NULL) == STATUS_OK);
    size_t second_size = 0;
    uint8_t *second = write_score(&score, &second_size);
    require(first_size == second_size && memcmp(first, second, first_size) == 0);
    free(first);
    free(second);
    score_done(&score);
    return 0;
}
