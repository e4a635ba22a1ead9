// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/methods.h"

#include "core/log.h"
#include "session/request.h"
#include "session/session_parts.h"
#include "synth/modules.h"
#include "synth/patch_file.h"

enum status methods_add(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    return patch_add(*patch, request_text(request, 0), request_text(request, 1), complaint);
}

enum status methods_remove(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    return patch_remove(*patch, request_text(request, 0), complaint);
}

static enum status connect_cable(struct patch *patch, const struct request *request, double gain,
                                 struct complaint *complaint)
{
    return patch_connect(patch, request_text(request, 0), request_text(request, 1), request_text(request, 2),
                         request_text(request, 3), (float)gain, complaint);
}

enum status methods_connect(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    return connect_cable(*patch, request, request->count > 4 ? request_number(request, 4) : 1, complaint);
}

enum status methods_disconnect(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    return patch_disconnect(*patch, request_text(request, 0), request_text(request, 1), request_text(request, 2),
                            request_text(request, 3), complaint);
}

// The old cable fades out while the new one fades in, which is a glide from one gain to the other.
enum status methods_gain(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    struct patch *changed = patch_copy(*patch);
    if (!changed) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = methods_disconnect(&changed, request, complaint);
    if (status == STATUS_OK) {
        status = connect_cable(changed, request, request_number(request, 4), complaint);
    }
    if (status == STATUS_OK) {
        struct patch *before = *patch;
        *patch = changed;
        changed = before;
    }
    patch_free(changed);
    return status;
}

enum status methods_setting(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    const char *id = request_text(request, 0);
    const char *name = request_text(request, 1);
    return request_is_text(request, 2)
               ? patch_set_text(*patch, id, name, request_text(request, 2), NULL, complaint)
               : patch_set_number(*patch, id, name, request_number(request, 2), NULL, complaint);
}

enum status methods_load(struct patch **patch, const struct request *request, struct complaint *complaint)
{
    struct patch *loaded = NULL;
    const enum status status = patch_file_load(request_text(request, 0), &loaded, complaint);
    if (status == STATUS_OK) {
        patch_follow(loaded, *patch);
        patch_free(*patch);
        *patch = loaded;
    }
    return status;
}

enum status methods_save(struct session *session, const struct request *request, struct answer *answer,
                         struct complaint *complaint)
{
    (void)answer;
    struct patch *copy = document_copy(&session->document);
    const enum status status = copy ? patch_file_save(copy, request_text(request, 0), complaint)
                                    : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    patch_free(copy);
    return status;
}
