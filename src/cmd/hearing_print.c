// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers that are no JSON are null.
#include "cmd/hearing_print.h"

#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { METER_WIDTH = 40, NUMBER_SIZE = 32, LIVE_LINES = 5, BEATS_SHOWN = 12 };

static const double NS_PER_US = 1e3;
static const double METER_FLOOR_DB = -60;

bool hearing_print_is_read(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return !ferror(stdout) && (poll(&out, 1, 0) <= 0 || !(out.revents & POLLERR));
}

static const char *number(double value, int digits, char out[NUMBER_SIZE])
{
    if (isfinite(value)) {
        (void)snprintf(out, NUMBER_SIZE, "%.*f", digits, value);
    } else {
        (void)snprintf(out, NUMBER_SIZE, "null");
    }
    return out;
}

static void print_rest(FILE *out, const struct hear_event *event)
{
    char label[HEAR_LABEL_SIZE];
    hear_label(event, label);
    switch (event->kind) {
    case HEAR_ONSET:
        (void)fprintf(out, ",\"strength\":%.3f,\"band\":\"%s\",\"pitched\":%s", event->onset.strength,
                      hear_band_name(event->onset.band), event->onset.pitched ? "true" : "false");
        break;
    case HEAR_BEAT:
        (void)fprintf(out, ",\"beat\":%u,\"beats\":%u,\"tempo\":%.2f,\"confidence\":%.3f", event->beat.number,
                      event->beat.beats, event->beat.tempo, event->beat.confidence);
        break;
    case HEAR_CHORD:
        (void)fprintf(out, ",\"label\":\"%s\",\"confidence\":%.3f", label, event->chord.confidence);
        break;
    case HEAR_KEY:
        (void)fprintf(out, ",\"label\":\"%s\",\"confidence\":%.3f", label, event->key.confidence);
        break;
    default:
        (void)fprintf(out, ",\"frequency\":%.3f,\"confidence\":%.3f", event->pitch.hz, event->pitch.confidence);
        break;
    }
}

void hearing_print_event(FILE *out, const struct hearing *hearing, const struct hear_event *event)
{
    const double rate = hearing->options.rate;
    (void)fprintf(out, "{\"event\":\"%s\",\"time\":%.6f,\"emitted\":%.6f", hear_kind_name(event->kind),
                  event->frame / rate, (double)event->emitted / rate);
    print_rest(out, event);
    (void)fputs("}\n", out);
}

static void context_label(const struct context *context, enum hear_kind kind, char out[HEAR_LABEL_SIZE])
{
    struct hear_event event = {.kind = kind};
    if (kind == HEAR_CHORD) {
        event.chord.sounds = context->chord.sounds;
        event.chord.chord = context->chord.chord;
    } else {
        event.key.key = context->key.key;
    }
    hear_label(&event, out);
}

void hearing_print_summary(FILE *out, const struct hearing *hearing, double seconds)
{
    struct context context;
    context_get(hearing->board, &context);
    const double heard = (double)atomic_load(&hearing->frames) / hearing->options.rate;
    const struct histogram_summary took = histogram_summarize(&hearing->hop_ns);
    char key[HEAR_LABEL_SIZE], a[NUMBER_SIZE], b[NUMBER_SIZE];
    context_label(&context, HEAR_KEY, key);
    (void)fprintf(out, "{\"event\":\"summary\",\"seconds\":%.3f,\"tempo\":%s,\"key\":", heard,
                  number(hearing_tempo(hearing), 2, a));
    (void)fprintf(out, context.key.known ? "\"%s\"" : "null", key);
    for (int kind = 0; kind < HEAR_KINDS; kind++) {
        (void)fprintf(out, ",\"%s_events\":%llu", hear_kind_name((enum hear_kind)kind),
                      (unsigned long long)atomic_load(&hearing->said[kind]));
    }
    (void)fprintf(out, ",\"integrated_lufs\":%s,\"bad_samples\":%llu,\"lost_events\":%llu",
                  number(hearing->hear ? context.level.integrated : NAN, 2, b), (unsigned long long)hearing->bad,
                  (unsigned long long)atomic_load(&hearing->lost));
    (void)fprintf(out,
                  ",\"hop_frames\":%u,\"hop_us\":{\"mean\":%.2f,\"median\":%.2f,\"p99\":%.2f,\"max\":%.2f},"
                  "\"times_real_time\":%.1f}\n",
                  hearing->hop, took.average / NS_PER_US, took.p50 / NS_PER_US, took.p99 / NS_PER_US,
                  took.max / NS_PER_US, seconds > 0 ? heard / seconds : 0.0);
}

static void print_meter(FILE *out, const char *name, double db)
{
    const double part = isfinite(db) ? 1 - db / METER_FLOOR_DB : 0;
    const int filled = part <= 0 ? 0 : part >= 1 ? METER_WIDTH : (int)lrint(part * METER_WIDTH);
    char bar[METER_WIDTH + 1];
    memset(bar, ' ', METER_WIDTH);
    memset(bar, '=', (size_t)filled);
    bar[METER_WIDTH] = '\0';
    if (isfinite(db)) {
        (void)fprintf(out, "  %-8s [%s] %6.1f dB\033[K\n", name, bar, db);
    } else {
        (void)fprintf(out, "  %-8s [%s]\033[K\n", name, bar);
    }
}

static void print_beat(FILE *out, const struct context *context)
{
    if (!(context->beat.tempo > 0)) {
        (void)fprintf(out, "  beat     none yet\033[K\n");
        return;
    }
    char dots[2 * BEATS_SHOWN + 1] = "";
    const uint32_t beats = context->beat.beats < BEATS_SHOWN ? context->beat.beats : BEATS_SHOWN;
    for (uint32_t i = 0; i < beats; i++) {
        dots[2 * i] = i + 1 == context->beat.beat ? '#' : '.';
        dots[2 * i + 1] = ' ';
    }
    (void)fprintf(out, "  beat     %s %6.1f BPM, %.0f%% sure\033[K\n", dots, context->beat.tempo,
                  100 * context->beat.confidence);
}

void hearing_print_live(FILE *out, const struct hearing *hearing, bool again)
{
    struct context context;
    context_get(hearing->board, &context);
    char chord[HEAR_LABEL_SIZE], key[HEAR_LABEL_SIZE];
    context_label(&context, HEAR_CHORD, chord);
    context_label(&context, HEAR_KEY, key);
    if (again) {
        (void)fprintf(out, "\033[%dA", LIVE_LINES);
    }
    (void)fprintf(out, "  chord    %-12s %3.0f%% sure     key %-8s %3.0f%% sure\033[K\n",
                  context.chord.sounds ? chord : "none", 100 * context.chord.confidence,
                  context.key.known ? key : "none yet", 100 * context.key.confidence);
    print_beat(out, &context);
    print_meter(out, "level", context.level.rms_db);
    print_meter(out, "peak", context.level.peak_db);
    (void)fprintf(out, "  loudness %6.1f LUFS, %5.1f onsets a second, %+.1f dB a second\033[K\n",
                  context.level.momentary, context.onsets.a_second, context.level.slope_db_s);
    (void)fflush(out);
}
