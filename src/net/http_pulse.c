// SPDX-License-Identifier: GPL-3.0-or-later
// A server that is full does not accept, and whoever fills it from outside must not make it look dead. But it does not
// stay quiet either: its connections are served, or cut off when their time is over, and both beat.
#include "net/http_pulse.h"

#include "core/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t NS_PER_MS = 1000000;

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

void http_pulse_beat(struct http_pulse *pulse)
{
    atomic_store_explicit(&pulse->beat_ns, clock_now_ns(), memory_order_relaxed);
}

static bool has_beaten_since(struct http_pulse *pulse, int64_t since_ns)
{
    return atomic_load_explicit(&pulse->beat_ns, memory_order_relaxed) > since_ns;
}

// Where \p listener can be reached; a listener on every network, by the loopback's address.
static bool find_address(int listener, union address *out, socklen_t *size)
{
    *size = sizeof *out;
    if (getsockname(listener, &out->any, size) != 0) {
        return false;
    }
    if (out->any.sa_family == AF_INET && out->ipv4.sin_addr.s_addr == htonl(INADDR_ANY)) {
        out->ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else if (out->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&out->ipv6.sin6_addr)) {
        out->ipv6.sin6_addr = in6addr_loopback;
    }
    return true;
}

// Asks something of the server that listens on \p listener, and waits for an answer or a refusal.
static bool is_answered(int listener, int timeout_ms)
{
    static const char question[] = "HEAD / HTTP/1.0\r\n\r\n";
    union address address = {.any.sa_family = AF_UNSPEC};
    socklen_t size = 0;
    if (!find_address(listener, &address, &size)) {
        return false;
    }
    const int asking = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (asking < 0) {
        return false;
    }
    (void)connect(asking, &address.any, size);
    struct pollfd wait = {.fd = asking, .events = POLLOUT};
    bool answered = poll(&wait, 1, timeout_ms) == 1 &&
                    send(asking, question, sizeof question - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof question - 1);
    wait.events = POLLIN;
    answered = answered && poll(&wait, 1, timeout_ms) == 1;
    (void)close(asking);
    return answered;
}

bool http_pulse_felt(struct http_pulse *pulse, int listener, int quiet_ms, int timeout_ms)
{
    const int64_t now = clock_now_ns();
    return has_beaten_since(pulse, now - quiet_ms * NS_PER_MS) || is_answered(listener, timeout_ms) ||
           has_beaten_since(pulse, now);
}
