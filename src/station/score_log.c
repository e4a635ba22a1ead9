// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/score_log.h"

#include "compose/part.h"
#include "net/websocket.h"
#include "station/message.h"
#include "station/opus_stream.h"

#include <jansson.h>
#include <stdlib.h>

struct entry {
    struct event event;
    uint64_t frame;
    uint64_t end;
};

struct score_log {
    size_t count;
    struct entry entries[SCORE_LOG_ENTRIES];
};

struct score_log *score_log_new(void)
{
    return calloc(1, sizeof(struct score_log));
}

void score_log_free(struct score_log *log)
{
    free(log);
}

static void add(struct score_log *log, const struct event *event, uint64_t frame, uint64_t end)
{
    if (log->count < SCORE_LOG_ENTRIES) {
        log->entries[log->count++] = (struct entry){*event, frame, end};
    }
}

void score_log_note(struct score_log *log, const struct event *event, uint64_t frame, uint64_t end)
{
    add(log, event, frame, end);
}

void score_log_cut(struct score_log *log, int channel, uint64_t frame)
{
    const struct event event = event_cut(0, channel);
    add(log, &event, frame, frame);
}

void score_log_chord(struct score_log *log, const struct event *event, uint64_t frame)
{
    add(log, event, frame, frame);
}

static json_t *entry_json(const struct entry *entry, double scale)
{
    const struct event *event = &entry->event;
    const json_int_t frame = (json_int_t)((double)entry->frame * scale);
    const char *const part = part_name((enum part)event->channel);
    switch (event->kind) {
    case EVENT_NOTE:
        return json_pack("{sssIsIsisiss}", "kind", "note", "frame", frame, "end",
                         (json_int_t)((double)entry->end * scale), "key", event->note.key, "velocity",
                         event->note.velocity, "part", part);
    case EVENT_CUT:
        return json_pack("{sssIss}", "kind", "cut", "frame", frame, "part", part);
    default: {
        json_t *chord = message_chord(event->harmony.chord, event->harmony.key);
        json_t *json = json_pack("{sssI}", "kind", "chord", "frame", frame);
        if (json && chord) {
            (void)json_object_update(json, chord);
        }
        json_decref(chord);
        return json;
    }
    }
}

static struct buffer *message(const struct score_log *log, double scale)
{
    json_t *events = json_array();
    for (size_t i = 0; i < log->count; i++) {
        (void)json_array_append_new(events, entry_json(&log->entries[i], scale));
    }
    return message_frame(json_pack("{ssso}", "type", "score", "events", events));
}

void score_log_clear(struct score_log *log)
{
    log->count = 0;
}

void score_log_take(struct score_log *log, uint32_t rate, struct chunk *chunk)
{
    if (log->count > 0) {
        chunk->score = message(log, 1.0);
        if (rate != OPUS_STREAM_RATE) {
            chunk->score_opus = message(log, (double)OPUS_STREAM_RATE / rate);
        }
        log->count = 0;
    }
}
