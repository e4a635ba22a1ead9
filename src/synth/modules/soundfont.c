// SPDX-License-Identifier: GPL-3.0-or-later
// The sampler (synth/sampler.h) is the resource, dry, and takes everything on its own grid of 64 frames, counted from
// the first frame that it played: where a call begins or an event comes changes nothing but by that. All samples are in
// memory before it plays, so that two of them that are told the same play the same.
//
// The parameters `program` and `bank` are for all channels but the tenth, which is drums as General MIDI has it, and
// take hold when they change: a program change that comes as an event afterwards stays. Notes that have no channel go
// to the first or, with bank 128, to the tenth.
#include "synth/soundfont.h"
#include "music/event.h"
#include "synth/modules/kind.h"
#include "synth/sampler.h"

#include <stdio.h>
#include <string.h>

enum { OUT_LEFT, OUT_RIGHT };
enum { PARAM_PROGRAM, PARAM_BANK, PARAM_GAIN, PARAM_CHANNEL };

enum {
    POLYPHONY = 64,
    DRUMS = 9, ///< the tenth channel
    DRUM_BANK = 128,
    CONTROLLER_BANK = 0,
    CONTROLLER_PEDAL = 64,
    CONTROLLER_SOUND_OFF = 120,
    DECODED_MAX = 256 << 20, ///< bytes; four seconds of decoding
};

static const double GAIN = 0.8; ///< at which a note of full velocity is about as loud as one of an oscillator

struct soundfont_state {
    uint32_t chosen; ///< program and bank that the sampler was told, and 1
};

static const struct module_port outputs[] = {
    [OUT_LEFT] = {"left", "audio", "the left side"},
    [OUT_RIGHT] = {"right", "audio", "the right side"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_PROGRAM] = {"program", "", "instrument, as General MIDI counts them from 0", 0, 127, 0, NULL, true},
    [PARAM_BANK] = {"bank", "", "of instruments; 128: drums", 0, DRUM_BANK, 0, NULL, true},
    [PARAM_GAIN] = {"gain", "dB", "of both sides", -60, 24, 0, NULL, false},
    [PARAM_CHANNEL] = {"channel", "", "of MIDI, 1 to 16, that it hears; 0: all", 0, 16, 0, NULL, true},
    {0},
};

// The resource.

/// Puts the name that a person knows in place of the path that was opened.
static void show_name(struct complaint *complaint, const char *path, const char *shown)
{
    char *at = complaint && *path ? strstr(complaint->text, path) : NULL;
    if (at) {
        char rest[COMPLAINT_SIZE];
        (void)snprintf(rest, sizeof rest, "%s", at + strlen(path));
        (void)snprintf(at, sizeof complaint->text - (size_t)(at - complaint->text), "%s%s", shown, rest);
    }
}

static enum status open_file(const struct module_setup *setup, const char *path, const char *shown, void **resource,
                             struct complaint *complaint)
{
    const struct instrument_options options = {.soundfont = *path ? path : NULL,
                                               .rate = setup->rate,
                                               .polyphony = POLYPHONY,
                                               .gain = GAIN,
                                               .dry = 1,
                                               .waits_never = 1};
    struct instrument *instrument = NULL;
    *resource = NULL;
    enum status status = sampler_new(&options, &instrument, complaint);
    if (status != STATUS_OK) {
        show_name(complaint, path, shown);
        return status;
    }
    status = sampler_bring_in(instrument, DECODED_MAX);
    if (status != STATUS_OK) {
        instrument_free(instrument);
        const char *name = *path ? shown : soundfont_find();
        return status == STATUS_FULL ? complain(complaint, status,
                                                "%.100s takes more than %d MB when it is decoded: give an .sf2 file, "
                                                "which is played as it is, or a smaller one",
                                                name, DECODED_MAX >> 20)
                                     : complain(complaint, status, "no memory to load %.100s", name);
    }
    *resource = instrument;
    return STATUS_OK;
}

static void close_file(void *resource)
{
    instrument_free(resource);
}

static size_t saved_size(const void *resource)
{
    return sampler_state_size(resource);
}

static void save(const void *resource, void *to) REALTIME
{
    sampler_save(resource, to);
}

static enum status restore(void *resource, const void *from, size_t size) REALTIME
{
    return sampler_restore(resource, from, size);
}

// Events.

static void choose_program(struct instrument *instrument, int channel, int bank, int program) REALTIME
{
    sampler_message(instrument, MIDI_CONTROLLER, channel, CONTROLLER_BANK, bank);
    sampler_message(instrument, MIDI_PROGRAM, channel, program, 0);
}

/// Has the sampler play what the parameters say, where they changed.
static void follow_program(const struct module_call *call) REALTIME
{
    struct soundfont_state *state = call->state;
    const uint32_t program = module_choice(call, PARAM_PROGRAM);
    const uint32_t bank = module_choice(call, PARAM_BANK);
    const uint32_t chosen = (bank << 7 | program) + 1;
    if (state->chosen == chosen) {
        return;
    }
    state->chosen = chosen;
    for (int channel = 0; channel < INSTRUMENT_CHANNELS; channel++) {
        if (bank == DRUM_BANK && channel == DRUMS) {
            sampler_message(call->resource, MIDI_PROGRAM, channel, (int)program, 0);
        } else if (bank < DRUM_BANK && channel != DRUMS) {
            choose_program(call->resource, channel, (int)bank, (int)program);
        }
    }
}

static int clamp(float value, int low, int high) REALTIME
{
    return value > (float)high ? high : value > (float)low ? (int)(value + 0.5F) : low;
}

static void midi(const struct module_call *call, const struct module_event *event) REALTIME
{
    const int channel = event->status & 15;
    const int status = event->status & 0xf0;
    const int wanted = (int)module_choice(call, PARAM_CHANNEL);
    if ((wanted != 0 && wanted != channel + 1) || status < MIDI_NOTE_OFF || status > MIDI_BEND ||
        ((event->data1 | event->data2) & 0x80) != 0) {
        return;
    }
    if (status == MIDI_NOTE_ON && event->data2 > 0) {
        sampler_note_on(call->resource, channel, event->data1, event->data2);
    } else if (status == MIDI_NOTE_ON || status == MIDI_NOTE_OFF) {
        sampler_note_off(call->resource, channel, event->data1);
    } else {
        sampler_message(call->resource, status, channel, event->data1, event->data2);
    }
}

static void silence(struct instrument *instrument) REALTIME
{
    for (int channel = 0; channel < INSTRUMENT_CHANNELS; channel++) {
        sampler_message(instrument, MIDI_CONTROLLER, channel, CONTROLLER_PEDAL, 0);
        sampler_message(instrument, MIDI_CONTROLLER, channel, CONTROLLER_SOUND_OFF, 0);
    }
}

static void event(const struct module_call *call, const struct module_event *event) REALTIME
{
    follow_program(call);
    const int channel = module_choice(call, PARAM_BANK) == DRUM_BANK ? DRUMS : 0;
    switch (event->kind) {
    case MODULE_EVENT_NOTE_ON:
        if (event->velocity > 0) {
            sampler_note_on(call->resource, channel, clamp(event->key, 0, 127), clamp(event->velocity * 127, 1, 127));
        }
        break;
    case MODULE_EVENT_NOTE_OFF:
        sampler_note_off(call->resource, channel, clamp(event->key, 0, 127));
        break;
    case MODULE_EVENT_MIDI:
        midi(call, event);
        break;
    case MODULE_EVENT_PANIC:
        silence(call->resource);
        break;
    default:
        break;
    }
}

// Sound.

static void process(const struct module_call *call) REALTIME
{
    float left[MODULE_BLOCK];
    float right[MODULE_BLOCK];
    follow_program(call);
    sampler_render(call->resource, left, right, call->frames);
    for (uint32_t i = 0; i < call->frames; i++) {
        const float gain = poly_exp2(poly_all(module_value(call, PARAM_GAIN, i) * 0.166096405F))[0];
        module_out(call, OUT_LEFT)[i] = (poly){left[i] * gain};
        module_out(call, OUT_RIGHT)[i] = (poly){right[i] * gain};
    }
}

const struct module_type MODULE(soundfont) = {
    .name = "soundfont",
    .title = "instruments from a SoundFont file; without one the system's General MIDI set",
    .outputs = outputs,
    .params = params,
    .mono = true,
    .has_file = true,
    .state_size = sizeof(struct soundfont_state),
    .process = process,
    .event = event,
    .standard_file = soundfont_find,
    .open = open_file,
    .close = close_file,
    .saved_size = saved_size,
    .save = save,
    .restore = restore,
};
