// SPDX-License-Identifier: GPL-3.0-or-later
// An upgraded socket is handed over as a copy of its descriptor, and libmicrohttpd's own is closed soon after: it
// closes without shutdown(), so that the copy lives on, and the connection with its 32 KiB of memory no longer counts.
//
// When libmicrohttpd tells that an exchange with an upgraded socket is over, it holds a lock of its own, under which
// what a caller does may deadlock. Nothing is called then, for the upgrade waits no more.
#include "net/http_upgrade.h"

#include "core/log.h"
#include "net/http_reply.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void upgrade_socket(void *user, struct MHD_Connection *connection, void *request, const char *extra,
                           size_t extra_size, MHD_socket socket, struct MHD_UpgradeResponseHandle *handle)
{
    (void)connection;
    (void)request;
    struct http_upgrade *upgrade = user;
    const struct http_reply *reply = &upgrade->reply;
    upgrade->waiting = false;
    upgrade->upgraded = true;
    const int copy = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0) {
        const int one = 1;
        (void)setsockopt(copy, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        (void)fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
        reply->upgraded(reply->user, copy, (const uint8_t *)extra, extra_size);
    } else if (reply->refused) {
        reply->refused(reply->user);
    }
    (void)MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static enum MHD_Result refuse_upgrade(const struct http_request *request, int status, const char *why)
{
    static const struct http_header offer[] = {
        {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}, {NULL, NULL}};
    const char *origin = http_request_header(request, "Origin");
    log_write(status == MHD_HTTP_FORBIDDEN ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "upgrade_refused",
              "status=%d origin=%.100s why=%s", status, origin ? origin : "", why);
    const struct http_reply reply = http_reply_error(status, "%s", why);
    return http_reply_queue(request->connection, &reply, status == MHD_HTTP_UPGRADE_REQUIRED ? offer : NULL);
}

enum MHD_Result http_upgrade_queue(struct http_upgrade *upgrade, const struct http_reply *reply,
                                   const struct http_request *request, const struct http_origins *origins)
{
    *upgrade = (struct http_upgrade){.reply = *reply, .waiting = true};
    char accept[HTTP_HANDSHAKE_ACCEPT_SIZE];
    const char *why = NULL;
    const int status = http_handshake_check(request, origins, accept, &why);
    if (status != MHD_HTTP_SWITCHING_PROTOCOLS) {
        return refuse_upgrade(request, status, why);
    }
    struct MHD_Response *response = MHD_create_response_for_upgrade(upgrade_socket, upgrade);
    if (!response) {
        return MHD_NO;
    }
    const struct http_header headers[] = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", accept}, {NULL, NULL}};
    enum MHD_Result result = MHD_NO;
    if (http_reply_dress(response, headers)) {
        result = MHD_queue_response(request->connection, (unsigned)status, response);
    }
    MHD_destroy_response(response);
    return result;
}

bool http_upgrade_refuses(const struct http_request *request, const struct http_origins *origins,
                          enum MHD_Result *result)
{
    char accept[HTTP_HANDSHAKE_ACCEPT_SIZE];
    const char *why = NULL;
    const int status = http_handshake_check(request, origins, accept, &why);
    if (status == MHD_HTTP_SWITCHING_PROTOCOLS) {
        return false;
    }
    *result = refuse_upgrade(request, status, why);
    return true;
}

void http_upgrade_done(struct http_upgrade *upgrade)
{
    if (upgrade->waiting && upgrade->reply.refused) {
        upgrade->reply.refused(upgrade->reply.user);
    }
    upgrade->waiting = false;
}
