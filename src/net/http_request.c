// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http_request.h"

#include <string.h>
#include <strings.h>

struct token_search {
    const char *name;
    const char *token;
    bool found;
};

const char *http_request_path(const struct http_request *request)
{
    return request->path;
}

const char *http_request_rest(const struct http_request *request)
{
    return request->rest;
}

const char *http_request_argument(const struct http_request *request, const char *name)
{
    const char *value = NULL;
    size_t size = 0;
    if (MHD_lookup_connection_value_n(request->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, &size) !=
        MHD_YES) {
        return NULL;
    }
    return value ? value : "";
}

bool http_request_is_upgrade(const struct http_request *request)
{
    return http_request_has_token(request, "Upgrade", "websocket");
}

const struct sockaddr *http_request_peer(const struct http_request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static bool list_has_token(const char *list, const char *token)
{
    const size_t size = strlen(token);
    while (*list) {
        list += strspn(list, " \t,");
        size_t length = strcspn(list, ",");
        const char *next = list + length;
        while (length > 0 && (list[length - 1] == ' ' || list[length - 1] == '\t')) {
            length--;
        }
        if (length == size && strncasecmp(list, token, size) == 0) {
            return true;
        }
        list = next;
    }
    return false;
}

static enum MHD_Result search_header(void *user, enum MHD_ValueKind kind, const char *key, const char *value)
{
    (void)kind;
    struct token_search *search = user;
    if (value && strcasecmp(key, search->name) == 0 && list_has_token(value, search->token)) {
        search->found = true;
        return MHD_NO;
    }
    return MHD_YES;
}

bool http_request_has_token(const struct http_request *request, const char *name, const char *token)
{
    struct token_search search = {.name = name, .token = token};
    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, search_header, &search);
    return search.found;
}

struct only_search {
    const char *name;
    const char *value;
    unsigned count;
};

static enum MHD_Result search_only(void *user, enum MHD_ValueKind kind, const char *key, const char *value)
{
    (void)kind;
    struct only_search *search = user;
    if (value && strcasecmp(key, search->name) == 0) {
        search->value = value;
        search->count++;
    }
    return MHD_YES;
}

const char *http_request_only(const struct http_request *request, const char *name, size_t *size)
{
    struct only_search search = {.name = name};
    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, search_only, &search);
    if (search.count != 1) {
        return NULL;
    }
    const char *value = search.value + strspn(search.value, " \t");
    *size = strlen(value);
    while (*size > 0 && (value[*size - 1] == ' ' || value[*size - 1] == '\t')) {
        --*size;
    }
    return value;
}
