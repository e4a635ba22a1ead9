// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/health.h"

#include "core/clock.h"

static const int64_t NS_PER_MS = 1000000;

static int64_t behind_ms(struct station *station, int64_t since_ns)
{
    const struct metrics *metrics = station_metrics(station);
    const int64_t until = atomic_load_explicit(&metrics->rendered_until_ns, memory_order_relaxed);
    return (clock_now_ns() - (until > since_ns ? until : since_ns)) / NS_PER_MS;
}

enum status health_check(struct station *const *stations, size_t count, int64_t since_ns, struct http_server *server,
                         struct complaint *complaint)
{
    for (size_t i = 0; i < count; i++) {
        struct station *station = stations[i];
        const int64_t behind = station_asleep(station) ? 0 : behind_ms(station, since_ns);
        if (behind > HEALTH_SILENCE_MS) {
            return complain(complaint, STATUS_AGAIN, "station %s has rendered nothing for %lld ms",
                            station_name(station), (long long)behind);
        }
    }
    if (!http_server_answers(server, HEALTH_ANSWER_MS)) {
        return complain(complaint, STATUS_AGAIN, "the HTTP server has not answered within %d ms", HEALTH_ANSWER_MS);
    }
    return STATUS_OK;
}
