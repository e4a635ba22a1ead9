// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/health.h"

#include "core/clock.h"

static const int64_t NS_PER_MS = 1000000;

const struct health_limits health_limits_usual = {.station_ms = 3000, .quiet_ms = 30000, .answer_ms = 1000};

static int64_t behind_ms(struct station *station, int64_t since_ns)
{
    const struct metrics *metrics = station_metrics(station);
    const int64_t until = atomic_load_explicit(&metrics->rendered_until_ns, memory_order_relaxed);
    return (clock_now_ns() - (until > since_ns ? until : since_ns)) / NS_PER_MS;
}

enum status health_check(struct station *const *stations, size_t count, int64_t since_ns, struct http_server *server,
                         const struct health_limits *limits, struct complaint *complaint)
{
    for (size_t i = 0; i < count; i++) {
        struct station *station = stations[i];
        const int64_t behind = station_asleep(station) ? 0 : behind_ms(station, since_ns);
        if (behind > limits->station_ms) {
            return complain(complaint, STATUS_AGAIN, "station %s has rendered nothing for %lld ms",
                            station_name(station), (long long)behind);
        }
    }
    if (!http_server_alive(server, limits->quiet_ms, limits->answer_ms)) {
        return complain(complaint, STATUS_AGAIN, "the HTTP server has done nothing for %d ms and does not answer",
                        limits->quiet_ms);
    }
    return STATUS_OK;
}
