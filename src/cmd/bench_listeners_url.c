// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/bench_listeners_url.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 10, ANSWER_MAX = 1 << 20 };

static enum status refuse(const char *text, struct complaint *complaint)
{
    return complain(
        complaint, STATUS_INVALID,
        "--url \"%.80s\" is not one to listen to: give ws://HOST:PORT/ws/stream, or http://HOST:PORT/PATH for "
        "Ogg",
        text);
}

// Copies up to `end`; false where it does not fit or is empty.
static bool copy_part(char *out, size_t size, const char *from, const char *end)
{
    const size_t length = (size_t)(end - from);
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, from, length);
    out[length] = '\0';
    return true;
}

// HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT, up to `end`.
static bool read_authority(struct load_url *url, const char *from, const char *end)
{
    const bool bracketed = *from == '[';
    const char *close = bracketed ? memchr(from, ']', (size_t)(end - from)) : NULL;
    if (bracketed && !close) {
        return false;
    }
    const char *after = close ? close + 1 : memchr(from, ':', (size_t)(end - from));
    after = after ? after : end;
    if (!copy_part(url->host, sizeof url->host, bracketed ? from + 1 : from, close ? close : after)) {
        return false;
    }
    if (after == end) {
        (void)snprintf(url->port, sizeof url->port, "80");
        return true;
    }
    return *after == ':' && copy_part(url->port, sizeof url->port, after + 1, end) &&
           strspn(url->port, "0123456789") == strlen(url->port);
}

static enum status look_up(struct load_url *url, struct complaint *complaint)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    const int error = getaddrinfo(url->host, url->port, &wanted, &found);
    if (error != 0) {
        return complain(complaint, STATUS_UNKNOWN, "%.100s:%s is not found: %s", url->host, url->port,
                        gai_strerror(error));
    }
    memcpy(&url->address, found->ai_addr, found->ai_addrlen);
    url->address_size = found->ai_addrlen;
    freeaddrinfo(found);
    return STATUS_OK;
}

enum status load_url_parse(const char *text, struct load_url *url, struct complaint *complaint)
{
    static const char *const schemes[] = {"http://", "ws://"};
    *url = (struct load_url){0};
    const char *rest = NULL;
    for (int i = 0; i < 2 && !rest; i++) {
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0) {
            url->websocket = i == 1;
            rest = text + strlen(schemes[i]);
        }
    }
    // A space or a control character would end the request's line.
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at <= ' ') {
            rest = NULL;
        }
    }
    if (!rest) {
        return refuse(text, complaint);
    }
    const char *path = rest + strcspn(rest, "/?#");
    const char *end = path + strcspn(path, "#");
    const int size =
        snprintf(url->target, sizeof url->target, "%s%.*s", *path == '/' ? "" : "/", (int)(end - path), path);
    if (size >= (int)sizeof url->target || !read_authority(url, rest, path)) {
        return refuse(text, complaint);
    }
    return look_up(url, complaint);
}

// An IPv6 address stands in brackets in the Host header.
int load_url_request(const struct load_url *url, const char *target, const char *key, char out[URL_REQUEST_SIZE])
{
    const bool six = strchr(url->host, ':') != NULL;
    const char *open = six ? "[" : "";
    const char *close = six ? "]" : "";
    if (!key) {
        return snprintf(out, URL_REQUEST_SIZE, "GET %s HTTP/1.0\r\nHost: %s%s%s:%s\r\n\r\n", target, open, url->host,
                        close, url->port);
    }
    return snprintf(out, URL_REQUEST_SIZE,
                    "GET %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
                    target, open, url->host, close, url->port, key);
}

static int open_connection(const struct load_url *url, struct complaint *complaint)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const int fd = socket(url->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, (const struct sockaddr *)&url->address, url->address_size) == 0) {
        return fd;
    }
    (void)complain(complaint, STATUS_CLOSED,
                   "%.100s:%s does not answer (%s): start it there, or leave --url out to measure a server of this "
                   "command's own",
                   url->host, url->port, strerror(errno));
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

enum status load_url_reach(const struct load_url *url, struct complaint *complaint)
{
    const int fd = open_connection(url, complaint);
    if (fd < 0) {
        return STATUS_CLOSED;
    }
    (void)close(fd);
    return STATUS_OK;
}

// Reads until the other side ends or `room` is full; the bytes read, or -1.
static ssize_t read_all(int fd, char *out, size_t room)
{
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < room) {
        got = recv(fd, out + size, room - size, 0);
        size += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? -1 : (ssize_t)size;
}

char *load_url_get(const struct load_url *url, const char *path, struct complaint *complaint)
{
    char request[URL_REQUEST_SIZE];
    const int fd = open_connection(url, complaint);
    if (fd < 0) {
        return NULL;
    }
    const int length = load_url_request(url, path, NULL, request);
    char *answer = calloc(1, ANSWER_MAX + 1);
    ssize_t got = -1;
    if (answer && send(fd, request, (size_t)length, MSG_NOSIGNAL) == length) {
        got = read_all(fd, answer, ANSWER_MAX);
    }
    (void)close(fd);
    char *body = got > 0 ? strstr(answer, "\r\n\r\n") : NULL;
    if (!body || strncmp(answer + strcspn(answer, " \r"), " 200", 4) != 0) {
        (void)complain(complaint, STATUS_UNSUPPORTED,
                       "%.100s:%s%.60s does not give what a Tutti server gives: name the stations with --stations",
                       url->host, url->port, path);
        free(answer);
        return NULL;
    }
    body += strlen("\r\n\r\n");
    memmove(answer, body, strlen(body) + 1);
    return answer;
}
