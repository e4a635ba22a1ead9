// SPDX-License-Identifier: GPL-3.0-or-later
// The rate and the period are the server's, and what differs from them is refused rather than converted. The period may
// change while we play; the callback then gets other frames.
#include "play/device_parts.h"
#include "play/jack_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jack {
    jack_client_t *client;
    jack_port_t *in[DEVICE_CHANNELS_MAX];
    jack_port_t *out[DEVICE_CHANNELS_MAX];
    bool apart;
};

static int process(jack_nframes_t frames, void *argument)
{
    struct device *device = argument;
    const struct jack *jack = device->backend;
    const float *in[DEVICE_CHANNELS_MAX] = {0};
    float *out[DEVICE_CHANNELS_MAX] = {0};
    for (uint32_t channel = 0; channel < device->ins; channel++) {
        in[channel] = jack_port_get_buffer(jack->in[channel], frames);
    }
    for (uint32_t channel = 0; channel < device->outs; channel++) {
        out[channel] = jack_port_get_buffer(jack->out[channel], frames);
    }
    device_feed(device, in, out, frames);
    return 0;
}

static int count_xrun(void *argument)
{
    struct device *device = argument;
    atomic_fetch_add(&device->xruns, 1);
    return 0;
}

static void note_shutdown(jack_status_t code, const char *reason, void *argument)
{
    (void)code;
    (void)reason;
    struct device *device = argument;
    device_lose(device);
}

/// Takes over the server's rate and period, where these are what was asked for.
static enum status agree(struct device *device, const struct device_options *options, struct complaint *complaint)
{
    const struct jack *jack = device->backend;
    const uint32_t rate = jack_get_sample_rate(jack->client);
    const uint32_t period = jack_get_buffer_size(jack->client);
    if (options->rate != 0 && options->rate != rate) {
        return complain(complaint, STATUS_RANGE,
                        "the JACK server runs at %u frames a second, not %.0f: ask for %u, or start it with -r %.0f",
                        rate, options->rate, rate, options->rate);
    }
    if (options->block && options->block != period) {
        return complain(complaint, STATUS_RANGE,
                        "the JACK server has periods of %u frames, not %u: ask for %u, or start it with -p %u", period,
                        options->block, period, options->block);
    }
    device->offer.rate = rate;
    device->offer.block = period < DEVICE_BLOCK_MAX ? period : DEVICE_BLOCK_MAX;
    return STATUS_OK;
}

static enum status register_ports(jack_client_t *client, const char *kind, unsigned long flags, jack_port_t **ports,
                                  uint32_t count, struct complaint *complaint)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%s_%u", kind, i + 1);
        ports[i] = jack_port_register(client, name, JACK_DEFAULT_AUDIO_TYPE, flags, 0);
        if (!ports[i]) {
            return complain(complaint, STATUS_IO,
                            "the JACK server has no room for port %s: start it with a larger --port-max", name);
        }
    }
    return STATUS_OK;
}

static enum status set_up(struct device *device, const struct device_options *options, struct complaint *complaint)
{
    struct jack *jack = device->backend;
    jack_client_t *client = jack->client;
    enum status status = agree(device, options, complaint);
    if (status) {
        return status;
    }
    if (jack_set_process_callback(client, process, device) || jack_set_xrun_callback(client, count_xrun, device)) {
        return complain(complaint, STATUS_IO, "the JACK server takes no callback");
    }
    jack_on_info_shutdown(client, note_shutdown, device);
    status = register_ports(client, "in", JackPortIsInput, jack->in, device->ins, complaint);
    return status ? status : register_ports(client, "out", JackPortIsOutput, jack->out, device->outs, complaint);
}

static void close_jack(struct device *device)
{
    struct jack *jack = device->backend;
    (void)jack_client_close(jack->client);
    free(jack);
}

static enum status open_jack(struct device *device, const struct device_options *options, struct complaint *complaint)
{
    struct jack *jack = calloc(1, sizeof *jack);
    if (!jack) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a device");
    }
    enum status status = jack_common_join(options->client ? options->client : "tutti", ", or take --device portaudio",
                                          &jack->client, complaint);
    if (status != STATUS_OK) {
        free(jack);
        return status;
    }
    jack->apart = options->apart;
    device->backend = jack;
    status = set_up(device, options, complaint);
    if (status) {
        close_jack(device);
    }
    return status;
}

/// Connects \p count ports, as far as there are, to those of the card. One that cannot be is left alone.
static void connect_ports(jack_client_t *client, jack_port_t *const *ports, uint32_t count, unsigned long card_flags)
{
    const char **card = jack_get_ports(client, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsPhysical | card_flags);
    for (uint32_t i = 0; card && i < count && card[i]; i++) {
        const char *own = jack_port_name(ports[i]);
        const bool to_card = card_flags & JackPortIsInput;
        (void)jack_connect(client, to_card ? own : card[i], to_card ? card[i] : own);
    }
    jack_free(card);
}

static enum status start_jack(struct device *device, struct complaint *complaint)
{
    const struct jack *jack = device->backend;
    if (jack_activate(jack->client)) {
        return complain(complaint, STATUS_IO, "the JACK server does not start the client");
    }
    if (!jack->apart) {
        connect_ports(jack->client, jack->in, device->ins, JackPortIsOutput);
        connect_ports(jack->client, jack->out, device->outs, JackPortIsInput);
    }
    atomic_store(&device->hint, jack_is_realtime(jack->client)
                                    ? (const char *)NULL
                                    : "the JACK server has no real-time priority: start it without -r, as a user who "
                                      "may have it");
    return STATUS_OK;
}

static void stop_jack(struct device *device)
{
    const struct jack *jack = device->backend;
    (void)jack_deactivate(jack->client);
}

const struct device_ops device_jack_ops = {
    .kind = "jack",
    .open = open_jack,
    .start = start_jack,
    .stop = stop_jack,
    .close = close_jack,
};
