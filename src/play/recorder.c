// SPDX-License-Identifier: GPL-3.0-or-later
// The audio thread passes a gate and copies into the reel, nothing else. For each recording there is a thread that
// looks at the reel fifty times a second, hands what is there to the writer, and twice a second has it bring the head
// of the file up to date. What it cannot write is owed: before the next frames that many of silence are written, as
// soon as the disk takes them. The spool holds on to what was begun, so that the order in the file is always right.
//
// Who stops closes the gate and then tells the thread, which empties the reel once more and makes the file whole. So
// what belongs to the recording has one owner at any time, and only the facts for others need a lock. All signals are
// blocked in the thread: a handler has no business there, and a file that has grown to the limit of its size (SIGXFSZ)
// is to be an error like others.
#include "play/recorder.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "play/fresh_file.h"
#include "play/gate.h"
#include "play/reel.h"
#include "play/writer.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATE_MIN = 1000, RATE_MAX = 768000, REEL_SECONDS = 2, REEL_LEAST = 1 << 15 };

static const int64_t POLL_NS = 20000000, KEEP_NS = 500000000;
static const int64_t LOOK_NS = 1000000, STILL_NS = 1000000000; ///< sound that stands still for as long does not come

/// Frames, of all that recorder_write() was given.
struct span {
    uint64_t from, until;
};

struct recorder {
    uint32_t rate, channels;
    struct gate gate;
    struct reel *reel;
    float *silence;
    _Atomic uint64_t seen;   ///< frames so far: the audio thread's
    uint64_t from;           ///< the first of them that is recorded; set while the gate is closed
    _Atomic uint64_t until;  ///< and the one behind the last, which may come nearer
    pthread_mutex_t control; ///< who starts or stops
    pthread_mutex_t lock;    ///< of the facts
    struct recorder_facts facts;
    // The recording's, with the thread while that runs.
    pthread_t thread;
    atomic_bool stopping;
    const struct writer_ops *ops;
    void *writer;
    struct spool spool;
    uint64_t taken; ///< frames that the writer took, silence included
    uint64_t owed;  ///< frames of silence to be written before all else
    uint64_t lost;
    int reason; ///< errno of the last trouble
};

enum status recorder_new(double rate, uint32_t channels, struct recorder **out)
{
    *out = NULL;
    if (!(rate >= RATE_MIN && rate <= RATE_MAX) || channels < 1 || channels > WRITER_CHANNELS_MAX) {
        return STATUS_RANGE;
    }
    struct recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder) {
        return STATUS_NO_MEMORY;
    }
    recorder->rate = (uint32_t)lround(rate);
    recorder->channels = channels;
    (void)pthread_mutex_init(&recorder->control, NULL);
    (void)pthread_mutex_init(&recorder->lock, NULL);
    const uint32_t frames = REEL_SECONDS * recorder->rate;
    recorder->reel = reel_new(channels, frames > REEL_LEAST ? frames : REEL_LEAST);
    recorder->silence = calloc((size_t)WRITER_FRAMES_MAX * channels, sizeof(float));
    if (!recorder->reel || !recorder->silence) {
        recorder_free(recorder);
        return STATUS_NO_MEMORY;
    }
    *out = recorder;
    return STATUS_OK;
}

void recorder_free(struct recorder *recorder)
{
    if (recorder) {
        if (recorder_facts(recorder).recording) {
            const enum status status = recorder_stop(recorder, NULL);
            (void)status; // there is nobody left to tell
        }
        (void)pthread_mutex_destroy(&recorder->control);
        (void)pthread_mutex_destroy(&recorder->lock);
        reel_free(recorder->reel);
        free(recorder->silence);
        free(recorder);
    }
}

/// What is wanted of the \p frames frames that come now.
static void write_wanted(struct recorder *recorder, const float *const *channels, uint32_t frames) REALTIME
{
    const float *from[WRITER_CHANNELS_MAX];
    const uint64_t now = atomic_load_explicit(&recorder->seen, memory_order_relaxed);
    const uint64_t until = atomic_load_explicit(&recorder->until, memory_order_relaxed);
    const uint64_t first = now < recorder->from ? recorder->from : now;
    const uint64_t end = now + frames < until ? now + frames : until;
    if (first >= end) {
        return;
    }
    for (uint32_t i = 0; i < recorder->channels; i++) {
        from[i] = channels[i] + (first - now);
    }
    reel_write(recorder->reel, from, (uint32_t)(end - first));
}

void recorder_write(struct recorder *recorder, const float *const *channels, uint32_t frames)
{
    if (gate_enter(&recorder->gate)) {
        write_wanted(recorder, channels, frames);
        gate_leave(&recorder->gate);
    }
    const uint64_t seen = atomic_load_explicit(&recorder->seen, memory_order_relaxed) + frames;
    atomic_store_explicit(&recorder->seen, seen, memory_order_release);
}

struct recorder_facts recorder_facts(const struct recorder *recorder)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)&recorder->lock;
    (void)pthread_mutex_lock(lock);
    const struct recorder_facts facts = recorder->facts;
    (void)pthread_mutex_unlock(lock);
    return facts;
}

/// Has the facts say how it stands.
static void report(struct recorder *recorder, bool is_recording)
{
    const bool is_stuck = recorder->owed > 0 || recorder->spool.error != 0;
    (void)pthread_mutex_lock(&recorder->lock);
    recorder->facts.recording = is_recording;
    recorder->facts.frames = recorder->taken;
    recorder->facts.lost = recorder->lost;
    recorder->facts.bytes = recorder->spool.at;
    recorder->facts.status = is_stuck ? STATUS_IO : STATUS_OK;
    (void)pthread_mutex_unlock(&recorder->lock);
}

static bool write_frames(struct recorder *recorder, const float *frames, uint32_t count)
{
    if (!recorder->ops->write(recorder->writer, frames, count)) {
        return false;
    }
    recorder->taken += count;
    return true;
}

/// Writes what is held and owed. Whether nothing is any more.
static bool settle(struct recorder *recorder)
{
    while (spool_flush(&recorder->spool)) {
        if (!recorder->owed) {
            return true;
        }
        const uint32_t count = recorder->owed < WRITER_FRAMES_MAX ? (uint32_t)recorder->owed : WRITER_FRAMES_MAX;
        if (!write_frames(recorder, recorder->silence, count)) {
            return false;
        }
        recorder->owed -= count;
    }
    recorder->reason = recorder->spool.error;
    return false;
}

static void lose(struct recorder *recorder, uint64_t frames)
{
    recorder->owed += frames;
    recorder->lost += frames;
}

/// Hands on what the reel has.
static void empty_reel(struct recorder *recorder)
{
    for (;;) {
        const struct reel_piece piece = reel_read(recorder->reel, WRITER_FRAMES_MAX);
        lose(recorder, piece.lost);
        const bool is_settled = settle(recorder);
        if (!piece.count) {
            return;
        }
        if (!is_settled || !write_frames(recorder, piece.frames, piece.count)) {
            lose(recorder, piece.count);
        }
        reel_release(recorder->reel, piece.count);
    }
}

/// Makes the file whole.
static void finish(struct recorder *recorder)
{
    lose(recorder, reel_lost_at_end(recorder->reel));
    (void)settle(recorder);
    recorder->ops->finish(recorder->writer);
    recorder->lost += recorder->taken - recorder->spool.whole_frames;
    recorder->taken = recorder->spool.whole_frames;
}

static void *run(void *argument)
{
    struct recorder *recorder = argument;
    int64_t kept_ns = clock_now_ns();
    for (;;) {
        const bool is_last = atomic_load(&recorder->stopping);
        empty_reel(recorder);
        if (is_last) {
            finish(recorder);
            return NULL;
        }
        const int64_t now_ns = clock_now_ns();
        if (recorder->ops->keep && now_ns - kept_ns >= KEEP_NS) {
            recorder->ops->keep(recorder->writer);
            kept_ns = now_ns;
        }
        report(recorder, true);
        clock_sleep_until(now_ns + POLL_NS);
    }
}

static const struct writer_ops *find_writer(const char *path)
{
    static const struct writer_ops *const writers[] = {&wav_writer_ops, &flac_writer_ops};
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
        const size_t ending = strlen(writers[i]->ending);
        if (length > ending && strcasecmp(path + length - ending, writers[i]->ending) == 0) {
            return writers[i];
        }
    }
    return NULL;
}

static void reset(struct recorder *recorder, const char *path)
{
    reel_clear(recorder->reel);
    atomic_store(&recorder->stopping, false);
    recorder->taken = 0;
    recorder->owed = 0;
    recorder->lost = 0;
    recorder->reason = 0;
    (void)pthread_mutex_lock(&recorder->lock);
    memcpy(recorder->facts.path, path, strlen(path) + 1);
    (void)pthread_mutex_unlock(&recorder->lock);
}

/// Opens the file and starts the thread.
static enum status begin(struct recorder *recorder, const char *path, const struct writer_format *format,
                         struct complaint *complaint)
{
    char name[sizeof recorder->facts.path];
    int file = -1;
    enum status status = fresh_file_open(path, &file, name, sizeof name, complaint);
    if (status) {
        return status;
    }
    status = spool_open(&recorder->spool, file, WRITER_ROOM, complaint);
    if (status) {
        (void)close(file);
        return status;
    }
    status = recorder->ops->begin(format, &recorder->spool, &recorder->writer, complaint);
    if (status) {
        (void)spool_close(&recorder->spool);
        return status;
    }
    reset(recorder, name);
    report(recorder, true);
    const int error = thread_start(&recorder->thread, run, recorder);
    if (error) {
        recorder->ops->finish(recorder->writer);
        (void)spool_close(&recorder->spool);
        report(recorder, false);
        return complain(complaint, STATUS_IO, "cannot start a thread: %s", strerror(error));
    }
    gate_open(&recorder->gate);
    log_write(LOG_LEVEL_INFO, "recording_begun", "path=%s", name);
    return STATUS_OK;
}

/// recorder_start() with the right to.
static enum status start(struct recorder *recorder, const char *path, enum recorder_bits bits, const struct span *span,
                         struct complaint *complaint)
{
    if (recorder_facts(recorder).recording) {
        return complain(complaint, STATUS_IN_USE, "%s is being recorded: stop that first", recorder->facts.path);
    }
    const struct writer_format format = {.rate = recorder->rate, .channels = recorder->channels, .bits = bits};
    recorder->ops = find_writer(path);
    if (!recorder->ops || (unsigned)bits > RECORDER_FLOAT) {
        return complain(complaint, STATUS_UNSUPPORTED, "a recording is a .wav or .flac file of 16, 24 or 32 bits");
    }
    const enum status status = recorder->ops->check(&format, complaint);
    if (status) {
        return status;
    }
    recorder->from = span->from;
    atomic_store(&recorder->until, span->until);
    return begin(recorder, path, &format, complaint);
}

enum status recorder_start_at(struct recorder *recorder, const char *path, enum recorder_bits bits, uint64_t from,
                              uint64_t frames, struct complaint *complaint)
{
    const struct span span = {.from = from, .until = frames > 0 ? from + frames : UINT64_MAX};
    (void)pthread_mutex_lock(&recorder->control);
    const enum status status = start(recorder, path, bits, &span, complaint);
    (void)pthread_mutex_unlock(&recorder->control);
    return status;
}

enum status recorder_start(struct recorder *recorder, const char *path, enum recorder_bits bits,
                           struct complaint *complaint)
{
    return recorder_start_at(recorder, path, bits, 0, 0, complaint);
}

/// Has the thread end. False where the system lost something that it had taken.
static bool end(struct recorder *recorder)
{
    gate_close(&recorder->gate);
    atomic_store(&recorder->stopping, true);
    (void)pthread_join(recorder->thread, NULL);
    const bool is_closed = spool_close(&recorder->spool);
    recorder->reason = is_closed ? recorder->reason : recorder->spool.error;
    report(recorder, false);
    return is_closed;
}

enum status recorder_stop(struct recorder *recorder, struct complaint *complaint)
{
    (void)pthread_mutex_lock(&recorder->control);
    enum status status = STATUS_OK;
    if (!recorder_facts(recorder).recording) {
        status = complain(complaint, STATUS_CLOSED, "nothing is being recorded");
    } else if (!end(recorder) || recorder->lost) {
        status = complain(complaint, STATUS_IO, "%" PRIu64 " frames (%.3f s) of the recording are lost: %s",
                          recorder->lost, (double)recorder->lost / recorder->rate,
                          recorder->reason ? strerror(recorder->reason) : "the disk was too slow");
    }
    (void)pthread_mutex_unlock(&recorder->control);
    return status;
}

// Until the audio thread has given all frames before `frame`, or gives none any more.
static void await_frame(const struct recorder *recorder, uint64_t frame)
{
    uint64_t before = 0;
    int64_t moved_ns = clock_now_ns();
    for (;;) {
        const uint64_t seen = atomic_load_explicit(&recorder->seen, memory_order_acquire);
        const int64_t now_ns = clock_now_ns();
        moved_ns = seen != before ? now_ns : moved_ns;
        before = seen;
        if (seen >= frame || now_ns - moved_ns >= STILL_NS) {
            return;
        }
        clock_sleep_until(now_ns + LOOK_NS);
    }
}

enum status recorder_stop_at(struct recorder *recorder, uint64_t frame, struct complaint *complaint)
{
    (void)pthread_mutex_lock(&recorder->control);
    if (frame < atomic_load(&recorder->until)) {
        atomic_store(&recorder->until, frame);
    }
    (void)pthread_mutex_unlock(&recorder->control);
    await_frame(recorder, frame);
    return recorder_stop(recorder, complaint);
}
