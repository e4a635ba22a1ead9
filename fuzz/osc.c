// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes are a UDP packet from a stranger. What is handed on must be whole: a printable address, known types, texts
// that end; a packet is handed on with all of its messages or with none. Every address is matched against a pattern of
// its own parts too.
#include "fuzz.h"

#include "net/osc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct taken {
    size_t count, left;
};

static void take(void *closure, const struct osc_message *message)
{
    struct taken *taken = closure;
    assert(message->address[0] == '/' && strlen(message->address) < OSC_ADDRESS_SIZE);
    assert(message->count <= OSC_ARGS_MAX);
    assert(taken->count == 0 || message->left + 1 == taken->left);
    taken->left = message->left;
    taken->count++;
    size_t length = 0;
    for (size_t i = 0; i < message->count; i++) {
        const struct osc_arg *arg = &message->args[i];
        assert(arg->type != '\0' && strchr("ifhdsSTFN", arg->type));
        assert((arg->text != NULL) == (arg->type == 's' || arg->type == 'S'));
        length += arg->text ? strlen(arg->text) : 0;
        (void)osc_match(arg->text ? arg->text : "*", message->address);
    }
    assert(length <= OSC_PACKET_MAX);
    (void)osc_match(message->address, "frequency");
    (void)osc_time_ns(message->time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct osc *osc; // runs to the end of the program
    static struct taken taken;
    static const struct osc_peer nobody;
    struct complaint complaint;
    if (!osc && osc_new(NULL, 0, take, &taken, &osc, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", complaint.text);
        abort();
    }
    const struct osc_counts before = osc_counts(osc);
    taken = (struct taken){0};
    osc_take(osc, data, size, &nobody);
    const struct osc_counts after = osc_counts(osc);
    assert(after.messages - before.messages == taken.count && taken.left == 0);
    assert(after.malformed == before.malformed || taken.count == 0);
    return 0;
}
