// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A JACK server of a test's own, under a name of its own, with a card that is none.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct jack_server {
    pid_t pid;
};

/// Starts a server, waits until it takes clients and makes it this process's default. False where JACK is not there, or
/// cannot run here.
bool jack_server_start(struct jack_server *server, uint32_t rate, uint32_t period);
/// Kills it.
void jack_server_stop(struct jack_server *server);

/// \name For the set-up and the teardown of a group, whose state is then the server, or NULL where there is none
/// @{
int jack_server_set_up(void **state, uint32_t rate, uint32_t period);
int jack_server_tear_down(void **state);
/// Skips the test where there is none.
void jack_server_needed(void **state);
/// @}

/// Makes a server the default that does not run; returns which one was before, for jack_server_come_back(), which frees
/// it.
char *jack_server_go_away(void);
void jack_server_come_back(char *server);
