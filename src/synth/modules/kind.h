// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// For the files of synth/modules, each of which is compiled once for each kind of machine: what they all need.
///
/// A file ends with its table: `const struct module_type MODULE(sine) = {.name = "sine", ...};`
#pragma once

#include "synth/modules.h"
#include "synth/poly.h"

#define MODULE_JOIN(name, kind)   module_##name##_##kind
#define MODULE_EXPAND(name, kind) MODULE_JOIN(name, kind)
#define MODULE(name)              MODULE_EXPAND(name, MODULE_KIND)

#define MODULE_ENTRY(name) extern const struct module_type MODULE(name);
#include "modules_list.h"
#undef MODULE_ENTRY

/// For modules_sum().
void MODULE(sum)(const void *blocks, uint32_t voices, uint32_t frames, void *to) REALTIME;

/// The signal at input \p port of a call, and at output \p port.
POLY_INLINE const poly *module_in(const struct module_call *call, uint32_t port)
{
    return (const poly *)call->in[port];
}

POLY_INLINE poly *module_out(const struct module_call *call, uint32_t port)
{
    return (poly *)call->out[port];
}

/// \p value at all frames of output \p port, where that is heard.
POLY_INLINE void module_fill(const struct module_call *call, uint32_t port, poly value)
{
    poly *out = module_out(call, port);
    const uint32_t frames = call->unheard & (1U << port) ? 0 : call->frames;
    for (uint32_t i = 0; i < frames; i++) {
        out[i] = value;
    }
}

/// Parameter \p param at frame \p frame of a call.
POLY_INLINE float module_value(const struct module_call *call, uint32_t param, uint32_t frame)
{
    return call->params[param].value + call->params[param].step * (float)frame;
}

/// A parameter with choices or whole numbers.
POLY_INLINE uint32_t module_choice(const struct module_call *call, uint32_t param)
{
    return (uint32_t)(call->params[param].value + 0.5F);
}

POLY_INLINE uint32_t module_is_plugged(const struct module_call *call, uint32_t port)
{
    return call->plugged & (1U << port);
}
