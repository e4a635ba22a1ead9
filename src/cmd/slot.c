// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// `tutti slot`: one of the two processes that render for a command that plays. Not for people.
#include "play/slot.h"

#include "cmd/command.h"

int command_slot(int argc, char **argv)
{
    return slot_main(argc, argv);
}
