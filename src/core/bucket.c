// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bucket.h"

struct bucket bucket_of(float most, float per_second, int64_t now_ns)
{
    return (struct bucket){.most = most, .per_second = per_second, .level = most, .then_ns = now_ns};
}

bool bucket_take(struct bucket *bucket, int64_t now_ns)
{
    if (now_ns > bucket->then_ns) {
        const float come = (float)((double)(now_ns - bucket->then_ns) * 1e-9 * (double)bucket->per_second);
        bucket->level = bucket->level + come < bucket->most ? bucket->level + come : bucket->most;
        bucket->then_ns = now_ns;
    }
    if (bucket->level < 1.0F) {
        return false;
    }
    bucket->level -= 1.0F;
    return true;
}
