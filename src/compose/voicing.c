// SPDX-License-Identifier: GPL-3.0-or-later
// There are few enough ways to lay a chord of five notes over two or three octaves (some hundreds) that all are tried:
// keys are chosen from low to high, and each finished voicing is scored. A cost is a distance in semitones; what no
// voicing should do costs more than any motion can.
#include "compose/voicing.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

enum {
    COST_PARALLEL = 10000, ///< parallel fifths or octaves between the outer voices
    COST_MISSING_THIRD = 60,
    COST_MISSING_ROOT = 40,
    COST_MISSING_COLOUR = 30, ///< the seventh, the ninth, the suspension
    COST_MISSING_FIFTH = 6,
    COST_LOW_NOT_ROOT = 9,
    COST_LOW_NOT_TRIAD = 40,
    COST_WIDE_GAP = 12,
    COST_MUD = 14,
    MINOR_NINTH = 13,
    MUD_BELOW = 55 ///< under G3 two neighbours closer than a fourth blur
};

struct search {
    const struct voicing *from;
    struct chord chord;
    uint8_t candidates[PITCH_KEYS];
    int candidate_count;
    int voices;
    int centre_twice; ///< twice the middle of the register
    struct voicing trial;
    struct voicing best;
    int best_cost;
};

int voicing_parallels(const struct voicing *from, const struct voicing *to)
{
    if (from->count < 2 || to->count < 2) {
        return 0;
    }
    const int low_move = to->keys[0] - from->keys[0];
    const int high_move = to->keys[to->count - 1] - from->keys[from->count - 1];
    if (low_move == 0 || high_move == 0 || (low_move > 0) != (high_move > 0)) {
        return 0;
    }
    const int before = (from->keys[from->count - 1] - from->keys[0]) % PITCH_CLASSES;
    const int after = (to->keys[to->count - 1] - to->keys[0]) % PITCH_CLASSES;
    return before == after && (after == 7 || after == 0);
}

static int cost_of_motion(const struct voicing *from, const struct voicing *to)
{
    int cost = 0;
    for (int i = 0; i < to->count; i++) {
        int nearest = INT_MAX;
        for (int j = 0; j < from->count; j++) {
            // Voices of equally full chords keep their order; else each comes from wherever is near.
            if (from->count == to->count && i != j) {
                continue;
            }
            const int distance = abs(to->keys[i] - from->keys[j]);
            nearest = distance < nearest ? distance : nearest;
        }
        cost += from->count ? nearest : 0;
    }
    return cost;
}

static int cost_of_content(const struct search *search, const struct voicing *to)
{
    pitch_set present = 0;
    for (int i = 0; i < to->count; i++) {
        present |= (pitch_set)(1U << pitch_class(to->keys[i] - search->chord.root));
    }
    int intervals[CHORD_NOTES];
    const int notes = chord_quality_intervals(search->chord.quality, intervals);
    static const int missing[CHORD_NOTES] = {COST_MISSING_ROOT, COST_MISSING_THIRD, COST_MISSING_FIFTH,
                                             COST_MISSING_COLOUR, COST_MISSING_COLOUR};
    int cost = 0;
    for (int i = 0; i < notes; i++) {
        if (!(present >> pitch_class(intervals[i]) & 1)) {
            cost += missing[i];
        }
    }
    const int lowest = pitch_class(to->keys[0] - search->chord.bass);
    if (lowest != 0) {
        const int from_root = pitch_class(to->keys[0] - search->chord.root);
        cost += from_root == intervals[1] ? COST_LOW_NOT_ROOT : COST_LOW_NOT_TRIAD;
    }
    return cost;
}

static int cost_of_spacing(const struct search *search, const struct voicing *to)
{
    int cost = 0;
    int sum = 0;
    for (int i = 0; i < to->count; i++) {
        sum += to->keys[i];
        if (i > 0) {
            const int gap = to->keys[i] - to->keys[i - 1];
            cost += gap > PITCH_CLASSES ? COST_WIDE_GAP : 0;
            cost += gap < 5 && to->keys[i - 1] < MUD_BELOW ? COST_MUD : 0;
            cost += gap < 2 ? COST_MUD : 0;
        }
        for (int j = 0; j < i; j++) {
            cost += to->keys[i] - to->keys[j] == MINOR_NINTH ? COST_MUD : 0;
        }
    }
    assert(to->count > 0);
    // The register is kept: a chord whose middle strays from the register's middle pays for every semitone.
    return cost + abs(2 * sum / to->count - search->centre_twice) / 2;
}

static void consider(struct search *search)
{
    const struct voicing *trial = &search->trial;
    int cost = cost_of_motion(search->from, trial) + cost_of_content(search, trial) + cost_of_spacing(search, trial);
    cost += voicing_parallels(search->from, trial) ? COST_PARALLEL : 0;
    if (cost < search->best_cost) {
        search->best_cost = cost;
        search->best = *trial;
    }
}

// Adds the voices above those chosen; at most VOICING_MAX deep.
static void extend(struct search *search, int first) // NOLINT(misc-no-recursion)
{
    if (search->trial.count == search->voices) {
        consider(search);
        return;
    }
    for (int i = first; i < search->candidate_count; i++) {
        search->trial.keys[search->trial.count++] = search->candidates[i];
        extend(search, i + 1);
        search->trial.count--;
    }
}

struct voicing voicing_lead(const struct voicing *from, struct chord chord, int voices, int low, int high)
{
    struct search search = {
        .from = from, .chord = chord, .voices = voices, .centre_twice = low + high, .best_cost = INT_MAX};
    const pitch_set set = chord_set(chord);
    for (int key = low; key <= high; key++) {
        if (set >> pitch_class(key) & 1) {
            search.candidates[search.candidate_count++] = (uint8_t)key;
        }
    }
    extend(&search, 0);
    return search.best;
}
