// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/broadcast.h"

#include <string.h>

void broadcast_init(struct broadcast *broadcast, const struct station_state *state)
{
    *broadcast = (struct broadcast){.state = *state};
    pthread_mutex_init(&broadcast->lock, NULL);
}

void broadcast_stand(struct broadcast *broadcast, const struct station_state *state, uint32_t sequence, uint64_t frame)
{
    broadcast->state = *state;
    broadcast->oldest = broadcast->head = sequence;
    broadcast->frame = frame;
}

void broadcast_done(struct broadcast *broadcast)
{
    for (int i = 0; i < STATION_RING; i++) {
        chunk_done(&broadcast->ring[i]);
    }
    pthread_mutex_destroy(&broadcast->lock);
}

void broadcast_publish(struct broadcast *broadcast, const struct chunk *chunk, uint64_t next_frame)
{
    pthread_mutex_lock(&broadcast->lock);
    struct chunk *slot = &broadcast->ring[broadcast->head % STATION_RING];
    struct chunk old = *slot;
    *slot = *chunk;
    broadcast->head++;
    broadcast->frame = next_frame;
    if (broadcast->head - broadcast->oldest > STATION_RING) {
        broadcast->oldest++;
    }
    pthread_mutex_unlock(&broadcast->lock);
    chunk_done(&old);
}

void broadcast_forget(struct broadcast *broadcast)
{
    struct chunk old[STATION_RING];
    pthread_mutex_lock(&broadcast->lock);
    memcpy(old, broadcast->ring, sizeof old);
    memset(broadcast->ring, 0, sizeof broadcast->ring);
    broadcast->oldest = broadcast->head;
    pthread_mutex_unlock(&broadcast->lock);
    for (int i = 0; i < STATION_RING; i++) {
        chunk_done(&old[i]);
    }
}

void broadcast_controls(struct broadcast *broadcast, const struct preset *preset, const struct controls *controls,
                        uint64_t frame)
{
    pthread_mutex_lock(&broadcast->lock);
    struct station_state *state = &broadcast->state;
    state->controls = *controls;
    state->preset = preset ? preset : state->preset;
    state->frame = frame;
    state->version++;
    pthread_mutex_unlock(&broadcast->lock);
}

void broadcast_chord(struct broadcast *broadcast, const struct event *event, uint64_t frame)
{
    pthread_mutex_lock(&broadcast->lock);
    struct station_state *state = &broadcast->state;
    state->chord = event->harmony.chord;
    state->chord_key = event->harmony.key;
    state->has_chord = true;
    state->frame = frame;
    state->version++;
    pthread_mutex_unlock(&broadcast->lock);
}

uint32_t broadcast_head(struct broadcast *broadcast)
{
    pthread_mutex_lock(&broadcast->lock);
    const uint32_t head = broadcast->head;
    pthread_mutex_unlock(&broadcast->lock);
    return head;
}

uint64_t broadcast_version(struct broadcast *broadcast)
{
    pthread_mutex_lock(&broadcast->lock);
    const uint64_t version = broadcast->state.version;
    pthread_mutex_unlock(&broadcast->lock);
    return version;
}

uint32_t broadcast_oldest(struct broadcast *broadcast)
{
    pthread_mutex_lock(&broadcast->lock);
    const uint32_t oldest = broadcast->oldest;
    pthread_mutex_unlock(&broadcast->lock);
    return oldest;
}

struct station_position broadcast_position(struct broadcast *broadcast)
{
    pthread_mutex_lock(&broadcast->lock);
    const struct station_position position = {.frame = broadcast->frame, .sequence = broadcast->head};
    pthread_mutex_unlock(&broadcast->lock);
    return position;
}

struct station_state broadcast_state(struct broadcast *broadcast)
{
    pthread_mutex_lock(&broadcast->lock);
    const struct station_state state = broadcast->state;
    pthread_mutex_unlock(&broadcast->lock);
    return state;
}

static struct buffer *form_of(struct chunk *chunk, enum format format)
{
    if (format == FORMAT_JSON && !chunk->forms[FORMAT_JSON]) {
        chunk->forms[FORMAT_JSON] = chunk_json(chunk, chunk->forms[FORMAT_PCM]);
    }
    return buffer_ref(chunk->forms[format]);
}

enum status broadcast_take(struct broadcast *broadcast, uint32_t sequence, enum format format, struct buffer **out,
                           struct buffer **score, int64_t *due_ns)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&broadcast->lock);
    if (sequence >= broadcast->head) {
        status = STATUS_AGAIN;
    } else if (sequence < broadcast->oldest) {
        status = STATUS_CLOSED;
    } else {
        struct chunk *chunk = &broadcast->ring[sequence % STATION_RING];
        *out = form_of(chunk, format);
        *due_ns = chunk->due_ns;
        if (score) {
            *score = buffer_ref(format == FORMAT_OPUS && chunk->score_opus ? chunk->score_opus : chunk->score);
        }
        status = *out || format == FORMAT_OGG ? STATUS_OK : STATUS_NO_MEMORY;
    }
    pthread_mutex_unlock(&broadcast->lock);
    return status;
}
