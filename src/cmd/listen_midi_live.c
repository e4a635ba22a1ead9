// SPDX-License-Identifier: GPL-3.0-or-later
// At the end of each step the messages that came in it are heard. A step that could not be made in time is made as soon
// as possible, so that the listener's time stays the clock's.
#include "cmd/listen.h"

#include "cmd/hearing_notes.h"
#include "cmd/hearing_print.h"
#include "cmd/interrupt.h"
#include "core/clock.h"
#include "play/midi_in.h"

#include <math.h>
#include <stdlib.h>

enum { SHOWN_STEPS = 5, WATCHED_STEPS = 50 };

static const double NS_PER_S = 1e9;

// A message that belongs to a later step is kept until then.
struct desk {
    struct midi_in *in;
    struct midi_in_message next;
    bool has_next;
    bool apart;      ///< nothing is to be connected
    int connections; ///< as they were told last; -1: not yet
    uint64_t steps;
};

static void push_due(struct desk *desk, struct hear_notes *notes, int64_t start_ns, int64_t end_ns)
{
    while (desk->has_next || midi_in_take(desk->in, &desk->next)) {
        desk->has_next = desk->next.at_ns >= end_ns;
        if (desk->has_next) {
            return;
        }
        hear_notes_push(notes, (double)(desk->next.at_ns - start_ns) / NS_PER_S, desk->next.status, desk->next.data[0],
                        desk->next.data[1]);
    }
}

// What is known of the port goes to standard error, once it changes.
static void watch_port(struct desk *desk)
{
    if (!desk->apart) {
        midi_in_connect(desk->in);
    }
    const int connections = midi_in_connections(desk->in);
    if (connections == desk->connections || midi_in_is_gone(desk->in)) {
        return;
    }
    desk->connections = connections;
    if (connections == 0) {
        (void)fprintf(stderr, "tutti listen: nothing is connected to %s: plug an instrument in, or connect one\n",
                      midi_in_port(desk->in));
    } else {
        (void)fprintf(stderr, "tutti listen: %d connected to %s\n", connections, midi_in_port(desk->in));
    }
}

// One step, when its time has come; false where standard output takes no more.
static bool listen_on(struct desk *desk, struct hearing_notes *hearing, int64_t start_ns, bool live)
{
    const double end_s = hearing_notes_seconds(hearing) + (double)HEAR_NOTES_STEP / HEAR_NOTES_RATE;
    const int64_t end_ns = start_ns + (int64_t)(end_s * NS_PER_S);
    clock_sleep_until(end_ns);
    push_due(desk, hearing->notes, start_ns, end_ns);
    struct hear_event events[HEAR_NOTES_EVENTS];
    const size_t said = hearing_notes_step(hearing, events);
    for (size_t i = 0; i < said && !live; i++) {
        hearing_print_event(stdout, &hearing->hearing, &events[i]);
    }
    if (live && desk->steps % SHOWN_STEPS == 0) {
        hearing_print_live(stdout, &hearing->hearing, desk->steps > 0);
    }
    if (desk->steps % WATCHED_STEPS == 0) {
        watch_port(desk);
    }
    desk->steps++;
    return fflush(stdout) == 0 && (desk->steps % WATCHED_STEPS != 0 || hearing_print_is_read());
}

static enum status listen(const struct listen_options *options, struct desk *desk, struct hearing_notes *hearing,
                          struct complaint *complaint)
{
    const int64_t start_ns = clock_now_ns();
    const double most = options->seconds > 0 ? options->seconds : HUGE_VAL;
    while (!interrupt_came() && !midi_in_is_gone(desk->in) && hearing_notes_seconds(hearing) < most &&
           listen_on(desk, hearing, start_ns, options->live)) {
    }
    const enum status status =
        hearing_notes_end(hearing, (double)(clock_now_ns() - start_ns) / NS_PER_S, midi_in_lost(desk->in), complaint);
    return status == STATUS_OK && midi_in_is_gone(desk->in)
               ? complain(complaint, STATUS_CLOSED, "the JACK server went away")
               : status;
}

enum status listen_to_midi_port(const struct listen_options *options, struct complaint *complaint)
{
    struct desk desk = {.apart = options->device.apart, .connections = -1};
    struct hearing_notes *hearing = calloc(1, sizeof *hearing);
    if (!hearing) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = hearing_notes_init(hearing, complaint);
    status = status ? status : midi_in_open(options->device.client, &desk.in, complaint);
    if (status == STATUS_OK) {
        interrupt_watch();
        status = listen(options, &desk, hearing, complaint);
    }
    midi_in_close(desk.in);
    hearing_notes_done(hearing);
    free(hearing);
    return status;
}
