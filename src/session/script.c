// SPDX-License-Identifier: GPL-3.0-or-later
// The text is copied once, and the words of the lines stay where they are in the copy.
#include "session/script.h"

#include "net/osc_text.h"
#include "session/method.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 1000000, FILE_MAX = 256 << 20, WORDS_MAX = OSC_ARGS_MAX + 2, PIECE = 1 << 16 };

static const double SECONDS_MAX = 31 * 86400.0;

struct script {
    char *text;
    size_t count, capacity, next;
    struct script_line *lines;
};

// Where the reading is.
struct place {
    const char *shown;
    unsigned line;
};

static enum status fail(const struct place *place, struct complaint *complaint, enum status status, const char *what)
{
    return complain(complaint, status, "%.60s:%u: %s", place->shown, place->line, what);
}

static struct script_line *add_line(struct script *script)
{
    if (script->count == script->capacity) {
        const size_t capacity = script->capacity ? script->capacity * 2 : 64;
        struct script_line *lines = reallocarray(script->lines, capacity, sizeof *lines);
        if (!lines) {
            return NULL;
        }
        script->lines = lines;
        script->capacity = capacity;
    }
    struct script_line *line = &script->lines[script->count];
    *line = (struct script_line){.place = script->count++};
    return line;
}

static enum status read_seconds(const struct osc_word *word, double *out, struct complaint *complaint)
{
    struct osc_arg arg;
    const enum status status = osc_text_read(word, &arg, complaint);
    if (status != STATUS_OK || arg.text || !(arg.number >= 0 && arg.number <= SECONDS_MAX)) {
        return complain(complaint, STATUS_INVALID, "\"%.60s\" is no time: give seconds from the start", word->text);
    }
    // Not by way of the float that OSC has.
    *out = strtod(word->text, NULL);
    return STATUS_OK;
}

static enum status read_words(const struct osc_word *words, size_t count, struct script_line *line,
                              struct complaint *complaint)
{
    struct osc_arg args[OSC_ARGS_MAX];
    enum status status = read_seconds(&words[0], &line->seconds, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct method *method = count > 1 ? method_find(words[1].text) : NULL;
    if (!method) {
        return count > 1 ? method_unknown(words[1].text, complaint)
                         : complain(complaint, STATUS_INVALID, "an address is missing behind the time");
    }
    for (size_t i = 2; status == STATUS_OK && i < count; i++) {
        status = osc_text_read(&words[i], &args[i - 2], complaint);
    }
    if (status == STATUS_OK) {
        status = method_check(method, args, count - 2, complaint);
    }
    if (status == STATUS_OK) {
        line->request.method = method;
        line->request.count = count - 2;
        memcpy(line->request.args, args, (count - 2) * sizeof *args);
    }
    return status;
}

static enum status read_line(struct script *script, char *text, const struct place *place, struct complaint *complaint)
{
    struct osc_word words[WORDS_MAX];
    size_t count = 0;
    struct complaint reason;
    enum status status = osc_text_split(text, words, WORDS_MAX, &count, &reason);
    if (status == STATUS_OK && count == 0) {
        return STATUS_OK;
    }
    if (script->count == LINES_MAX) {
        return fail(place, complaint, STATUS_FULL, "a script has at most a million lines");
    }
    struct script_line *line = status == STATUS_OK ? add_line(script) : NULL;
    if (line) {
        status = read_words(words, count, line, &reason);
        line->request.from.line = place->line;
    } else if (status == STATUS_OK) {
        status = complain(&reason, STATUS_NO_MEMORY, "out of memory");
    }
    return status == STATUS_OK ? STATUS_OK : fail(place, complaint, status, reason.text);
}

static int compare(const void *a, const void *b)
{
    const struct script_line *x = a;
    const struct script_line *y = b;
    if (x->seconds != y->seconds) {
        return x->seconds < y->seconds ? -1 : 1;
    }
    return x->place < y->place ? -1 : x->place > y->place;
}

static enum status read_all(struct script *script, size_t size, const char *shown, struct complaint *complaint)
{
    struct place place = {.shown = shown};
    if (memchr(script->text, '\0', size)) {
        return complain(complaint, STATUS_INVALID, "%.60s: it is no text: it holds a NUL", shown);
    }
    char *at = script->text;
    while (at) {
        char *end = strchr(at, '\n');
        if (end) {
            *end = '\0';
        }
        place.line++;
        const enum status status = read_line(script, at, &place, complaint);
        if (status != STATUS_OK) {
            return status;
        }
        at = end ? end + 1 : NULL;
    }
    if (script->count > 0) {
        qsort(script->lines, script->count, sizeof *script->lines, compare);
    }
    return STATUS_OK;
}

enum status script_parse(const char *text, size_t size, const char *shown, struct script **out,
                         struct complaint *complaint)
{
    *out = NULL;
    struct script *script = calloc(1, sizeof *script);
    char *copy = malloc(size + 1);
    if (!script || !copy) {
        free(script);
        free(copy);
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    script->text = copy;
    const enum status status = read_all(script, size, shown, complaint);
    if (status != STATUS_OK) {
        script_free(script);
        return status;
    }
    *out = script;
    return STATUS_OK;
}

// All of the file; NULL where it cannot be read, with errno.
static char *read_file(FILE *file, size_t *size)
{
    char *text = NULL;
    size_t used = 0;
    for (;;) {
        char *more = used < FILE_MAX ? realloc(text, used + PIECE) : NULL;
        if (!more) {
            errno = used < FILE_MAX ? ENOMEM : EFBIG;
            break;
        }
        text = more;
        const size_t got = fread(text + used, 1, PIECE, file);
        used += got;
        if (got == 0 && !ferror(file)) {
            *size = used;
            return text;
        }
        if (got == 0) {
            break;
        }
    }
    free(text);
    return NULL;
}

enum status script_load(const char *path, struct script **out, struct complaint *complaint)
{
    *out = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    char *text = file ? read_file(file, &size) : NULL;
    const int error = errno;
    if (file) {
        (void)fclose(file);
    }
    if (!text) {
        return complain(complaint, STATUS_IO, "%.150s: the script cannot be read: %s", path, strerror(error));
    }
    const enum status status = script_parse(text, size, path, out, complaint);
    free(text);
    return status;
}

void script_free(struct script *script)
{
    if (script) {
        free(script->lines);
        free(script->text);
        free(script);
    }
}

const struct script_line *script_next(const struct script *script)
{
    return script->next < script->count ? &script->lines[script->next] : NULL;
}

void script_step(struct script *script)
{
    script->next++;
}

size_t script_count(const struct script *script)
{
    return script->count;
}

size_t script_left(const struct script *script)
{
    return script->count - script->next;
}

uint64_t script_frame(const struct script_line *line, double rate)
{
    return (uint64_t)llround(line->seconds * rate);
}
