// SPDX-License-Identifier: GPL-3.0-or-later
#include "harmony_fixture.h"

#include <math.h>
#include <stdlib.h>

static void every_mode_has_chords_of_its_scale(void **state)
{
    const struct harmony *harmony = *state;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        assert_in_range(harmony_chord_count(harmony, (enum mode)mode), 12, HARMONY_CHORDS);
        for (size_t i = 0; i < harmony_chord_count(harmony, (enum mode)mode); i++) {
            const struct chord chord = harmony_chord(harmony, (enum mode)mode, i);
            assert_int_equal(chord.bass, chord.root);
            assert_int_equal(chord_set(chord) & ~mode_set((enum mode)mode), 0);
            assert_int_equal(find_chord(harmony, (enum mode)mode, chord), (int)i);
        }
    }
}

static void tonic_is_the_triad_of_the_mode(void **state)
{
    static const enum chord_quality tonics[MODE_COUNT] = {
        [MODE_IONIAN] = CHORD_MAJOR,      [MODE_DORIAN] = CHORD_MINOR,     [MODE_PHRYGIAN] = CHORD_MINOR,
        [MODE_LYDIAN] = CHORD_MAJOR,      [MODE_MIXOLYDIAN] = CHORD_MAJOR, [MODE_AEOLIAN] = CHORD_MINOR,
        [MODE_LOCRIAN] = CHORD_DIMINISHED};
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        const struct chord tonic = harmony_tonic(*state, (struct key){10, (enum mode)mode});
        assert_int_equal(tonic.root, 10);
        assert_int_equal(tonic.bass, 10);
        assert_int_equal(tonic.quality, tonics[mode]);
    }
}

static double sum_after(const struct harmony *harmony, enum mode mode, const struct chord *before,
                        const struct chord *last)
{
    double sum = 0;
    for (size_t i = 0; i < harmony_chord_count(harmony, mode); i++) {
        const double odds = harmony_probability(harmony, mode, before, last, harmony_chord(harmony, mode, i));
        assert_true(odds >= 0 && odds <= 1);
        sum += odds;
    }
    return sum;
}

static void probabilities_sum_to_one_after_everything(void **state)
{
    const struct harmony *harmony = *state;
    const struct chord foreign = chord_of(6, CHORD_AUGMENTED);
    for (int m = 0; m < MODE_COUNT; m++) {
        const enum mode mode = (enum mode)m;
        const size_t count = harmony_chord_count(harmony, mode);
        assert_true(fabs(sum_after(harmony, mode, NULL, NULL) - 1) < 1e-9);
        assert_true(fabs(sum_after(harmony, mode, NULL, &foreign) - 1) < 1e-9);
        assert_true(fabs(sum_after(harmony, mode, &foreign, &foreign) - 1) < 1e-9);
        for (size_t l = 0; l < count; l++) {
            const struct chord last = harmony_chord(harmony, mode, l);
            assert_true(fabs(sum_after(harmony, mode, NULL, &last) - 1) < 1e-9);
            assert_true(fabs(sum_after(harmony, mode, &foreign, &last) - 1) < 1e-9);
            for (size_t b = 0; b < count; b++) {
                const struct chord before = harmony_chord(harmony, mode, b);
                assert_true(fabs(sum_after(harmony, mode, &before, &last) - 1) < 1e-9);
                assert_true(harmony_probability(harmony, mode, &before, &last, last) <= 0);
            }
        }
        assert_true(harmony_probability(harmony, mode, NULL, NULL, foreign) <= 0);
    }
}

/// After a context that came C times with T kinds of sequel, the chain is (count + T * order 1) / (C + T). Order 1 is
/// what a chord outside the vocabulary leaves to go by.
static void orders_mix_as_witten_and_bell_say(void **state)
{
    const struct harmony *harmony = *state;
    const struct chord foreign = chord_of(6, CHORD_AUGMENTED);
    struct harmony_table *table = malloc(sizeof *table);
    assert_non_null(table);
    read_table(MODE_AEOLIAN, table);
    for (size_t b = 0; b < table->count; b++) {
        for (size_t l = 0; l < table->count; l++) {
            double total = 0;
            double kinds = 0;
            for (size_t n = 0; n < table->count; n++) {
                total += table->counts[b][l][n];
                kinds += table->counts[b][l][n] > 0;
            }
            for (size_t n = 0; n < table->count && total > 0; n++) {
                const double lower =
                    harmony_probability(harmony, MODE_AEOLIAN, &foreign, &table->chords[l], table->chords[n]);
                const double mixed =
                    harmony_probability(harmony, MODE_AEOLIAN, &table->chords[b], &table->chords[l], table->chords[n]);
                assert_true(fabs(mixed - (table->counts[b][l][n] + kinds * lower) / (total + kinds)) < 1e-12);
            }
        }
    }
    free(table);
}

static void phrases_mostly_begin_on_the_tonic(void **state)
{
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        double share = 0;
        for (size_t i = 0; i < harmony_chord_count(*state, (enum mode)mode); i++) {
            const struct chord chord = harmony_chord(*state, (enum mode)mode, i);
            share += chord.root == 0 ? harmony_probability(*state, (enum mode)mode, NULL, NULL, chord) : 0;
        }
        assert_true(share > 0.4);
    }
}

static void same_seed_gives_same_progression_in_any_key(void **state)
{
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        struct chord on_c[64];
        struct chord on_a[64];
        struct chord other[64];
        struct random random;
        random_init(&random, 3, 0);
        harmony_progress(*state, (struct key){0, (enum mode)mode}, NULL, NULL, true, &random, on_c, 64);
        random_init(&random, 3, 0);
        harmony_progress(*state, (struct key){9, (enum mode)mode}, NULL, NULL, true, &random, on_a, 64);
        random_init(&random, 4, 0);
        harmony_progress(*state, (struct key){0, (enum mode)mode}, NULL, NULL, true, &random, other, 64);
        int same = 0;
        for (int i = 0; i < 64; i++) {
            assert_int_equal(on_a[i].root, (on_c[i].root + 9) % 12);
            assert_int_equal(on_a[i].bass, on_a[i].root);
            assert_int_equal(on_a[i].quality, on_c[i].quality);
            same += on_c[i].root == other[i].root && on_c[i].quality == other[i].quality;
        }
        assert_true(same < 48);
    }
}

/// By Bayes' rule the last chord before the tonic has the probability P(chord) P(tonic | chord), made to sum to 1, and
/// the last but one that of all ways from it.
static void home_is_the_chain_under_the_condition_of_its_end(void **state)
{
    const struct harmony *harmony = *state;
    const struct key key = {0, MODE_DORIAN};
    const struct chord tonic = harmony_tonic(harmony, key);
    const size_t count = harmony_chord_count(harmony, MODE_DORIAN);
    double expected[HARMONY_CHORDS] = {0};
    double drawn[HARMONY_CHORDS] = {0};
    double total = 0;
    double distance = 0;
    for (size_t a = 0; a < count; a++) {
        const struct chord first = harmony_chord(harmony, MODE_DORIAN, a);
        for (size_t b = 0; b < count; b++) {
            const struct chord second = harmony_chord(harmony, MODE_DORIAN, b);
            expected[a] += harmony_probability(harmony, MODE_DORIAN, NULL, &tonic, first) *
                           harmony_probability(harmony, MODE_DORIAN, &tonic, &first, second) *
                           harmony_probability(harmony, MODE_DORIAN, &first, &second, tonic);
        }
        total += expected[a];
    }
    struct random random;
    random_init(&random, 6, 0);
    for (int i = 0; i < 20000; i++) {
        struct chord chords[2];
        harmony_progress(harmony, key, NULL, &tonic, true, &random, chords, 2);
        drawn[find_chord(harmony, MODE_DORIAN, chords[0])] += 1.0 / 20000;
    }
    for (size_t a = 0; a < count; a++)
        distance += fabs(drawn[a] - expected[a] / total) / 2;
    assert_true(distance < 0.03);
}

static void progression_follows_any_chord(void **state)
{
    const struct chord foreign = chord_of(1, CHORD_AUGMENTED);
    struct random random;
    random_init(&random, 8, 0);
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        struct chord chords[1];
        harmony_progress(*state, (struct key){4, (enum mode)mode}, &foreign, &foreign, true, &random, chords, 1);
        assert_int_equal(chord_set(chords[0]) & ~key_set((struct key){4, (enum mode)mode}), 0);
        harmony_progress(*state, (struct key){4, (enum mode)mode}, &foreign, NULL, false, &random, chords, 1);
        assert_int_equal(chord_set(chords[0]) & ~key_set((struct key){4, (enum mode)mode}), 0);
    }
}

static void nothing_to_free_is_fine(void **state)
{
    (void)state;
    harmony_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_has_chords_of_its_scale),
        cmocka_unit_test(tonic_is_the_triad_of_the_mode),
        cmocka_unit_test(probabilities_sum_to_one_after_everything),
        cmocka_unit_test(orders_mix_as_witten_and_bell_say),
        cmocka_unit_test(phrases_mostly_begin_on_the_tonic),
        cmocka_unit_test(same_seed_gives_same_progression_in_any_key),
        cmocka_unit_test(home_is_the_chain_under_the_condition_of_its_end),
        cmocka_unit_test(progression_follows_any_chord),
        cmocka_unit_test(nothing_to_free_is_fine),
    };
    return cmocka_run_group_tests(tests, harmony_setup, harmony_teardown);
}
