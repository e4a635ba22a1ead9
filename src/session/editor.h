// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The thread that changes the patch, one request after the other, while notes and values go on.
///
/// Edits that wait together and are for one frame become one change of what plays: a bundle of thirty modules is taken
/// up by the slots once. A value for a module that is new in it becomes the module's first. Whatever else is asked of
/// what a waiting edit may bring waits here too, in its place.
#pragma once

#include "session/document.h"
#include "session/request.h"

enum { EDITOR_MAX = 4096 }; ///< requests that wait, at most

/// What an editor stands on; all are called on its thread.
struct editor_ops {
    void *closure;
    /// Has \p patch played from \p frame on; as publisher_publish().
    enum status (*publish)(void *closure, const struct patch *patch, uint64_t frame, uint64_t *begins,
                           struct complaint *complaint);
    /// Whether \p patch would play.
    enum status (*check)(void *closure, const struct patch *patch, struct complaint *complaint);
    /// Does what is no edit, and answers it; \p more of the same frame follow at once.
    void (*perform)(void *closure, const struct request *request, bool more);
    /// An edit is done (\p begins the frame from which it is heard) or refused.
    void (*answer)(void *closure, const struct request *request, enum status status, const struct complaint *complaint,
                   uint64_t begins);
    /// Nothing waits; returns after how many milliseconds to call again, -1 for not before the next edit.
    int (*rest)(void *closure);
};

struct editor;

/// Edits \p document. STATUS_NO_MEMORY, STATUS_IO where there is no thread.
MUST_USE enum status editor_new(struct document *document, const struct editor_ops *ops, struct editor **out);
/// Ends when the request in hand is done; the others are dropped. NULL is fine.
void editor_free(struct editor *editor);

/// Takes a copy of \p request, which waits for editor_release(): what is released together is not torn apart.
/// STATUS_FULL, STATUS_NO_MEMORY. One thread.
MUST_USE enum status editor_push(struct editor *editor, const struct request *request);
/// All that was pushed may be done. The thread that pushes.
void editor_release(struct editor *editor);
/// Whether something waits, or is in the works, that has to do with a module whose id matches \p pattern. Any thread.
bool editor_holds(struct editor *editor, const char *pattern);
/// How many wait or are in the works. Any thread.
size_t editor_count(struct editor *editor);
