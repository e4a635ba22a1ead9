// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The part of YAML that patch files are written in: one document of mappings, lists and texts, a few levels deep,
/// without anchors, aliases and tags, so that a file is what it looks like and nothing in it can grow.
#pragma once

#include "core/status.h"

#include <stddef.h>
#include <yaml.h>

enum { PLAIN_YAML_DEPTH = 4 };

/// Loads \p text; \p shown names it in complaints: "strings.yaml:4: ...". The caller deletes \p out. STATUS_CORRUPT for
/// YAML that is none, STATUS_UNSUPPORTED for what is left out, STATUS_NO_MEMORY.
MUST_USE enum status plain_yaml_load(const char *text, size_t size, const char *shown, yaml_document_t *out,
                                     struct complaint *complaint);

/// The line that \p node begins on, from 1.
int plain_yaml_line(const yaml_node_t *node);

/// What a scalar says; NULL for another node, or where it contains a NUL.
const char *plain_yaml_text(const yaml_node_t *node);
