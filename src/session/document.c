// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/document.h"

#include <string.h>

void document_init(struct document *document, struct patch *patch)
{
    (void)pthread_mutex_init(&document->lock, NULL);
    document->patch = patch;
}

void document_done(struct document *document)
{
    patch_free(document->patch);
    document->patch = NULL;
    (void)pthread_mutex_destroy(&document->lock);
}

struct patch *document_lock(struct document *document)
{
    (void)pthread_mutex_lock(&document->lock);
    return document->patch;
}

void document_unlock(struct document *document)
{
    (void)pthread_mutex_unlock(&document->lock);
}

struct patch *document_copy(struct document *document)
{
    struct patch *copy = patch_copy(document_lock(document));
    document_unlock(document);
    return copy;
}

bool document_has(struct document *document, uint32_t uid)
{
    const bool has = patch_by_uid(document_lock(document), uid) != NULL;
    document_unlock(document);
    return has;
}

void document_replace(struct document *document, struct patch *patch, uint64_t begins)
{
    struct patch *before = document_lock(document);
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        struct patch_module *module = NULL;
        if (patch_find(patch, patch_module_at(patch, i)->id, &module, NULL) != STATUS_OK) {
            continue;
        }
        const struct patch_module *old = patch_by_uid(before, module->uid);
        module->begin = old ? old->begin : begins;
        if (old) {
            memcpy(module->params, old->params, sizeof module->params);
        }
    }
    document->patch = patch;
    document_unlock(document);
    patch_free(before);
}
