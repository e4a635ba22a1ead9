// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the ears have learned (share/hear), as the build put it into the program.
#pragma once

#include "core/embed.h"

/// By file name.
extern const struct embed hear_files[];
