// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Structured logs on standard error: one JSON object a line, for people with jq and for collectors.
///
///     {"time":"2026-11-21T05:23:00.123Z","level":"info","event":"listener_joined","station":"main","format":"opus"}
///
/// On a terminal the same fields come as one readable line. Any thread but audio; lines never mix.
#pragma once

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/// Sets the lowest level that is written; LOG_LEVEL_INFO at the start. The one process-wide setting: a log is the
/// process's, as its standard error is.
void log_set_level(enum log_level lowest);

/// Writes \p event (snake_case, a constant) with fields given by \p format, a printf format of "name=value" pieces
/// separated by single blanks, or "". A value that is text uses %s and may hold anything: bytes that are not UTF-8 come
/// out as U+FFFD. A value that was printed from numbers alone and reads as one is a number in JSON, the rest is text.
/// At most 16 fields and 512 bytes a line: a text that does not fit is cut, a field that does not is left out.
/// Conversions: d i u o x X c s p e f g, lengths l ll z j t, * for a width or precision. errno is kept.
///
///     log_write(LOG_LEVEL_INFO, "listener_joined", "station=%s format=%s", name, format);
void log_write(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
