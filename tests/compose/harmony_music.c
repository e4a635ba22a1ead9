// SPDX-License-Identifier: GPL-3.0-or-later
// What the learned music is like: long runs of every mode, measured.
#include "harmony_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWN = 10000 };

/// A long run of one mode on C, in phrases of eight that lead home as the composer draws them.
struct run {
    struct chord chords[DRAWN];
};

static void run_draw(const struct harmony *harmony, enum mode mode, bool home, struct run *run)
{
    struct random random;
    random_init(&random, 11, (uint64_t)mode);
    for (size_t i = 0; i < DRAWN; i += 8)
        harmony_progress(harmony, (struct key){0, mode}, i ? &run->chords[i - 2] : NULL, i ? &run->chords[i - 1] : NULL,
                         home, &random, &run->chords[i], 8);
}

/// The shares of all chords, by root and quality, in a run.
static void run_shares(const struct run *run, double shares[PITCH_CLASSES][CHORD_QUALITY_COUNT])
{
    memset(shares, 0, sizeof(double) * PITCH_CLASSES * CHORD_QUALITY_COUNT);
    for (size_t i = 0; i < DRAWN; i++)
        shares[run->chords[i].root][run->chords[i].quality] += 1.0 / (double)DRAWN;
}

static void modes_differ(void **state)
{
    static double shares[MODE_COUNT][PITCH_CLASSES][CHORD_QUALITY_COUNT];
    static struct run run;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        run_draw(*state, (enum mode)mode, true, &run);
        run_shares(&run, shares[mode]);
    }
    for (int a = 0; a < MODE_COUNT; a++) {
        for (int b = 0; b < a; b++) {
            double distance = 0;
            for (int root = 0; root < PITCH_CLASSES; root++)
                for (int quality = 0; quality < CHORD_QUALITY_COUNT; quality++)
                    distance += fabs(shares[a][root][quality] - shares[b][root][quality]) / 2;
            if (distance < 0.35)
                fail_msg("%s and %s are %.3f apart", mode_name((enum mode)a), mode_name((enum mode)b), distance);
        }
    }
}

/// A chord on \c root that begins as \c quality does, with whatever sevenths and ninths, and its least share.
struct mark {
    enum mode mode;
    int root;
    enum chord_quality quality;
    double share;
};

static const struct mark marks[] = {
    {MODE_IONIAN, 5, CHORD_MAJOR, 0.10},      {MODE_IONIAN, 7, CHORD_MAJOR, 0.10},
    {MODE_DORIAN, 5, CHORD_MAJOR, 0.10},      {MODE_DORIAN, 2, CHORD_MINOR, 0.03},
    {MODE_PHRYGIAN, 1, CHORD_MAJOR, 0.08},    {MODE_PHRYGIAN, 10, CHORD_MINOR, 0.05},
    {MODE_LYDIAN, 2, CHORD_MAJOR, 0.12},      {MODE_LYDIAN, 11, CHORD_MINOR, 0.03},
    {MODE_MIXOLYDIAN, 10, CHORD_MAJOR, 0.10}, {MODE_MIXOLYDIAN, 7, CHORD_MINOR, 0.03},
    {MODE_AEOLIAN, 8, CHORD_MAJOR, 0.08},     {MODE_AEOLIAN, 10, CHORD_MAJOR, 0.08},
    {MODE_AEOLIAN, 7, CHORD_MINOR, 0.05},     {MODE_LOCRIAN, 1, CHORD_MAJOR, 0.05},
    {MODE_LOCRIAN, 6, CHORD_MAJOR, 0.05},     {MODE_LOCRIAN, 3, CHORD_MINOR, 0.02},
};

static void each_mode_shows_its_chords(void **state)
{
    static struct run run;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const pitch_set triad = chord_set(chord_of(marks[i].root, marks[i].quality));
        double share = 0;
        run_draw(*state, marks[i].mode, true, &run);
        for (size_t j = 0; j < DRAWN; j++)
            if (run.chords[j].root == marks[i].root && (chord_set(run.chords[j]) & triad) == triad)
                share += 1.0 / (double)DRAWN;
        if (share < marks[i].share)
            fail_msg("%s: the chord on %d has a share of %.3f", mode_name(marks[i].mode), marks[i].root, share);
    }
}

static void tonic_is_the_centre(void **state)
{
    static struct run run;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        double roots[PITCH_CLASSES] = {0};
        run_draw(*state, (enum mode)mode, true, &run);
        for (size_t i = 0; i < DRAWN; i++)
            roots[run.chords[i].root] += 1.0 / (double)DRAWN;
        assert_true(roots[0] > 0.22);
        for (int root = 1; root < PITCH_CLASSES; root++)
            assert_true(roots[root] < roots[0]);
    }
}

static void no_chord_comes_twice_in_a_row(void **state)
{
    static struct run run;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        for (int home = 0; home < 2; home++) {
            run_draw(*state, (enum mode)mode, home, &run);
            for (size_t i = 1; i < DRAWN; i++)
                assert_false(run.chords[i].root == run.chords[i - 1].root &&
                             run.chords[i].quality == run.chords[i - 1].quality);
        }
    }
}

/// The mean probability that the tonic chord follows phrases of four.
static double mean_return(const struct harmony *harmony, enum mode mode, bool home)
{
    const struct key key = {0, mode};
    struct random random;
    double sum = 0;
    random_init(&random, 5, 0);
    for (int i = 0; i < 2000; i++) {
        struct chord chords[4];
        harmony_progress(harmony, key, NULL, NULL, home, &random, chords, 4);
        sum += harmony_probability(harmony, mode, &chords[2], &chords[3], harmony_tonic(harmony, key)) / 2000;
    }
    return sum;
}

static void home_leads_back_to_the_tonic(void **state)
{
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        const double anywhere = mean_return(*state, (enum mode)mode, false);
        const double home = mean_return(*state, (enum mode)mode, true);
        if (home < 1.4 * anywhere)
            fail_msg("%s: %.3f home, %.3f anywhere", mode_name((enum mode)mode), home, anywhere);
    }
}

/// The table's share of \p next among what followed \p last, a phrase's beginning left out.
static double table_share(const struct harmony_table *table, size_t last, size_t next)
{
    double total = 0;
    double count = 0;
    for (size_t before = 0; before < HARMONY_CONTEXTS; before++) {
        for (size_t n = 0; n < table->count; n++)
            total += table->counts[before][last][n];
        count += table->counts[before][last][next];
    }
    return total > 0 ? count / total : 0;
}

static void long_runs_move_as_the_table_does(void **state)
{
    static struct run run;
    struct harmony_table *table = malloc(sizeof *table);
    assert_non_null(table);
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        static double moves[HARMONY_CHORDS][HARMONY_CHORDS];
        double distance = 0;
        memset(moves, 0, sizeof moves);
        read_table((enum mode)mode, table);
        run_draw(*state, (enum mode)mode, false, &run);
        for (size_t i = 1; i < DRAWN; i++)
            moves[find_chord(*state, (enum mode)mode, run.chords[i - 1])]
                 [find_chord(*state, (enum mode)mode, run.chords[i])]++;
        for (size_t last = 0; last < table->count; last++) {
            double visits = 0;
            for (size_t next = 0; next < table->count; next++)
                visits += moves[last][next];
            for (size_t next = 0; next < table->count; next++)
                distance += fabs(moves[last][next] - visits * table_share(table, last, next)) / (2 * DRAWN);
        }
        // Locrian's table is small, so that the lower orders speak more.
        if (distance > (mode == MODE_LOCRIAN ? 0.2 : 0.1))
            fail_msg("%s moves %.3f apart from its table", mode_name((enum mode)mode), distance);
    }
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_differ),
        cmocka_unit_test(each_mode_shows_its_chords),
        cmocka_unit_test(tonic_is_the_centre),
        cmocka_unit_test(no_chord_comes_twice_in_a_row),
        cmocka_unit_test(home_leads_back_to_the_tonic),
        cmocka_unit_test(long_runs_move_as_the_table_does),
    };
    return cmocka_run_group_tests(tests, harmony_setup, harmony_teardown);
}
