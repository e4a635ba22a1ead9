// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/key_ear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

static struct key_ear *key_ear_made(void)
{
    struct key_ear *key_ear = NULL;
    assert_int_equal(key_ear_new(&key_ear, NULL), STATUS_OK);
    return key_ear;
}

/// How often a key's chords come, by semitones above the tonic.
static const struct {
    int above;
    enum harmony_kind kind;
    float often;
} majors[] = {{0, HARMONY_MAJ, 0.4F}, {7, HARMONY_MAJ, 0.25F}, {5, HARMONY_MAJ, 0.2F}, {9, HARMONY_MIN, 0.15F}},
  minors[] = {{0, HARMONY_MIN, 0.4F}, {7, HARMONY_MAJ, 0.25F}, {5, HARMONY_MIN, 0.2F}, {8, HARMONY_MAJ, 0.15F}};

/// A second of evidence that speaks for one key.
static int push_second(struct key_ear *ear, struct harmony_evidence *evidence, int tonic, bool minor,
                       struct key_event *event)
{
    int heard = 0;
    memset(evidence->chords, 0, sizeof evidence->chords);
    memset(evidence->bass, 0, sizeof evidence->bass);
    for (int i = 0; i < 24; i++) {
        evidence->keys[i / 12][i % 12] = 0.02F;
    }
    evidence->keys[minor][tonic] = 0.54F;
    for (int i = 0; i < 4; i++) {
        const int root = (tonic + (minor ? minors : majors)[i].above) % 12;
        evidence->chords[root][(minor ? minors : majors)[i].kind] = (minor ? minors : majors)[i].often;
        evidence->bass[root] = (minor ? minors : majors)[i].often;
    }
    for (int i = 0; i < 30; i++) {
        evidence->frame += 400.0;
        heard += key_ear_push(ear, evidence, event);
    }
    return heard;
}

static void tells_every_key_once(void **state)
{
    (void)state;
    for (int key = 0; key < 24; key++) {
        struct key_ear *ear = key_ear_made();
        struct harmony_evidence evidence = {.frame = 0.0};
        struct key_event event = {.tonic = 99};
        int heard = 0;
        for (int second = 0; second < 20; second++) {
            heard += push_second(ear, &evidence, key % 12, key >= 12, &event);
        }
        assert_int_equal(heard, 1);
        assert_true(key_ear_knows(ear));
        assert_int_equal(event.tonic, key % 12);
        assert_int_equal(event.minor, key >= 12);
        assert_true(key_ear_now(ear)->confidence > 0.5 && key_ear_now(ear)->confidence <= 1.0);
        key_ear_free(ear);
    }
}

static void waits_until_it_has_heard_something(void **state)
{
    (void)state;
    struct key_ear *ear = key_ear_made();
    struct harmony_evidence evidence = {.none = 0.9F};
    struct key_event event;
    for (int second = 0; second < 30; second++) {
        assert_int_equal(push_second(ear, &evidence, 2, false, &event), 0);
    }
    assert_false(key_ear_knows(ear));
    evidence.none = 0.0F;
    assert_int_equal(push_second(ear, &evidence, 2, false, &event), 0);
    key_ear_free(ear);
}

static void follows_a_modulation_and_does_not_waver(void **state)
{
    (void)state;
    struct key_ear *ear = key_ear_made();
    struct harmony_evidence evidence = {.frame = 0.0};
    struct key_event event;
    int heard = 0;
    for (int second = 0; second < 60; second++) {
        heard += push_second(ear, &evidence, 0, false, &event);
    }
    // A bar in another key is no modulation.
    heard += push_second(ear, &evidence, 7, false, &event);
    assert_int_equal(heard, 1);
    int seconds = 0;
    while (push_second(ear, &evidence, 7, false, &event) == 0) {
        assert_true(++seconds < 60);
    }
    assert_int_equal(event.tonic, 7);
    key_ear_free(ear);
}

static void the_same_evidence_counts_once(void **state)
{
    (void)state;
    struct key_ear *ear = key_ear_made();
    struct harmony_evidence evidence = {.frame = 0.0};
    struct key_event event;
    (void)push_second(ear, &evidence, 5, true, &event);
    for (int i = 0; i < 10000; i++) {
        assert_false(key_ear_push(ear, &evidence, &event));
    }
    assert_false(key_ear_knows(ear));
    key_ear_free(ear);
}

static void impossible_evidence_is_no_harm(void **state)
{
    (void)state;
    struct key_ear *ear = key_ear_made();
    struct harmony_evidence evidence = {.frame = 0.0};
    struct key_event event;
    memset(evidence.keys, 0, sizeof evidence.keys);
    for (int i = 0; i < 3000; i++) {
        evidence.frame += 400.0;
        (void)key_ear_push(ear, &evidence, &event);
    }
    assert_true(isfinite(key_ear_now(ear)->confidence));
    key_ear_free(ear);
    key_ear_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_key_once),
        cmocka_unit_test(waits_until_it_has_heard_something),
        cmocka_unit_test(follows_a_modulation_and_does_not_waver),
        cmocka_unit_test(the_same_evidence_counts_once),
        cmocka_unit_test(impossible_evidence_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
