// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http_reply.h"

#include "core/utf8.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = 512 };

// COOP and COEP together give a page SharedArrayBuffer; the policy allows what the player needs (wasm, worklets from
// blobs, WebSockets) and nothing that is not the server's own.
static const struct http_header security_headers[] = {
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy",
     "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
     "style-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'; "
     "form-action 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {NULL, NULL},
};

struct http_reply http_reply_buffer(int status, const char *content_type, struct buffer *body)
{
    return (struct http_reply){.kind = HTTP_REPLY_BODY, .status = status, .content_type = content_type, .body = body};
}

struct http_reply http_reply_text(int status, const char *content_type, const char *text)
{
    const size_t size = strlen(text);
    struct buffer *body = buffer_new(size);
    if (body) {
        memcpy(body->bytes, text, size);
    }
    return http_reply_buffer(status, content_type, body);
}

struct http_reply http_reply_error(int status, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    struct http_reply reply = http_reply_buffer(status, "application/json", NULL);
    // What came from outside may not be UTF-8, which JSON must be, and a message that is cut may end within a
    // character.
    char clean[MESSAGE_SIZE];
    utf8_clean(message, clean, sizeof clean);
    json_t *json = json_pack("{s:s, s:s}", "type", "error", "message", clean);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text) {
        reply = http_reply_text(status, "application/json", text);
    }
    free(text);
    json_decref(json);
    return reply;
}

static bool add_headers(struct MHD_Response *response, const struct http_header *header)
{
    for (; header && header->name; header++) {
        if (MHD_add_response_header(response, header->name, header->value) != MHD_YES) {
            return false;
        }
    }
    return true;
}

bool http_reply_dress(struct MHD_Response *response, const struct http_header *extra)
{
    return add_headers(response, security_headers) && add_headers(response, extra);
}

static void drop_body(void *body)
{
    buffer_unref(body);
}

static struct MHD_Response *body_response(struct buffer *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback_cls(body->size, body->bytes, drop_body, body);
    if (!response) {
        buffer_unref(body);
    }
    return response;
}

enum MHD_Result http_reply_queue(struct MHD_Connection *connection, const struct http_reply *reply,
                                 const struct http_header *extra)
{
    const struct http_reply whole =
        reply->body ? *reply : http_reply_error(MHD_HTTP_INTERNAL_SERVER_ERROR, "the server is out of memory");
    if (!whole.body) {
        return MHD_NO;
    }
    struct MHD_Response *response = body_response(whole.body);
    if (!response) {
        return MHD_NO;
    }
    const struct http_header headers[] = {{"Content-Type", whole.content_type},
                                          {"Cache-Control", whole.cache_control ? whole.cache_control : "no-store"},
                                          {NULL, NULL}};
    enum MHD_Result result = MHD_NO;
    if (http_reply_dress(response, headers) && add_headers(response, extra)) {
        result = MHD_queue_response(connection, (unsigned)whole.status, response);
    }
    MHD_destroy_response(response);
    return result;
}
