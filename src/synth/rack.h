// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Plays programs: holds the state of the modules, takes events and values at a frame, makes sound, and can be copied
/// to another process while it runs.
///
/// One thread renders; another (the keep thread) prepares programs and frees what is done. Programs are prepared in the
/// order of their serials, none left out, and swapped in that order. All memory is allocated by rack_new() and
/// rack_prepare().
#pragma once

#include "synth/program.h"

struct rack;
struct rack_bench; ///< a prepared program, with the resources of its modules

/// What a parameter or a cable's gain does: plain state in hot memory.
struct rack_glide {
    float value, target;
    float step;    ///< a frame
    uint32_t left; ///< frames until the target
};

/// A rack that plays nothing, for a device of \p ins and \p outs channels (0 to 64). 10 ms is what fades and glides
/// take. STATUS_RANGE for a rate outside 8000 to 192000; STATUS_NO_MEMORY.
MUST_USE enum status rack_new(double rate, uint32_t ins, uint32_t outs, struct rack **out);
/// Nobody uses it any more. What was prepared and neither swapped in nor given back is freed with it. NULL is fine.
void rack_free(struct rack *rack);

/// \name The keep thread
/// @{
/// Copies and checks \p program, opens the files of fresh modules and makes their state ready in the rack's memories,
/// where nothing that plays lies. Its serial is one above the last prepared, or any for the first. May take seconds.
/// The result is handed to the rendering thread (rack_swap) or given back (rack_discard, only after the last prepared).
MUST_USE enum status rack_prepare(struct rack *rack, const struct program *program, struct rack_bench **out,
                                  struct complaint *complaint);
void rack_discard(struct rack *rack, struct rack_bench *bench);
/// Frees the programs that were swapped out, and what only they used.
void rack_tidy(struct rack *rack);
/// @}

/// \name The rendering thread
/// @{
/// From the next frame on \p bench plays, and is the rack's; the one before goes to rack_tidy().
void rack_swap(struct rack *rack, struct rack_bench *bench) REALTIME;
/// The serial of what plays, 0 for nothing.
uint64_t rack_serial(const struct rack *rack) REALTIME;
/// Aims parameter \p param of module \p uid at \p value (clamped to its range; NaN is ignored), reached in 10 ms, at
/// once where it has steps or choices. False where there is no such module or parameter.
MUST_USE bool rack_set(struct rack *rack, uint32_t uid, uint32_t param, float value) REALTIME;
/// Hands \p event to module \p uid; uid 0 is every module. False where there is none that takes events.
MUST_USE bool rack_event(struct rack *rack, uint32_t uid, const struct module_event *event) REALTIME;
/// Renders \p frames frames, any number; how a render is cut into calls changes no sample. \p in and \p out have the
/// channels that rack_new() was told. What is not finite in the input counts as 0; what is not in the output is 0
/// there, and counted, and the modules that made it begin anew.
void rack_render(struct rack *rack, const float *const *in, float *const *out, uint32_t frames) REALTIME;
/// Frames of output that were not finite.
uint64_t rack_broken(const struct rack *rack) REALTIME;
/// Peak of module \p uid's output \p port over all voices in the last MODULE_BLOCK frames at most, since the last cut;
/// 0 where there is none or nothing is plugged in.
float rack_peak(const struct rack *rack, uint32_t uid, uint32_t port) REALTIME;
/// @}

/// \name Snapshots, on the rendering thread between two renders
/// The memory that a snapshot is written to is flat, the caller's, RACK_SNAPSHOT_SIZE bytes, aligned to 64; its pages
/// should have been touched, for a missing one costs more than the copying.
/// @{
enum { RACK_SNAPSHOT_SIZE = PROGRAM_HOT_MAX + PROGRAM_COLD_MAX + (64 << 10) };
/// How many bytes of a snapshot of \p program mean something, from its beginning.
size_t rack_snapshot_size(const struct program *program) REALTIME;
/// Begins anew.
void rack_snapshot_begin(struct rack *rack, void *to) REALTIME;
/// Copies up to \p bytes bytes of cold memory. True when all of it was copied, and the next call may be finish. A swap
/// in between begins it anew.
MUST_USE bool rack_snapshot_step(struct rack *rack, size_t bytes) REALTIME;
/// Copies the rest: the state as it is between the last frame rendered and the next. The lines' news since the steps is
/// at most what was rendered since.
void rack_snapshot_finish(struct rack *rack) REALTIME;
/// The serial of the program that a finished snapshot is of. It checks that the head of \p from can be true; 0 if not.
uint64_t rack_snapshot_serial(const void *from) REALTIME;
/// Goes on from a finished snapshot in place of what plays. rack_serial() must be the snapshot's, the device and the
/// rate the same. Everything in it is checked, since a crashing process may have written it: STATUS_CORRUPT, after
/// which the rack is to be freed.
MUST_USE enum status rack_restore(struct rack *rack, const void *from) REALTIME;
/// @}
