// SPDX-License-Identifier: GPL-3.0-or-later
// PortAudio plays floats, one buffer a channel, through whatever the system has; on Linux that is ALSA, and where it
// converts it does so behind our back. Its streams end by themselves when a card is unplugged, and then tell that they
// finished; when we did not ask for that, the device is gone. While PortAudio looks for cards, ALSA's library tells on
// standard error, in dozens of lines, of each that is not there, and so does JACK's; they are given functions that say
// nothing, for the whole process.
#include "play/device_parts.h"
#include "play/jack_common.h"

#include <alsa/asoundlib.h>
#include <pa_linux_alsa.h>
#include <portaudio.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_LEAST = 64, BLOCK_MOST = 1024 };

struct portaudio {
    PaStream *stream;
    bool is_alsa;
    atomic_bool stopping;  ///< we asked for the end
    atomic_bool looked_at; ///< the thread's priority
};

static void say_nothing(const char *file, int line, const char *function, int error, const char *format, ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)error;
    (void)format;
}

static enum status complain_of_error(struct complaint *complaint, const char *what, PaError error)
{
    const PaHostErrorInfo *host = error == paUnanticipatedHostError ? Pa_GetLastHostErrorInfo() : NULL;
    return complain(complaint, STATUS_IO, "%s: %s", what, host ? host->errorText : Pa_GetErrorText(error));
}

/// Asked once, on the thread that it is about, for no other can.
static void look_at_priority(struct device *device)
{
    const int policy = sched_getscheduler(0);
    const bool has = policy == SCHED_FIFO || policy == SCHED_RR;
    atomic_store(&device->hint, has ? (const char *)NULL
                                    : "its thread has no real-time priority: raise the limit, for "
                                      "example with \"@audio - rtprio 80\" in "
                                      "/etc/security/limits.d/audio.conf");
}

static int play(const void *input, void *output, unsigned long frames, const PaStreamCallbackTimeInfo *time,
                PaStreamCallbackFlags flags, void *argument)
{
    (void)time;
    struct device *device = argument;
    struct portaudio *portaudio = device->backend;
    if (!atomic_exchange(&portaudio->looked_at, true)) {
        look_at_priority(device);
    }
    if (flags & (paInputOverflow | paOutputUnderflow)) {
        atomic_fetch_add(&device->xruns, 1);
    }
    const float *const *in = input;
    float *const *out = output;
    device_feed(device, in, out, (uint32_t)frames);
    return paContinue;
}

static void note_end(void *argument)
{
    struct device *device = argument;
    const struct portaudio *portaudio = device->backend;
    if (!atomic_load(&portaudio->stopping)) {
        device_lose(device);
    }
}

static int channels_of(PaDeviceIndex card, bool is_input)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(card);
    return !info ? 0 : is_input ? info->maxInputChannels : info->maxOutputChannels;
}

/// Complains with the names of the cards that there are, as far as there is room.
static enum status complain_of_card(struct complaint *complaint, const char *name, uint32_t channels, bool is_input)
{
    const char *way = is_input ? "input" : "output";
    struct complaint list = {""};
    size_t used = 0;
    for (PaDeviceIndex card = 0; card < Pa_GetDeviceCount(); card++) {
        const char *shown = Pa_GetDeviceInfo(card)->name;
        const size_t room = sizeof list.text - used;
        if (channels_of(card, is_input) > 0 && strlen(shown) + sizeof ", " < room) {
            used += (size_t)snprintf(list.text + used, room, "%s%s", used ? ", " : "", shown);
        }
    }
    if (!used) {
        return complain(complaint, STATUS_UNKNOWN,
                        "this machine has no sound card with %ss that PortAudio finds: plug one in, or use the device "
                        "jack or null",
                        way);
    }
    return complain(complaint, STATUS_UNKNOWN, "no %s%s%s with %u %s channels; there are: %s",
                    name ? "sound card of the name \"" : "default sound card", name ? name : "", name ? "\"" : "",
                    channels, way, list.text);
}

/// The default card, or the first whose name holds \p name, with so many channels. paNoDevice where there is none.
static PaDeviceIndex find_card(const char *name, uint32_t channels, bool is_input)
{
    if (!name) {
        const PaDeviceIndex card = is_input ? Pa_GetDefaultInputDevice() : Pa_GetDefaultOutputDevice();
        return card != paNoDevice && channels_of(card, is_input) >= (int)channels ? card : paNoDevice;
    }
    for (PaDeviceIndex card = 0; card < Pa_GetDeviceCount(); card++) {
        if (channels_of(card, is_input) >= (int)channels && strcasestr(Pa_GetDeviceInfo(card)->name, name)) {
            return card;
        }
    }
    return paNoDevice;
}

static enum status set_parameters(PaStreamParameters *parameters, const char *name, uint32_t channels, bool is_input,
                                  struct complaint *complaint)
{
    const PaDeviceIndex card = find_card(name, channels, is_input);
    if (card == paNoDevice) {
        return complain_of_card(complaint, name, channels, is_input);
    }
    const PaDeviceInfo *info = Pa_GetDeviceInfo(card);
    *parameters = (PaStreamParameters){
        .device = card,
        .channelCount = (int)channels,
        .sampleFormat = paFloat32 | paNonInterleaved,
        .suggestedLatency = is_input ? info->defaultLowInputLatency : info->defaultLowOutputLatency,
    };
    return STATUS_OK;
}

/// A power of two near the card's low latency.
static uint32_t block_of(const PaDeviceInfo *info, double rate)
{
    uint32_t block = BLOCK_LEAST;
    while (block < BLOCK_MOST && block * 2 <= info->defaultLowOutputLatency * rate) {
        block *= 2;
    }
    return block;
}

static enum status open_stream(struct device *device, const struct device_options *options, struct complaint *complaint)
{
    struct portaudio *portaudio = device->backend;
    PaStreamParameters in = {0};
    PaStreamParameters out = {0};
    enum status status = set_parameters(&out, options->card, options->outs, false, complaint);
    if (!status && options->ins) {
        status = set_parameters(&in, options->card, options->ins, true, complaint);
    }
    if (status) {
        return status;
    }
    const PaDeviceInfo *info = Pa_GetDeviceInfo(out.device);
    const double rate = options->rate != 0 ? options->rate : info->defaultSampleRate;
    const uint32_t block = options->block ? options->block : block_of(info, rate);
    const PaError error = Pa_OpenStream(&portaudio->stream, options->ins ? &in : NULL, &out, rate, block,
                                        paClipOff | paDitherOff, play, device);
    if (error == paInvalidSampleRate) {
        return complain(complaint, STATUS_RANGE, "the sound card %s does not play %.0f frames a second: try %.0f",
                        info->name, rate, info->defaultSampleRate);
    }
    if (error) {
        return complain_of_error(complaint, info->name, error);
    }
    device->offer = (struct device_offer){.rate = rate, .block = block};
    portaudio->is_alsa = Pa_GetHostApiInfo(info->hostApi)->type == paALSA;
    return STATUS_OK;
}

static void close_portaudio(struct device *device)
{
    struct portaudio *portaudio = device->backend;
    (void)Pa_CloseStream(portaudio->stream);
    (void)Pa_Terminate();
    free(portaudio);
}

static enum status open_portaudio(struct device *device, const struct device_options *options,
                                  struct complaint *complaint)
{
    struct portaudio *portaudio = calloc(1, sizeof *portaudio);
    if (!portaudio) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a device");
    }
    device->backend = portaudio;
    (void)snd_lib_error_set_handler(say_nothing);
    jack_common_quiet();
    const PaError error = Pa_Initialize();
    if (error) {
        free(portaudio);
        return complain_of_error(complaint, "PortAudio does not start", error);
    }
    const enum status status = open_stream(device, options, complaint);
    if (status) {
        (void)Pa_Terminate();
        free(portaudio);
    }
    return status;
}

static enum status start_portaudio(struct device *device, struct complaint *complaint)
{
    struct portaudio *portaudio = device->backend;
    atomic_store(&portaudio->stopping, false);
    atomic_store(&portaudio->looked_at, false);
    if (portaudio->is_alsa) {
        PaAlsa_EnableRealtimeScheduling(portaudio->stream, 1);
    }
    PaError error = Pa_SetStreamFinishedCallback(portaudio->stream, note_end);
    error = error ? error : Pa_StartStream(portaudio->stream);
    return error ? complain_of_error(complaint, "the sound card does not start", error) : STATUS_OK;
}

static void stop_portaudio(struct device *device)
{
    struct portaudio *portaudio = device->backend;
    atomic_store(&portaudio->stopping, true);
    (void)Pa_StopStream(portaudio->stream);
}

const struct device_ops device_portaudio_ops = {
    .kind = "portaudio",
    .open = open_portaudio,
    .start = start_portaudio,
    .stop = stop_portaudio,
    .close = close_portaudio,
};
