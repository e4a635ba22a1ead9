// SPDX-License-Identifier: GPL-3.0-or-later
// Changes while the music runs: how soon they are heard, and what holds whatever comes.
#include "band.h"

#include "compose/voicing.h"
#include "core/random.h"

#include <math.h>
#include <string.h>

enum { SPEAKS_MS = 300, SHOWS = 24, CHANGES = 40 };

/// A composer that is played as a station plays it, and what it wrote.
struct show {
    const struct band *band;
    struct random random;
    struct composer *composer;
    struct controls controls;
    const struct preset *preset;
    int64_t now;
    bool crossed;  ///< whether the last change asks for a crossing
    int64_t limit; ///< by when its chord begins
    struct score score;
};

static void show_begin(struct show *show, const struct band *band, const char *preset, uint64_t seed)
{
    memset(show, 0, sizeof *show);
    show->band = band;
    random_init(&show->random, seed, 77);
    show->preset = presets_find(band->presets, preset, NULL);
    assert_non_null(show->preset);
    show->controls = show->preset->defaults;
    show->composer = composer_new(band->harmony, show->preset, &show->controls, seed);
    assert_non_null(show->composer);
}

static void show_end(struct show *show)
{
    score_done(&show->score);
    composer_free(show->composer);
}

/// What holds for all that is written, when it is written: from index \p from on.
static void check_events(const struct show *show, size_t from)
{
    for (size_t i = from; i < show->score.count; i++) {
        const struct event *event = &show->score.events[i];
        assert_true(event->tick >= show->now);
        if (event->kind == EVENT_CHORD) {
            assert_int_equal(event->harmony.key.tonic, show->controls.key.tonic);
            assert_int_equal(event->harmony.key.mode, show->controls.key.mode);
        }
        if (event->kind == EVENT_NOTE) {
            const struct preset_part *part = part_settings(show->preset, (enum part)event->channel);
            assert_in_range(event->note.velocity, 20, 100);
            assert_in_range(event->note.duration, 1, 64 * TICKS_PER_BEAT);
            assert_in_range(event->note.key, part->low, part->high);
        }
    }
}

static void show_play(struct show *show, int64_t ticks)
{
    const int64_t end = show->now + ticks;
    while (show->now < end) {
        const size_t before = show->score.count;
        const int64_t until = show->now + 1 + (int64_t)random_below(&show->random, 40);
        assert_int_equal(composer_advance(show->composer, until, &show->score), STATUS_OK);
        check_events(show, before);
        show->now = until;
    }
}

static int64_t ticks_of_ms(const struct controls *controls, double ms)
{
    return (int64_t)(ms * controls->bpm * TICKS_PER_BEAT / 60000.0);
}

static void show_change(struct show *show, const struct preset *preset, struct controls controls)
{
    const size_t before = show->score.count;
    show->crossed = (preset && preset != show->preset) || controls.key.tonic != show->controls.key.tonic ||
                    controls.key.mode != show->controls.key.mode;
    show->limit = show->now + ticks_of_ms(&controls, SPEAKS_MS);
    show->controls = controls;
    show->preset = preset ? preset : show->preset;
    assert_int_equal(composer_change(show->composer, preset, &controls, show->now, &show->score), STATUS_OK);
    check_events(show, before);
    assert_true(show->score.count - before < 100);
}

/// A random change of some of all that can be changed.
static void show_surprise(struct show *show)
{
    struct controls controls = show->controls;
    const struct preset *preset = NULL;
    const uint32_t what = 1 + random_below(&show->random, 31);
    if (what & 1) {
        controls.key.tonic = (uint8_t)random_below(&show->random, PITCH_CLASSES);
    }
    if (what & 2) {
        controls.key.mode = (enum mode)random_below(&show->random, MODE_COUNT);
    }
    if (what & 4) {
        controls.intensity = fmin(1.25 * random_unit(&show->random), 1.0);
    }
    if (what & 8) {
        controls.bpm = CONTROLS_BPM_MIN + (CONTROLS_BPM_MAX - CONTROLS_BPM_MIN) * random_unit(&show->random);
    }
    if (what & 16) {
        const uint32_t count = (uint32_t)presets_count(show->band->presets);
        preset = presets_at(show->band->presets, random_below(&show->random, count));
    }
    show_change(show, preset, controls);
}

/// The first event of \p kind on \p channel from index \p from on; NULL for none.
static const struct event *find_event(const struct score *score, size_t from, enum event_kind kind, int channel)
{
    for (size_t i = from; i < score->count; i++) {
        if (score->events[i].kind == kind && (channel < 0 || score->events[i].channel == channel)) {
            return &score->events[i];
        }
    }
    return NULL;
}

/// The last change is heard in time, from index \p from on: a cut, the tonic chord of the new key, and the pads.
static void check_crossing(const struct show *show, size_t from)
{
    const struct key key = show->controls.key;
    const struct event *chord = find_event(&show->score, from, EVENT_CHORD, -1);
    assert_non_null(chord);
    assert_true(chord->tick <= show->limit);
    assert_int_equal(chord->harmony.chord.root, harmony_tonic(show->band->harmony, key).root);
    unsigned pads = 0;
    for (size_t i = from; i < show->score.count; i++) {
        const struct event *event = &show->score.events[i];
        pads += event->kind == EVENT_NOTE && event->channel == PART_PAD && event->tick == chord->tick;
    }
    assert_in_range(pads, 3, VOICING_MAX);
    for (int part = 0; part < PART_COUNT; part++) {
        const struct event *cut = find_event(&show->score, from, EVENT_CUT, part);
        const struct event *note = find_event(&show->score, from, EVENT_NOTE, part);
        assert_non_null(cut);
        assert_int_equal(cut->tick, chord->tick);
        assert_true(!note || cut < note);
    }
}

/// In the order in which it sounds, no note is from the chord before: only the melody has tones beside the chord.
static void check_show(struct show *show)
{
    assert_int_equal(score_sort(&show->score), STATUS_OK);
    struct walk walk = walk_start(&show->score);
    for (const struct event *note = walk_note(&walk); note; note = walk_note(&walk)) {
        if (note->channel != PART_MELODY) {
            assert_int_equal(melody_tone_class(note->note.key, walk.chord, walk.key), TONE_CHORD);
        }
    }
}

static void a_change_is_heard_at_once(void **state)
{
    static const char *const names[] = {"bright", "focus", "meditation", "sleep"};
    for (size_t i = 0; i < SHOWS; i++) {
        struct show show;
        show_begin(&show, *state, names[i % 4], i);
        for (int j = 0; j < CHANGES; j++) {
            show_play(&show, (int64_t)random_below(&show.random, 20000));
            const size_t from = show.score.count;
            show_surprise(&show);
            show_play(&show, ticks_of_ms(&show.controls, SPEAKS_MS) + 1);
            if (show.crossed) {
                check_crossing(&show, from);
            }
        }
        check_show(&show);
        show_end(&show);
    }
}

/// The chord that sounds at \p tick.
static const struct event *chord_at(const struct score *score, int64_t tick)
{
    const struct event *chord = NULL;
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_CHORD && event->tick <= tick && (!chord || event->tick >= chord->tick)) {
            chord = event;
        }
    }
    return chord;
}

static void many_changes_in_a_row_end_in_the_last(void **state)
{
    for (uint64_t seed = 1; seed <= SHOWS; seed++) {
        struct show show;
        show_begin(&show, *state, "focus", seed);
        for (int i = 0; i < CHANGES; i++) {
            for (uint32_t n = 1 + random_below(&show.random, 10); n > 0; n--) {
                show_surprise(&show);
                show_play(&show, (int64_t)random_below(&show.random, seed % 2 ? 3 : 60));
            }
            show_change(&show, NULL, show.controls);
            show_play(&show, ticks_of_ms(&show.controls, SPEAKS_MS) + 1);
            const struct event *chord = chord_at(&show.score, show.limit);
            assert_non_null(chord);
            assert_int_equal(chord->harmony.key.tonic, show.controls.key.tonic);
            assert_int_equal(chord->harmony.key.mode, show.controls.key.mode);
            show_play(&show, (int64_t)random_below(&show.random, 4000));
        }
        assert_true(show.score.count < (size_t)(show.now / STEP_TICKS) * 10 + (size_t)CHANGES * 500);
        check_show(&show);
        show_end(&show);
    }
}

static void what_changes_nothing_is_not_heard(void **state)
{
    struct show show;
    show_begin(&show, *state, "focus", 3);
    show_play(&show, 10000);
    const size_t before = show.score.count;
    show_change(&show, NULL, show.controls);
    show_change(&show, show.preset, show.controls);
    struct controls faster = show.controls;
    faster.bpm = 200.0;
    show_change(&show, NULL, faster);
    assert_int_equal(show.score.count, before);
    assert_true(composer_controls(show.composer)->bpm == 200.0);
    assert_ptr_equal(composer_preset(show.composer), show.preset);
    show_end(&show);
}

/// The values of expression of each part from index \p from on rise all the way, none of them after tick \p end.
static void check_rise(const struct show *show, size_t from, int64_t end)
{
    int last[PART_COUNT] = {0};
    for (size_t i = from; i < show->score.count; i++) {
        const struct event *event = &show->score.events[i];
        if (event->kind == EVENT_MIDI) {
            assert_int_equal(event->midi.status, 0xb0);
            assert_int_equal(event->midi.data[0], 11);
            assert_true(event->tick <= end);
            assert_true(event->midi.data[1] >= last[event->channel]);
            last[event->channel] = event->midi.data[1];
        }
    }
    for (int part = 0; part < PART_COUNT; part++) {
        assert_int_equal(last[part], 127);
    }
}

static void intensity_moves_expression_within_200_ms(void **state)
{
    struct show show;
    show_begin(&show, *state, "focus", 3);
    show_play(&show, 10000);
    const size_t before = show.score.count;
    struct controls controls = show.controls;
    controls.intensity = 1.0;
    const int64_t end = show.now + ticks_of_ms(&controls, 200.0);
    show_change(&show, NULL, controls);
    show_play(&show, 2000);
    check_rise(&show, before, end);
    show_end(&show);
}

/// A dial that is turned up steadily, faster than expression follows, is never heard to go down.
static void a_turned_dial_is_followed_without_a_way_back(void **state)
{
    enum { TURNS = 10 };
    struct show show;
    show_begin(&show, *state, "focus", 3);
    struct controls controls = show.controls;
    controls.intensity = 0.0;
    show_change(&show, NULL, controls);
    show_play(&show, 10000);
    const size_t before = show.score.count;
    for (int i = 1; i <= TURNS; i++) {
        controls.intensity = (double)i / TURNS;
        show_change(&show, NULL, controls);
        show_play(&show, ticks_of_ms(&controls, 50.0));
    }
    const int64_t end = show.now + ticks_of_ms(&controls, 200.0);
    show_play(&show, 2000);
    check_rise(&show, before, end);
    show_end(&show);
}

/// The program and the volume that each part of \p preset was given from index \p from on.
static void check_set_up(const struct score *score, size_t from, const struct preset *preset)
{
    for (int part = 0; part < PART_COUNT; part++) {
        const struct preset_part *settings = part_settings(preset, (enum part)part);
        int program = -1;
        int volume = -1;
        for (size_t i = from; i < score->count; i++) {
            const struct event *event = &score->events[i];
            if (event->kind == EVENT_MIDI && event->channel == part) {
                program = event->midi.status == 0xc0 ? event->midi.data[0] : program;
                volume = event->midi.status == 0xb0 && event->midi.data[0] == 7 ? event->midi.data[1] : volume;
            }
        }
        assert_int_equal(program, settings->program);
        assert_int_equal(volume, settings->volume);
    }
}

static void a_change_before_the_first_note_loses_no_set_up(void **state)
{
    for (int other = 0; other < 2; other++) {
        struct show show;
        show_begin(&show, *state, "focus", 3);
        const struct preset *sleep = presets_find(show.band->presets, "sleep", NULL);
        struct controls controls = other ? sleep->defaults : show.controls;
        controls.key.tonic = (uint8_t)((controls.key.tonic + 1) % PITCH_CLASSES);
        show_change(&show, other ? sleep : NULL, controls);
        show_play(&show, 2000);
        check_set_up(&show.score, 0, show.preset);
        assert_int_equal(score_sort(&show.score), STATUS_OK);
        assert_int_equal(show.score.events[0].kind, EVENT_MIDI);
        assert_int_equal(show.score.events[0].tick, 0);
        assert_non_null(find_event(&show.score, 0, EVENT_NOTE, PART_PAD));
        show_end(&show);
    }
}

static void a_new_preset_sets_up_its_parts(void **state)
{
    struct show show;
    show_begin(&show, *state, "focus", 3);
    show_play(&show, 10000);
    const size_t before = show.score.count;
    const struct preset *sleep = presets_find(show.band->presets, "sleep", NULL);
    show_change(&show, sleep, sleep->defaults);
    show_play(&show, 200);
    check_set_up(&show.score, before, sleep);
    show_end(&show);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_heard_at_once),
        cmocka_unit_test(many_changes_in_a_row_end_in_the_last),
        cmocka_unit_test(what_changes_nothing_is_not_heard),
        cmocka_unit_test(intensity_moves_expression_within_200_ms),
        cmocka_unit_test(a_new_preset_sets_up_its_parts),
        cmocka_unit_test(a_turned_dial_is_followed_without_a_way_back),
        cmocka_unit_test(a_change_before_the_first_note_loses_no_set_up),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
