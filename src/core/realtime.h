// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The mark of code that the audio thread may call: no allocation, lock, file, log or system call.
///
/// It follows the parameter list of a declaration. clang 20 and later turn a breach into an error
/// (-Wfunction-effects) and a sanitizer finds the rest (-fsanitize=realtime); other compilers see nothing.
#pragma once

#if defined(__has_attribute)
#if __has_attribute(nonblocking)
#define REALTIME __attribute__((nonblocking))
#endif
#endif
#ifndef REALTIME
#define REALTIME
#endif
