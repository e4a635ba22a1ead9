// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A type of module: what one file in synth/modules provides, in one table.
///
/// A module makes its outputs from its inputs, its parameters and its state, up to MODULE_BLOCK frames at a call, for
/// sixteen voices side by side (synth/poly.h). It knows nothing of cables or of other modules. All that changes while
/// it plays lies in the state that the rack gives it: one block for each group of voices, and delay lines
/// (synth/line.h) in cold memory. Both are flat and without pointers, so that a copy of them goes on bit for bit in
/// another process. How a render is cut into calls changes no sample. Such a copy may come from a process that was ill:
/// a module that uses a value of its state as an index into memory bounds it first, in every call.
///
/// Pitch signals are in semitones above A4 (440 Hz): 0 is A4, 12 an octave up. Gates are open above 0.5. Audio is about
/// -1 to 1. A new type is one file in synth/modules and its name in the list in synth/modules/meson.build.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "synth/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODULE_BLOCK = 64, ///< frames in a call, at most
    POLY_LANES = 16,   ///< voices in a group
    MODULE_INPUTS_MAX = 8,
    MODULE_OUTPUTS_MAX = 8,
    MODULE_PARAMS_MAX = 16,
    MODULE_LINES_MAX = 16,
    MODULE_VOICES_MAX = 512,
};

struct module_port {
    const char *name; ///< lower case, with underscores
    const char *unit; ///< "audio", "semitones", "gate" or "control"
    const char *help; ///< a phrase for people
};

struct module_param {
    const char *name;
    const char *unit; ///< "Hz", "ms", "s", "dB", "semitones", "cents", "beats" or "" for a plain number
    const char *help;
    float min, max, standard;
    const char *const *choices; ///< names of the values 0, 1, ..., ended by NULL; such a parameter never glides
    bool steps;                 ///< takes hold at once: no glide of 10 ms
};

/// A parameter over the frames of a call: value + step * frame. \c step is 0 but while it glides.
struct module_ramp {
    float value;
    float step;
};

/// Something that happens at the first frame of the next call.
enum module_event_kind {
    MODULE_EVENT_NOTE_ON,  ///< key and velocity (0 to 1, above 0)
    MODULE_EVENT_NOTE_OFF, ///< key
    MODULE_EVENT_MIDI,     ///< a channel message: status with channel, data1, data2
    MODULE_EVENT_PANIC,    ///< every note ends; for soundfont also all sound
    MODULE_EVENT_COUNT
};

struct module_event {
    uint8_t kind; ///< enum module_event_kind
    uint8_t status, data1, data2;
    float key; ///< MIDI key number; may have a fraction
    float velocity;
};

/// What makes a module what it is beside its parameters: fixed while it lives.
struct module_setup {
    double rate;     ///< frames a second
    uint32_t voices; ///< 1 (mono) to MODULE_VOICES_MAX; of a type with `voices` what its person asked for
    uint64_t seed;   ///< for noise: differs from module to module, the same in every run of the same patch
};

/// One call of process: one group of up to POLY_LANES voices.
struct module_call {
    const struct module_setup *setup;
    uint32_t frames;                   ///< 1 to MODULE_BLOCK
    uint32_t group;                    ///< which sixteen voices
    uint32_t lanes;                    ///< how many of them are there: 1 to POLY_LANES
    void *state;                       ///< of this group; aligned to 64
    float *cold;                       ///< the module's cold memory; only mono types have any
    void *resource;                    ///< what open() made, or NULL
    const float *device_in;            ///< type `input`: the device's channels, one after the other, MODULE_BLOCK apart
    float *device_out;                 ///< type `output`: the same, to be added to
    uint32_t device_ins, device_outs;  ///< how many channels
    const void *in[MODULE_INPUTS_MAX]; ///< `const poly *`, frames long, never NULL: zeros where nothing is plugged in
    uint32_t plugged;                  ///< a bit for each input with a cable; it changes at once, while the signal
                                       ///< fades, so what hangs on it must not jump at a signal of 0
    void *out[MODULE_OUTPUTS_MAX];     ///< `poly *`, frames long, to be written whole; no input shares them
    uint32_t unheard;                  ///< a bit for each output without a cable: it need not be written
    const struct module_ramp *params;  ///< one for each parameter
};

struct module_type {
    const char *name;                           ///< as in a patch file
    const char *title;                          ///< a phrase for people
    const struct module_port *inputs, *outputs; ///< ended by a NULL name; NULL for none
    const struct module_param *params;          ///< likewise
    bool mono;       ///< hears the sum of all voices, and is one voice itself; else as many as what it hears
    bool has_voices; ///< has the setting `voices`, and makes as many whatever it hears (notes)
    bool has_file;   ///< has the setting `file`
    bool feedback;   ///< its outputs depend on its inputs MODULE_BLOCK frames ago and earlier: may close a cycle.
                     ///< process then gets its inputs in a call of `absorb` at the end of the block

    size_t state_size; ///< bytes of state of a group

    /// Frames of each delay line at \p rate, powers of two; returns how many lines, at most MODULE_LINES_MAX. NULL:
    /// none. The first thing in such a module's state is `struct line lines[that many]`, which the rack sets up.
    uint32_t (*lines)(double rate, uint32_t sizes[MODULE_LINES_MAX]);

    /// Makes the state of \p group, which is zeroed but for its lines, ready. NULL: zeros will do.
    void (*init)(const struct module_setup *setup, uint32_t group, void *state);

    void (*process)(const struct module_call *call) REALTIME;
    void (*absorb)(const struct module_call *call) REALTIME; ///< of a feedback type: takes its inputs in

    /// Takes an event, for a module with one group of state. \p call has no signals. NULL where it hears none.
    void (*event)(const struct module_call *call, const struct module_event *event) REALTIME;

    /// \name What is outside the state: a type with has_file. Not on an audio thread.
    /// @{
    /// Opens \p path ("" where none was given), which may be read at any time until close. A file that is not what it
    /// should be is refused with a complaint that names \p shown, as the person wrote it.
    enum status (*open)(const struct module_setup *setup, const char *path, const char *shown, void **resource,
                        struct complaint *complaint);
    void (*close)(void *resource);
    /// Bytes of changing state in the resource itself (a sampler's voices), part of the hot state of a snapshot.
    size_t (*saved_size)(const void *resource);
    void (*save)(const void *resource, void *to) REALTIME;                          ///< aligned to 64
    enum status (*restore)(void *resource, const void *from, size_t size) REALTIME; ///< checks what it takes
    /// @}
};
