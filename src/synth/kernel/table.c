// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel of one kind of machine: compiled once for each, like the functions that it names.
#include "synth/kernel/lanes.h"
#include "synth/kernel/loops.h"

#define KERNEL_TEXT(kind)          KERNEL_TEXT_EXPANDED(kind)
#define KERNEL_TEXT_EXPANDED(kind) #kind

const struct kernel KERNEL_NAME(kernel) = {
    .name = KERNEL_TEXT(KERNEL),
    .envelopes_end = KERNEL_NAME(envelopes_end),
    .control = KERNEL_NAME(control),
    .find_least = KERNEL_NAME(find_least),
    .render = {KERNEL_NAME(render_linear), KERNEL_NAME(render_cubic), KERNEL_NAME(render_sinc)},
    .reverb = KERNEL_NAME(reverb_process),
    .chorus = KERNEL_NAME(chorus_process),
};
