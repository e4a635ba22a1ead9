// SPDX-License-Identifier: GPL-3.0-or-later
// A hash table with chains. An address is in it while it has connections, so that it has no more members than there are
// connections. The hash is seeded, lest somebody who has many addresses put them all into one chain.
#include "net/addresses.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { CHAINS = 1024, HALF = 8 };

struct member {
    struct member *next;
    struct address address;
    unsigned count;
};

struct addresses {
    pthread_mutex_t lock; ///< guards what follows
    unsigned most;
    uint64_t seed;
    struct member *chains[CHAINS];
};

struct address address_of(const struct sockaddr *socket_address)
{
    struct address address = {{0}};
    if (socket_address->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, socket_address, sizeof ipv4);
        address.bytes[10] = address.bytes[11] = 0xff;
        memcpy(address.bytes + 12, &ipv4.sin_addr, 4);
    } else if (socket_address->sa_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, socket_address, sizeof ipv6);
        memcpy(address.bytes, &ipv6.sin6_addr, IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr) ? sizeof address.bytes : HALF);
    }
    return address;
}

struct addresses *addresses_new(unsigned most)
{
    struct addresses *addresses = calloc(1, sizeof *addresses);
    if (addresses) {
        addresses->most = most;
        // Without random numbers the table works as well, but for him who attacks it.
        (void)!getrandom(&addresses->seed, sizeof addresses->seed, GRND_NONBLOCK);
        (void)pthread_mutex_init(&addresses->lock, NULL);
    }
    return addresses;
}

void addresses_free(struct addresses *addresses)
{
    if (!addresses) {
        return;
    }
    for (int i = 0; i < CHAINS; i++) {
        while (addresses->chains[i]) {
            struct member *next = addresses->chains[i]->next;
            free(addresses->chains[i]);
            addresses->chains[i] = next;
        }
    }
    (void)pthread_mutex_destroy(&addresses->lock);
    free(addresses);
}

/// The pointer to the member of that address, or to where it would be. Under the lock.
static struct member **find(struct addresses *addresses, const struct address *address)
{
    uint64_t words[2];
    memcpy(words, address->bytes, sizeof words);
    // The mixer of SplitMix64.
    uint64_t hash = addresses->seed ^ words[0];
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9) ^ words[1];
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    struct member **at = &addresses->chains[(hash ^ hash >> 31) % CHAINS];
    while (*at && memcmp(&(*at)->address, address, sizeof *address) != 0) {
        at = &(*at)->next;
    }
    return at;
}

bool addresses_enter(struct addresses *addresses, const struct address *address)
{
    (void)pthread_mutex_lock(&addresses->lock);
    struct member **at = find(addresses, address);
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (*at) {
            (*at)->address = *address;
        }
    }
    const bool may = *at && (addresses->most == 0 || (*at)->count < addresses->most);
    if (may) {
        (*at)->count++;
    }
    (void)pthread_mutex_unlock(&addresses->lock);
    return may;
}

void addresses_leave(struct addresses *addresses, const struct address *address)
{
    (void)pthread_mutex_lock(&addresses->lock);
    struct member **at = find(addresses, address);
    if (*at && --(*at)->count == 0) {
        struct member *gone = *at;
        *at = gone->next;
        free(gone);
    }
    (void)pthread_mutex_unlock(&addresses->lock);
}

void addresses_limit(struct addresses *addresses, unsigned most)
{
    (void)pthread_mutex_lock(&addresses->lock);
    addresses->most = most;
    (void)pthread_mutex_unlock(&addresses->lock);
}

unsigned addresses_count(struct addresses *addresses, const struct address *address)
{
    (void)pthread_mutex_lock(&addresses->lock);
    struct member *const *at = find(addresses, address);
    const unsigned count = *at ? (*at)->count : 0;
    (void)pthread_mutex_unlock(&addresses->lock);
    return count;
}
