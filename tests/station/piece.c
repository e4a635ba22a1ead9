// SPDX-License-Identifier: GPL-3.0-or-later
// What a listener hears of a piece, through the sampler: how it sounds, and that a change is heard and does not hurt.
#include "station/piece.h"

#include "fixture.h"
#include "loudness.h"
#include "synth/sampler.h"
#include "synth/soundfont.h"
#include "tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, SECONDS_MAX = 24, FRAMES_MAX = SECONDS_MAX * RATE, BLOCK = RATE / 50 };

static const double CEILING = 0.891;

// A piece and all that it has played.
struct take {
    struct piece *piece;
    size_t frames;
    float left[FRAMES_MAX];
    float right[FRAMES_MAX];
};

static void need_soundfont(void)
{
    if (soundfont_check(soundfont_find(), NULL) != STATUS_OK) {
        print_message("no SoundFont at %s\n", soundfont_find());
        skip();
    }
}

static struct instrument *new_sampler(void)
{
    struct instrument *instrument = NULL;
    struct complaint complaint = {""};
    // As loud as the program plays it.
    if (sampler_new(&(struct instrument_options){.rate = RATE, .gain = 1, .wet = 0.2}, &instrument, &complaint) !=
        STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return instrument;
}

static struct take *take_with(const struct fixture *fixture, const char *preset, const struct controls *controls,
                              uint64_t seed, struct instrument *instrument)
{
    struct take *take = calloc(1, sizeof *take);
    assert_non_null(take);
    struct piece_options options = fixture_piece(fixture, preset, seed, RATE, instrument);
    options.controls = controls ? *controls : options.controls;
    take->piece = piece_new(&options);
    assert_non_null(take->piece);
    return take;
}

static void take_free(struct take *take)
{
    piece_free(take->piece);
    free(take);
}

static void play_in(struct take *take, size_t frames, size_t block)
{
    assert_true(take->frames + frames <= FRAMES_MAX);
    while (frames > 0) {
        const size_t now = frames < block ? frames : block;
        assert_int_equal(piece_render(take->piece, take->left + take->frames, take->right + take->frames, now),
                         STATUS_OK);
        take->frames += now;
        frames -= now;
    }
    assert_int_equal(piece_frame(take->piece), take->frames);
}

static void play(struct take *take, double seconds)
{
    play_in(take, (size_t)(seconds * (double)RATE), BLOCK);
}

static void change(struct take *take, const struct preset *preset, const struct controls *controls)
{
    assert_int_equal(piece_change(take->piece, preset, controls), STATUS_OK);
}

static struct controls controls_of(const struct take *take)
{
    return *composer_controls(piece_composer(take->piece));
}

static void expect_equal(const struct take *one, const struct take *two)
{
    assert_int_equal(one->frames, two->frames);
    assert_memory_equal(one->left, two->left, one->frames * sizeof one->left[0]);
    assert_memory_equal(one->right, two->right, one->frames * sizeof one->right[0]);
}

// Plays with some changes, in blocks of \p block frames.
static void play_with_changes(const struct fixture *fixture, struct take *take, size_t block)
{
    play_in(take, 70000, block);
    struct controls controls = controls_of(take);
    controls.key = (struct key){8, MODE_LYDIAN};
    controls.intensity = 0.9;
    change(take, NULL, &controls);
    play_in(take, 50001, block);
    change(take, fixture_preset(fixture, "bright"), &fixture_preset(fixture, "bright")->defaults);
    play_in(take, 40000, block);
    controls = controls_of(take);
    controls.bpm = 111;
    change(take, NULL, &controls);
    play_in(take, 77777, block);
}

static void test_the_same_changes_give_the_same_samples(void **state)
{
    const struct fixture *fixture = *state;
    need_soundfont();
    struct take *one = take_with(fixture, "focus", NULL, 5, new_sampler());
    struct take *two = take_with(fixture, "focus", NULL, 5, new_sampler());
    play_with_changes(fixture, one, BLOCK);
    play_with_changes(fixture, two, BLOCK);
    expect_equal(one, two);
    take_free(two);
    two = take_with(fixture, "focus", NULL, 6, new_sampler());
    play_with_changes(fixture, two, BLOCK);
    assert_memory_not_equal(one->left, two->left, one->frames * sizeof one->left[0]);
    take_free(one);
    take_free(two);
}

static void test_the_size_of_blocks_is_not_heard(void **state)
{
    static const size_t blocks[] = {1, 441, 1024, 5000, 1 << 20};
    const struct fixture *fixture = *state;
    struct take *one = take_with(fixture, "focus", NULL, 5, tone_new(RATE));
    play_with_changes(fixture, one, BLOCK);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct take *two = take_with(fixture, "focus", NULL, 5, tone_new(RATE));
        play_with_changes(fixture, two, blocks[i]);
        expect_equal(one, two);
        take_free(two);
    }
    take_free(one);
}

static void test_the_size_of_blocks_is_not_heard_through_the_sampler(void **state)
{
    const struct fixture *fixture = *state;
    need_soundfont();
    struct take *one = take_with(fixture, "focus", NULL, 5, new_sampler());
    struct take *two = take_with(fixture, "focus", NULL, 5, new_sampler());
    play_with_changes(fixture, one, BLOCK);
    play_with_changes(fixture, two, 333);
    expect_equal(one, two);
    take_free(one);
    take_free(two);
}

static void test_stays_below_the_ceiling_and_without_direct_current(void **state)
{
    const struct fixture *fixture = *state;
    need_soundfont();
    for (size_t p = 0; p < presets_count(fixture->presets); p++) {
        const struct preset *preset = presets_at(fixture->presets, p);
        struct controls controls = preset->defaults;
        controls.intensity = 1;
        struct take *take = take_with(fixture, preset->name, &controls, 11, new_sampler());
        play(take, SECONDS_MAX);
        double peak = 0;
        double sum = 0;
        double power = 0;
        for (size_t i = 0; i < take->frames; i++) {
            assert_true(isfinite(take->left[i]) && isfinite(take->right[i]));
            peak = fmax(peak, fmax(fabs((double)take->left[i]), fabs((double)take->right[i])));
            sum += take->left[i];
            power += (double)take->left[i] * take->left[i];
        }
        const double rms = sqrt(power / (double)take->frames);
        assert_true(peak <= CEILING + 1e-6);
        assert_true(rms > 0.005);
        print_message("%s: peak %.3f, rms %.4f, mean %g\n", preset->name, peak, rms, sum / (double)take->frames);
        assert_true(fabs(sum / (double)take->frames) < rms * 3e-3);
        take_free(take);
    }
}

// Energy above some 12 kHz in each millisecond: the fourth difference leaves little of music and much of a click.
static double click_at(const struct take *take, size_t from)
{
    double sum = 0;
    for (size_t i = from; i < from + RATE / 1000; i++) {
        const float *s = take->left + i;
        const double d = (double)s[0] - 4.0 * s[1] + 6.0 * s[2] - 4.0 * s[3] + s[4];
        sum += d * d;
    }
    return sum;
}

static double worst_click(const struct take *take, double from_s, double to_s)
{
    double worst = 0;
    for (size_t i = (size_t)(from_s * (double)RATE); i < (size_t)(to_s * (double)RATE); i += RATE / 1000) {
        worst = fmax(worst, click_at(take, i));
    }
    return worst;
}

static const double BEFORE_S = 8;

// Makes one of several changes; false when there are no more.
static bool disturb(const struct fixture *fixture, struct take *take, int which)
{
    static const char *const presets[] = {"sleep", "bright", "meditation", "focus"};
    struct controls controls = controls_of(take);
    const struct preset *preset = NULL;
    if (which < 4) {
        controls.key = (struct key){(uint8_t)(which * 5 % 12), (enum mode)(which * 2 % MODE_COUNT)};
    } else if (which < 6) {
        controls.bpm = which == 4 ? 180 : 35;
    } else if (which < 8) {
        controls.intensity = which == 6 ? 1 : 0;
    } else if (which < 12) {
        preset = fixture_preset(fixture, presets[which - 8]);
        controls = preset->defaults;
    } else {
        return false;
    }
    change(take, preset, &controls);
    return true;
}

// The worst that the notes of any preset sound like when nothing is changed.
static double usual_click(const struct fixture *fixture)
{
    double usual = 0;
    for (size_t p = 0; p < presets_count(fixture->presets); p++) {
        struct take *calm = take_with(fixture, presets_at(fixture->presets, p)->name, NULL, 21, new_sampler());
        play(calm, 16);
        usual = fmax(usual, worst_click(calm, 1, 15));
        take_free(calm);
    }
    return usual;
}

static void test_the_measure_of_clicks_sees_one(void **state)
{
    need_soundfont();
    struct take *take = take_with(*state, "focus", NULL, 21, new_sampler());
    play(take, 3);
    for (size_t i = 2 * (size_t)RATE; i < take->frames; i++) {
        take->left[i] += 0.15F;
    }
    assert_true(worst_click(take, 1.99, 2.02) > 2 * usual_click(*state));
    take_free(take);
}

static void test_no_change_clicks(void **state)
{
    const struct fixture *fixture = *state;
    need_soundfont();
    const double usual = usual_click(fixture);
    for (int which = 0;; which++) {
        struct take *take = take_with(fixture, "focus", NULL, 21, new_sampler());
        play(take, BEFORE_S);
        const bool more = disturb(fixture, take, which);
        play(take, more ? 1 : 0);
        const double worst = more ? worst_click(take, BEFORE_S - 0.01, BEFORE_S + 0.9) : 0;
        take_free(take);
        print_message("change %d: %g\n", which, worst / usual);
        assert_true(worst < 2 * usual);
        if (!more) {
            break;
        }
    }
}

// How much of pitch class energy between two moments is in \p set.
static void chroma(const struct take *take, size_t from, size_t frames, double out[PITCH_CLASSES])
{
    memset(out, 0, PITCH_CLASSES * sizeof *out);
    for (int key = 45; key <= 96; key++) {
        const double step = 2 * M_PI * pitch_hz(key) / (double)RATE;
        double re = 0;
        double im = 0;
        for (size_t i = 0; i < frames; i++) {
            const double window = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)frames);
            const double s = window * ((double)take->left[from + i] + take->right[from + i]);
            re += s * cos(step * (double)i);
            im += s * sin(step * (double)i);
        }
        out[key % PITCH_CLASSES] += re * re + im * im;
    }
}

static double fit(const double energy[PITCH_CLASSES], struct key key)
{
    double in = 0;
    double all = 0;
    for (int class = 0; class < PITCH_CLASSES; class ++) {
        all += energy[class];
        in += key_set(key) >> class & 1 ? energy[class] : 0;
    }
    return in / all;
}

static void test_a_new_key_is_heard_within_300_ms(void **state)
{
    static const struct key keys[][2] = {
        {{2, MODE_DORIAN}, {8, MODE_LYDIAN}},    {{0, MODE_IONIAN}, {6, MODE_IONIAN}},
        {{9, MODE_AEOLIAN}, {3, MODE_AEOLIAN}},  {{7, MODE_MIXOLYDIAN}, {1, MODE_DORIAN}},
        {{4, MODE_PHRYGIAN}, {10, MODE_LYDIAN}}, {{5, MODE_LYDIAN}, {11, MODE_IONIAN}},
    };
    const struct fixture *fixture = *state;
    need_soundfont();
    for (size_t p = 0; p < presets_count(fixture->presets); p++) {
        // Half of the changes in each preset, for time.
        for (size_t i = p & 1; i < sizeof keys / sizeof *keys; i += 2) {
            struct controls controls = presets_at(fixture->presets, p)->defaults;
            controls.key = keys[i][0];
            struct take *take =
                take_with(fixture, presets_at(fixture->presets, p)->name, &controls, 31 + i, new_sampler());
            play(take, 5 + 0.37 * (double)i);
            const size_t at = take->frames;
            controls.key = keys[i][1];
            change(take, NULL, &controls);
            play(take, 1);
            double energy[PITCH_CLASSES];
            chroma(take, at + RATE * 3 / 10, RATE / 2, energy);
            print_message("%s %zu: new %.3f old %.3f\n", presets_at(fixture->presets, p)->name, i,
                          fit(energy, keys[i][1]), fit(energy, keys[i][0]));
            assert_true(fit(energy, keys[i][1]) > fit(energy, keys[i][0]));
            take_free(take);
        }
    }
}

static void test_more_intensity_is_louder_within_300_ms(void **state)
{
    const struct fixture *fixture = *state;
    need_soundfont();
    for (uint64_t seed = 41; seed < 45; seed++) {
        double heard[2];
        for (int more = 0; more < 2; more++) {
            struct controls controls = fixture_preset(fixture, "focus")->defaults;
            controls.intensity = 0.3;
            struct take *take = take_with(fixture, "focus", &controls, seed, new_sampler());
            play(take, 6);
            const size_t at = take->frames;
            controls.intensity = more ? 0.9 : 0.3;
            change(take, NULL, &controls);
            play(take, 1);
            heard[more] = loudness_momentary(take->left + at + RATE * 3 / 10, take->right + at + RATE * 3 / 10,
                                             RATE * 2 / 5, RATE);
            take_free(take);
        }
        print_message("seed %d: %.1f to %.1f LUFS\n", (int)seed, heard[0], heard[1]);
        assert_true(heard[1] > heard[0] + 1);
    }
}

// A tone of half the sample rate and a constant level, which shows the gain itself.
struct constant {
    struct instrument base;
    float level;
    float offset;
    size_t frame;
};

static void start_nothing(struct instrument *instrument, int channel, int key, int velocity)
{
    (void)instrument;
    (void)channel;
    (void)key;
    (void)velocity;
}

static void end_nothing(struct instrument *instrument, int channel, int key)
{
    start_nothing(instrument, channel, key, 0);
}

static void heed_nothing(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    (void)data2;
    start_nothing(instrument, status, channel, data1);
}

static void reset_nothing(struct instrument *instrument, enum midi_reset reset)
{
    (void)instrument;
    (void)reset;
}

static void render_constant(struct instrument *instrument, float *left, float *right, size_t frames)
{
    struct constant *constant = (struct constant *)(void *)instrument;
    for (size_t i = 0; i < frames; i++) {
        left[i] = right[i] = constant->offset + (constant->frame++ & 1 ? constant->level : -constant->level);
    }
}

static void free_nothing(struct instrument *instrument)
{
    (void)instrument;
}

static struct constant constant_at(float level)
{
    static const struct instrument_ops ops = {.note_on = start_nothing,
                                              .note_off = end_nothing,
                                              .message = heed_nothing,
                                              .reset = reset_nothing,
                                              .render = render_constant,
                                              .free = free_nothing};
    return (struct constant){.base = {.ops = &ops, .name = "constant"}, .level = level};
}

static void test_no_instrument_is_too_loud(void **state)
{
    struct constant constant = constant_at(40);
    struct take *take = take_with(*state, "bright", NULL, 1, &constant.base);
    play(take, 2);
    double peak = 0;
    for (size_t i = 0; i < take->frames; i++) {
        peak = fmax(peak, fmax(fabs((double)take->left[i]), fabs((double)take->right[i])));
    }
    assert_true(peak <= CEILING + 1e-6 && peak > CEILING * 0.9);
    take_free(take);
}

static void test_takes_direct_current_out(void **state)
{
    struct constant constant = constant_at(0.01F);
    constant.offset = 0.05F;
    struct take *take = take_with(*state, "bright", NULL, 1, &constant.base);
    play(take, 2);
    double sum = 0;
    for (size_t i = RATE; i < take->frames; i++) {
        sum += take->left[i];
    }
    assert_true(fabs(sum / (double)RATE) < 1e-4);
    take_free(take);
}

static void test_a_presets_gain_is_reached_without_a_jump(void **state)
{
    struct constant constant = constant_at(0.1F);
    const struct fixture *fixture = *state;
    const struct preset *loud = presets_at(fixture->presets, 0);
    const struct preset *soft = loud;
    for (size_t p = 0; p < presets_count(fixture->presets); p++) {
        const struct preset *preset = presets_at(fixture->presets, p);
        loud = preset->gain_db > loud->gain_db ? preset : loud;
        soft = preset->gain_db < soft->gain_db ? preset : soft;
    }
    struct take *take = take_with(fixture, loud->name, NULL, 1, &constant.base);
    play(take, 1);
    change(take, soft, &soft->defaults);
    play(take, 0.1);
    change(take, loud, &loud->defaults); // turned round on the way
    play(take, 0.05);
    change(take, soft, &soft->defaults);
    play(take, 1);
    const double from = pow(10, loud->gain_db / 20) * 0.1;
    const double to = pow(10, soft->gain_db / 20) * 0.1;
    for (size_t i = RATE / 2; i + 1 < take->frames; i++) {
        const double step = fabs(fabs((double)take->left[i + 1]) - fabs((double)take->left[i]));
        if (!(step < from / 200)) {
            fail_msg("frame %zu: %g to %g, from %g", i, (double)take->left[i], (double)take->left[i + 1], from);
        }
    }
    assert_true(fabs(fabs((double)take->left[RATE - 1]) / from - 1) < 0.01);
    assert_true(fabs(fabs((double)take->left[take->frames - 1]) / to - 1) < 0.01);
    take_free(take);
}

static void test_takes_its_instrument_with_it(void **state)
{
    const struct fixture *fixture = *state;
    const int tones = tone_count();
    struct take *take = take_with(fixture, "focus", NULL, 1, tone_new(RATE));
    assert_int_equal(tone_count(), tones + 1);
    assert_string_equal(piece_instrument(take->piece)->name, "tone");
    assert_in_range(piece_delay(take->piece), 1, RATE / 50);
    take_free(take);
    assert_int_equal(tone_count(), tones);
    piece_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_the_same_changes_give_the_same_samples, fixture_end),
        cmocka_unit_test_teardown(test_the_size_of_blocks_is_not_heard, fixture_end),
        cmocka_unit_test_teardown(test_the_size_of_blocks_is_not_heard_through_the_sampler, fixture_end),
        cmocka_unit_test_teardown(test_stays_below_the_ceiling_and_without_direct_current, fixture_end),
        cmocka_unit_test_teardown(test_the_measure_of_clicks_sees_one, fixture_end),
        cmocka_unit_test_teardown(test_no_change_clicks, fixture_end),
        cmocka_unit_test_teardown(test_a_new_key_is_heard_within_300_ms, fixture_end),
        cmocka_unit_test_teardown(test_more_intensity_is_louder_within_300_ms, fixture_end),
        cmocka_unit_test_teardown(test_no_instrument_is_too_loud, fixture_end),
        cmocka_unit_test_teardown(test_takes_direct_current_out, fixture_end),
        cmocka_unit_test_teardown(test_a_presets_gain_is_reached_without_a_jump, fixture_end),
        cmocka_unit_test_teardown(test_takes_its_instrument_with_it, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
