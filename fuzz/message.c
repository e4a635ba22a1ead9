// SPDX-License-Identifier: GPL-3.0-or-later
// What listeners send, and what they are told of it.
#include "fuzz.h"
#include "presets.h"

#include "station/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct station_change change;
    struct complaint complaint = {""};
    const enum status status = message_parse((const char *)data, size, fuzz_presets(), &change, &complaint);
    const bool changes = change.preset || change.set_tonic || change.set_mode || change.set_bpm || change.set_intensity;
    // A change or a complaint; and a complaint can always be told to the listener.
    if (status == STATUS_OK ? !changes : complaint.text[0] == '\0') {
        __builtin_trap();
    }
    if ((change.set_tonic && change.tonic >= PITCH_CLASSES) ||
        (change.set_mode && (unsigned)change.mode >= MODE_COUNT)) {
        __builtin_trap();
    }
    struct buffer *frame = message_error(NULL, complaint.text);
    if (!frame) {
        __builtin_trap();
    }
    buffer_unref(frame);
    return 0;
}
