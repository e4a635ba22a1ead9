// SPDX-License-Identifier: GPL-3.0-or-later
// A copy is one block: the request, and behind it its texts.
#include "session/request.h"

#include <stdlib.h>
#include <string.h>

struct request *request_copy(const struct request *request)
{
    size_t size = sizeof *request;
    for (size_t i = 0; i < request->count; i++) {
        size += request->args[i].text ? strlen(request->args[i].text) + 1 : 0;
    }
    struct request *copy = malloc(size);
    if (!copy) {
        return NULL;
    }
    *copy = *request;
    char *text = (char *)(copy + 1);
    for (size_t i = 0; i < copy->count; i++) {
        if (copy->args[i].text) {
            const size_t length = strlen(copy->args[i].text) + 1;
            memcpy(text, copy->args[i].text, length);
            copy->args[i].text = text;
            text += length;
        }
    }
    return copy;
}

void request_free(struct request *request)
{
    free(request);
}

const char *request_text(const struct request *request, size_t index)
{
    return request_is_text(request, index) ? request->args[index].text : "";
}

double request_number(const struct request *request, size_t index)
{
    if (index >= request->count) {
        return 0;
    }
    return request->args[index].type == 'T' ? 1 : request->args[index].number;
}

bool request_is_text(const struct request *request, size_t index)
{
    return index < request->count && request->args[index].text != NULL;
}
