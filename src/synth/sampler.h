// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Tutti's own SoundFont synthesizer, as an instrument.
///
/// It plays .sf2 and .sf3 files as the "SoundFont Technical Specification" 2.04 describes, with the controllers of
/// General MIDI 2, GS and MPE (docs/sampler.md lists them, and where practice and the letter part ways). Calls take
/// effect on the next frame that is a multiple of KERNEL_BLOCK (64), counted from the first that was rendered, and how
/// a render is cut into calls changes no sample.
///
/// Nothing is allocated, locked or waited for after sampler_new(), except that without instrument_options.waits_never a
/// note waits for an .sf3's samples where they are not decoded yet. An .sf2 is mapped, and its pages are brought in
/// when a program is chosen: a note that comes sooner, or after the system took them back, may wait for the disk. All
/// that changes lies in one flat block without pointers: a copy of it in another sampler of the same build, kind of
/// processor, SoundFont and options goes on bit for bit alike.
///
/// At the polyphony the voice that is heard least makes way, fading out within about 1.3 ms. A note is 256 voices at
/// most. What is not started for want of a sample or of a voice is counted.
#pragma once

#include "core/realtime.h"
#include "synth/instrument.h"
#include "synth/sampler_counts.h"

/// Opens the SoundFont (milliseconds; a thread of the SoundFont's then brings in, and for an .sf3 decodes, the samples
/// of the programs that are chosen) and makes ready to play. Any thread, several at once; one owner after that. Rate
/// 44100 to 192000. Default gain 0.2, as FluidSynth's. STATUS_IO, STATUS_CORRUPT, STATUS_UNSUPPORTED, STATUS_RANGE,
/// STATUS_NO_MEMORY.
MUST_USE enum status sampler_new(const struct instrument_options *options, struct instrument **out,
                                 struct complaint *complaint);

/// As sampler_new(), with the kernel of that name (synth/kernel/kernel.h) in place of the best: STATUS_UNSUPPORTED
/// where this processor cannot run it. For tests and benchmarks.
MUST_USE enum status sampler_new_kernel(const struct instrument_options *options, const char *kernel,
                                        struct instrument **out, struct complaint *complaint);

// What follows is for instruments that sampler_new() made. The owner's thread.

/// \name What the instrument's functions do, callable from an audio thread with waits_never. Arguments are in range.
/// @{
void sampler_note_on(struct instrument *instrument, int channel, int key, int velocity) REALTIME;
void sampler_note_off(struct instrument *instrument, int channel, int key) REALTIME;
void sampler_message(struct instrument *instrument, int status, int channel, int data1, int data2) REALTIME;
void sampler_reset(struct instrument *instrument, enum midi_reset reset) REALTIME;
void sampler_render(struct instrument *instrument, float *left, float *right, size_t frames) REALTIME;
/// @}

/// Brings all samples of its SoundFont into memory (soundfont_bring_in()): after that what is heard does not depend on
/// when they came. Not an audio thread.
MUST_USE enum status sampler_bring_in(struct instrument *instrument, size_t most);

/// Bytes of the state.
size_t sampler_state_size(const struct instrument *instrument) REALTIME;

/// Copies the state to \p state, sampler_state_size() bytes, aligned to 64.
void sampler_save(const struct instrument *instrument, void *state) REALTIME;

/// Takes over a state that another sampler saved. Every index in it is checked, since it may come from a process that
/// crashed; it must not change meanwhile, and be aligned to 64. STATUS_INVALID where it is not, or is the state of a
/// sampler made otherwise; STATUS_CORRUPT where it cannot be true; STATUS_AGAIN where an .sf3's samples that it plays
/// are not decoded yet, which has been asked for. Nothing is changed then.
MUST_USE enum status sampler_restore(struct instrument *instrument, const void *state, size_t size) REALTIME;

/// What did not sound as it should, since the start.
struct sampler_counts sampler_counts(const struct instrument *instrument) REALTIME;
