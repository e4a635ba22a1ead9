// SPDX-License-Identifier: GPL-3.0-or-later
// The question comes in through a pair of sockets and not through the network: so it is no matter whether the queue of
// the listening socket is full, for whoever may fill that from outside must not be able to make the server look dead.
#include "net/http_probe.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool http_probe(struct MHD_Daemon *daemon, int timeout_ms)
{
    static const char question[] = "HEAD / HTTP/1.0\r\n\r\n";
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
        return false;
    }
    struct sockaddr_un nowhere = {.sun_family = AF_UNIX};
    // The other end is libmicrohttpd's from here on, which closes it also where it fails.
    bool answers = send(ends[0], question, sizeof question - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof question - 1);
    if (!answers) {
        close(ends[1]);
    } else if (MHD_add_connection(daemon, ends[1], (struct sockaddr *)&nowhere, sizeof nowhere) != MHD_YES) {
        answers = false;
    }
    struct pollfd wait = {.fd = ends[0], .events = POLLIN};
    answers = answers && poll(&wait, 1, timeout_ms) == 1;
    close(ends[0]);
    return answers;
}
