// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/harmony_weights.h"

enum { LAYERS = 5 };

/// Whether the layers fit together.
static bool do_fit(const struct harmony_weights *weights, uint32_t inputs, uint32_t heads)
{
    const uint32_t units = weights->memory.inputs;
    return weights->input.inputs == inputs && weights->gates.inputs == weights->input.outputs &&
           weights->gates.outputs == 3 * units && weights->memory.outputs == 3 * units &&
           weights->heads.inputs == units && weights->heads.outputs == heads && weights->none.inputs == units &&
           weights->none.outputs == 1;
}

enum status harmony_weights_read(const char *name, const void *bytes, size_t size, uint32_t inputs, uint32_t heads,
                                 struct harmony_weights *weights, struct complaint *complaint)
{
    *weights = (struct harmony_weights){.input = {0}};
    struct layer_text text = {.at = bytes, .end = (const char *)bytes + size};
    const struct {
        const char *name;
        struct layer *layer;
    } layers[LAYERS] = {{"input", &weights->input},
                        {"gates", &weights->gates},
                        {"memory", &weights->memory},
                        {"heads", &weights->heads},
                        {"none", &weights->none}};
    enum status status = STATUS_OK;
    for (int i = 0; i < LAYERS && status == STATUS_OK; i++) {
        status = layer_read(&text, layers[i].name, layers[i].layer);
    }
    if (status == STATUS_NO_MEMORY) {
        return complain(complaint, status, "out of memory");
    }
    if (status != STATUS_OK || !do_fit(weights, inputs, heads) || !layer_text_ends(&text)) {
        return complain(complaint, STATUS_CORRUPT, "%s: not what was learned; write it anew with tools/learn_hearing",
                        name);
    }
    return STATUS_OK;
}

void harmony_weights_free(struct harmony_weights *weights)
{
    layer_free(&weights->input);
    layer_free(&weights->gates);
    layer_free(&weights->memory);
    layer_free(&weights->heads);
    layer_free(&weights->none);
}
