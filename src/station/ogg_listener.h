// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One listener of the Ogg form over plain HTTP: VLC, mpv, curl. Called by the HTTP server's thread. Internal to
/// station.
#pragma once

#include "net/http.h"
#include "station/stations.h"

/// A body that begins with the head pages and the burst, and goes on live; its last call frees it and drops \p entry,
/// whose reference goes over. Its read is NULL when memory is out.
struct http_source ogg_listener_source(struct stations_entry *entry);
