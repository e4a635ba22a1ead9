// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose/controls.h"

enum status controls_check(const struct controls *controls, struct complaint *complaint)
{
    if (controls->key.tonic >= PITCH_CLASSES) {
        return complain(complaint, STATUS_RANGE, "key is pitch class %d: give 0 to 11", controls->key.tonic);
    }
    if ((unsigned)controls->key.mode >= MODE_COUNT) {
        return complain(complaint, STATUS_RANGE, "mode is number %d: give 0 to %d", (int)controls->key.mode,
                        MODE_COUNT - 1);
    }
    // Written so that NaN, which compares false with everything, is refused too.
    if (!(controls->bpm >= CONTROLS_BPM_MIN && controls->bpm <= CONTROLS_BPM_MAX)) {
        return complain(complaint, STATUS_RANGE, "bpm %g is out of range: give %g to %g", controls->bpm,
                        CONTROLS_BPM_MIN, CONTROLS_BPM_MAX);
    }
    if (!(controls->intensity >= 0.0 && controls->intensity <= 1.0)) {
        return complain(complaint, STATUS_RANGE, "intensity %g is out of range: give 0 to 1", controls->intensity);
    }
    return STATUS_OK;
}
