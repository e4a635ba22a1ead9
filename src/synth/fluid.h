// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// FluidSynth as an instrument: the reference that others are measured against.
///
/// Calls take effect on the next frame that is a multiple of 64, counted from the first that was rendered (1.3 ms at
/// 48 kHz): FluidSynth computes so many at a time. How a render is cut into calls changes no sample.
///
/// Without a wet mix, reverb and chorus are FluidSynth's own. In one that is 0.2 wet, the tail of the reverb falls by
/// 60 dB in 3 s, and its return has 20 parts to the 80 of the dry sound, in amplitude (RMS, -12 dB), for held notes
/// once the reverb is full, on average over the piano and the pads; single instruments are within 4 points. That holds
/// whatever send the SoundFont asks for. Other parts are in proportion, up to 0.7, where FluidSynth's reverb ends.
///
/// A voice plays one sample: a stereo one takes two. It has all samples in memory, so that no note waits for them.
#pragma once

#include "synth/instrument.h"

/// Loads the SoundFont and makes ready to play; takes some 100 ms (seconds for .sf3), so not on a thread that plays.
/// Any thread, several at once. One owner after that. Instruments of one SoundFont share its samples in memory. Rate at
/// most 96000, STATUS_UNSUPPORTED above. Default gain 0.2. STATUS_IO where the file cannot be opened, STATUS_CORRUPT
/// where it is no SoundFont, STATUS_RANGE for options outside their ranges, STATUS_NO_MEMORY; \p complaint says what to
/// do. The first call silences FluidSynth's own messages on standard error, in the whole process.
MUST_USE enum status fluid_new(const struct instrument_options *options, struct instrument **out,
                               struct complaint *complaint);
