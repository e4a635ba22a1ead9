// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the stations say of themselves: /api/status, /api/metrics, /metrics. Any thread.
#pragma once

#include "core/buffer.h"
#include "station/stations.h"

#include <stddef.h>
#include <stdint.h>

/// What is reported on.
struct report_subject {
    struct stations *stations;
    const char *soundfont;
    int64_t started_ns;       ///< on clock_now_ns()
    unsigned private_left;    ///< private stations that could be had now
    uint64_t private_refused; ///< so far, for want of power
    uint64_t refused_full;    ///< listeners so far, for all places were taken
    uint64_t refused_address; ///< likewise, for their address had as many as it may
};

/// \name One reference for the caller; NULL when memory is out
/// @{
struct buffer *report_status(const struct report_subject *subject);
struct buffer *report_metrics(const struct report_subject *subject);
struct buffer *report_prometheus(const struct report_subject *subject);
/// @}

/// Bytes that the process has in memory (resident set); 0 where the system does not say.
uint64_t report_resident_bytes(void);
