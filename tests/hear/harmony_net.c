// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/harmony_net.h"

#include "hear/note_chroma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

static struct harmony_net *harmony_net_made(void)
{
    struct harmony_net *harmony_net = NULL;
    assert_int_equal(harmony_net_new(&harmony_net, NULL), STATUS_OK);
    return harmony_net;
}

/// A major triad on \p root as known notes, for \p steps steps; returns how many pieces of work a step was.
static int play(struct harmony_net *net, int root, int steps)
{
    int pieces = 0;
    struct midi_ear *notes = midi_ear_new();
    struct note_chroma chroma;
    note_chroma_init(&chroma, 1.0 / 30.0);
    static const uint8_t above[] = {36, 48, 52, 55};
    for (size_t i = 0; i < sizeof above; i++) {
        midi_ear_push(notes, 0.0, 0x90, (uint8_t)(above[i] + root), 100);
    }
    for (int i = 0; i < steps; i++) {
        struct chroma_frame frame = {.frame = i + 1};
        note_chroma_look(&chroma, notes, (i + 1) / 30.0, &frame);
        harmony_net_begin(net, &frame);
        for (pieces = 1; !harmony_net_work(net); pieces++) {
        }
    }
    midi_ear_free(notes);
    return pieces;
}

static double sum(const float *values, int count)
{
    double total = 0.0;
    for (int i = 0; i < count; i++) {
        assert_true(values[i] >= 0.0F && values[i] <= 1.0F);
        total += values[i];
    }
    return total;
}

static void says_nothing_before_it_has_heard(void **state)
{
    (void)state;
    struct harmony_net *net = harmony_net_made();
    assert_non_null(net);
    assert_false(harmony_net_work(net));
    assert_true(harmony_net_evidence(net)->none == 0.0F && harmony_net_evidence(net)->frame == 0.0);
    harmony_net_free(net);
    harmony_net_free(NULL);
}

static void probabilities_have_a_sum_of_one(void **state)
{
    (void)state;
    struct harmony_net *net = harmony_net_made();
    assert_int_equal(play(net, 3, 5), 6);
    assert_false(harmony_net_work(net));
    const struct harmony_evidence *evidence = harmony_net_evidence(net);
    assert_true(fabs(sum(evidence->chords[0], 12 * HARMONY_KINDS) + evidence->none - 1.0) < 1e-4);
    assert_true(fabs(sum(evidence->bass, 12) - 1.0) < 1e-4);
    assert_true(fabs(sum(evidence->keys[0], 24) - 1.0) < 1e-4);
    assert_true(evidence->frame == 5.0);
    harmony_net_free(net);
}

static void hears_a_triad_on_every_root(void **state)
{
    (void)state;
    for (int root = 0; root < 12; root++) {
        struct harmony_net *net = harmony_net_made();
        (void)play(net, root, 30);
        const struct harmony_evidence *evidence = harmony_net_evidence(net);
        for (int other = 0; other < 12; other++) {
            for (int kind = 0; kind < HARMONY_KINDS; kind++) {
                assert_true(evidence->chords[other][kind] <= evidence->chords[root][HARMONY_MAJ]);
            }
            assert_true(evidence->bass[other] <= evidence->bass[root]);
        }
        harmony_net_free(net);
    }
}

static void a_new_frame_gives_up_the_work_on_the_last(void **state)
{
    (void)state;
    struct harmony_net *net = harmony_net_made();
    struct chroma_frame frame = {.frame = 1.0};
    harmony_net_begin(net, &frame);
    assert_false(harmony_net_work(net));
    frame.frame = 2.0;
    harmony_net_begin(net, &frame);
    int pieces = 1;
    while (!harmony_net_work(net)) {
        pieces++;
    }
    assert_int_equal(pieces, 6);
    assert_true(harmony_net_evidence(net)->frame == 2.0);
    harmony_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_nothing_before_it_has_heard),
        cmocka_unit_test(probabilities_have_a_sum_of_one),
        cmocka_unit_test(hears_a_triad_on_every_root),
        cmocka_unit_test(a_new_frame_gives_up_the_work_on_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
