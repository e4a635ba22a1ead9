// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/drum.h"

static const uint8_t kinds[128] = {
    [35] = DRUM_BASS,  [36] = DRUM_BASS,     [37] = DRUM_SNARE, [38] = DRUM_SNARE, [39] = DRUM_SNARE,
    [40] = DRUM_SNARE, [41] = DRUM_TOM,      [42] = DRUM_HAT,   [43] = DRUM_TOM,   [44] = DRUM_HAT,
    [45] = DRUM_TOM,   [46] = DRUM_OPEN_HAT, [47] = DRUM_TOM,   [48] = DRUM_TOM,   [49] = DRUM_CRASH,
    [50] = DRUM_TOM,   [51] = DRUM_RIDE,     [52] = DRUM_CRASH, [53] = DRUM_RIDE,  [54] = DRUM_TAMBOURINE,
    [55] = DRUM_CRASH, [57] = DRUM_CRASH,    [59] = DRUM_RIDE,
};

enum drum drum_of_key(uint8_t key)
{
    return (enum drum)kinds[key & 127];
}
