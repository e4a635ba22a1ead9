// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Files that the build put into the program (tools/embed.py), so that it runs with nothing else installed.
#pragma once

#include <stddef.h>

/// One file; a table of them ends with a NULL name. The bytes are static and followed by a NUL.
struct embed {
    const char *name;
    const unsigned char *bytes;
    const unsigned char *end;
};

/// The file called \p name in \p table, or NULL. Any thread.
const struct embed *embed_find(const struct embed *table, const char *name);

/// Bytes in \p file, without the NUL behind them. Any thread.
size_t embed_size(const struct embed *file);
