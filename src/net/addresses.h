// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How many connections each address has, so that one machine cannot take all places.
///
/// An IPv4 address counts for itself, an IPv6 address with all of its /64, which is one customer. Any thread.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct addresses;

/// An address as it is counted: IPv4 as it is mapped into IPv6, IPv6 without its lower half.
struct address {
    uint8_t bytes[16];
};

/// \p socket_address as it is counted; all zeros for what is neither IPv4 nor IPv6.
struct address address_of(const struct sockaddr *socket_address);

/// \p most connections for each address. NULL when memory is out.
struct addresses *addresses_new(unsigned most);

/// NULL is fine.
void addresses_free(struct addresses *addresses);

/// Counts one more. False, and nothing is counted, where \p address has as many as it may (0 for no limit) or memory is
/// out.
bool addresses_enter(struct addresses *addresses, const struct address *address);

/// One that was counted has gone.
void addresses_leave(struct addresses *addresses, const struct address *address);

/// From now on; who has more keeps them.
void addresses_limit(struct addresses *addresses, unsigned most);

/// How many \p address has.
unsigned addresses_count(struct addresses *addresses, const struct address *address);
