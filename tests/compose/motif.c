// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose/motif.h"

#include "band.h"

#include <math.h>

enum { TAKEN = 5000 };

static bool rhythm_equal(const struct motif_slot *a, const struct motif_slot *b)
{
    return a->divides == b->divides && a->sounds[0] == b->sounds[0] && a->sounds[1] == b->sounds[1];
}

static bool slot_equal(const struct motif_slot *a, const struct motif_slot *b)
{
    return rhythm_equal(a, b) && a->colour[0] == b->colour[0] && a->colour[1] == b->colour[1] &&
           a->offset[0] == b->offset[0] && a->offset[1] == b->offset[1] && a->known[0] == b->known[0] &&
           a->known[1] == b->known[1] && a->step[0] == b->step[0] && a->step[1] == b->step[1];
}

static bool motif_equal(const struct motif *a, const struct motif *b)
{
    for (int i = 0; i < MOTIF_SLOTS; i++) {
        if (!slot_equal(&a->slots[i], &b->slots[i])) {
            return false;
        }
    }
    return a->count == b->count && a->contour == b->contour && a->centre == b->centre && a->span == b->span;
}

static const struct preset *some_preset(void **state)
{
    const struct band *band = *state;
    return presets_find(band->presets, "focus", NULL);
}

static void same_seed_gives_same_motifs(void **state)
{
    struct motif_memory memories[2] = {0};
    struct random randoms[3];
    random_init(&randoms[0], 4, 0);
    random_init(&randoms[1], 4, 0);
    random_init(&randoms[2], 5, 0);
    for (int i = 0; i < TAKEN; i++) {
        const struct motif a = motif_take(&memories[0], some_preset(state), &randoms[0]);
        const struct motif b = motif_take(&memories[1], some_preset(state), &randoms[1]);
        assert_true(motif_equal(&a, &b));
    }
    struct motif_memory fresh = {0};
    const struct motif other = motif_take(&fresh, some_preset(state), &randoms[2]);
    assert_false(motif_equal(&other, &memories[0].motifs[0]));
}

static void motifs_are_such_as_the_preset_asks_for(void **state)
{
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        struct motif_memory memory = {0};
        struct random random;
        random_init(&random, 8, p);
        for (int i = 0; i < TAKEN; i++) {
            const struct motif motif = motif_take(&memory, preset, &random);
            assert_in_range(motif.count, 4, MOTIF_SLOTS);
            assert_true((unsigned)motif.contour < CONTOUR_COUNT);
            assert_true(motif.centre >= 0.2 && motif.centre <= 0.8);
            assert_true(fabs(motif.span) >= 5.0 && fabs(motif.span) <= 12.0);
        }
    }
}

/// Whether \p motif begins like one of the \p count last stated ones; \p exactly: and is it.
static bool comes_back(const struct motif_memory *memory, const struct motif *motif, bool exactly)
{
    for (unsigned i = 0; i < MOTIF_MEMORY && i < memory->stated; i++) {
        if (exactly ? motif_equal(&memory->motifs[i], motif)
                    : rhythm_equal(&memory->motifs[i].slots[0], &motif->slots[0])) {
            return true;
        }
    }
    return false;
}

static void ideas_return_more_often_than_not(void **state)
{
    struct motif_memory memory = {0};
    struct random random;
    int back = 0;
    int exact = 0;
    random_init(&random, 2, 0);
    for (int i = 0; i < TAKEN; i++) {
        const struct motif_memory before = memory;
        const struct motif motif = motif_take(&memory, some_preset(state), &random);
        back += comes_back(&before, &motif, false);
        exact += comes_back(&before, &motif, true);
    }
    assert_in_range(back, TAKEN * 55 / 100, TAKEN * 65 / 100);
    assert_in_range(exact, TAKEN * 8 / 100, TAKEN * 30 / 100);
}

static void contours_keep_their_shape_and_span(void **state)
{
    (void)state;
    struct motif motif = {.count = 8, .span = 9.0};
    for (int contour = 0; contour < CONTOUR_COUNT; contour++) {
        motif.contour = (enum contour)contour;
        double low = INFINITY;
        double high = -INFINITY;
        for (int i = 0; i <= 100; i++) {
            const double height = motif_contour_at(&motif, i / 100.0);
            low = fmin(low, height);
            high = fmax(high, height);
        }
        assert_true(fabs(high - low - 9.0) < 0.1);
        assert_true(fabs(high + low) < 0.1);
    }
    motif.contour = CONTOUR_ARCH;
    assert_true(motif_contour_at(&motif, 0.5) > motif_contour_at(&motif, 0.0));
    assert_true(motif_contour_at(&motif, 0.5) > motif_contour_at(&motif, 1.0));
    motif.contour = CONTOUR_VALLEY;
    assert_true(motif_contour_at(&motif, 0.5) < motif_contour_at(&motif, 0.0));
    motif.contour = CONTOUR_RISE;
    assert_true(motif_contour_at(&motif, 0.0) < motif_contour_at(&motif, 1.0));
    motif.contour = CONTOUR_FALL;
    assert_true(motif_contour_at(&motif, 0.0) > motif_contour_at(&motif, 1.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_same_motifs),
        cmocka_unit_test(motifs_are_such_as_the_preset_asks_for),
        cmocka_unit_test(ideas_return_more_often_than_not),
        cmocka_unit_test(contours_keep_their_shape_and_span),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
