// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/progress.h"

#include "core/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 }; // with its words less than the 80 columns of a terminal

static const int64_t REDRAW_NS = 100000000;

void progress_init(struct progress *progress, double seconds)
{
    *progress = (struct progress){
        .shown = isatty(STDERR_FILENO) == 1, .started_ns = clock_now_ns(), .seconds = seconds > 0.0 ? seconds : 1.0};
}

void progress_show(struct progress *progress, double done)
{
    const int64_t now = clock_now_ns();
    if (!progress->shown || now - progress->drawn_ns < REDRAW_NS) {
        return;
    }
    progress->drawn_ns = now;
    char bar[BAR_WIDTH + 1];
    const double part = done < progress->seconds ? done / progress->seconds : 1.0;
    const int filled = (int)(part * (double)BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '.', (size_t)(BAR_WIDTH - filled));
    bar[BAR_WIDTH] = '\0';
    const double elapsed = (double)(now - progress->started_ns) / 1e9;
    (void)fprintf(stderr, "\r[%s] %3.0f%%  %.0f of %.0f s, %.0f times real time\033[K", bar, 100.0 * part, done,
                  progress->seconds, elapsed > 0.0 ? done / elapsed : 0.0);
    (void)fflush(stderr);
}

void progress_done(struct progress *progress)
{
    if (progress->shown) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
    }
}
