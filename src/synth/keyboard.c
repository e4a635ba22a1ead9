// SPDX-License-Identifier: GPL-3.0-or-later
// With many voices each knows its key, and all are looked at for every stroke: at most 512, some times a second. Time
// is a count of strokes and releases, so that "first" means the same wherever this runs.
//
// With one voice there is a list of the keys that are held, and after every change the one that should sound is chosen
// from it. A key that the pedal holds stays in the list as if it were down. The list is as long as the state says,
// which may come from elsewhere, so that is looked at before anything is done with it.
#include "synth/keyboard.h"

#include <stddef.h>
#include <string.h>

static void strike(struct keyboard *keyboard, struct keyboard_voice *voice, float key, float velocity)
{
    *voice = (struct keyboard_voice){.since = ++keyboard->time,
                                     .key = key,
                                     .velocity = velocity,
                                     .from = keyboard->last,
                                     .open = true,
                                     .down = true,
                                     .struck = true,
                                     .moved = true,
                                     .glides = keyboard->played};
    keyboard->last = key;
    keyboard->played = true;
}

static void close_voice(struct keyboard *keyboard, struct keyboard_voice *voice)
{
    voice->open = false;
    voice->down = false;
    voice->since = ++keyboard->time;
}

// Many voices.

/// How readily a voice makes way: the lowest goes first, and of equals the one with the lowest time.
static int rank(const struct keyboard_voice *voice)
{
    return !voice->open ? 0 : !voice->down ? 1 : 2;
}

static struct keyboard_voice *choose_voice(struct keyboard *keyboard, uint32_t voices, float key)
{
    struct keyboard_voice *best = &keyboard->voice[0];
    for (uint32_t i = 0; i < voices; i++) {
        struct keyboard_voice *voice = &keyboard->voice[i];
        if (voice->open && voice->key == key) {
            return voice;
        }
        if (rank(voice) < rank(best) || (rank(voice) == rank(best) && voice->since < best->since)) {
            best = voice;
        }
    }
    return best;
}

static void release_all(struct keyboard *keyboard, uint32_t voices, float key)
{
    for (uint32_t i = 0; i < voices; i++) {
        struct keyboard_voice *voice = &keyboard->voice[i];
        if (voice->open && voice->down && voice->key == key) {
            voice->down = false;
            if (!keyboard->pedal) {
                close_voice(keyboard, voice);
            }
        }
    }
}

static void let_go(struct keyboard *keyboard, uint32_t voices)
{
    for (uint32_t i = 0; i < voices; i++) {
        if (keyboard->voice[i].open && !keyboard->voice[i].down) {
            close_voice(keyboard, &keyboard->voice[i]);
        }
    }
}

// One voice.

static void bound_held(struct keyboard *keyboard)
{
    if (keyboard->held_count > KEYBOARD_HELD_MAX) {
        keyboard->held_count = KEYBOARD_HELD_MAX;
    }
}

static void forget(struct keyboard *keyboard, uint32_t index)
{
    keyboard->held_count--;
    memmove(&keyboard->held[index], &keyboard->held[index + 1],
            (keyboard->held_count - index) * sizeof keyboard->held[0]);
}

static uint32_t find_held(const struct keyboard *keyboard, float key)
{
    uint32_t i = 0;
    while (i < keyboard->held_count && keyboard->held[i].key != key) {
        i++;
    }
    return i;
}

static const struct keyboard_key *choose_key(const struct keyboard *keyboard, enum keyboard_priority priority)
{
    const struct keyboard_key *best = &keyboard->held[keyboard->held_count - 1];
    for (uint32_t i = 0; priority != KEYBOARD_LAST && i < keyboard->held_count; i++) {
        const struct keyboard_key *key = &keyboard->held[i];
        if (priority == KEYBOARD_HIGH ? key->key > best->key : key->key < best->key) {
            best = key;
        }
    }
    return best;
}

/// After keys went up: the voice plays what is left, or closes.
static void settle(struct keyboard *keyboard, enum keyboard_priority priority)
{
    struct keyboard_voice *voice = &keyboard->voice[0];
    if (keyboard->held_count == 0) {
        if (voice->open) {
            close_voice(keyboard, voice);
        }
        return;
    }
    const struct keyboard_key *key = choose_key(keyboard, priority);
    if (voice->key != key->key) {
        voice->from = voice->key;
        voice->key = key->key;
        voice->moved = true;
        voice->glides = true;
    }
}

static void press_one(struct keyboard *keyboard, const struct keyboard_rules *rules, float key, float velocity)
{
    struct keyboard_voice *voice = &keyboard->voice[0];
    bound_held(keyboard);
    const uint32_t before = find_held(keyboard, key);
    if (before < keyboard->held_count) {
        forget(keyboard, before);
    } else if (keyboard->held_count == KEYBOARD_HELD_MAX) {
        forget(keyboard, 0);
    }
    keyboard->held[keyboard->held_count++] = (struct keyboard_key){.key = key, .velocity = velocity, .down = true};
    if (choose_key(keyboard, rules->priority)->key != key) {
        return;
    }
    if (rules->mode == KEYBOARD_LEGATO && voice->open) {
        settle(keyboard, rules->priority);
        keyboard->last = key;
    } else {
        const bool glides = rules->mode == KEYBOARD_MONO && keyboard->played;
        strike(keyboard, voice, key, velocity);
        voice->glides = glides;
    }
}

static void release_one(struct keyboard *keyboard, enum keyboard_priority priority, float key)
{
    bound_held(keyboard);
    const uint32_t index = find_held(keyboard, key);
    if (index == keyboard->held_count) {
        return;
    }
    if (keyboard->pedal) {
        keyboard->held[index].down = false;
    } else {
        forget(keyboard, index);
        settle(keyboard, priority);
    }
}

static void let_go_one(struct keyboard *keyboard, enum keyboard_priority priority)
{
    bound_held(keyboard);
    for (uint32_t i = keyboard->held_count; i-- > 0;) {
        if (!keyboard->held[i].down) {
            forget(keyboard, i);
        }
    }
    settle(keyboard, priority);
}

// Both.

static void let_go_all(struct keyboard *keyboard, const struct keyboard_rules *rules)
{
    if (rules->mode == KEYBOARD_POLY) {
        let_go(keyboard, rules->voices);
    } else {
        let_go_one(keyboard, rules->priority);
    }
}

void keyboard_press(struct keyboard *keyboard, const struct keyboard_rules *rules, float key, float velocity)
{
    if (rules->mode == KEYBOARD_POLY) {
        strike(keyboard, choose_voice(keyboard, rules->voices, key), key, velocity);
    } else {
        press_one(keyboard, rules, key, velocity);
    }
}

void keyboard_release(struct keyboard *keyboard, const struct keyboard_rules *rules, float key)
{
    if (rules->mode == KEYBOARD_POLY) {
        release_all(keyboard, rules->voices, key);
    } else {
        release_one(keyboard, rules->priority, key);
    }
}

void keyboard_release_all(struct keyboard *keyboard, const struct keyboard_rules *rules)
{
    bound_held(keyboard);
    for (uint32_t i = 0; i < keyboard->held_count; i++) {
        keyboard->held[i].down = false;
    }
    for (uint32_t i = 0; i < rules->voices; i++) {
        keyboard->voice[i].down = false;
    }
    if (!keyboard->pedal) {
        let_go_all(keyboard, rules);
    }
}

void keyboard_pedal(struct keyboard *keyboard, const struct keyboard_rules *rules, bool down)
{
    if (keyboard->pedal == down) {
        return;
    }
    keyboard->pedal = down;
    if (!down) {
        let_go_all(keyboard, rules);
    }
}

void keyboard_pressure(struct keyboard *keyboard, const struct keyboard_rules *rules, float key, float pressure)
{
    for (uint32_t i = 0; i < rules->voices; i++) {
        if (keyboard->voice[i].open && keyboard->voice[i].key == key) {
            keyboard->voice[i].pressure = pressure;
        }
    }
}

void keyboard_clear(struct keyboard *keyboard)
{
    keyboard->pedal = false;
    keyboard->held_count = 0;
    for (uint32_t i = 0; i < MODULE_VOICES_MAX; i++) {
        if (keyboard->voice[i].open) {
            close_voice(keyboard, &keyboard->voice[i]);
        }
    }
}
