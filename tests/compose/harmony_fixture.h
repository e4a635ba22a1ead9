// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the tests of harmony share: the loaded tables, and ways into them.
#pragma once

#include "compose/harmony.h"
#include "compose/harmony_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/// For cmocka_run_group_tests(): \p state becomes the loaded struct harmony.
int harmony_setup(void **state);
int harmony_teardown(void **state);

/// The index of \p chord in the vocabulary of \p mode; fails the test where it is not there.
size_t find_chord(const struct harmony *harmony, enum mode mode, struct chord chord);

/// Reads the built-in table of \p mode; fails the test where that cannot be.
void read_table(enum mode mode, struct harmony_table *table);
