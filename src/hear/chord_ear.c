// SPDX-License-Identifier: GPL-3.0-or-later
// A step's frame from the front end goes to the network, whose pieces of work follow one a slot, so that no slot does
// much; two milliseconds later there is evidence, and a decision.
//
// What is decided first is the chord's family: its root and third, or what stands for one. A family's likelihood is the
// sum over its kinds, so that a seventh that is not sure does not weaken its triad. The present family is left when
// another is more likely by a factor, which is smaller around an expected beat, and larger for a moment after a change,
// so that two that are about as likely do not take turns. Then its likeliest kind and bass are told, each with a factor
// of its own against the present one; a bass that is no note of the chord is rare, and mostly passes by. A second of
// silence is no chord, whatever was played before it; a shorter one is a rest in which the harmony goes on.
#include "hear/chord_ear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROOTS = 12, FAMILIES = 6, NONE = ROOTS * FAMILIES };

static const double RATE_MIN = 8000.0, RATE_MAX = 21000.0;

/// By how much another family, kind or bass has to be likelier than the present one: the family anywhere, at an
/// expected beat and away from it.
static const double FAMILY_FACTOR = 1.6;
static const double FAMILY_AT_BEAT = 1.0;
static const double FAMILY_OFF_BEAT = 2.2;
static const double KIND_FACTOR = 4.0;
static const double BASS_FACTOR = 4.0;

/// For how many seconds the family has just changed, and what its factor is then multiplied by.
static const double JUST_SECONDS = 0.12;
static const double JUST_FACTOR = 1.6;

/// What the likelihood of a bass that is no note of the chord counts.
static const double FOREIGN = 0.2;

/// What the likelihood of a family that has neither a major nor a minor triad counts.
static const double RARE = 0.7;

/// From when to when around a beat is at it, in seconds: a chord shows a moment after its beat.
static const double BEAT_BEFORE = 0.04;
static const double BEAT_AFTER = 0.15;

static const struct {
    enum chord_quality quality;
    int family;
} kinds[HARMONY_KINDS] = {
    [HARMONY_MAJ] = {CHORD_MAJOR, 0},
    [HARMONY_MIN] = {CHORD_MINOR, 1},
    [HARMONY_7] = {CHORD_DOMINANT_7, 0},
    [HARMONY_MAJ7] = {CHORD_MAJOR_7, 0},
    [HARMONY_MIN7] = {CHORD_MINOR_7, 1},
    [HARMONY_DIM] = {CHORD_DIMINISHED, 2},
    [HARMONY_HDIM7] = {CHORD_HALF_DIMINISHED_7, 2},
    [HARMONY_AUG] = {CHORD_AUGMENTED, 3},
    [HARMONY_SUS4] = {CHORD_SUS4, 4},
    [HARMONY_SUS2] = {CHORD_SUS2, 5},
};

/// Below this level, about -40 dB, nothing sounds.
static const float SILENCE = 0.1F;
static const int SILENCE_STEPS = 60;

struct chord_ear {
    double rate;
    struct chroma *chroma;
    struct harmony_net *net;
    uint32_t slot;       ///< frames
    uint32_t until_work; ///< frames until the next piece of the network's work
    bool is_working;
    double frames;
    struct chroma_frame known; ///< what chord_ear_push_frame() was told
    const struct chroma_frame *latest;
    uint16_t notes[HARMONY_KINDS]; ///< of each kind: bit n is set where there is one n semitones above the root
    struct chord_event now;
    int family;
    double since; ///< the frame at which it was chosen
    int kind;
    int silent; ///< steps
    struct {
        double last, next; ///< frames of expected beats; negative: not known
        double confidence;
    } beats;
};

static void list_notes(uint16_t notes[HARMONY_KINDS])
{
    for (int kind = 0; kind < HARMONY_KINDS; kind++) {
        int intervals[CHORD_NOTES];
        const int count = chord_quality_intervals(kinds[kind].quality, intervals);
        for (int i = 0; i < count; i++) {
            notes[kind] |= (uint16_t)(1U << (intervals[i] % ROOTS));
        }
    }
}

enum status chord_ear_new(double rate, struct chord_ear **out, struct complaint *complaint)
{
    // A comparison with what is no number is false.
    if (!(rate >= RATE_MIN && rate <= RATE_MAX)) {
        return complain(complaint, STATUS_RANGE, "a stream of %g Hz: harmony is heard at %g to %g Hz", rate, RATE_MIN,
                        RATE_MAX);
    }
    struct chord_ear *ear = calloc(1, sizeof *ear);
    if (!ear) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    ear->rate = rate;
    ear->chroma = chroma_new(rate);
    const enum status status =
        ear->chroma ? harmony_net_new(&ear->net, complaint) : complain(complaint, STATUS_NO_MEMORY, "out of memory");
    if (status != STATUS_OK) {
        chord_ear_free(ear);
        return status;
    }
    ear->slot = chroma_slot(ear->chroma);
    ear->latest = chroma_latest(ear->chroma);
    list_notes(ear->notes);
    ear->now.none = true;
    ear->family = NONE;
    ear->beats.last = ear->beats.next = -1.0;
    *out = ear;
    return STATUS_OK;
}

void chord_ear_free(struct chord_ear *ear)
{
    if (ear) {
        chroma_free(ear->chroma);
        harmony_net_free(ear->net);
        free(ear);
    }
}

uint32_t chord_ear_step(const struct chord_ear *ear)
{
    return chroma_step(ear->chroma);
}

const struct chord_event *chord_ear_now(const struct chord_ear *ear)
{
    return &ear->now;
}

const struct harmony_evidence *chord_ear_evidence(const struct chord_ear *ear)
{
    return harmony_net_first(ear->net);
}

const struct chroma_frame *chord_ear_chroma(const struct chord_ear *ear)
{
    return ear->latest;
}

const struct tuning *chord_ear_tuning(const struct chord_ear *ear)
{
    return chroma_tuning(ear->chroma);
}

static void weigh_families(const struct harmony_evidence *evidence, double likely[NONE + 1]) REALTIME;

static void weigh_families(const struct harmony_evidence *evidence, double likely[NONE + 1])
{
    memset(likely, 0, NONE * sizeof *likely);
    for (int root = 0; root < ROOTS; root++) {
        for (int kind = 0; kind < HARMONY_KINDS; kind++) {
            const int family = kinds[kind].family;
            likely[root * FAMILIES + family] += evidence->chords[root][kind] * (family < 2 ? 1.0 : RARE);
        }
    }
    likely[NONE] = evidence->none;
}

/// Keeps the expected beat in mind, and the one before it, whose chord may be about to show.
static void expect_beat(struct chord_ear *ear, const struct beat_hint *hint) REALTIME;

static void expect_beat(struct chord_ear *ear, const struct beat_hint *hint)
{
    if (!hint || !(hint->frame >= 0.0)) {
        ear->beats.last = ear->beats.next = -1.0;
        return;
    }
    if (ear->beats.next <= ear->frames + BEAT_BEFORE * ear->rate && hint->frame > ear->beats.next) {
        ear->beats.last = ear->beats.next;
    }
    ear->beats.next = hint->frame;
    ear->beats.confidence = fmin(fmax(hint->confidence, 0.0), 1.0);
}

static bool is_at(const struct chord_ear *ear, double beat) REALTIME;

static bool is_at(const struct chord_ear *ear, double beat)
{
    const double after = (ear->frames - beat) / ear->rate;
    return beat >= 0.0 && after > -BEAT_BEFORE && after < BEAT_AFTER;
}

/// By how much another family has to be likelier now.
static double family_factor(const struct chord_ear *ear) REALTIME;

static double family_factor(const struct chord_ear *ear)
{
    const double just = ear->frames - ear->since < JUST_SECONDS * ear->rate ? JUST_FACTOR : 1.0;
    if (ear->beats.next < 0.0) {
        return just * FAMILY_FACTOR;
    }
    const double there = is_at(ear, ear->beats.last) || is_at(ear, ear->beats.next) ? FAMILY_AT_BEAT : FAMILY_OFF_BEAT;
    return just * (FAMILY_FACTOR + ear->beats.confidence * (there - FAMILY_FACTOR));
}

/// The likeliest kind of a family on a root, the present one preferred where it is one of them.
static int choose_kind(const struct harmony_evidence *evidence, int family, int present) REALTIME;

static int choose_kind(const struct harmony_evidence *evidence, int family, int present)
{
    const float *likely = evidence->chords[family / FAMILIES];
    int best = present;
    double most = present >= 0 ? likely[present] * KIND_FACTOR : -1.0;
    for (int kind = 0; kind < HARMONY_KINDS; kind++) {
        if (kinds[kind].family == family % FAMILIES && likely[kind] > most) {
            best = kind;
            most = likely[kind];
        }
    }
    return best;
}

/// The likeliest bass of a chord with \p notes above \p root, the present one preferred.
static uint8_t choose_bass(const float likely[ROOTS], int root, uint16_t notes, uint8_t present) REALTIME;

static uint8_t choose_bass(const float likely[ROOTS], int root, uint16_t notes, uint8_t present)
{
    int best = present;
    double most = 0.0;
    for (int above = 0; above < ROOTS; above++) {
        const int bass = (root + above) % ROOTS;
        const double counts =
            likely[bass] * (notes >> above & 1 ? 1.0 : FOREIGN) * (bass == present ? BASS_FACTOR : 1.0);
        if (counts > most) {
            best = bass;
            most = counts;
        }
    }
    return (uint8_t)best;
}

static bool is_equal(struct chord a, struct chord b) REALTIME;

static bool is_equal(struct chord a, struct chord b)
{
    return a.root == b.root && a.bass == b.bass && a.quality == b.quality;
}

/// The family to be told: the present one, or another that is likelier by enough.
static int choose_family(struct chord_ear *ear, double likely[NONE + 1]) REALTIME;

static int choose_family(struct chord_ear *ear, double likely[NONE + 1])
{
    ear->silent = ear->latest->level < SILENCE ? ear->silent + 1 : 0;
    if (ear->silent >= SILENCE_STEPS) {
        memset(likely, 0, (NONE + 1) * sizeof *likely);
        likely[NONE] = 1.0;
        ear->silent = SILENCE_STEPS;
    }
    int best = ear->family;
    double most = likely[ear->family] * family_factor(ear);
    for (int i = 0; i <= NONE; i++) {
        if (likely[i] > most) {
            best = i;
            most = likely[i];
        }
    }
    return best;
}

static bool decide(struct chord_ear *ear, struct chord_event *event) REALTIME;

static bool decide(struct chord_ear *ear, struct chord_event *event)
{
    const struct harmony_evidence *evidence = harmony_net_evidence(ear->net);
    double likely[NONE + 1];
    weigh_families(evidence, likely);
    const int best = choose_family(ear, likely);
    const bool is_same = best == ear->family;
    struct chord_event now = {.frame = ear->frames, .none = best == NONE, .confidence = likely[best]};
    if (!now.none) {
        const uint8_t root = (uint8_t)(best / FAMILIES);
        ear->kind = choose_kind(evidence, best, is_same ? ear->kind : -1);
        now.chord.root = root;
        now.chord.bass = choose_bass(evidence->bass, root, ear->notes[ear->kind], is_same ? ear->now.chord.bass : root);
        now.chord.quality = kinds[ear->kind].quality;
    }
    ear->since = is_same ? ear->since : ear->frames;
    ear->family = best;
    if (is_same && (now.none || is_equal(now.chord, ear->now.chord))) {
        ear->now.confidence = now.confidence;
        return false;
    }
    ear->now = *event = now;
    return true;
}

bool chord_ear_push(struct chord_ear *ear, const float *frames, size_t count, const struct beat_hint *hint,
                    struct chord_event *event)
{
    bool is_new = false;
    expect_beat(ear, hint);
    while (count) {
        const size_t limit = ear->is_working && ear->until_work < count ? ear->until_work : count;
        bool made = false;
        const size_t used = chroma_push(ear->chroma, frames, limit, &made);
        frames += used;
        count -= used;
        ear->frames += (double)used;
        ear->until_work -= ear->is_working ? (uint32_t)used : 0;
        if (ear->is_working && ear->until_work == 0) {
            const bool is_done = harmony_net_work(ear->net);
            is_new = (is_done && decide(ear, event)) || is_new;
            ear->is_working = !is_done;
            ear->until_work = ear->slot;
        }
        if (made) {
            ear->latest = chroma_latest(ear->chroma);
            harmony_net_begin(ear->net, ear->latest);
            ear->is_working = true;
            ear->until_work = ear->slot;
        }
    }
    return is_new;
}

bool chord_ear_push_frame(struct chord_ear *ear, const struct chroma_frame *frame, const struct beat_hint *hint,
                          struct chord_event *event)
{
    ear->frames += chroma_step(ear->chroma);
    expect_beat(ear, hint);
    ear->known = *frame;
    ear->known.frame = ear->frames;
    ear->latest = &ear->known;
    harmony_net_begin(ear->net, ear->latest);
    while (!harmony_net_work(ear->net)) {
    }
    return decide(ear, event);
}
