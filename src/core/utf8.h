// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Foreign text, one character at a time, whatever its bytes are.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One character of UTF-8; not \c valid stands for one stray byte, to be shown as U+FFFD.
struct utf8 {
    uint32_t code;
    size_t size; ///< bytes it takes, 1 to 4; 0 only when there were none
    bool valid;
};

/// The character that starts the \p size bytes at \p text. Overlong forms, surrogates, codes above U+10FFFF and
/// sequences cut short are not valid. Any thread.
struct utf8 utf8_next(const char *text, size_t size);

/// Copies \p text to \p out, \p size (1 or more) bytes with its NUL: a stray byte becomes '?', and what does not fit is
/// left out from a whole character on. Any thread.
void utf8_clean(const char *text, char *out, size_t size);

/// Whether text that comes in pieces is UTF-8, told at the first byte that cannot be. Zeroed memory is the start.
struct utf8_stream {
    uint8_t more; ///< bytes that the character in the works still needs
    uint8_t low;  ///< what the next of them may be
    uint8_t high;
};

/// False when the \p size bytes at \p bytes cannot go on what came before; the stream is of no more use then. Any
/// thread.
bool utf8_stream_take(struct utf8_stream *stream, const uint8_t *bytes, size_t size);

/// Whether no character is left unfinished. Any thread.
bool utf8_stream_is_whole(const struct utf8_stream *stream);
