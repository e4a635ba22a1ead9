// SPDX-License-Identifier: GPL-3.0-or-later
// General MIDI System On (RP-003 and RP-024), GS Reset (Roland), XG System On (Yamaha). The number of the device that a
// message is for stands at the same place in each.
#include "music/midi_reset.h"

enum { MESSAGE_MAX = 11, DEVICE_AT = 2 };

static const struct {
    uint8_t size;
    uint8_t device_mask; ///< the bits of the device byte that must be as they are here
    uint8_t bytes[MESSAGE_MAX];
} messages[MIDI_RESETS] = {
    [MIDI_RESET_GM] = {6, 0x00, {0xf0, 0x7e, 0x7f, 0x09, 0x01, 0xf7}},
    [MIDI_RESET_GM2] = {6, 0x00, {0xf0, 0x7e, 0x7f, 0x09, 0x03, 0xf7}},
    [MIDI_RESET_GS] = {11, 0x00, {0xf0, 0x41, MIDI_RESET_DEVICE, 0x42, 0x12, 0x40, 0x00, 0x7f, 0x00, 0x41, 0xf7}},
    [MIDI_RESET_XG] = {9, 0xf0, {0xf0, 0x43, MIDI_RESET_DEVICE, 0x4c, 0x00, 0x00, 0x7e, 0x00, 0xf7}},
};

const uint8_t *midi_reset_message(enum midi_reset reset, size_t *size)
{
    *size = messages[reset].size;
    return messages[reset].bytes;
}

static bool same(enum midi_reset reset, const uint8_t *rest)
{
    for (size_t i = 1; i < messages[reset].size; i++) {
        const unsigned mask = i == DEVICE_AT ? messages[reset].device_mask : 0xffU;
        if (((rest[i - 1] ^ messages[reset].bytes[i]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

bool midi_reset_parse(const uint8_t *rest, size_t size, enum midi_reset *reset)
{
    for (int i = 0; i < MIDI_RESETS; i++) {
        if (size + 1 == messages[i].size && same((enum midi_reset)i, rest)) {
            *reset = (enum midi_reset)i;
            return true;
        }
    }
    return false;
}
