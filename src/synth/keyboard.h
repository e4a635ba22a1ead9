// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Which voice plays which key: the notes, pedal and priorities of a keyboard, for the module `notes`.
///
/// Plain state without pointers; zeroed is a keyboard on which nothing was ever played. Keys are numbered as MIDI does
/// and may have a fraction; a release is for the key of exactly the same number. Whoever makes the signals of a voice
/// reads it and clears its news.
#pragma once

#include "core/realtime.h"
#include "synth/module.h"

#include <stdbool.h>
#include <stdint.h>

enum keyboard_mode {
    KEYBOARD_POLY,   ///< each key a voice
    KEYBOARD_MONO,   ///< one voice, which begins anew with each key that is struck
    KEYBOARD_LEGATO, ///< one voice, which begins anew when no other key is down
};

/// Which of several keys one voice plays.
enum keyboard_priority { KEYBOARD_LAST, KEYBOARD_HIGH, KEYBOARD_LOW };

struct keyboard_rules {
    enum keyboard_mode mode;
    enum keyboard_priority priority; ///< of one voice
    uint32_t voices;                 ///< 1 to MODULE_VOICES_MAX
};

struct keyboard_voice {
    uint64_t since; ///< when it was struck or, where it is closed, let go; in strokes and releases of the keyboard
    float key;
    float velocity;
    float pressure; ///< of the key, 0 to 1
    float from;     ///< the key that was struck before, where it \c glides
    bool open;      ///< it sounds: the key is down, or the pedal is
    bool down;      ///< the key is down
    bool struck;    ///< news: it begins
    bool moved;     ///< news: it has another key
    bool glides;    ///< there was a key to come from
};

/// Keys that one voice remembers; the oldest is forgotten.
enum { KEYBOARD_HELD_MAX = 32 };

struct keyboard_key {
    float key;
    float velocity;
    bool down;
};

struct keyboard {
    uint64_t time; ///< strokes and releases so far
    float last;    ///< the key struck last
    bool played;   ///< there was one
    bool pedal;
    uint32_t held_count; ///< with one voice: the keys that are down or held by the pedal, the oldest first
    struct keyboard_key held[KEYBOARD_HELD_MAX];
    struct keyboard_voice voice[MODULE_VOICES_MAX];
};

/// With many voices: the one that already plays \p key; else of those that are closed the one that was let go first;
/// else of those that only the pedal holds the one that was struck first; else the one that was struck first.
void keyboard_press(struct keyboard *keyboard, const struct keyboard_rules *rules, float key, float velocity) REALTIME;
/// Nothing where \p key does not sound. With one voice, another key that is still down gets it, without a new stroke.
void keyboard_release(struct keyboard *keyboard, const struct keyboard_rules *rules, float key) REALTIME;
/// All keys go up; what the pedal holds sounds on.
void keyboard_release_all(struct keyboard *keyboard, const struct keyboard_rules *rules) REALTIME;
void keyboard_pedal(struct keyboard *keyboard, const struct keyboard_rules *rules, bool down) REALTIME;
/// The voices that play \p key.
void keyboard_pressure(struct keyboard *keyboard, const struct keyboard_rules *rules, float key,
                       float pressure) REALTIME;
/// All keys and the pedal go up.
void keyboard_clear(struct keyboard *keyboard) REALTIME;
