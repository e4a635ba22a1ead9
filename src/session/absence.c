// SPDX-License-Identifier: GPL-3.0-or-later
// A sound device may go while a show goes on: its server crashes, a cable comes off. Without it time stands still, and
// patch, slots and recording wait as they are. It is asked for again until it is there; each new reason why it cannot
// be had is told once. One that comes and goes is asked for less and less often.
#include "core/clock.h"
#include "core/log.h"
#include "session/session_parts.h"

#include <string.h>

static const int64_t NS_PER_MS = 1000000;
static const int64_t LOOK_NS = 250000000;
static const int64_t SELDOM_NS = 4000000000;
static const int64_t STEADY_NS = 10000000000; ///< what has been there for as long does not come and go

static void begin(struct absence *absence, const char *device, int64_t now_ns)
{
    const bool is_steady = now_ns - absence->back_ns > STEADY_NS;
    const int64_t longer_ns = 2 * absence->pause_ns < SELDOM_NS ? 2 * absence->pause_ns : SELDOM_NS;
    absence->pause_ns = is_steady || longer_ns < LOOK_NS ? LOOK_NS : longer_ns;
    absence->since_ns = now_ns;
    absence->complaint.text[0] = '\0';
    log_write(LOG_LEVEL_ERROR, "device_gone", "device=%s", device);
}

static void end(struct absence *absence, int64_t now_ns)
{
    log_write(LOG_LEVEL_INFO, "device_back", "seconds=%.1f", (double)(now_ns - absence->since_ns) * 1e-9);
    absence->total_ns += now_ns - absence->since_ns;
    absence->since_ns = 0;
    absence->back_ns = now_ns;
}

static void seek(struct session *session, int64_t now_ns)
{
    struct absence *absence = &session->absence;
    struct complaint complaint = {""};
    const enum status status = engine_return(session->engine, &complaint);
    if (status == STATUS_OK) {
        end(absence, now_ns);
    } else if (status != STATUS_AGAIN && strcmp(complaint.text, absence->complaint.text) != 0) {
        log_write(LOG_LEVEL_WARNING, "device_missed", "reason=%s", complaint.text);
        absence->complaint = complaint;
    }
}

void absence_tend(struct session *session, int64_t now_ns)
{
    struct absence *absence = &session->absence;
    if (absence->since_ns == 0 && engine_is_gone(session->engine)) {
        begin(absence, engine_device(session->engine), now_ns);
        absence->next_ns = now_ns + absence->pause_ns - LOOK_NS;
    }
    if (absence->since_ns != 0 && now_ns >= absence->next_ns) {
        seek(session, now_ns);
        absence->next_ns = now_ns + absence->pause_ns;
    }
}

int absence_wait_ms(const struct session *session, int64_t now_ns)
{
    const int64_t left = session->absence.since_ns != 0 ? session->absence.next_ns - now_ns : LOOK_NS;
    return left > 0 ? (int)(left / NS_PER_MS) + 1 : 0;
}
