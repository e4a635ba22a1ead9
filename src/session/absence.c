// SPDX-License-Identifier: GPL-3.0-or-later
// A sound device may go while a show goes on: its server crashes, a cable comes off. Without it time stands still, and
// patch, slots and recording wait as they are. It is asked for again until it is there; each new reason why it cannot
// be had is told once.
#include "core/clock.h"
#include "core/log.h"
#include "session/session_parts.h"

#include <string.h>

static const int64_t NS_PER_MS = 1000000;
static const int64_t LOOK_NS = 250000000;

static void begin(struct absence *absence, const char *device, int64_t now_ns)
{
    log_write(LOG_LEVEL_ERROR, "device_gone", "device=%s", device);
    *absence = (struct absence){.since_ns = now_ns};
}

static void seek(struct session *session, int64_t now_ns)
{
    struct absence *absence = &session->absence;
    struct complaint complaint = {""};
    if (engine_return(session->engine, &complaint) == STATUS_OK) {
        log_write(LOG_LEVEL_INFO, "device_back", "seconds=%.1f", (double)(now_ns - absence->since_ns) * 1e-9);
        absence->since_ns = 0;
    } else if (strcmp(complaint.text, absence->complaint.text) != 0) {
        log_write(LOG_LEVEL_WARNING, "device_missed", "reason=%s", complaint.text);
        absence->complaint = complaint;
    }
}

void absence_tend(struct session *session, int64_t now_ns)
{
    struct absence *absence = &session->absence;
    if (now_ns < absence->next_ns || !engine_is_gone(session->engine)) {
        return;
    }
    if (absence->since_ns == 0) {
        begin(absence, engine_device(session->engine), now_ns);
    }
    seek(session, now_ns);
    absence->next_ns = clock_now_ns() + LOOK_NS;
}

int absence_wait_ms(const struct session *session, int64_t now_ns)
{
    const int64_t left = session->absence.next_ns - now_ns;
    return left > 0 ? (int)(left / NS_PER_MS) + 1 : (int)(LOOK_NS / NS_PER_MS);
}
