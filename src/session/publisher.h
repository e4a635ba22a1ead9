// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// From a patch to what plays: compiles it, has the slots take it, and clears away what has faded. One thread at a
/// time.
#pragma once

#include "play/engine.h"
#include "synth/patch.h"

struct publisher;

/// For \p engine, which must outlive it; NULL when memory is out.
struct publisher *publisher_new(struct engine *engine);
/// NULL is fine.
void publisher_free(struct publisher *publisher);

/// Whether \p patch would play: compiles it only.
MUST_USE enum status publisher_check(struct publisher *publisher, const struct patch *patch,
                                     struct complaint *complaint);
/// Plays \p patch from \p frame (0: at once) or as soon after as it can; \p begins gets the frame. A refusal leaves
/// what plays as it was.
MUST_USE enum status publisher_publish(struct publisher *publisher, const struct patch *patch, uint64_t frame,
                                       uint64_t *begins, struct complaint *complaint);
/// Where something has faded out, plays \p patch, which is the one that plays already, without it. Returns after how
/// many milliseconds to come again, or -1 where nothing is fading.
int publisher_settle(struct publisher *publisher, const struct patch *patch);
/// Programs that were posted since the start. Any thread.
uint64_t publisher_programs(const struct publisher *publisher);
