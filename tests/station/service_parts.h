// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A service for tests, and what it answers over a real socket.
#pragma once

#include "fixture.h"
#include "station/service.h"

#include <jansson.h>

enum { REPLY_MAX = 1 << 17 };

/// What is served under which path.
extern const struct embed service_files[];

/// A service without stations on 127.0.0.1 that allows the origin https://radio.example.
struct service *service_make(const struct fixture *fixture, uint16_t port);

/// Adds a station with a cheap instrument.
enum status add(struct service *service, const struct fixture *fixture, const char *name, uint32_t rate);

/// Stations "main" at 48 kHz and "other" at 44.1 kHz, running.
struct service *service_run(void **state);

/// The last reply, whole.
extern char reply[REPLY_MAX];

/// Asks and reads to the end of the connection; returns the status.
int get(const struct service *service, const char *method, const char *path);

/// Of the last reply; a new reference.
const char *body(void);
json_t *body_json(void);
