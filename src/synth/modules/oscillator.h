// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the oscillators share: the phase, the pitch, and jumps and corners without aliases.
///
/// A jump between two frames has overtones without end, and those above half the rate would come back as others that
/// are not in tune. So a jump is drawn as a curve of STEP_SPAN frames: what the ideal jump becomes behind a low-pass.
/// With u from -1 to 1 over those frames, the low-pass answers a single pulse with h(u) = (1 - u^2)^3 q(u^2), and the
/// curve is its integral, an odd polynomial; a corner is drawn as the integral of that. The seven coefficients of q
/// were chosen (equal ripples, with what may fall between 0.2268 and 0.7732 of the rate left open) so that at 88.2 kHz
/// and above all below 20 kHz is within 0.2 dB, and no overtone comes back to there: those of a saw of 5 kHz at 96 kHz
/// are each more than 105 dB below it. At 48 kHz the same holds up to 10.9 kHz, above which it grows softer, by 8 dB at
/// 20 kHz. In powers of 2 u^2 - 1 all coefficients are small, and a float loses little.
///
/// One curve has to be over before the next begins. Where a turn is shorter than that, the curves shrink with it.
#pragma once

#include "synth/modules/kind.h"

enum { STEP_SPAN = 8 };

/// The first two parameters of an oscillator, and the first input.
enum { OSCILLATOR_FREQUENCY, OSCILLATOR_DETUNE, OSCILLATOR_PARAMS };
enum { OSCILLATOR_PITCH };

#define OSCILLATOR_PARAM_LIST                                                                                          \
    [OSCILLATOR_FREQUENCY] = {"frequency", "Hz", "at pitch 0", 0.01F, 20000, 440, NULL, false},                        \
    [OSCILLATOR_DETUNE] = {"detune", "cents", "added to the pitch", -1200, 1200, 0, NULL, false}

#define OSCILLATOR_PORT_LIST [OSCILLATOR_PITCH] = {"pitch", "semitones", "added to the frequency; 0 leaves it"}

/// Turns a frame at frame \p i of \p call: 0 to 0.5, whatever the pitch.
POLY_INLINE poly oscillator_turns(const struct module_call *call, float rate, uint32_t i)
{
    const float frequency = module_value(call, OSCILLATOR_FREQUENCY, i) / rate;
    const poly pitch = module_in(call, OSCILLATOR_PITCH)[i] + module_value(call, OSCILLATOR_DETUNE, i) * 0.01F;
    return poly_clamp(frequency * poly_ratio(pitch), 0, 0.5F);
}

/// Whether they are the same at all frames of \p call.
POLY_INLINE bool oscillator_is_steady(const struct module_call *call)
{
    return call->params[OSCILLATOR_FREQUENCY].step == 0 && call->params[OSCILLATOR_DETUNE].step == 0 &&
           poly_is_steady(module_in(call, OSCILLATOR_PITCH), call->frames);
}

/// \p turns, -0.5 to 0.5, as a phase of 2^32 to the turn, which never loses precision however long it runs.
POLY_INLINE poly_uint phase_of(poly turns)
{
    return (poly_uint) __builtin_convertvector(poly_clamp(turns * 4294967296.0F, -2147483520.0F, 2147483520.0F),
                                               poly_int);
}

/// Turns from where \p phase is 0: -0.5 to 0.5, and finer the nearer.
POLY_INLINE poly phase_turns(poly_uint phase)
{
    return __builtin_convertvector((poly_int)phase, poly) * (1.0F / 4294967296.0F);
}

/// Half of what a curve takes, in turns.
POLY_INLINE poly step_width(poly turns_a_frame)
{
    return poly_clamp(turns_a_frame * (STEP_SPAN / 2.0F), 1e-9F, 0.5F);
}

/// The jump from -1 to 1 at 0; \p u is the distance from there in widths.
POLY_INLINE poly step_jump(poly u)
{
    const poly x = poly_clamp(u, -1, 1);
    const poly y = 2.0F * x * x - 1.0F;
    poly sum = poly_all(-0.0234523152F);
    sum = sum * y + 0.121275731F;
    sum = sum * y + -0.32272798F;
    sum = sum * y + 0.611036481F;
    sum = sum * y + -0.87268503F;
    sum = sum * y + 0.92019547F;
    sum = sum * y + -0.73969089F;
    sum = sum * y + 0.578803375F;
    sum = sum * y + -0.672148855F;
    sum = sum * y + 1.39939401F;
    return x * sum;
}

/// What is added to |u| to round the corner at 0; \p u likewise.
POLY_INLINE poly step_corner(poly u)
{
    const poly x = poly_min(poly_abs(u), poly_all(1));
    const poly y = 2.0F * x * x - 1.0F;
    poly sum = poly_all(-0.00058630788F);
    sum = sum * y + 0.00336877032F;
    sum = sum * y + -0.0100852494F;
    sum = sum * y + 0.0218227315F;
    sum = sum * y + -0.0363618763F;
    sum = sum * y + 0.0460097735F;
    sum = sum * y + -0.0462306806F;
    sum = sum * y + 0.0482336146F;
    sum = sum * y + -0.0840186069F;
    sum = sum * y + 0.349848503F;
    sum = sum * y + 0.707999328F;
    return sum - x;
}
