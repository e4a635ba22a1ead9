// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http_listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static enum status complain_of_errno(int error, const char *address, uint16_t port, struct complaint *complaint)
{
    switch (error) {
    case EADDRINUSE:
        return complain(complaint, STATUS_IN_USE,
                        "port %u is in use on %s: stop the other program or give another port", port, address);
    case EACCES:
        return complain(complaint, STATUS_IO, "port %u may not be opened on %s: give --port with one above 1023", port,
                        address);
    case EADDRNOTAVAIL:
        return complain(complaint, STATUS_INVALID, "%s is not an address of this machine", address);
    default:
        return complain(complaint, STATUS_IO, "cannot listen on port %u of %s: %s", port, address, strerror(error));
    }
}

enum status http_listener_open(const char *address, uint16_t port, int *out, struct complaint *complaint)
{
    char service[sizeof "65535"];
    (void)snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(address, service, &hints, &found) != 0) {
        return complain(complaint, STATUS_INVALID,
                        "\"%s\" is not an address to listen on: give one such as 127.0.0.1, 0.0.0.0 or ::1", address);
    }
    const int one = 1;
    const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool listens = listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                         bind(listener, found->ai_addr, found->ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0;
    const int error = errno;
    freeaddrinfo(found);
    if (!listens) {
        if (listener >= 0) {
            close(listener);
        }
        return complain_of_errno(error, address, port, complaint);
    }
    *out = listener;
    return STATUS_OK;
}

static bool local_address(int listener, union address *out)
{
    socklen_t size = sizeof *out;
    return getsockname(listener, &out->any, &size) == 0;
}

uint16_t http_listener_port(int listener)
{
    union address address = {.any.sa_family = AF_UNSPEC};
    if (!local_address(listener, &address)) {
        return 0;
    }
    return ntohs(address.any.sa_family == AF_INET6 ? address.ipv6.sin6_port : address.ipv4.sin_port);
}

bool http_listener_local(int listener)
{
    union address address = {.any.sa_family = AF_UNSPEC};
    if (!local_address(listener, &address)) {
        return false;
    }
    if (address.any.sa_family == AF_INET6) {
        return IN6_IS_ADDR_LOOPBACK(&address.ipv6.sin6_addr);
    }
    return ntohl(address.ipv4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}
