// SPDX-License-Identifier: GPL-3.0-or-later
// A mode's table counts how often a chord followed two others. harmony_load() turns the counts into the probability of
// every chord after every two, once, so that drawing only reads.
//
// Witten and Bell's method C mixes the orders: after a context that came C times and was followed by T different
// chords, something new has the probability T / (C + T), and is then drawn as the next lower order draws it. The lowest
// order is how frequent a chord is at all. Since no chord follows itself in a table, it leaves the last chord out and
// shares what is left among the others: each order then sums to 1 by itself and no progression repeats a chord.
//
// A phrase that leads home is drawn from the same chain under the condition that the chord after its end is the tonic
// chord. By Bayes' rule the probability of a chord in that light is its probability in the chain times that of reaching
// the tonic chord from there in as many steps as are left. These "messages" from the end backwards depend on the table
// alone: one step from home it is the probability of the tonic chord itself, k + 1 steps from home the mean of those
// for k steps over the chords that may come. The chain forgets: beyond HOME_REACH steps the message is nearly the same
// for all contexts, and the last one stands for all that are farther.
#include "compose/harmony.h"

#include "compose/harmony_table.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOME_REACH = 16 };

/// The chain of one mode.
struct chain {
    size_t count;
    size_t tonic; ///< index of the most frequent chord on the tonic
    struct chord chords[HARMONY_CHORDS];
    double next[HARMONY_CONTEXTS][HARMONY_CONTEXTS][HARMONY_CHORDS]; ///< [before][last][next]
    double home[HOME_REACH][HARMONY_CONTEXTS][HARMONY_CONTEXTS];     ///< [steps - 1][before][last]
};

struct harmony {
    struct chain chains[MODE_COUNT];
};

/// Where a progression stands: the last two chords, as contexts.
struct place {
    size_t before, last;
};

/// The counts of one order after one context.
struct tally {
    uint64_t total;
    uint64_t kinds; ///< how many different chords followed
    uint64_t counts[HARMONY_CHORDS];
};

static void tally_add(struct tally *tally, const uint32_t counts[HARMONY_CHORDS])
{
    for (size_t next = 0; next < HARMONY_CHORDS; next++) {
        tally->kinds += counts[next] && !tally->counts[next];
        tally->counts[next] += counts[next];
        tally->total += counts[next];
    }
}

/// Turns \p odds, the probabilities of the lower order, into those of the order that \p tally counts.
static void tally_mix(const struct tally *tally, size_t count, double odds[HARMONY_CHORDS])
{
    if (tally->total == 0)
        return;
    for (size_t next = 0; next < count; next++)
        odds[next] =
            ((double)tally->counts[next] + (double)tally->kinds * odds[next]) / (double)(tally->total + tally->kinds);
}

static struct tally tally_all(const struct harmony_table *table)
{
    struct tally tally = {0};
    for (size_t before = 0; before < HARMONY_CONTEXTS; before++)
        for (size_t last = 0; last < HARMONY_CONTEXTS; last++)
            tally_add(&tally, table->counts[before][last]);
    return tally;
}

/// The probabilities after \p last whatever came before it, of order 1 mixed with order 0.
static void learn_last(const struct harmony_table *table, const struct tally *all, size_t last,
                       double odds[HARMONY_CHORDS])
{
    const uint64_t own = last < table->count ? all->counts[last] : 0;
    struct tally tally = {0};
    for (size_t next = 0; next < table->count; next++)
        odds[next] = next == last ? 0 : (double)all->counts[next] / (double)(all->total - own);
    if (last == HARMONY_ANY)
        return;
    for (size_t before = 0; before < HARMONY_CONTEXTS; before++)
        tally_add(&tally, table->counts[before][last]);
    tally_mix(&tally, table->count, odds);
}

static void learn_next(const struct harmony_table *table, const struct tally *all, struct chain *chain)
{
    for (size_t last = 0; last < HARMONY_CONTEXTS; last++) {
        double odds[HARMONY_CHORDS] = {0};
        learn_last(table, all, last, odds);
        for (size_t before = 0; before < HARMONY_CONTEXTS; before++) {
            double *const mixed = chain->next[before][last];
            struct tally tally = {0};
            for (size_t next = 0; next < table->count; next++)
                mixed[next] = odds[next];
            if (before == HARMONY_ANY)
                continue;
            tally_add(&tally, table->counts[before][last]);
            tally_mix(&tally, table->count, mixed);
        }
    }
}

/// The message \p steps from home, 1 or more, from the one before it.
static void learn_home(struct chain *chain, size_t steps)
{
    for (size_t before = 0; before < HARMONY_CONTEXTS; before++) {
        for (size_t last = 0; last < HARMONY_CONTEXTS; last++) {
            const double *const odds = chain->next[before][last];
            double sum = 0;
            for (size_t next = 0; next < chain->count && steps > 1; next++)
                sum += odds[next] * chain->home[steps - 2][last][next];
            chain->home[steps - 1][before][last] = steps > 1 ? sum : odds[chain->tonic];
        }
    }
}

static void learn(const struct harmony_table *table, struct chain *chain)
{
    const struct tally all = tally_all(table);
    uint64_t most = 0;
    chain->count = table->count;
    for (size_t i = 0; i < table->count; i++) {
        chain->chords[i] = table->chords[i];
        if (table->chords[i].root == 0 && all.counts[i] > most) {
            most = all.counts[i];
            chain->tonic = i;
        }
    }
    learn_next(table, &all, chain);
    for (size_t steps = 1; steps <= HOME_REACH; steps++)
        learn_home(chain, steps);
}

static enum status load_mode(struct harmony *harmony, enum mode mode, struct harmony_table *table,
                             struct complaint *complaint)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%s.txt", mode_name(mode));
    const struct embed *file = embed_find(harmony_files, name);
    if (!file)
        return complain(complaint, STATUS_CORRUPT, "%s: the program was built without this table of harmony", name);
    const enum status status = harmony_table_read(name, file->bytes, embed_size(file), table, complaint);
    if (status != STATUS_OK)
        return status;
    if (table->mode != mode)
        return complain(complaint, STATUS_CORRUPT, "%s: the table is of mode %s", name, mode_name(table->mode));
    learn(table, &harmony->chains[mode]);
    return STATUS_OK;
}

enum status harmony_load(struct harmony **out, struct complaint *complaint)
{
    struct harmony *harmony = calloc(1, sizeof *harmony);
    struct harmony_table *table = malloc(sizeof *table);
    enum status status = STATUS_OK;
    if (!harmony || !table) {
        status = complain(complaint, STATUS_NO_MEMORY, "no memory for the tables of harmony");
        goto fail;
    }
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        status = load_mode(harmony, (enum mode)mode, table, complaint);
        if (status != STATUS_OK)
            goto fail;
    }
    free(table);
    *out = harmony;
    return STATUS_OK;
fail:
    free(table);
    harmony_free(harmony);
    return status;
}

void harmony_free(struct harmony *harmony)
{
    free(harmony);
}

size_t harmony_chord_count(const struct harmony *harmony, enum mode mode)
{
    return harmony->chains[mode].count;
}

struct chord harmony_chord(const struct harmony *harmony, enum mode mode, size_t index)
{
    return harmony->chains[mode].chords[index];
}

/// The index of \p chord, which is over \p tonic; HARMONY_ANY where the vocabulary does not have it.
static size_t chain_find(const struct chain *chain, struct chord chord, int tonic)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->chords[i].root == pitch_class(chord.root - tonic) && chain->chords[i].quality == chord.quality)
            return i;
    return HARMONY_ANY;
}

static struct place chain_locate(const struct chain *chain, const struct chord *before, const struct chord *last,
                                 int tonic)
{
    if (!last)
        return (struct place){HARMONY_START, HARMONY_START};
    return (struct place){before ? chain_find(chain, *before, tonic) : HARMONY_START, chain_find(chain, *last, tonic)};
}

double harmony_probability(const struct harmony *harmony, enum mode mode, const struct chord *before,
                           const struct chord *last, struct chord next)
{
    const struct chain *const chain = &harmony->chains[mode];
    const struct place place = chain_locate(chain, before, last, 0);
    const size_t index = chain_find(chain, next, 0);
    return index < chain->count ? chain->next[place.before][place.last][index] : 0;
}

/// Draws the next chord; \p steps is how many chords on the tonic chord shall come, 0 for "anywhere".
static size_t chain_draw(const struct chain *chain, struct place place, size_t steps, struct random *random)
{
    const size_t reach = steps < HOME_REACH ? steps : HOME_REACH;
    double weights[HARMONY_CHORDS];
    double total = 0;
    size_t drawn = 0;
    for (size_t next = 0; next < chain->count; next++) {
        weights[next] = chain->next[place.before][place.last][next];
        if (reach > 0)
            weights[next] *= chain->home[reach - 1][place.last][next];
        total += weights[next];
    }
    double left = random_unit(random) * total;
    for (size_t next = 0; next < chain->count; next++) {
        if (weights[next] <= 0)
            continue;
        drawn = next;
        left -= weights[next];
        if (left < 0)
            break;
    }
    return drawn;
}

void harmony_progress(const struct harmony *harmony, struct key key, const struct chord *before,
                      const struct chord *last, bool home, struct random *random, struct chord *chords, size_t count)
{
    const struct chain *const chain = &harmony->chains[key.mode];
    struct place place = chain_locate(chain, before, last, key.tonic);
    for (size_t i = 0; i < count; i++) {
        const size_t drawn = chain_draw(chain, place, home ? count - i : 0, random);
        chords[i] = chord_of(key.tonic + chain->chords[drawn].root, chain->chords[drawn].quality);
        place = (struct place){place.last, drawn};
    }
}

struct chord harmony_tonic(const struct harmony *harmony, struct key key)
{
    const struct chain *const chain = &harmony->chains[key.mode];
    return chord_of(key.tonic + chain->chords[chain->tonic].root, chain->chords[chain->tonic].quality);
}
