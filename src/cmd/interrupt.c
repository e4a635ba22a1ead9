// SPDX-License-Identifier: GPL-3.0-or-later
// A signal handler has no argument to be told where to note the signal, hence the one variable of the program that
// belongs to nobody. After the first signal the handler is taken off (SA_RESETHAND), so that a program which hangs, as
// on a pipe that nobody reads, can still be ended.
#include "cmd/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

static void note(int number)
{
    (void)number;
    came = 1;
}

void interrupt_watch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction action = {.sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
        struct sigaction before;
        action.sa_handler = note;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(numbers[i], &action, NULL);
        }
    }
}

bool interrupt_came(void)
{
    return came != 0;
}
