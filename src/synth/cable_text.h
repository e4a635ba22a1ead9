// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A cable as people write it: "env.out -> filter.pitch * 36, vca.level".
#pragma once

#include "synth/patch.h"

/// Plugs what \p text says into \p patch, cable by cable; the text is taken apart. STATUS_CORRUPT with what to write,
/// and what patch_connect() refuses. The cables before the one that is refused stay.
MUST_USE enum status cable_text_connect(struct patch *patch, char *text, struct complaint *said);
