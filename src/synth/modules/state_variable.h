// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The state variable filter that `svf` and `biquad` are: two trapezoidal integrators in a loop without delay.
///
/// It is the bilinear transform of s / (s^2 + k s + 1) and its like, solved for the outputs of both integrators in each
/// frame (Zavalishin, "The Art of VA Filter Design"; Simper, "Solving the continuous SVF equations"). With g the
/// tangent of half the angle that the cutoff turns in a frame,
///
///     a1 = 1 / (1 + g (g + k)),  a2 = g a1,  a3 = g a2
///
/// and, g being sine over cosine, a1 = cos^2 / (cos^2 + k sin cos + sin^2): one division, and no tangent that runs off
/// to infinity. As each integrator goes from where it was to as far beyond its output, the next frame needs nothing but
///
///     first' = (2 a1 - 1) first + 2 a2 (in - second),  second' = second + 2 a2 first + 2 a3 (in - second)
///
/// and the outputs, band and low, are the means of before and after. Low cutoffs keep their precision in single floats,
/// which the direct forms do not. For k >= 0 the step from state to state is a contraction whatever g is, so however
/// the cutoff is moved, it is stable.
#pragma once

#include "synth/modules/guard.h"

struct state_variable {
    poly first, second; ///< of the integrators
};

struct state_variable_tuning {
    poly first, across, second, k; ///< 2 a1 - 1, 2 a2, 2 a3
};

struct state_variable_out {
    poly band, low; ///< the high is what these leave: in - k band - low
};

/// For cutoff \p hz at \p rate and damping \p k; \p wider multiplies the tangent (of a shelf), else 1.
POLY_INLINE struct state_variable_tuning state_variable_tune(poly hz, double rate, poly k, poly wider)
{
    const poly half = poly_clamp(hz * (float)(0.5 / rate), 0, 0.2485F);
    const poly sine = poly_sine_quarter(half) * wider;
    const poly cosine = poly_sine_quarter(0.25F - half);
    const poly scale = 1.0F / (cosine * cosine + sine * (k * cosine + sine));
    const poly twice = scale + scale;
    return (struct state_variable_tuning){.first = cosine * cosine * twice - 1.0F,
                                          .across = sine * cosine * twice,
                                          .second = sine * sine * twice,
                                          .k = k};
}

POLY_INLINE struct state_variable state_variable_take(const struct state_variable *state)
{
    return (struct state_variable){module_kept(state->first), module_kept(state->second)};
}

/// One frame.
POLY_INLINE struct state_variable_out state_variable_step(struct state_variable *state,
                                                          const struct state_variable_tuning *tuning, poly in)
{
    const poly rest = in - state->second;
    const poly first = tuning->first * state->first + tuning->across * rest;
    const poly second = (state->second + tuning->across * state->first) + tuning->second * rest;
    const struct state_variable_out out = {.band = 0.5F * (state->first + first),
                                           .low = 0.5F * (state->second + second)};
    *state = (struct state_variable){first, second};
    return out;
}
