// SPDX-License-Identifier: GPL-3.0-or-later
// A step of the tracker is a hundredth of a second and has three parts that are done one after the other at fixed
// frames, so that no push has to do them all: the spectrum when the step's last frame has come, then the network, then
// the state space and what follows from it.
//
// The state space sees beats later than they sound, by the lag of the network. Its forecast of the next one reaches
// further than that, so a beat that is forecast for the next step is stated in time. After each beat the metre is told
// how much of a downbeat was heard at it, as soon as all of that has been heard, and says the next beat's number.
#include "hear/beat.h"

#include "hear/beat_bands.h"
#include "hear/beat_metre.h"
#include "hear/beat_network.h"
#include "hear/beat_pointer.h"
#include "hear/learned.h"

#include <math.h>
#include <stdlib.h>

enum {
    PART_FRAMES = 16, ///< between two parts of a step
    AROUND = 3,       ///< steps to either side of a beat in which its downbeat is heard
    VIEWS = 2 * AROUND + 1,
};

static const struct beat_pointer_options POINTER = {.slowest = 50.0,
                                                    .fastest = 220.0,
                                                    .usual = 90.0,
                                                    .spread = 0.6,
                                                    .steadiness = 150.0,
                                                    .loss = 1e-7,
                                                    .leaps = 0.03,
                                                    .neutral = 0.25,
                                                    .fraction = 0.09};
static const double RATE_MIN = 8000.0, RATE_MAX = 80000.0;
static const double TRUST_LEAST = 0.15; ///< for a beat to be stated
static const double NEAREST = 0.5;      ///< periods between two beats that are stated
static const double FARTHEST = 2.5;     ///< periods without a beat after which none is known
static const double RISE_LAG = 2.5;     ///< steps from the beginning of a sound to the rise of its bands
static const float HEARD_LEAST = 0.05F; ///< a beat in which less is heard tells nothing about the bar
/// Steps from a beat, which lies anywhere in its row, to its activation.
static const double LAG = BEAT_NETWORK_LAG - 0.5;
static const double SOONEST = 0.1;   ///< steps that a beat is stated ahead, at least: the stream itself lies behind
static const double AHEAD = 1.1;     ///< steps within which a beat has to come to be stated
static const float QUIETEST = 0.02F; ///< level of a band that is no silence
static const double NEVER = -1e9;

enum part { PART_BANDS, PART_NETWORK, PART_POINTER };

/// The latest beat that was stated.
struct latest {
    double at; ///< steps
    unsigned number, beats;
    bool is_awaited; ///< whether its downbeat is still being heard
};

struct beat {
    size_t hop;
    struct beat_bands *bands;
    struct beat_network *network;
    struct beat_pointer *pointer;
    struct beat_metre *metre;
    enum part part;
    size_t until;                          ///< frames until that part
    double frames;                         ///< taken
    double steps;                          ///< done
    struct beat_network_view view;         ///< the latest
    struct beat_network_view views[VIEWS]; ///< the last ones, in a ring
    unsigned at;
    struct beat_pointer_reading forecast; ///< from the latest step on
    struct beat_metre_reading bar;        ///< of the beat that comes next
    struct latest latest;
};

static enum status make_parts(struct beat *beat, double rate, struct complaint *complaint)
{
    const enum status status = beat_network_new(embed_find(hear_files, "beat.txt"), &beat->network, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct beat_pointer_options options = POINTER;
    beat->bands = beat_bands_new(rate);
    beat->hop = beat->bands ? beat_bands_hop(beat->bands) : 1;
    options.step = (double)beat->hop / rate;
    beat->pointer = beat_pointer_new(&options);
    beat->metre = beat_metre_new();
    return beat->bands && beat->pointer && beat->metre ? STATUS_OK
                                                       : complain(complaint, STATUS_NO_MEMORY, "out of memory");
}

enum status beat_new(double rate, struct beat **out, struct complaint *complaint)
{
    // A comparison with what is no number is false.
    if (!(rate >= RATE_MIN && rate <= RATE_MAX)) {
        return complain(complaint, STATUS_RANGE, "a stream of %g Hz: beats are heard at %g to %g Hz", rate, RATE_MIN,
                        RATE_MAX);
    }
    struct beat *beat = calloc(1, sizeof *beat);
    if (!beat) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    const enum status status = make_parts(beat, rate, complaint);
    if (status != STATUS_OK) {
        beat_free(beat);
        return status;
    }
    beat->latest.at = NEVER;
    beat_pointer_read(beat->pointer, &beat->forecast);
    beat_metre_read(beat->metre, &beat->bar);
    *out = beat;
    return STATUS_OK;
}

void beat_free(struct beat *beat)
{
    if (beat) {
        beat_bands_free(beat->bands);
        beat_network_free(beat->network);
        beat_pointer_free(beat->pointer);
        beat_metre_free(beat->metre);
        free(beat);
    }
}

size_t beat_step(const struct beat *beat)
{
    return beat->hop;
}

static void hear_downbeat(struct beat *beat) REALTIME;
static void hear_onset(struct beat *beat, double strength) REALTIME;
static bool state_beat(struct beat *beat, struct beat_event *event) REALTIME;
static bool step(struct beat *beat, struct beat_event *event) REALTIME;
static double rise_of(const float *values) REALTIME;
static bool is_anything(const float *values) REALTIME;
static void look(struct beat *beat, const float *values) REALTIME;
static bool conclude(struct beat *beat, const float *values, struct beat_event *event) REALTIME;
static bool do_part(struct beat *beat, struct beat_event *event) REALTIME;

// What is heard now belongs to the moment LAG steps ago.
static void hear_downbeat(struct beat *beat)
{
    beat->views[beat->at] = beat->view;
    beat->at = (beat->at + 1) % VIEWS;
    if (!beat->latest.is_awaited || beat->steps - LAG - beat->latest.at <= AROUND) {
        return;
    }
    float heard = 0.0F;
    float downbeat = 0.0F;
    for (int i = 0; i < VIEWS; i++) {
        heard = fmaxf(heard, beat->views[i].beat);
        downbeat = fmaxf(downbeat, beat->views[i].downbeat);
    }
    beat_metre_push_beat(beat->metre, heard > HEARD_LEAST ? (double)(downbeat / heard) : (double)NAN);
    beat_metre_read(beat->metre, &beat->bar);
    beat->latest.is_awaited = false;
}

static void hear_onset(struct beat *beat, double strength)
{
    const double since = (beat->steps - RISE_LAG - beat->latest.at) / beat->forecast.period;
    if (since >= 0.0 && since < 1.0) {
        beat_metre_push_onset(beat->metre, since, strength);
    }
}

// True when a beat comes so soon that this is the time to say so.
static bool state_beat(struct beat *beat, struct beat_event *event)
{
    const double now = beat->frames / (double)beat->hop;
    const double at = fmax(now + SOONEST, beat->steps + beat->forecast.next - LAG);
    if (at > now + AHEAD || at - beat->latest.at < NEAREST * beat->forecast.period ||
        beat->forecast.trust < TRUST_LEAST) {
        return false;
    }
    beat->latest = (struct latest){.at = at, .number = beat->bar.number, .beats = beat->bar.beats, .is_awaited = true};
    *event = (struct beat_event){.frame = at * (double)beat->hop,
                                 .confidence = beat->forecast.trust,
                                 .number = beat->bar.number,
                                 .beats = beat->bar.beats,
                                 .bar_confidence = beat->bar.trust};
    return true;
}

static bool step(struct beat *beat, struct beat_event *event)
{
    beat->steps += 1.0;
    beat_pointer_push(beat->pointer, beat->view.beat);
    beat_pointer_read(beat->pointer, &beat->forecast);
    hear_downbeat(beat);
    return state_beat(beat, event);
}

static double rise_of(const float *values)
{
    float sum = 0.0F;
    for (int i = BEAT_BANDS; i < BEAT_BANDS_VALUES; i++) {
        sum += values[i];
    }
    return sum / BEAT_BANDS;
}

// The network was taught with music alone.
static bool is_anything(const float *values)
{
    float most = 0.0F;
    for (int i = 0; i < BEAT_BANDS; i++) {
        most = fmaxf(most, values[i]);
    }
    return most > QUIETEST;
}

static void look(struct beat *beat, const float *values)
{
    beat->view = beat_network_push(beat->network, values);
    if (!is_anything(values)) {
        beat->view = (struct beat_network_view){0};
    }
}

static bool conclude(struct beat *beat, const float *values, struct beat_event *event)
{
    const bool is_stated = step(beat, event);
    hear_onset(beat, rise_of(values));
    return is_stated;
}

static bool do_part(struct beat *beat, struct beat_event *event)
{
    const float *values = beat_bands_values(beat->bands);
    if (beat->part == PART_NETWORK) {
        look(beat, values);
        beat->part = PART_POINTER;
        beat->until = PART_FRAMES;
        return false;
    }
    beat->part = PART_BANDS;
    return conclude(beat, values, event);
}

bool beat_push(struct beat *beat, const float *frames, size_t count, struct beat_event *event)
{
    bool is_stated = false;
    while (count > 0) {
        const bool is_waiting = beat->part != PART_BANDS;
        bool made = false;
        const size_t used =
            beat_bands_push(beat->bands, frames, is_waiting && beat->until < count ? beat->until : count, &made);
        frames += used;
        count -= used;
        beat->frames += (double)used;
        if (is_waiting) {
            beat->until -= used;
            is_stated = (beat->until == 0 && do_part(beat, event)) || is_stated;
        } else if (made) {
            beat->part = PART_NETWORK;
            beat->until = PART_FRAMES;
        }
    }
    return is_stated;
}

bool beat_push_values(struct beat *beat, const float *values, struct beat_event *event)
{
    beat->frames += (double)beat->hop;
    look(beat, values);
    return conclude(beat, values, event);
}

void beat_state(const struct beat *beat, struct beat_state *state)
{
    const double hop = (double)beat->hop;
    const double period = beat->forecast.period;
    const double now = beat->frames / hop;
    double next = beat->steps + beat->forecast.next - LAG;
    next += next - beat->latest.at < NEAREST * period ? period : 0.0;
    // One that was stated and is yet to sound is still the next one.
    const bool is_ahead = beat->latest.number > 0 && beat->latest.at > now;
    next = is_ahead ? beat->latest.at : fmax(next, now);
    const unsigned beats = beat->latest.beats ? beat->latest.beats : beat->bar.beats;
    const unsigned latest = beat->latest.number ? beat->latest.number : 1;
    *state =
        (struct beat_state){.known = beat->forecast.trust >= TRUST_LEAST && now - beat->latest.at < FARTHEST * period,
                            .tempo = 60.0 / (period * beat_pointer_step(beat->pointer)),
                            .confidence = beat->forecast.trust,
                            .phase = fmin(fmax(1.0 - (next - now) / period, 0.0), 1.0),
                            .next = next * hop,
                            .beats = beats,
                            .number = !is_ahead    ? latest
                                      : latest > 1 ? latest - 1
                                                   : beats,
                            .division = beat->bar.division,
                            .bar_confidence = beat->bar.trust};
}
