// SPDX-License-Identifier: GPL-3.0-or-later
// libmicrohttpd asks a response for its body when the headers are out. Then the connection is suspended, so that
// libmicrohttpd does not touch its socket, and a copy of the descriptor goes to the new owner, who writes the body and
// says when it is over. Only then is the connection resumed, asked for its body again, and closed: libmicrohttpd must
// not free a connection that is suspended, nor may its thread end before.
//
// A stream has two holders, the response and the owner of the socket, and is freed by the one who is last. Whoever of
// the two ends it, or the server, takes it out of the list under the lock, and only who finds it there resumes it.
#include "net/http_stream.h"

#include "core/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_streams {
    struct http_pulse *pulse;
    unsigned most;
    atomic_uint holders;       ///< the server and the streams
    pthread_mutex_t lock;      ///< guards what follows; libmicrohttpd's own locks come behind it
    struct http_stream *first; ///< those that are lent
    unsigned count;            ///< those that are there, lent or on the way
    bool stopping;
};

struct http_stream {
    struct http_streams *streams;
    struct MHD_Connection *connection;
    struct http_reply reply;
    int copy;   ///< of the socket, until it is handed over, or -1
    bool begun; ///< streams() or refused() was called; libmicrohttpd's thread alone
    atomic_uint holders;
    struct http_stream *next;   ///< under the lock
    struct http_stream **place; ///< the pointer to this one, or NULL outside of the list; likewise
};

enum status http_streams_new(struct http_pulse *pulse, unsigned most, struct http_streams **out)
{
    struct http_streams *streams = calloc(1, sizeof *streams);
    if (!streams || pthread_mutex_init(&streams->lock, NULL) != 0) {
        free(streams);
        return STATUS_NO_MEMORY;
    }
    streams->pulse = pulse;
    streams->most = most;
    atomic_init(&streams->holders, 1);
    *out = streams;
    return STATUS_OK;
}

static void drop_streams(struct http_streams *streams)
{
    if (atomic_fetch_sub(&streams->holders, 1) == 1) {
        pthread_mutex_destroy(&streams->lock);
        free(streams);
    }
}

void http_streams_free(struct http_streams *streams)
{
    if (streams) {
        assert(!streams->first);
        drop_streams(streams);
    }
}

static void resume_locked(struct http_stream *stream)
{
    if (stream->place) {
        *stream->place = stream->next;
        if (stream->next) {
            stream->next->place = stream->place;
        }
        stream->place = NULL;
        MHD_resume_connection(stream->connection);
    }
}

void http_streams_stop(struct http_streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->stopping = true;
    while (streams->first) {
        resume_locked(streams->first);
    }
    pthread_mutex_unlock(&streams->lock);
}

static void drop(struct http_stream *stream)
{
    if (atomic_fetch_sub(&stream->holders, 1) == 1) {
        drop_streams(stream->streams);
        free(stream);
    }
}

void http_stream_end(struct http_stream *stream)
{
    if (stream) {
        pthread_mutex_lock(&stream->streams->lock);
        resume_locked(stream);
        pthread_mutex_unlock(&stream->streams->lock);
        drop(stream);
    }
}

// False where the server is being stopped.
static bool suspend(struct http_stream *stream)
{
    struct http_streams *streams = stream->streams;
    pthread_mutex_lock(&streams->lock);
    const bool lends = !streams->stopping;
    if (lends) {
        stream->next = streams->first;
        stream->place = &streams->first;
        if (stream->next) {
            stream->next->place = &stream->next;
        }
        streams->first = stream;
        MHD_suspend_connection(stream->connection);
    }
    pthread_mutex_unlock(&streams->lock);
    return lends;
}

static int copy_socket(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const int copy = fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0);
    const int one = 1;
    if (copy >= 0) {
        (void)setsockopt(copy, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        (void)fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
    } else {
        log_write(LOG_LEVEL_WARNING, "stream_failed", "reason=%s", strerror(errno));
    }
    return copy;
}

// The first call lends the socket; a second comes only when all is over.
static ssize_t read_body(void *user, uint64_t position, char *out, size_t size)
{
    (void)position;
    (void)out;
    (void)size;
    struct http_stream *stream = user;
    http_pulse_beat(stream->streams->pulse);
    if (stream->begun) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    // Held for the new owner before it can be ended, and suspended before it can be resumed.
    atomic_fetch_add(&stream->holders, 1);
    if (!suspend(stream)) {
        drop(stream);
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    stream->begun = true;
    const int copy = stream->copy;
    stream->copy = -1;
    stream->reply.streams(stream->reply.user, copy, stream);
    return 0;
}

static void close_body(void *user)
{
    struct http_stream *stream = user;
    pthread_mutex_lock(&stream->streams->lock);
    assert(!stream->place);
    stream->streams->count--;
    pthread_mutex_unlock(&stream->streams->lock);
    if (stream->copy >= 0) {
        (void)close(stream->copy);
    }
    if (!stream->begun && stream->reply.refused) {
        stream->reply.refused(stream->reply.user);
    }
    drop(stream);
}

static bool has_room(struct http_streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    const bool room = streams->count < streams->most;
    streams->count += room;
    pthread_mutex_unlock(&streams->lock);
    return room;
}

// NULL, and nothing is called, where there is no memory, room or descriptor.
static struct http_stream *stream_new(struct http_streams *streams, struct MHD_Connection *connection,
                                      const struct http_reply *reply)
{
    struct http_stream *stream = calloc(1, sizeof *stream);
    const int copy = stream ? copy_socket(connection) : -1;
    if (copy < 0 || !has_room(streams)) {
        if (copy >= 0) {
            (void)close(copy);
        }
        free(stream);
        return NULL;
    }
    *stream = (struct http_stream){.streams = streams, .connection = connection, .reply = *reply, .copy = copy};
    atomic_init(&stream->holders, 1);
    atomic_fetch_add(&streams->holders, 1);
    return stream;
}

struct MHD_Response *http_stream_response(struct http_streams *streams, struct MHD_Connection *connection,
                                          const struct http_reply *reply)
{
    struct http_stream *stream = stream_new(streams, connection, reply);
    if (!stream) {
        if (reply->refused) {
            reply->refused(reply->user);
        }
        return NULL;
    }
    // No byte ever goes through the block.
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, read_body, stream, close_body);
    if (!response) {
        close_body(stream);
    }
    return response;
}
