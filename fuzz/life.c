// SPDX-License-Identifier: GPL-3.0-or-later
// The journal of a station, as a server finds it when it starts.
#include "fuzz.h"
#include "presets.h"

#include "station/life.h"

enum { WIDTH = 512 };

// What was read can be played, and written so that it is read again.
static void check(const struct life *life)
{
    char line[WIDTH + 1];
    const uint64_t block = life->birth.rate / LIFE_BLOCKS_A_SECOND;
    uint64_t last = 0;
    if (!life->birth.preset || controls_check(&life->birth.controls, NULL) != STATUS_OK ||
        life->position.frame % block != 0 || life->count > LIFE_CHANGES ||
        !life_print_birth(&life->birth, WIDTH, line) || !life_print_position(&life->position, WIDTH, line)) {
        __builtin_trap();
    }
    for (size_t i = 0; i < life->count; i++) {
        const struct life_change *change = &life->changes[i];
        if (change->frame < last || change->frame % block != 0 ||
            controls_check(&change->controls, NULL) != STATUS_OK || !life_print_change(change, WIDTH, line)) {
            __builtin_trap();
        }
        last = change->frame;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct life life;
    struct complaint complaint = {""};
    const enum status status = life_parse((const char *)data, size, fuzz_presets(), &life, &complaint);
    // A life or a complaint, and nothing of a life where there is a complaint.
    if (status == STATUS_OK ? complaint.text[0] != '\0' : complaint.text[0] == '\0' || life.changes) {
        __builtin_trap();
    }
    if (status == STATUS_OK) {
        check(&life);
    }
    life_done(&life);
    return 0;
}
