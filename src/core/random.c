// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/random.h"

static uint64_t splitmix(uint64_t *x) REALTIME;
static uint64_t rotate_left(uint64_t x, int by) REALTIME;

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

void random_init(struct random *random, uint64_t seed, uint64_t stream)
{
    uint64_t mix = stream;
    uint64_t x = seed ^ splitmix(&mix);
    for (int i = 0; i < 4; i++) {
        random->state[i] = splitmix(&x);
    }
}

uint64_t random_bits(struct random *random)
{
    uint64_t *s = random->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t random_below(struct random *random, uint32_t bound)
{
    // Lemire, "Fast random integer generation in an interval", 2019: the multiply maps, the loop removes the bias.
    uint64_t product = (random_bits(random) >> 32) * bound;
    const uint32_t threshold = (uint32_t)(-bound) % bound;
    while ((uint32_t)product < threshold) {
        product = (random_bits(random) >> 32) * bound;
    }
    return (uint32_t)(product >> 32);
}

double random_unit(struct random *random)
{
    return (double)(random_bits(random) >> 11) * 0x1p-53;
}
