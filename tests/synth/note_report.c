// SPDX-License-Identifier: GPL-3.0-or-later
// What note_compare.h finds, for people and for programs.
#include "note_compare.h"
#include "note_reason.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *unit;
    const char *limit;
    const char *value_unit; ///< of what is measured on each side
} features[NOTE_FEATURES] = {
    [NOTE_PITCH] = {"pitch", "cent", "1", "cent"},       [NOTE_LEVEL] = {"level", "dB", "0.5", "dB"},
    [NOTE_ONSET] = {"onset", "ms", "2 or 5%", "ms"},     [NOTE_ATTACK] = {"attack", "ms", "2 or 5%", "ms"},
    [NOTE_RELEASE] = {"release", "ms", "2 or 5%", "ms"}, [NOTE_CENTROID] = {"centroid", "%", "3", "Hz"},
};

struct summary {
    size_t compared, within;
    double median;                   ///< of the errors' magnitudes
    const struct note_result *worst; ///< by its excess; NULL for none
};

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static struct summary summarize(const struct note_results *results, enum note_feature feature)
{
    struct summary summary = {0};
    double *errors = calloc(results->count + 1, sizeof *errors);
    if (!errors) {
        abort();
    }
    for (size_t i = 0; i < results->count; i++) {
        const struct note_result *note = &results->notes[i];
        if (isnan(note->error[feature])) {
            continue;
        }
        errors[summary.compared++] = fabs(note->error[feature]);
        summary.within += note->excess[feature] <= 1;
        if (!summary.worst || note->excess[feature] > summary.worst->excess[feature]) {
            summary.worst = note;
        }
    }
    qsort(errors, summary.compared, sizeof *errors, ascending);
    summary.median = summary.compared > 0 ? errors[summary.compared / 2] : 0;
    free(errors);
    return summary;
}

static void print_note(const struct note_result *note, FILE *out)
{
    (void)fprintf(out, "%s %3d key %3d vel %3d", note->drum ? "kit    " : "program", note->program, note->key,
                  note->velocity);
}

static void print_exception(const struct note_result *note, FILE *out)
{
    for (int i = 0; i < NOTE_FEATURES; i++) {
        if (!(note->excess[i] > 1)) {
            continue;
        }
        print_note(note, out);
        (void)fprintf(out, "  %-8s %10.2f against %10.2f %s", features[i].name, note->tested[i], note->reference[i],
                      features[i].value_unit);
        if (i == NOTE_PITCH) {
            (void)fprintf(out, " (coherence %.2f)", note->coherence);
        }
        (void)fprintf(out, "  (%s)\n", note_reason_text(note->reason));
    }
}

static void print_summary(const struct note_results *results, FILE *out)
{
    (void)fprintf(out, "%-9s%5s  %-8s%9s%9s%10s%10s  %s\n", "feature", "unit", "limit", "compared", "within", "median",
                  "worst", "which is");
    for (int i = 0; i < NOTE_FEATURES; i++) {
        const struct summary summary = summarize(results, (enum note_feature)i);
        (void)fprintf(out, "%-9s%5s  %-8s%9zu", features[i].name, features[i].unit, features[i].limit,
                      summary.compared);
        if (summary.worst) {
            (void)fprintf(out, "%8.2f%%%10.3f%10.3f  ", 100 * (double)summary.within / (double)summary.compared,
                          summary.median, summary.worst->error[i]);
            print_note(summary.worst, out);
        }
        (void)fputc('\n', out);
    }
}

void note_results_print(const struct note_results *results, size_t lines, FILE *out)
{
    size_t bad = 0;
    for (size_t i = 0; i < results->count; i++) {
        if (!note_result_good(&results->notes[i]) && bad++ < lines) {
            print_exception(&results->notes[i], out);
        }
    }
    if (bad > lines) {
        (void)fprintf(out, "... and %zu more notes\n", bad - lines);
    }
    print_summary(results, out);
    (void)fprintf(out,
                  "%zu notes, %zu exceptions: %.3f%% within all limits, %.3f%% with what has a reason (%zu more that "
                  "neither plays)\n",
                  results->count, bad, 100 * note_results_good(results), 100 * note_results_explained(results),
                  results->silent);
}

static json_t *feature_json(const struct note_results *results, enum note_feature feature)
{
    const struct summary summary = summarize(results, feature);
    const double compared = (double)summary.compared;
    return json_pack("{s:s, s:s, s:I, s:f, s:f, s:f}", "unit", features[feature].unit, "limit", features[feature].limit,
                     "compared", (json_int_t)summary.compared, "within",
                     summary.compared > 0 ? (double)summary.within / compared : 1.0, "median", summary.median, "worst",
                     summary.worst ? summary.worst->error[feature] : 0.0);
}

static void add_exception(json_t *list, const struct note_result *note)
{
    for (int i = 0; i < NOTE_FEATURES; i++) {
        if (note->excess[i] > 1) {
            (void)json_array_append_new(
                list, json_pack("{s:b, s:i, s:i, s:i, s:s, s:f, s:f, s:f, s:s}", "drum", note->drum, "program",
                                note->program, "key", note->key, "velocity", note->velocity, "feature",
                                features[i].name, "reference", note->reference[i], "tested", note->tested[i],
                                "coherence", note->coherence, "reason", note_reason_text(note->reason)));
        }
    }
}

json_t *note_results_json(const struct note_results *results)
{
    json_t *by_feature = json_object();
    json_t *exceptions = json_array();
    for (int i = 0; i < NOTE_FEATURES; i++) {
        (void)json_object_set_new(by_feature, features[i].name, feature_json(results, (enum note_feature)i));
    }
    for (size_t i = 0; i < results->count; i++) {
        add_exception(exceptions, &results->notes[i]);
    }
    return json_pack("{s:I, s:I, s:f, s:f, s:o, s:o}", "notes", (json_int_t)results->count, "silent",
                     (json_int_t)results->silent, "good", note_results_good(results), "explained",
                     note_results_explained(results), "features", by_feature, "exceptions", exceptions);
}
