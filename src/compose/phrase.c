// SPDX-License-Identifier: GPL-3.0-or-later
// A phrase is drawn as a rhythm of chord lengths that fills its bars, then as many chords from the learned chain, which
// goes on over the bounds of phrases, then each chord grows to a seventh or a ninth as the preset likes it, but not
// into the one before it. The chain draws every phrase so that the tonic chord could follow; mostly it then does. Every
// phrase is remembered relative to its tonic; a later one may take the progression up again, rhythm and colours
// included, moved to the key of its own time.
#include "compose/phrase.h"

#include "compose/part.h"

#include <stdbool.h>

enum { STREAM_PHRASE = 1, TRIAD = 3, NINTH = 5 };

static const double HOMECOMING = 0.7;

void phrase_maker_init(struct phrase_maker *maker, const struct harmony *harmony, uint64_t seed)
{
    *maker = (struct phrase_maker){.harmony = harmony};
    random_init(&maker->random, seed, STREAM_PHRASE);
}

void phrase_maker_forget(struct phrase_maker *maker)
{
    maker->remembered = 0;
}

int64_t phrase_chord_start(const struct phrase *phrase, unsigned index, struct meter meter)
{
    int64_t bars = 0;
    for (unsigned i = 0; i < index && i < phrase->count; i++) {
        bars += phrase->chords[i].bars;
    }
    return phrase->start + bars * meter_bar_ticks(meter);
}

/// The last chord of \p phrase, \p back chords before its end; NULL where it has none or there is no phrase.
static const struct phrase_chord *chord_before_end(const struct phrase *phrase, unsigned back)
{
    return phrase && phrase->count > back ? &phrase->chords[phrase->count - 1 - back] : NULL;
}

static void phrase_transpose(struct phrase *phrase, int semitones)
{
    for (unsigned i = 0; i < phrase->count; i++) {
        struct phrase_chord *chord = &phrase->chords[i];
        chord->chord = chord_transpose(chord->chord, semitones);
        chord->plain = chord_transpose(chord->plain, semitones);
    }
}

static void draw_rhythm(struct phrase_maker *maker, const struct preset *preset, struct phrase *phrase)
{
    int bars = choices_draw(&preset->harmony.phrase_bars, &maker->random);
    phrase->count = 0;
    while (bars > 0 && phrase->count < PHRASE_CHORDS) {
        int length = choices_draw(&preset->harmony.chord_bars, &maker->random);
        if (length > bars || phrase->count == PHRASE_CHORDS - 1) {
            length = bars;
        }
        phrase->chords[phrase->count++].bars = (uint8_t)length;
        bars -= length;
    }
}

static void draw_chords(struct phrase_maker *maker, struct key key, const struct phrase *previous, bool afresh,
                        struct phrase *phrase)
{
    struct chord chords[PHRASE_CHORDS];
    const struct phrase_chord *last = afresh ? NULL : chord_before_end(previous, 0);
    const struct phrase_chord *before = afresh ? NULL : chord_before_end(previous, 1);
    const struct chord tonic = harmony_tonic(maker->harmony, key);
    const bool comes_home = last && !chord_equal(last->plain, tonic) && random_unit(&maker->random) < HOMECOMING;
    if (afresh || comes_home) {
        chords[0] = tonic;
        harmony_progress(maker->harmony, key, last ? &last->plain : NULL, &tonic, true, &maker->random, chords + 1,
                         phrase->count - 1);
    } else {
        harmony_progress(maker->harmony, key, before ? &before->plain : NULL, last ? &last->plain : NULL, true,
                         &maker->random, chords, phrase->count);
    }
    for (unsigned i = 0; i < phrase->count; i++) {
        phrase->chords[i].plain = chords[i];
    }
}

// As full as the preset likes it; where that is the chord before it, as full as makes another chord of it.
static struct chord grow(struct chord plain, struct key key, int notes, const struct phrase_chord *before)
{
    struct chord chord = chord_extend(plain, key, notes);
    for (int other = TRIAD; before && chord_equal(chord, before->chord) && other <= NINTH; other++) {
        chord = chord_extend(plain, key, other);
    }
    return chord;
}

static void grow_chords(struct phrase_maker *maker, const struct preset *preset, const struct phrase *previous,
                        struct phrase *phrase)
{
    const struct phrase_chord *before = chord_before_end(previous, 0);
    for (unsigned i = 0; i < phrase->count; i++) {
        struct phrase_chord *chord = &phrase->chords[i];
        const int notes = choices_draw(&preset->harmony.chord_notes, &maker->random);
        chord->chord = grow(chord->plain, phrase->key, notes, before);
        before = chord;
    }
}

static void remember(struct phrase_maker *maker, const struct phrase *phrase)
{
    maker->latest = maker->remembered++ % PHRASE_MEMORY;
    struct phrase *slot = &maker->memory[maker->latest];
    *slot = *phrase;
    phrase_transpose(slot, -phrase->key.tonic);
}

static bool recall(struct phrase_maker *maker, const struct preset *preset, const struct phrase *previous,
                   struct phrase *phrase)
{
    const unsigned known = maker->remembered < PHRASE_MEMORY ? maker->remembered : PHRASE_MEMORY;
    if (random_unit(&maker->random) >= preset->harmony.recall || known < 2) {
        return false;
    }
    // Any but the one that sounds now: what comes back at once is a loop, what comes back later a return.
    const unsigned other = random_below(&maker->random, known - 1);
    const unsigned index = other < maker->latest ? other : other + 1;
    const struct phrase *from = &maker->memory[index];
    const struct key key = phrase->key;
    const struct phrase_chord *last = chord_before_end(previous, 0);
    const struct chord first = chord_transpose(from->chords[0].plain, key.tonic);
    if (from->key.mode != key.mode || (last && chord_equal(last->plain, first))) {
        return false;
    }
    maker->latest = index;
    const int64_t start = phrase->start;
    *phrase = *from;
    phrase->key = key;
    phrase->start = start;
    phrase_transpose(phrase, key.tonic);
    return true;
}

void phrase_make(struct phrase_maker *maker, const struct preset *preset, struct key key, const struct phrase *previous,
                 bool afresh, int64_t start, struct phrase *phrase)
{
    struct phrase made = {.key = key, .start = start};
    if (!afresh && recall(maker, preset, previous, &made)) {
        *phrase = made;
        return;
    }
    draw_rhythm(maker, preset, &made);
    draw_chords(maker, key, previous, afresh, &made);
    grow_chords(maker, preset, previous, &made);
    remember(maker, &made);
    *phrase = made;
}
