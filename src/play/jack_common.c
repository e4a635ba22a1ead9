// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/jack_common.h"

#include "play/errand.h"

#include <stdlib.h>
#include <string.h>

static const int64_t PATIENCE_NS = 2000000000;

static void say_nothing(const char *message)
{
    (void)message;
}

void jack_common_quiet(void)
{
    jack_set_error_function(say_nothing);
    jack_set_info_function(say_nothing);
}

static enum status complain_of_server(jack_status_t refusal, const char *instead, struct complaint *complaint)
{
    if (refusal & JackServerFailed) {
        const char *server = getenv("JACK_DEFAULT_SERVER");
        return complain(complaint, STATUS_IO,
                        "no JACK server%s%s%s runs: start one, for example jackd %s%s%s-d alsa -r 48000 -p 128%s",
                        server ? " \"" : "", server ? server : "", server ? "\"" : "", server ? "-n " : "",
                        server ? server : "", server ? " " : "", instead);
    }
    if (refusal & JackVersionError) {
        return complain(complaint, STATUS_IO, "the JACK server is of another version than the library: start it anew");
    }
    return complain(complaint, STATUS_IO, "the JACK server takes no client (status 0x%x): start it anew",
                    (unsigned)refusal);
}

enum status jack_common_join(const char *name, const char *instead, jack_client_t **client, struct complaint *complaint)
{
    // The size counts the NUL.
    const int longest = jack_client_name_size() - 1;
    if (strlen(name) > (size_t)longest) {
        return complain(complaint, STATUS_RANGE, "a client's name of %zu characters: JACK has room for %d",
                        strlen(name), longest);
    }
    jack_common_quiet();
    jack_status_t refusal = 0;
    *client = jack_client_open(name, JackNoStartServer, &refusal);
    return *client ? STATUS_OK : complain_of_server(refusal, instead, complaint);
}

static void leave(void *client)
{
    (void)jack_client_close(client);
}

bool jack_common_leave(jack_client_t *client)
{
    struct errand *errand = errand_new(leave, client);
    if (errand) {
        return errand_end(errand, PATIENCE_NS);
    }
    leave(client);
    return true;
}
