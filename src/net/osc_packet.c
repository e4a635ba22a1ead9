// SPDX-License-Identifier: GPL-3.0-or-later
// A packet is a message or a bundle, told apart by its first bytes. A bundle is "#bundle", a time tag, and elements,
// each a size and a packet of that size. Everything is a multiple of four bytes, numbers are big-endian, texts end with
// one to four NULs.
//
// The whole packet is checked before the first message of it is handed out, so that a packet takes effect whole or not
// at all; the walk then needs no checks. A message is good only if its arguments take up its bytes to the last, which
// is stricter than liblo, whose parser has been led past the end by less.
#include "net/osc_packet.h"

#include "net/osc.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

enum { WORD = 4, BUNDLE_HEAD = 16 };

static const char bundle_mark[8] = "#bundle";

struct check {
    size_t messages;
    struct complaint *complaint;
};

static enum status fail(const struct check *check, const char *what)
{
    return complain(check->complaint, STATUS_CORRUPT, "malformed packet: %s", what);
}

static bool is_bundle(const uint8_t *bytes, size_t size)
{
    return size >= BUNDLE_HEAD && memcmp(bytes, bundle_mark, sizeof bundle_mark) == 0;
}

static uint32_t read_word(const uint8_t *bytes)
{
    uint32_t word = 0;
    memcpy(&word, bytes, sizeof word);
    return be32toh(word);
}

static uint64_t read_time(const uint8_t *bundle)
{
    uint64_t time = 0;
    memcpy(&time, bundle + sizeof bundle_mark, sizeof time);
    return be64toh(time);
}

// Bytes that the text at \p bytes takes with its NULs, or 0 where it has no end within \p size or anything but NULs
// behind it.
static size_t text_size(const uint8_t *bytes, size_t size)
{
    const size_t length = strnlen((const char *)bytes, size);
    const size_t whole = length / WORD * WORD + WORD;
    if (whole > size) {
        return 0;
    }
    for (size_t i = length; i < whole; i++) {
        if (bytes[i] != 0) {
            return 0;
        }
    }
    return whole;
}

static bool is_address(const char *text)
{
    if (*text != '/' || strlen(text) >= OSC_ADDRESS_SIZE) {
        return false;
    }
    while (*text > ' ' && *text <= '~' && *text != '#') {
        text++;
    }
    return *text == '\0';
}

// Steps over one argument of \p type; false where it does not fit into the \p size bytes.
static bool step(char type, const uint8_t *bytes, size_t size, size_t *used)
{
    switch (type) {
    case 'i':
    case 'f':
        *used = WORD;
        return size >= WORD;
    case 'h':
    case 'd':
        *used = 2 * WORD;
        return size >= *used;
    case 's':
    case 'S':
        *used = text_size(bytes, size);
        return *used > 0;
    default:
        *used = 0;
        return true;
    }
}

static enum status check_args(const struct check *check, const char *types, const uint8_t *bytes, size_t size)
{
    for (; *types; types++) {
        size_t used = 0;
        if (!strchr("ifhdsSTFN", *types)) {
            const bool shows = *types > ' ' && *types <= '~';
            return complain(check->complaint, STATUS_UNSUPPORTED,
                            "an argument has the type '%c': give numbers (i, f, h, d), texts (s) or T, F, N",
                            shows ? *types : '?');
        }
        if (!step(*types, bytes, size, &used)) {
            return fail(check, "an argument goes past the end");
        }
        bytes += used;
        size -= used;
    }
    return size == 0 ? STATUS_OK : fail(check, "there is more behind the last argument");
}

static enum status check_message(struct check *check, const uint8_t *bytes, size_t size)
{
    const size_t address = text_size(bytes, size);
    if (address == 0 || !is_address((const char *)bytes)) {
        return fail(check, "it begins with no address");
    }
    const char *types = (const char *)bytes + address;
    const size_t tags = size > address ? text_size(bytes + address, size - address) : 0;
    if (tags == 0 || *types != ',') {
        return fail(check, "no type tags follow the address");
    }
    if (strlen(types) - 1 > OSC_ARGS_MAX) {
        return fail(check, "a message has more than 32 arguments");
    }
    check->messages++;
    return check_args(check, types + 1, bytes + address + tags, size - address - tags);
}

// Deep only as OSC_DEPTH_MAX.
static enum status check_packet(struct check *check, const uint8_t *bytes, size_t size, int depth)
{
    if (size == 0 || size % WORD != 0) {
        return fail(check, "its size is no multiple of four");
    }
    if (!is_bundle(bytes, size)) {
        return check_message(check, bytes, size);
    }
    if (depth >= OSC_DEPTH_MAX) {
        return fail(check, "its bundles are more than eight deep");
    }
    for (size_t at = BUNDLE_HEAD; at < size;) {
        const uint32_t element = read_word(bytes + at);
        at += WORD;
        if (element > size - at) {
            return fail(check, "an element of a bundle goes past its end");
        }
        const enum status status = check_packet(check, bytes + at, element, depth + 1);
        if (status != STATUS_OK) {
            return status;
        }
        at += element;
    }
    return STATUS_OK;
}

enum status osc_packet_check(const uint8_t *packet, size_t size, size_t *messages, struct complaint *complaint)
{
    struct check check = {.complaint = complaint};
    const enum status status =
        size > OSC_PACKET_MAX ? fail(&check, "it is too long") : check_packet(&check, packet, size, 0);
    *messages = status == STATUS_OK ? check.messages : 0;
    return status;
}

static void walk(struct osc_piece piece, osc_piece_taker *taker, void *closure)
{
    if (!is_bundle(piece.bytes, piece.size)) {
        taker(closure, &piece);
        return;
    }
    const uint64_t time = read_time(piece.bytes);
    for (size_t at = BUNDLE_HEAD; at < piece.size;) {
        const uint32_t element = read_word(piece.bytes + at);
        at += WORD;
        walk((struct osc_piece){.bytes = piece.bytes + at, .size = element, .time = time}, taker, closure);
        at += element;
    }
}

void osc_packet_walk(const uint8_t *packet, size_t size, osc_piece_taker *taker, void *closure)
{
    walk((struct osc_piece){.bytes = packet, .size = size, .time = OSC_NOW}, taker, closure);
}
