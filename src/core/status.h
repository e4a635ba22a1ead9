// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What became of a call: one enum for the whole program, each value with a text for people.
#pragma once

#define MUST_USE __attribute__((warn_unused_result))

enum status {
    STATUS_OK,
    STATUS_NO_MEMORY,   ///< the system has no memory left
    STATUS_INVALID,     ///< an argument is not what the contract asks for
    STATUS_RANGE,       ///< a number is outside its range
    STATUS_UNKNOWN,     ///< no thing of that name
    STATUS_CORRUPT,     ///< foreign bytes do not hold what they should
    STATUS_UNSUPPORTED, ///< valid, but not something that Tutti handles
    STATUS_IO,          ///< the system refused; errno says why
    STATUS_IN_USE,      ///< an address, port or file is taken
    STATUS_FULL,        ///< a limit that the contract names is reached
    STATUS_AGAIN,       ///< not now; call again later
    STATUS_CLOSED,      ///< the other side is gone
    STATUS_COUNT
};

/// A short English phrase in lower case, such as "out of memory"; never NULL, static. Any thread.
const char *status_text(enum status status);

/// Room for one message to a person.
enum { COMPLAINT_SIZE = 256 };

/// What is wrong and what to do about it, in one line, for the person who can mend it. A function that takes a
/// \c complaint writes it exactly when it does not return STATUS_OK; NULL is allowed where the caller does not care.
struct complaint {
    char text[COMPLAINT_SIZE];
};

/// Writes the message printf-style, cut at COMPLAINT_SIZE, and returns \p status, so that a caller can say
/// \c return \c complain(...). \p complaint may be NULL. Any thread.
enum status complain(struct complaint *complaint, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
