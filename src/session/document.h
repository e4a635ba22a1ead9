// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The patch as it stands, between the thread that plays and the one that edits.
///
/// Who plays reads it and sets its parameters, under the lock; who edits works on a copy, which takes its place.
#pragma once

#include "synth/patch.h"

#include <pthread.h>

struct document {
    pthread_mutex_t lock;
    struct patch *patch; ///< under the lock
};

/// Takes \p patch over.
void document_init(struct document *document, struct patch *patch);
void document_done(struct document *document);

struct patch *document_lock(struct document *document);
void document_unlock(struct document *document);

/// A copy of the patch; NULL when memory is out.
struct patch *document_copy(struct document *document);
/// Whether \p uid is a module of it.
bool document_has(struct document *document, uint32_t uid);
/// Takes \p patch over as the patch from now on, whose fresh modules play from \p begins. Modules that live on keep the
/// parameters that were set meanwhile.
void document_replace(struct document *document, struct patch *patch, uint64_t begins);
