// SPDX-License-Identifier: GPL-3.0-or-later
// Each connection has a record in a list, its socket context, from the moment it is accepted until just before
// libmicrohttpd closes its socket, so a socket in the list is never somebody else's. To end a connection its socket is
// shut down, which libmicrohttpd takes for the client's doing; so one too many is ended as it comes. A connection that
// waits for no request has no deadline: one whose answer is under way, and one that was upgraded and whose socket
// belongs to another.
#include "net/http_connections.h"

#include "core/clock.h"

#include <stdlib.h>
#include <sys/socket.h>

static const int64_t NS_PER_MS = 1000000;

enum { CHECKS_A_REQUEST = 10 }; // how often the time that a request has is looked at

struct http_connection {
    struct http_connection *next;
    struct http_connection **place; ///< the pointer to this one
    int socket;
    int64_t late_ns; ///< when its request must have come; 0 for no request
    struct address address;
    bool counted; ///< at its address
    bool refused;
    bool lent;
};

enum status http_connections_init(struct http_connections *connections, unsigned limit, unsigned request_ms)
{
    *connections = (struct http_connections){.limit = limit, .request_ms = request_ms};
    return pthread_mutex_init(&connections->lock, NULL) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status http_connections_limit_addresses(struct http_connections *connections, unsigned most)
{
    connections->addresses = addresses_new(most);
    return connections->addresses ? STATUS_OK : STATUS_NO_MEMORY;
}

void http_connections_done(struct http_connections *connections)
{
    addresses_free(connections->addresses);
    pthread_mutex_destroy(&connections->lock);
}

static int64_t deadline(const struct http_connections *connections)
{
    return clock_now_ns() + connections->request_ms * NS_PER_MS;
}

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static struct http_connection *record_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

// Whether its address may have one more.
static bool count_in(struct http_connections *connections, struct http_connection *record,
                     struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!connections->addresses || !info || !info->client_addr) {
        return true;
    }
    record->address = address_of(info->client_addr);
    record->counted = addresses_enter(connections->addresses, &record->address);
    return record->counted;
}

static void count_out(struct http_connections *connections, struct http_connection *record)
{
    if (record->counted) {
        record->counted = false;
        addresses_leave(connections->addresses, &record->address);
    }
}

static struct http_connection *enter(struct http_connections *connections, struct MHD_Connection *connection)
{
    struct http_connection *record = calloc(1, sizeof *record);
    if (!record) {
        return NULL;
    }
    record->socket = socket_of(connection);
    record->late_ns = deadline(connections);
    record->refused = connections->count > connections->limit;
    pthread_mutex_lock(&connections->lock);
    record->next = connections->first;
    record->place = &connections->first;
    if (record->next) {
        record->next->place = &record->next;
    }
    connections->first = record;
    pthread_mutex_unlock(&connections->lock);
    return record;
}

static void leave(struct http_connections *connections, struct http_connection *record)
{
    if (!record) {
        return;
    }
    pthread_mutex_lock(&connections->lock);
    *record->place = record->next;
    if (record->next) {
        record->next->place = record->place;
    }
    pthread_mutex_unlock(&connections->lock);
    count_out(connections, record);
    free(record);
}

void http_connections_notify(void *user, struct MHD_Connection *connection, void **context,
                             enum MHD_ConnectionNotificationCode what)
{
    struct http_connections *connections = user;
    struct http_connection *record = *context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        connections->count -= !record || !record->lent;
        leave(connections, record);
        *context = NULL;
        return;
    }
    connections->count++;
    *context = record = enter(connections, connection);
    if (!record || connections->count > connections->limit + HTTP_CONNECTIONS_REFUSED ||
        !count_in(connections, record, connection)) {
        (void)shutdown(socket_of(connection), SHUT_RDWR);
    }
}

bool http_connections_refuses(struct MHD_Connection *connection)
{
    const struct http_connection *record = record_of(connection);
    return !record || record->refused;
}

static void set_late(struct http_connections *connections, struct MHD_Connection *connection, int64_t late_ns)
{
    struct http_connection *record = record_of(connection);
    if (record) {
        pthread_mutex_lock(&connections->lock);
        record->late_ns = late_ns;
        pthread_mutex_unlock(&connections->lock);
    }
}

void http_connections_have_request(struct http_connections *connections, struct MHD_Connection *connection)
{
    set_late(connections, connection, 0);
}

void http_connections_want_request(struct http_connections *connections, struct MHD_Connection *connection)
{
    set_late(connections, connection, deadline(connections));
}

void http_connections_lend(struct http_connections *connections, struct MHD_Connection *connection)
{
    struct http_connection *record = record_of(connection);
    if (record && !record->lent) {
        record->lent = true;
        connections->count--;
        count_out(connections, record);
    }
}

void http_connections_check(struct http_connections *connections)
{
    const int64_t now = clock_now_ns();
    const int64_t pause = connections->request_ms * NS_PER_MS / CHECKS_A_REQUEST;
    pthread_mutex_lock(&connections->lock);
    if (now - connections->checked_ns > pause) {
        connections->checked_ns = now;
        for (struct http_connection *record = connections->first; record; record = record->next) {
            if (record->late_ns > 0 && now > record->late_ns) {
                record->late_ns = 0;
                (void)shutdown(record->socket, SHUT_RDWR);
            }
        }
    }
    pthread_mutex_unlock(&connections->lock);
}
