// SPDX-License-Identifier: GPL-3.0-or-later
// The callback of the JACK server's client puts the period's messages on a ring, with the frames at which they belong
// turned into times; the one who listens takes them from there.
#include "play/midi_in.h"

#include "core/realtime.h"
#include "core/ring.h"
#include "play/edge.h"
#include "play/jack_common.h"

#include <jack/midiport.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING = 1024, ARRIVALS = 256, LINE = 64, SHORTEST = 2, LONGEST = 3 };

static const int64_t NS_PER_US = 1000;

struct midi_in {
    jack_client_t *client;
    jack_port_t *port;
    struct ring *ring;
    void *memory;
    _Atomic uint64_t lost;
    atomic_bool is_gone;
    bool has_looked;       ///< and connected what was there
    struct ring *arrivals; ///< ports that came since, by their numbers
    void *arrivals_memory;
    atomic_bool overrun; ///< there were more
};

static void take_in(struct midi_in *in, const jack_midi_event_t *event, int64_t at_ns) REALTIME;

static void take_in(struct midi_in *in, const jack_midi_event_t *event, int64_t at_ns)
{
    if (event->size < SHORTEST || event->size > LONGEST || event->buffer[0] < 0x80 || event->buffer[0] >= 0xF0) {
        return;
    }
    const struct midi_in_message message = {.at_ns = at_ns,
                                            .status = event->buffer[0],
                                            .data = {event->buffer[1], event->size > SHORTEST ? event->buffer[2] : 0}};
    if (!ring_push(in->ring, &message)) {
        atomic_fetch_add_explicit(&in->lost, 1, memory_order_relaxed);
    }
}

static int process(jack_nframes_t frames, void *argument)
{
    struct midi_in *in = argument;
    void *buffer = jack_port_get_buffer(in->port, frames);
    const jack_nframes_t first = jack_last_frame_time(in->client);
    const int64_t ahead_us = edge_now_ns() / NS_PER_US - (int64_t)jack_get_time();
    const uint32_t count = jack_midi_get_event_count(buffer);
    for (uint32_t i = 0; i < count; i++) {
        jack_midi_event_t event;
        if (jack_midi_event_get(&event, buffer, i) == 0) {
            const int64_t at_us = (int64_t)jack_frames_to_time(in->client, first + event.time) + ahead_us;
            take_in(in, &event, at_us * NS_PER_US);
        }
    }
    return 0;
}

static void note_shutdown(jack_status_t code, const char *reason, void *argument)
{
    (void)code;
    (void)reason;
    struct midi_in *in = argument;
    atomic_store(&in->is_gone, true);
}

// The server must not be asked for anything from here.
static void note_port(jack_port_id_t port, int is_new, void *argument)
{
    struct midi_in *in = argument;
    const uint32_t number = port;
    if (is_new && !ring_push(in->arrivals, &number)) {
        atomic_store(&in->overrun, true);
    }
}

static void connect_all(struct midi_in *in)
{
    const char **ports =
        jack_get_ports(in->client, NULL, JACK_DEFAULT_MIDI_TYPE, JackPortIsPhysical | JackPortIsOutput);
    // One that cannot be connected, or is already, is left alone.
    for (int i = 0; ports && ports[i]; i++) {
        (void)jack_connect(in->client, ports[i], jack_port_name(in->port));
    }
    jack_free(ports);
}

static void connect_one(struct midi_in *in, uint32_t number)
{
    enum { INSTRUMENT = JackPortIsPhysical | JackPortIsOutput };
    const jack_port_t *port = jack_port_by_id(in->client, number);
    if (port && (jack_port_flags(port) & INSTRUMENT) == INSTRUMENT &&
        strcmp(jack_port_type(port), JACK_DEFAULT_MIDI_TYPE) == 0) {
        (void)jack_connect(in->client, jack_port_name(port), jack_port_name(in->port));
    }
}

void midi_in_connect(struct midi_in *in)
{
    if (atomic_load(&in->is_gone)) {
        return;
    }
    if (!in->has_looked || atomic_exchange(&in->overrun, false)) {
        in->has_looked = true;
        connect_all(in);
    }
    // Each is connected once, when it comes: what a person takes apart stays so.
    uint32_t number;
    while (ring_pop(in->arrivals, &number)) {
        connect_one(in, number);
    }
}

int midi_in_connections(const struct midi_in *in)
{
    return atomic_load(&in->is_gone) ? 0 : jack_port_connected(in->port);
}

const char *midi_in_port(const struct midi_in *in)
{
    return jack_port_name(in->port);
}

static enum status join(struct midi_in *in, const char *client, struct complaint *complaint)
{
    const enum status status = jack_common_join(client, "", &in->client, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    in->port = jack_port_register(in->client, "midi_in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    if (!in->port) {
        return complain(complaint, STATUS_IO,
                        "the JACK server has no room for port midi_in: start it with a larger --port-max");
    }
    jack_on_info_shutdown(in->client, note_shutdown, in);
    if (jack_set_process_callback(in->client, process, in) ||
        jack_set_port_registration_callback(in->client, note_port, in) || jack_activate(in->client)) {
        return complain(complaint, STATUS_IO, "the JACK server does not start the client");
    }
    return STATUS_OK;
}

static struct ring *new_ring(uint32_t room, uint32_t size, void **memory)
{
    const size_t bytes = (ring_footprint(room, size) + LINE - 1) / LINE * LINE;
    *memory = aligned_alloc(LINE, bytes);
    return *memory ? ring_init(*memory, room, size) : NULL;
}

enum status midi_in_open(const char *client, struct midi_in **out, struct complaint *complaint)
{
    struct midi_in *in = calloc(1, sizeof *in);
    if (!in || !(in->ring = new_ring(WAITING, sizeof(struct midi_in_message), &in->memory)) ||
        !(in->arrivals = new_ring(ARRIVALS, sizeof(uint32_t), &in->arrivals_memory))) {
        midi_in_close(in);
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const enum status status = join(in, client, complaint);
    if (status != STATUS_OK) {
        midi_in_close(in);
        return status;
    }
    *out = in;
    return STATUS_OK;
}

void midi_in_close(struct midi_in *in)
{
    if (in) {
        if (in->client && !jack_common_leave(in->client)) {
            return; // It may still call back.
        }
        free(in->arrivals_memory);
        free(in->memory);
        free(in);
    }
}

bool midi_in_take(struct midi_in *in, struct midi_in_message *message)
{
    return ring_pop(in->ring, message);
}

uint64_t midi_in_lost(const struct midi_in *in)
{
    return atomic_load_explicit(&in->lost, memory_order_relaxed);
}

bool midi_in_is_gone(const struct midi_in *in)
{
    return atomic_load(&in->is_gone);
}
