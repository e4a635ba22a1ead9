// SPDX-License-Identifier: GPL-3.0-or-later
// The text has lines of fields between single spaces: "mode NAME" first, then "chord INTERVAL:QUALITY" for each chord
// of the vocabulary, then "BEFORE LAST NEXT COUNT". Empty lines and lines that begin with # are passed over. The reader
// cuts a line into fields in a buffer of its own and hands it to the one of three functions that its form names.
#include "compose/harmony_table.h"

#include <stdbool.h>
#include <string.h>

enum { LINE_SIZE = 80, FIELDS = 4, COUNT_MAX = 1000000, CHORDS_MIN = 3 };

/// One line cut into fields, and where it is from.
struct line {
    const char *name;
    int number;
    struct complaint *complaint;
    char text[LINE_SIZE];
    char *fields[FIELDS];
    int count;
};

static enum status refuse(const struct line *line, const char *problem)
{
    return complain(line->complaint, STATUS_CORRUPT, "%s:%d: %s; write the table anew with tools/learn_harmony",
                    line->name, line->number, problem);
}

static enum status line_cut(struct line *line, const char *text, size_t length)
{
    line->count = 0;
    if (length >= LINE_SIZE)
        return refuse(line, "the line is too long");
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
            return refuse(line, "a character that is not printable ASCII");
    memcpy(line->text, text, length);
    line->text[length] = '\0';
    for (char *at = line->text; at;) {
        if (line->count == FIELDS || *at == ' ' || *at == '\0')
            return refuse(line, "expected fields between single spaces, four at most");
        line->fields[line->count++] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    return STATUS_OK;
}

/// Reads a number of 0 to \p max, all of \p text up to \p end.
static bool number_read(const char *text, const char *end, uint32_t max, uint32_t *number)
{
    uint32_t value = 0;
    if (text == end || (*text == '0' && text + 1 != end))
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (uint32_t)(*text - '0');
        if (value > max)
            return false;
    }
    *number = value;
    return true;
}

static bool chord_read(const char *text, struct chord *chord)
{
    const char *colon = strchr(text, ':');
    enum chord_quality quality;
    uint32_t interval;
    if (!colon || !number_read(text, colon, PITCH_CLASSES - 1, &interval) ||
        chord_quality_parse(colon + 1, &quality) != STATUS_OK)
        return false;
    *chord = chord_of((int)interval, quality);
    return true;
}

/// The context that \p text names; HARMONY_CONTEXTS for none.
static size_t context_read(const struct harmony_table *table, const char *text)
{
    struct chord chord;
    if (strcmp(text, "^") == 0)
        return HARMONY_START;
    if (strcmp(text, "*") == 0)
        return HARMONY_ANY;
    if (!chord_read(text, &chord))
        return HARMONY_CONTEXTS;
    for (size_t i = 0; i < table->count; i++)
        if (table->chords[i].root == chord.root && table->chords[i].quality == chord.quality)
            return i;
    return HARMONY_CONTEXTS;
}

static enum status add_mode(struct harmony_table *table, const struct line *line)
{
    if (table->mode != MODE_COUNT)
        return refuse(line, "a second mode");
    if (mode_parse(line->fields[1], &table->mode) != STATUS_OK) {
        table->mode = MODE_COUNT;
        return refuse(line, "no such mode");
    }
    return STATUS_OK;
}

static enum status add_chord(struct harmony_table *table, const struct line *line)
{
    struct chord chord;
    if (table->mode == MODE_COUNT)
        return refuse(line, "expected the mode first");
    if (!chord_read(line->fields[1], &chord))
        return refuse(line, "not a chord of the form INTERVAL:QUALITY");
    if (chord_set(chord) & ~mode_set(table->mode))
        return refuse(line, "the chord is not in the mode");
    if (context_read(table, line->fields[1]) != HARMONY_CONTEXTS)
        return refuse(line, "the chord is there twice");
    if (table->count == HARMONY_CHORDS)
        return refuse(line, "too many chords");
    table->chords[table->count++] = chord;
    return STATUS_OK;
}

/// Whether a table can tell of these two contexts: a phrase begins once, and what is not told has nothing told before
/// it.
static bool contexts_agree(size_t before, size_t last)
{
    if (last == HARMONY_START || last == HARMONY_ANY)
        return before == last;
    return before != last;
}

static enum status add_count(struct harmony_table *table, const struct line *line)
{
    const size_t before = context_read(table, line->fields[0]);
    const size_t last = context_read(table, line->fields[1]);
    const size_t next = context_read(table, line->fields[2]);
    uint32_t count;
    if (before == HARMONY_CONTEXTS || last == HARMONY_CONTEXTS || next >= HARMONY_CHORDS)
        return refuse(line, "a chord that the table has not named");
    if (!contexts_agree(before, last) || last == next)
        return refuse(line, "a progression that cannot be");
    if (!number_read(line->fields[3], strchr(line->fields[3], '\0'), COUNT_MAX, &count) || count == 0)
        return refuse(line, "the count is not a number of 1 to 1000000");
    if (table->counts[before][last][next])
        return refuse(line, "the progression is there twice");
    table->counts[before][last][next] = count;
    return STATUS_OK;
}

static enum status add_line(struct harmony_table *table, const struct line *line)
{
    if (line->count == 2 && strcmp(line->fields[0], "mode") == 0)
        return add_mode(table, line);
    if (line->count == 2 && strcmp(line->fields[0], "chord") == 0)
        return add_chord(table, line);
    if (line->count == FIELDS)
        return add_count(table, line);
    return refuse(line, "expected \"mode NAME\", \"chord CHORD\" or \"BEFORE LAST NEXT COUNT\"");
}

static bool chord_comes(const struct harmony_table *table, size_t next)
{
    for (size_t before = 0; before < HARMONY_CONTEXTS; before++)
        for (size_t last = 0; last < HARMONY_CONTEXTS; last++)
            if (table->counts[before][last][next])
                return true;
    return false;
}

/// What only the whole table can show; \p line stands on its end.
static enum status check_whole(const struct harmony_table *table, const struct line *line)
{
    bool tonic = false;
    if (table->count < CHORDS_MIN)
        return refuse(line, "the table ends with fewer than three chords");
    for (size_t i = 0; i < table->count; i++) {
        tonic = tonic || table->chords[i].root == 0;
        if (!chord_comes(table, i))
            return refuse(line, "the table ends and one of its chords never came");
    }
    return tonic ? STATUS_OK : refuse(line, "the table ends without a chord on the tonic");
}

enum status harmony_table_read(const char *name, const void *bytes, size_t size, struct harmony_table *table,
                               struct complaint *complaint)
{
    const char *at = bytes;
    const char *const end = at + size;
    struct line line = {.name = name, .complaint = complaint};
    memset(table, 0, sizeof *table);
    table->mode = MODE_COUNT;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t length = (size_t)((newline ? newline : end) - at);
        line.number++;
        if (length > 0 && *at != '#') {
            enum status status = line_cut(&line, at, length);
            if (status == STATUS_OK)
                status = add_line(table, &line);
            if (status != STATUS_OK)
                return status;
        }
        at = newline ? newline + 1 : end;
    }
    return check_whole(table, &line);
}
