// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti ctl: sends one message to a running `tutti synth` and prints the answer.
//
// Every message gets a tag, by which its answers are known among others. What takes long (a SoundFont that is read) is
// told from nobody being there by a ping, which is answered at once.
#include "cmd/command.h"
#include "core/clock.h"
#include "net/osc_text.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char NAME[] = "tutti ctl";
static const char PING_TAG[] = "#tutti-ctl-ping";
static const int64_t NS_PER_S = 1000000000;
static const int64_t NS_PER_MS = 1000000;

enum { TAG_SIZE = 32, WORD_SIZE = 512, LONGEST_S = 120, MORE_MS = 100 };

static const struct option_rule rules_own[] = {
    {.name = "osc-address",
     .letter = 'a',
     .kind = OPTION_TEXT,
     .value = "HOST",
     .standard = "127.0.0.1",
     .help = "where tutti synth listens"},
    {.name = "osc-port",
     .letter = 'p',
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 65535,
     .standard = "8000",
     .help = "its UDP port"},
    {.name = "timeout",
     .letter = 't',
     .kind = OPTION_NUMBER,
     .min = 0.01,
     .max = 60,
     .standard = "1",
     .help = "seconds of silence by which nobody is there"},
    {.name = "watch",
     .letter = 'w',
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 86400,
     .standard = "0",
     .help = "go on printing what comes for so many seconds, as after /tutti/subscribe"},
};

enum { OWN = sizeof rules_own / sizeof rules_own[0] };

struct call {
    struct osc *osc;
    struct osc_peer peer;
    const char *address;
    const char *tag;
    size_t count;
    struct osc_arg args[OSC_ARGS_MAX];
    char own_tag[TAG_SIZE];
    bool watches;  ///< prints all that comes
    bool answered; ///< with a reply or an error
    bool refused;
    bool alive; ///< something came since this was set to false
    size_t items;
};

size_t ctl_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    return OWN;
}

static void print_values(const struct osc_arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char word[WORD_SIZE];
        (void)osc_text_write(&args[i], word, sizeof word);
        (void)printf("%s%s", i > 0 ? " " : "", word);
    }
    (void)printf("\n");
}

// A text alone is for people, of as many lines as it likes.
static void print_reply(const struct call *call, const struct osc_arg *args, size_t count)
{
    if (count == 1 && args[0].text) {
        (void)printf("%s%s", args[0].text, strchr(args[0].text, '\n') ? "" : "\n");
    } else if (count > 0 && call->items == 0) {
        print_values(args, count);
    } else if (count == 0) {
        (void)printf("ok\n");
    }
}

static void take_answer(struct call *call, const struct osc_message *message)
{
    const struct osc_arg *values = message->args + 1;
    const size_t count = message->count - 2;
    if (strcmp(message->address, "/tutti/item") == 0) {
        print_values(values, count);
        call->items++;
        return;
    }
    call->answered = true;
    if (strcmp(message->address, "/tutti/error") == 0) {
        call->refused = true;
        (void)command_fail(NAME, count > 0 && values[0].text ? values[0].text : "refused");
    } else {
        print_reply(call, values, count);
        call->items = 0;
    }
}

static void take(void *closure, const struct osc_message *message)
{
    struct call *call = closure;
    const struct osc_arg *last = message->count > 1 ? &message->args[message->count - 1] : NULL;
    const bool is_ours = last && last->text && strcmp(last->text, call->tag) == 0;
    const bool is_ping = last && last->text && strcmp(last->text, PING_TAG) == 0;
    call->alive = call->alive || is_ours || is_ping;
    if (is_ours) {
        take_answer(call, message);
    } else if (!is_ping && call->watches) {
        (void)printf("%s ", message->address);
        print_values(message->args, message->count);
    }
    (void)fflush(stdout);
}

static void wait_until(struct call *call, int64_t until_ns, bool until_answered)
{
    for (int64_t left = until_ns - clock_now_ns(); left > 0 && !(until_answered && call->answered);
         left = until_ns - clock_now_ns()) {
        struct pollfd readable = {.fd = osc_descriptor(call->osc), .events = POLLIN};
        if (poll(&readable, 1, (int)(left / NS_PER_MS) + 1) > 0) {
            osc_poll(call->osc);
        }
    }
}

// Whether there was an answer. As long as somebody is there, it may take its time.
static bool await_answer(struct call *call, double timeout)
{
    const int64_t timeout_ns = (int64_t)(timeout * (double)NS_PER_S);
    const int64_t end_ns = clock_now_ns() + LONGEST_S * NS_PER_S;
    const struct osc_arg ping = {.type = 's', .text = PING_TAG};
    wait_until(call, clock_now_ns() + timeout_ns, true);
    call->alive = true;
    while (!call->answered && call->alive && clock_now_ns() < end_ns) {
        call->alive = false;
        osc_send(call->osc, &call->peer, "/tutti/ping", &ping, 1);
        wait_until(call, clock_now_ns() + timeout_ns, true);
    }
    return call->answered;
}

// Other methods than one may match a pattern, and each answers.
static void await_more(struct call *call)
{
    if (call->address[strcspn(call->address, "?*[]{}")]) {
        wait_until(call, clock_now_ns() + MORE_MS * NS_PER_MS, false);
    }
}

static enum status resolve(struct call *call, const char *host, int port, struct complaint *complaint)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    (void)snprintf(call->peer.port, sizeof call->peer.port, "%d", port);
    const int error = getaddrinfo(host, call->peer.port, &hints, &found);
    if (error != 0) {
        return complain(complaint, STATUS_UNKNOWN, "there is no host \"%.100s\": %s", host, gai_strerror(error));
    }
    const bool named = getnameinfo(found->ai_addr, found->ai_addrlen, call->peer.host, sizeof call->peer.host, NULL, 0,
                                   NI_NUMERICHOST) == 0;
    const char *any = found->ai_family == AF_INET6 ? "::" : "0.0.0.0";
    freeaddrinfo(found);
    if (!named) {
        return complain(complaint, STATUS_UNKNOWN, "\"%.100s\" has no address", host);
    }
    return osc_new(any, 0, take, call, &call->osc, complaint);
}

// The words behind the address, with a tag where the person gave none.
static enum status read_args(struct call *call, int argc, char **argv, struct complaint *complaint)
{
    if (argc > OSC_ARGS_MAX - 1) {
        return complain(complaint, STATUS_FULL, "a message has at most %d arguments", OSC_ARGS_MAX - 1);
    }
    for (int i = 0; i < argc; i++) {
        const struct osc_word word = {.text = argv[i]};
        const enum status status = osc_text_read(&word, &call->args[call->count++], complaint);
        if (status != STATUS_OK) {
            return status;
        }
    }
    const struct osc_arg *last = call->count > 0 ? &call->args[call->count - 1] : NULL;
    if (last && last->text && *last->text == '#') {
        call->tag = last->text;
        return STATUS_OK;
    }
    (void)snprintf(call->own_tag, sizeof call->own_tag, "#ctl-%d", (int)getpid());
    call->tag = call->own_tag;
    call->args[call->count++] = (struct osc_arg){.type = 's', .text = call->tag};
    return STATUS_OK;
}

static int run(struct call *call, const struct options *options)
{
    struct complaint complaint;
    const char *host = options_text(options, "osc-address");
    if (resolve(call, host, (int)options_integer(options, "osc-port"), &complaint) != STATUS_OK) {
        return command_fail(NAME, complaint.text);
    }
    call->watches = options_number(options, "watch") > 0;
    osc_send(call->osc, &call->peer, call->address, call->args, call->count);
    if (!await_answer(call, options_number(options, "timeout"))) {
        (void)complain(&complaint, STATUS_CLOSED, "nothing answers on %.100s:%s: is tutti synth running?", host,
                       call->peer.port);
        return command_fail(NAME, complaint.text);
    }
    await_more(call);
    if (call->watches) {
        wait_until(call, clock_now_ns() + (int64_t)(options_number(options, "watch") * (double)NS_PER_S), false);
    }
    return call->refused ? EXIT_FAILED : EXIT_OK;
}

int command_ctl(int argc, char **argv)
{
    struct option_rule rules[COMMAND_RULES_MAX];
    const struct options_command command = {.name = NAME,
                                            .summary = "Sends a message to tutti synth and prints what it answers, as "
                                                       "in: tutti ctl /tutti/synth/set osc frequency 220",
                                            .operands = "ADDRESS [ARGUMENT]...",
                                            .operands_max = 1,
                                            .rules = rules,
                                            .rule_count = ctl_rules(rules)};
    // What follows the address is the message's, though it may look like an option: -12 is a number.
    int own = 1;
    while (own < argc && argv[own][0] != '/') {
        own++;
    }
    int exit = EXIT_OK;
    struct options *options = command_options(&command, own, argv, &exit);
    if (!options) {
        return exit;
    }
    struct call call = {.address = argv[own]};
    struct complaint complaint;
    if (own == argc || options_operand_count(options) > 0) {
        (void)command_fail(NAME, "give an address, as in /tutti/help");
        exit = EXIT_WRONG_USE;
    } else if (strlen(call.address) >= OSC_ADDRESS_SIZE ||
               read_args(&call, argc - own - 1, argv + own + 1, &complaint) != STATUS_OK) {
        (void)command_fail(NAME, strlen(call.address) >= OSC_ADDRESS_SIZE ? "the address is too long" : complaint.text);
        exit = EXIT_WRONG_USE;
    } else {
        exit = run(&call, options);
    }
    osc_free(call.osc);
    options_free(options);
    return exit;
}
