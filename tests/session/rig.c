// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig.h"

#include "core/clock.h"
#include "core/log.h"
#include "net/osc_text.h"
#include "play/slot.h"

#include <arpa/inet.h>
#include <endian.h>
#include <lo/lo.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

// Of waiting for what must come, sanitizers and a busy machine included.
static const int64_t PATIENCE_NS = 120000000000;

enum { PATIENCE_MS = 60000, WORDS = 16 };

bool rig_is_slot(int argc, char **argv, int *exit)
{
    const bool is_slot = argc > 1 && strcmp(argv[1], "slot") == 0;
    *exit = is_slot ? slot_main(argc - 1, argv + 1) : 0;
    return is_slot;
}

struct session_options rig_options(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    return (struct session_options){
        .engine = {.device = {.kind = "null", .rate = RIG_RATE, .block = 512, .outs = 2}, .patience_ms = PATIENCE_MS},
        .bits = RECORDER_FLOAT,
        .port = 0,
        .metrics_port = -1};
}

static void *run(void *closure)
{
    struct rig *rig = closure;
    rig->status = session_run(rig->session, rig->stop[0], &rig->complaint);
    return NULL;
}

void rig_start(struct rig *rig, const struct session_options *options)
{
    *rig = (struct rig){.session = NULL};
    if (session_new(options, &rig->session, &rig->complaint) != STATUS_OK) {
        fail_msg("%s", rig->complaint.text);
    }
    assert_int_equal(pipe(rig->stop), 0);
    assert_int_equal(pthread_create(&rig->thread, NULL, run, rig), 0);
}

enum status rig_stop(struct rig *rig)
{
    assert_int_equal(write(rig->stop[1], "", 1), 1);
    (void)pthread_join(rig->thread, NULL);
    session_free(rig->session);
    close(rig->stop[0]);
    close(rig->stop[1]);
    return rig->status;
}

// As far as there is room: what is looked for comes early.
static void append_line(char text[RIG_TEXT_SIZE], const char *start, const struct osc_arg *args, size_t count)
{
    size_t used = strlen(text);
    used += (size_t)snprintf(text + used, RIG_TEXT_SIZE - used, "%s", start);
    for (size_t i = 0; i < count && used + 80 < RIG_TEXT_SIZE; i++) {
        text[used++] = ' ';
        used += osc_text_write(&args[i], text + used, RIG_TEXT_SIZE - used);
    }
    if (used + 2 < RIG_TEXT_SIZE) {
        memcpy(text + used, "\n", 2);
    }
}

static void take(void *closure, const struct osc_message *message)
{
    struct client *client = closure;
    const struct osc_arg *last = message->count > 0 ? &message->args[message->count - 1] : NULL;
    const bool is_answer = strncmp(message->address, "/tutti/", 7) == 0 && last && last->text && message->count > 1 &&
                           strcmp(last->text, client->tag) == 0;
    if (!is_answer) {
        client->heard_count++;
        append_line(client->heard, message->address, message->args, message->count);
    } else if (strcmp(message->address, "/tutti/item") == 0) {
        append_line(client->items, "", message->args + 1, message->count - 2);
    } else {
        client->answered = true;
        *client->answer = '\0';
        append_line(client->answer, message->address + strlen("/tutti/"), message->args + 1, message->count - 2);
    }
}

void client_open(struct client *client, const struct rig *rig)
{
    *client = (struct client){.peer = {.host = "127.0.0.1"}};
    (void)snprintf(client->peer.port, sizeof client->peer.port, "%u", session_port(rig->session));
    assert_int_equal(osc_new(NULL, 0, take, client, &client->osc, NULL), STATUS_OK);
}

void client_close(struct client *client)
{
    osc_free(client->osc);
}

static void poll_once(struct client *client, int64_t until_ns)
{
    if (clock_now_ns() > until_ns) {
        fail_msg("nothing comes; heard: %s", client->heard);
    }
    struct pollfd readable = {.fd = osc_descriptor(client->osc), .events = POLLIN};
    (void)poll(&readable, 1, 100);
    osc_poll(client->osc);
}

// The address of \p line, and its arguments.
static const char *read_line(char *line, struct osc_arg *args, size_t *count)
{
    struct osc_word words[WORDS];
    assert_int_equal(osc_text_split(line, words, WORDS, count, NULL), STATUS_OK);
    for (size_t i = 1; i < *count; i++) {
        assert_int_equal(osc_text_read(&words[i], &args[i - 1], NULL), STATUS_OK);
    }
    --*count;
    return words[0].text;
}

const char *client_ask(struct client *client, const char *line)
{
    char text[512];
    struct osc_arg args[WORDS];
    size_t count = 0;
    (void)snprintf(text, sizeof text, "%s", line);
    (void)snprintf(client->tag, sizeof client->tag, "#%d", ++client->tags);
    const char *address = read_line(text, args, &count);
    args[count++] = (struct osc_arg){.type = 's', .text = client->tag};
    client->answered = false;
    *client->items = '\0';
    osc_send(client->osc, &client->peer, address, args, count);
    const int64_t until_ns = clock_now_ns() + PATIENCE_NS;
    while (!client->answered) {
        poll_once(client, until_ns);
    }
    client->answer[strcspn(client->answer, "\n")] = '\0';
    return client->answer;
}

void client_do(struct client *client, const char *line)
{
    if (strncmp(client_ask(client, line), "reply", 5) != 0) {
        fail_msg("%s: %s", line, client->answer);
    }
}

void client_say(struct client *client, const char *line)
{
    char text[512];
    struct osc_arg args[WORDS];
    size_t count = 0;
    (void)snprintf(text, sizeof text, "%s", line);
    const char *address = read_line(text, args, &count);
    osc_send(client->osc, &client->peer, address, args, count);
}

void client_send(struct client *client, const void *bytes, size_t size)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(client->peer.port, NULL, 10))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const ssize_t sent = sendto(osc_descriptor(client->osc), bytes, size, 0, (const struct sockaddr *)&to, sizeof to);
    assert_int_equal(sent, size);
}

static size_t write_element(const char *line, uint8_t *to)
{
    char text[512];
    struct osc_arg args[WORDS];
    size_t count = 0;
    size_t size = 0;
    (void)snprintf(text, sizeof text, "%s", line);
    const char *address = read_line(text, args, &count);
    lo_message message = lo_message_new();
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(args[i].text          ? lo_message_add_string(message, args[i].text)
                         : args[i].type == 'i' ? lo_message_add_int32(message, (int32_t)args[i].integer)
                                               : lo_message_add_float(message, (float)args[i].number),
                         0);
    }
    void *bytes = lo_message_serialise(message, address, NULL, &size);
    assert_non_null(bytes);
    const uint32_t element = htobe32((uint32_t)size);
    memcpy(to, &element, sizeof element);
    memcpy(to + sizeof element, bytes, size);
    free(bytes);
    lo_message_free(message);
    return size + sizeof element;
}

void client_bundle(struct client *client, uint64_t time, const char *const *lines, size_t count)
{
    uint8_t packet[16384] = "#bundle";
    const uint64_t tag = htobe64(time);
    size_t used = 16;
    memcpy(packet + 8, &tag, sizeof tag);
    for (size_t i = 0; i < count; i++) {
        assert_true(used + 600 < sizeof packet);
        used += write_element(lines[i], packet + used);
    }
    client_send(client, packet, used);
}

void client_await(struct client *client, const char *start)
{
    const int64_t until_ns = clock_now_ns() + PATIENCE_NS;
    for (;;) {
        const char *found = strstr(client->heard, start);
        if (found && (found == client->heard || found[-1] == '\n')) {
            return;
        }
        poll_once(client, until_ns);
    }
}

double client_figure(struct client *client, const char *name)
{
    char wanted[64];
    client_do(client, "/tutti/synth/stats");
    (void)snprintf(wanted, sizeof wanted, " %s ", name);
    const char *found = strstr(client->items, wanted);
    assert_non_null(found);
    found += strlen(wanted);
    return strtod(found[1] == ':' ? found + 2 : found, NULL);
}

uint64_t client_time(double seconds)
{
    const uint64_t us = (uint64_t)(clock_wall_us() + (int64_t)(seconds * 1e6));
    return (us / 1000000 + 2208988800U) << 32 | (us % 1000000 << 32) / 1000000;
}
