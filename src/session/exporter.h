// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Serves a session's figures to Prometheus: GET /metrics, on the loopback address.
#pragma once

#include "core/status.h"

#include <stdint.h>

struct exporter;
struct session;

/// Serves on \p port (0: any) until it is freed, which must be before \p session. As http_server_new(). The main
/// thread.
MUST_USE enum status exporter_new(const struct session *session, uint16_t port, struct exporter **out,
                                  struct complaint *complaint);
/// NULL is fine.
void exporter_free(struct exporter *exporter);
uint16_t exporter_port(const struct exporter *exporter);
/// About once a second.
void exporter_tend(struct exporter *exporter);
