// SPDX-License-Identifier: GPL-3.0-or-later
// The socket is our own and not one of lo_server, which would read, time and dispatch bundles as it likes. A packet
// that was found good is cut into messages, each of which liblo reads into a struct osc_message on the stack of
// whoever polls; liblo writes what goes out, too.
#include "net/osc.h"

#include "core/bucket.h"
#include "core/clock.h"
#include "net/osc_packet.h"

#include <errno.h>
#include <lo/lo.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKETS_AT_ONCE = 1024, RECEIVE_BYTES = 4 << 20, ERRORS_AT_ONCE = 10, ERRORS_PER_SECOND = 10 };

static const uint64_t NTP_TO_UNIX_S = 2208988800;
static const int64_t NS_PER_S = 1000000000;

struct osc {
    int socket;
    uint16_t port;
    osc_handler *handler;
    void *closure;
    struct bucket errors;
    uint8_t *packet; ///< OSC_PACKET_MAX bytes
    _Atomic uint64_t packets, messages, malformed, unsent;
};

// What the messages of one packet have in common.
struct delivery {
    struct osc *osc;
    const struct osc_peer *peer;
    size_t left;
};

static enum status bind_to(struct osc *osc, const char *address, uint16_t port, struct complaint *complaint)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[8];
    (void)snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(address, service, &hints, &found) != 0) {
        return complain(complaint, STATUS_INVALID, "\"%s\" is no IP address: give one such as 127.0.0.1 or 0.0.0.0",
                        address);
    }
    osc->socket = socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const bool bound = osc->socket >= 0 && bind(osc->socket, found->ai_addr, found->ai_addrlen) == 0;
    const int error = errno;
    freeaddrinfo(found);
    if (bound) {
        return STATUS_OK;
    }
    if (error == EADDRINUSE) {
        return complain(complaint, STATUS_IN_USE, "UDP port %u on %s is in use: give another, or 0 for any free one",
                        port, address);
    }
    return complain(complaint, STATUS_IO, "UDP port %u on %s cannot be opened: %s", port, address, strerror(error));
}

static uint16_t bound_port(int socket)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address = {.any = {0}};
    socklen_t size = sizeof address;
    if (getsockname(socket, &address.any, &size) != 0) {
        return 0;
    }
    return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

enum status osc_new(const char *address, uint16_t port, osc_handler *handler, void *closure, struct osc **out,
                    struct complaint *complaint)
{
    *out = NULL;
    struct osc *osc = calloc(1, sizeof *osc);
    uint8_t *packet = malloc(OSC_PACKET_MAX);
    if (!osc || !packet) {
        free(osc);
        free(packet);
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    osc->packet = packet;
    osc->socket = -1;
    osc->handler = handler;
    osc->closure = closure;
    osc->errors = bucket_of(ERRORS_AT_ONCE, ERRORS_PER_SECOND, clock_now_ns());
    const enum status status = bind_to(osc, address ? address : "127.0.0.1", port, complaint);
    if (status != STATUS_OK) {
        osc_free(osc);
        return status;
    }
    // Room for a burst; the system gives as much of it as it likes.
    const int bytes = RECEIVE_BYTES;
    (void)setsockopt(osc->socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    osc->port = bound_port(osc->socket);
    *out = osc;
    return STATUS_OK;
}

void osc_free(struct osc *osc)
{
    if (osc) {
        if (osc->socket >= 0) {
            (void)close(osc->socket);
        }
        free(osc->packet);
        free(osc);
    }
}

uint16_t osc_port(const struct osc *osc)
{
    return osc->port;
}

int osc_descriptor(const struct osc *osc)
{
    return osc->socket;
}

// liblo's arguments lie at multiples of four, which is not enough for all of the types.
static struct osc_arg read_arg(char type, const lo_arg *from)
{
    struct osc_arg arg = {.type = type};
    float number = 0;
    int32_t integer = 0;
    switch (type) {
    case 'i':
        memcpy(&integer, from, sizeof integer);
        arg.integer = integer;
        arg.number = integer;
        break;
    case 'h':
        memcpy(&arg.integer, from, sizeof arg.integer);
        arg.number = (double)arg.integer;
        break;
    case 'f':
        memcpy(&number, from, sizeof number);
        arg.number = (double)number;
        break;
    case 'd':
        memcpy(&arg.number, from, sizeof arg.number);
        break;
    case 's':
    case 'S':
        arg.text = (const char *)from;
        break;
    default:
        break;
    }
    return arg;
}

static void deliver(void *closure, const struct osc_piece *piece)
{
    struct delivery *delivery = closure;
    struct osc *osc = delivery->osc;
    int result = 0;
    // liblo asks for bytes that it may write to, but copies them.
    lo_message read = lo_message_deserialise((void *)piece->bytes, piece->size, &result);
    delivery->left--;
    if (!read) {
        atomic_fetch_add(&osc->malformed, 1);
        return;
    }
    struct osc_arg args[OSC_ARGS_MAX];
    struct osc_message message = {.address = (const char *)piece->bytes,
                                  .time = piece->time,
                                  .left = delivery->left,
                                  .args = args,
                                  .count = (size_t)lo_message_get_argc(read),
                                  .peer = *delivery->peer};
    const char *types = lo_message_get_types(read);
    lo_arg **values = lo_message_get_argv(read);
    for (size_t i = 0; i < message.count; i++) {
        args[i] = read_arg(types[i], values[i]);
    }
    atomic_fetch_add(&osc->messages, 1);
    osc->handler(osc->closure, &message);
    lo_message_free(read);
}

static void answer_malformed(struct osc *osc, const struct osc_peer *peer, const struct complaint *complaint)
{
    if (bucket_take(&osc->errors, clock_now_ns())) {
        const struct osc_arg args[] = {{.type = 's', .text = ""}, {.type = 's', .text = complaint->text}};
        osc_send(osc, peer, "/tutti/error", args, 2);
    }
}

void osc_take(struct osc *osc, const void *packet, size_t size, const struct osc_peer *peer)
{
    struct complaint complaint;
    struct delivery delivery = {.osc = osc, .peer = peer};
    atomic_fetch_add(&osc->packets, 1);
    if (osc_packet_check(packet, size, &delivery.left, &complaint) == STATUS_OK) {
        osc_packet_walk(packet, size, deliver, &delivery);
    } else {
        atomic_fetch_add(&osc->malformed, 1);
        answer_malformed(osc, peer, &complaint);
    }
}

void osc_poll(struct osc *osc)
{
    for (int i = 0; i < PACKETS_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t from_size = sizeof from;
        struct osc_peer peer = {.host = ""};
        const ssize_t size =
            recvfrom(osc->socket, osc->packet, OSC_PACKET_MAX, 0, (struct sockaddr *)&from, &from_size);
        if (size < 0 && errno != EINTR) {
            return;
        }
        if (size >= 0 && getnameinfo((const struct sockaddr *)&from, from_size, peer.host, sizeof peer.host, peer.port,
                                     sizeof peer.port, NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM) == 0) {
            osc_take(osc, osc->packet, (size_t)size, &peer);
        }
    }
}

// 0 where it was added.
static int add_arg(lo_message message, const struct osc_arg *arg)
{
    switch (arg->type) {
    case 'i':
        return lo_message_add_int32(message, (int32_t)arg->integer);
    case 'h':
        return lo_message_add_int64(message, arg->integer);
    case 'f':
        return lo_message_add_float(message, (float)arg->number);
    case 'd':
        return lo_message_add_double(message, arg->number);
    case 's':
    case 'S':
        return lo_message_add_string(message, arg->text);
    case 'T':
        return lo_message_add_true(message);
    case 'F':
        return lo_message_add_false(message);
    case 'N':
        return lo_message_add_nil(message);
    default:
        return -1;
    }
}

static bool send_to(const struct osc *osc, const struct osc_peer *peer, const void *bytes, size_t size)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *to = NULL;
    if (!*peer->host || getaddrinfo(peer->host, peer->port, &hints, &to) != 0) {
        return false;
    }
    const ssize_t sent = sendto(osc->socket, bytes, size, MSG_NOSIGNAL, to->ai_addr, to->ai_addrlen);
    freeaddrinfo(to);
    return sent == (ssize_t)size;
}

void osc_send(struct osc *osc, const struct osc_peer *peer, const char *address, const struct osc_arg *args,
              size_t count)
{
    lo_message message = lo_message_new();
    bool good = message != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = add_arg(message, &args[i]) == 0;
    }
    size_t size = 0;
    void *bytes = good ? lo_message_serialise(message, address, NULL, &size) : NULL;
    if (!bytes || !send_to(osc, peer, bytes, size)) {
        atomic_fetch_add(&osc->unsent, 1);
    }
    free(bytes);
    if (message) {
        lo_message_free(message);
    }
}

struct osc_counts osc_counts(const struct osc *osc)
{
    return (struct osc_counts){.packets = atomic_load(&osc->packets),
                               .messages = atomic_load(&osc->messages),
                               .malformed = atomic_load(&osc->malformed),
                               .unsent = atomic_load(&osc->unsent)};
}

int64_t osc_time_ns(uint64_t time)
{
    const int64_t now = clock_now_ns();
    if (time <= OSC_NOW) {
        return now;
    }
    const int64_t seconds = (int64_t)(time >> 32) - (int64_t)NTP_TO_UNIX_S;
    const int64_t fraction = (int64_t)(((time & UINT32_MAX) * (uint64_t)NS_PER_S) >> 32);
    return now + (seconds * NS_PER_S + fraction - clock_wall_us() * 1000);
}
