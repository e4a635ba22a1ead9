// SPDX-License-Identifier: GPL-3.0-or-later
// The composer keeps two phrases, the one that sounds and the one after it, so that every chord knows the next. For
// each step it describes the moment (where in the phrase, which chord, whether one starts) and lets each part play it.
//
// A crossing replaces both phrases from the present bar line on, with the new tonic chord first, and makes one moment
// outside the grid in which every part ends what it held and speaks in the new key. It stands behind whatever was
// already written (a strummed pad note may lie some ticks ahead), so that no note of the old key follows it.
#include "compose/compose.h"

#include "compose/bass.h"
#include "compose/pad.h"
#include "compose/phrase.h"
#include "compose/sparkle.h"

#include <math.h>
#include <stdlib.h>

enum {
    CONTROLLER_VOLUME = 7,
    CONTROLLER_PAN = 10,
    CONTROLLER_EXPRESSION = 11,
    EXPRESSION_CALM = 104,
    EXPRESSION_FULL = 127,
    EXPRESSION_STEPS = 8
};

static const double EXPRESSION_MS = 200.0;
static const double GRID_WAIT_MS = 120.0;

// Expression on its way to what the intensity asks for, a value at a time: a change on the way starts from where it is.
struct ramp {
    double value; ///< the last that was put
    double change;
    double next_tick; ///< of the next value
    double stride;    ///< ticks between values
    int left;         ///< values to come
};

struct composer {
    const struct preset *preset;
    struct controls controls;
    struct phrase_maker maker;
    struct phrase phrase; ///< what sounds
    struct phrase next;
    unsigned chord;    ///< index into phrase
    bool begun;        ///< the parts are set up
    int64_t next_tick; ///< the first step that is not composed yet
    int64_t latest;    ///< the last tick on which a note was put
    bool crossing;     ///< due on the next step
    struct ramp expression;
    struct melody melody;
    struct pad pad;
    struct bass bass;
    struct sparkle sparkle;
};

static double expression_at(double intensity)
{
    return EXPRESSION_CALM + (EXPRESSION_FULL - EXPRESSION_CALM) * intensity;
}

static void make_phrases(struct composer *composer, bool afresh, int64_t start)
{
    const struct key key = composer->controls.key;
    phrase_make(&composer->maker, composer->preset, key, NULL, afresh, start, &composer->phrase);
    const int64_t end = phrase_chord_start(&composer->phrase, composer->phrase.count, composer->preset->meter);
    phrase_make(&composer->maker, composer->preset, key, &composer->phrase, false, end, &composer->next);
    composer->chord = 0;
}

struct composer *composer_new(const struct harmony *harmony, const struct preset *preset,
                              const struct controls *controls, uint64_t seed)
{
    struct composer *composer = calloc(1, sizeof *composer);
    if (!composer) {
        return NULL;
    }
    composer->preset = preset;
    composer->controls = *controls;
    composer->expression.value = expression_at(controls->intensity);
    phrase_maker_init(&composer->maker, harmony, seed);
    melody_init(&composer->melody, seed);
    pad_init(&composer->pad, seed);
    bass_init(&composer->bass, seed);
    sparkle_init(&composer->sparkle, seed);
    make_phrases(composer, true, 0);
    return composer;
}

void composer_free(struct composer *composer)
{
    free(composer);
}

static void put_expression(const struct composer *composer, struct moment *moment)
{
    for (int part = 0; part < PART_COUNT; part++) {
        const int value = (int)lround(composer->expression.value);
        moment_emit(moment, event_controller(moment->tick, part, CONTROLLER_EXPRESSION, value));
    }
}

static void set_up_parts(const struct composer *composer, struct moment *moment)
{
    for (int part = 0; part < PART_COUNT; part++) {
        const struct preset_part *settings = part_settings(composer->preset, (enum part)part);
        moment_emit(moment, event_program(moment->tick, part, settings->program));
        moment_emit(moment, event_controller(moment->tick, part, CONTROLLER_VOLUME, settings->volume));
        moment_emit(moment, event_controller(moment->tick, part, CONTROLLER_PAN, settings->pan));
    }
}

static int64_t chord_start(const struct composer *composer, unsigned index)
{
    return phrase_chord_start(&composer->phrase, index, composer->preset->meter);
}

static void take_next_phrase(struct composer *composer)
{
    composer->phrase = composer->next;
    const int64_t end = chord_start(composer, composer->phrase.count);
    phrase_make(&composer->maker, composer->preset, composer->controls.key, &composer->phrase, false, end,
                &composer->next);
    composer->chord = 0;
}

static struct moment moment_at(const struct composer *composer, int64_t tick, struct score *out)
{
    const struct phrase *phrase = &composer->phrase;
    const unsigned index = composer->chord;
    const bool last = index + 1 == phrase->count;
    const struct phrase_chord *next = last ? &composer->next.chords[0] : &phrase->chords[index + 1];
    const int64_t end = chord_start(composer, index + 1);
    return (struct moment){.tick = tick,
                           .preset = composer->preset,
                           .key = phrase->key,
                           .intensity = composer->controls.intensity,
                           .chord = phrase->chords[index].chord,
                           .chord_end = end,
                           .next = next->chord,
                           .next_end = end + (int64_t)next->bars * meter_bar_ticks(composer->preset->meter),
                           .chord_starts = tick == chord_start(composer, index),
                           .phrase_starts = tick == phrase->start,
                           .phrase_start = phrase->start,
                           .out = out,
                           .latest = composer->latest};
}

static enum status play(struct composer *composer, struct moment *moment)
{
    if (moment->chord_starts) {
        moment_emit(moment, event_chord(moment->tick, moment->chord, moment->key));
    }
    pad_step(&composer->pad, moment);
    bass_step(&composer->bass, moment);
    melody_step(&composer->melody, moment);
    sparkle_step(&composer->sparkle, moment);
    composer->latest = moment->latest;
    return moment->status;
}

static enum status cross(struct composer *composer, int64_t tick, struct score *out)
{
    const int64_t bar = meter_bar_ticks(composer->preset->meter);
    const int64_t bar_start = tick - (tick - composer->phrase.start) % bar;
    make_phrases(composer, true, bar_start);
    struct phrase_chord *first = &composer->phrase.chords[0];
    if (chord_start(composer, 1) - tick < bar / 2) {
        first->bars++;
        composer->next.start += bar;
    }
    struct moment moment = moment_at(composer, tick, out);
    moment.chord_starts = true;
    moment.crossing = true;
    moment.phrase_starts = true;
    composer->crossing = false;
    return play(composer, &moment);
}

static enum status begin(const struct composer *composer, struct score *out)
{
    struct moment moment = {.tick = 0, .out = out};
    set_up_parts(composer, &moment);
    put_expression(composer, &moment);
    return moment.status;
}

static enum status step(struct composer *composer, struct score *out)
{
    const int64_t tick = composer->next_tick;
    composer->next_tick += STEP_TICKS;
    if (composer->crossing) {
        return cross(composer, tick, out);
    }
    while (tick >= chord_start(composer, composer->chord + 1)) {
        composer->chord++;
        if (composer->chord == composer->phrase.count) {
            take_next_phrase(composer);
        }
    }
    struct moment moment = moment_at(composer, tick, out);
    return play(composer, &moment);
}

static enum status express(struct composer *composer, int64_t until, struct score *out)
{
    struct ramp *ramp = &composer->expression;
    struct moment moment = {.out = out};
    while (ramp->left > 0 && ramp->next_tick < (double)until) {
        moment.tick = (int64_t)ramp->next_tick;
        ramp->value += ramp->change;
        ramp->next_tick += ramp->stride;
        ramp->left--;
        put_expression(composer, &moment);
    }
    return moment.status;
}

enum status composer_advance(struct composer *composer, int64_t until, struct score *out)
{
    enum status status = STATUS_OK;
    if (!composer->begun && until > 0) {
        composer->begun = true;
        status = begin(composer, out);
    }
    if (status == STATUS_OK) {
        status = express(composer, until, out);
    }
    while (composer->next_tick < until && status == STATUS_OK) {
        status = step(composer, out);
    }
    return status;
}

static double ticks_of_ms(const struct composer *composer, double ms)
{
    return ms * composer->controls.bpm * TICKS_PER_BEAT / 60000.0;
}

static void aim_expression(struct composer *composer, int64_t now)
{
    struct ramp *ramp = &composer->expression;
    ramp->change = (expression_at(composer->controls.intensity) - ramp->value) / EXPRESSION_STEPS;
    ramp->next_tick = (double)now;
    ramp->stride = ticks_of_ms(composer, EXPRESSION_MS) / EXPRESSION_STEPS;
    ramp->left = EXPRESSION_STEPS;
}

static enum status begin_crossing(struct composer *composer, bool new_preset, int64_t now, struct score *out)
{
    const int64_t at = now > composer->latest ? now : composer->latest + 1;
    if (new_preset) {
        struct moment moment = {.tick = at, .out = out};
        set_up_parts(composer, &moment);
        if (moment.status != STATUS_OK) {
            return moment.status;
        }
    }
    if ((double)(composer->next_tick - now) <= ticks_of_ms(composer, GRID_WAIT_MS) || at >= composer->next_tick) {
        composer->crossing = true;
        return STATUS_OK;
    }
    return cross(composer, at, out);
}

bool composer_crosses(const struct composer *composer, const struct preset *preset, const struct controls *controls)
{
    const struct key now = composer->controls.key;
    const bool new_key = controls->key.tonic != now.tonic || controls->key.mode != now.mode;
    return new_key || (preset && preset != composer->preset);
}

enum status composer_change(struct composer *composer, const struct preset *preset, const struct controls *controls,
                            int64_t now, struct score *out)
{
    const struct controls before = composer->controls;
    const bool new_preset = preset && preset != composer->preset;
    const bool crosses = composer_crosses(composer, preset, controls);
    composer->controls = *controls;
    if (new_preset) {
        composer->preset = preset;
        phrase_maker_forget(&composer->maker);
        melody_forget(&composer->melody);
    }
    if (controls->intensity != before.intensity) {
        aim_expression(composer, now);
    }
    return crosses ? begin_crossing(composer, new_preset, now, out) : STATUS_OK;
}

const struct controls *composer_controls(const struct composer *composer)
{
    return &composer->controls;
}

const struct preset *composer_preset(const struct composer *composer)
{
    return composer->preset;
}

const struct melody_counts *composer_melody_counts(const struct composer *composer)
{
    return &composer->melody.counts;
}
