// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The functions of a kernel under the names of their kind. Part of synth/kernel; see kernel.h for what they do.
#pragma once

#include "synth/kernel/kernel.h"
#include "synth/kernel/lanes.h"

extern const struct kernel KERNEL_NAME(kernel);

uint32_t KERNEL_NAME(envelopes_end)(struct voice_group *group, uint32_t *modulation) REALTIME;
void KERNEL_NAME(control)(struct voice_group *group, const struct voice_clock *clock) REALTIME;
void KERNEL_NAME(find_least)(struct voice_group *group, const struct voice_clock *clock, uint32_t order) REALTIME;
void KERNEL_NAME(render_linear)(struct voice_group *group, const struct voice_sources *sources,
                                struct voice_mix *mix) REALTIME;
void KERNEL_NAME(render_cubic)(struct voice_group *group, const struct voice_sources *sources,
                               struct voice_mix *mix) REALTIME;
void KERNEL_NAME(render_sinc)(struct voice_group *group, const struct voice_sources *sources,
                              struct voice_mix *mix) REALTIME;
void KERNEL_NAME(reverb_process)(struct reverb *reverb, const float *in, float *left, float *right) REALTIME;
void KERNEL_NAME(chorus_process)(struct chorus *chorus, const float *in, float *left, float *right) REALTIME;
