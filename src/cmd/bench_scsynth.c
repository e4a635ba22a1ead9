// SPDX-License-Identifier: GPL-3.0-or-later
// A definition of a synth is a few dozen numbers ("Synth Definition File Format", version 2, in SuperCollider's
// documentation), and a score for non-real-time synthesis is OSC bundles, each after its length: both are written here,
// so that the peer needs no language but its server.
//
// The envelope runs at control rate and the filter's frequency never moves: what costs scsynth least.
#include "cmd/bench_scsynth.h"

#include "cmd/child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BYTES_MAX = 4096, PATH_SIZE = 300 };

// Bytes as they grow; what does not fit is left out, and told by `full`.
struct bytes {
    size_t size;
    int full;
    unsigned char data[BYTES_MAX];
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->size + size > sizeof bytes->data) {
        bytes->full = 1;
        return;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void put_int8(struct bytes *bytes, int value)
{
    put(bytes, &(int8_t){(int8_t)value}, 1);
}

static void put_int16(struct bytes *bytes, int value)
{
    put(bytes, &(uint16_t){htons((uint16_t)value)}, 2);
}

static void put_int32(struct bytes *bytes, int value)
{
    put(bytes, &(uint32_t){htonl((uint32_t)value)}, 4);
}

static void put_float(struct bytes *bytes, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(bytes, &(uint32_t){htonl(bits)}, 4);
}

// Of a definition: its length in a byte before it.
static void put_name(struct bytes *bytes, const char *name)
{
    put_int8(bytes, (int)strlen(name));
    put(bytes, name, strlen(name));
}

// Of OSC: with a NUL at least, to a multiple of four.
static void put_string(struct bytes *bytes, const char *text)
{
    const size_t length = strlen(text);
    put(bytes, text, length);
    put(bytes, "\0\0\0\0", 4 - length % 4);
}

/// \name The definition
/// @{

enum { SCALAR, CONTROL_RATE, AUDIO_RATE, CONSTANT = -1 };
enum { UNIT_CONTROL, UNIT_SINE, UNIT_ENVELOPE, UNIT_FILTER, UNIT_VCA, UNIT_LEVEL, UNIT_OUT, UNITS };

enum constant {
    ZERO,
    ONE,
    SUSTAIN,
    ATTACK,
    DECAY,
    RELEASE,
    CURVE,
    SEGMENTS,
    RELEASE_NODE,
    NO_LOOP,
    SHAPE,
    CUTOFF,
    BANDWIDTH,
    LEVEL,
    CONSTANTS
};

static const float constants[CONSTANTS] = {
    [ZERO] = 0,         [ONE] = 1,        [SUSTAIN] = 0.5F, [ATTACK] = 0.01F,
    [DECAY] = 0.1F,     [RELEASE] = 0.3F, [CURVE] = -4,     [SEGMENTS] = 3,
    [RELEASE_NODE] = 2, [NO_LOOP] = -99,  [SHAPE] = 5,      [CUTOFF] = BENCH_CUTOFF_HZ,
    [BANDWIDTH] = 0.5F, [LEVEL] = 0.002F};

struct input {
    int unit; ///< CONSTANT: a number
    int index;
};

struct unit {
    const char *name;
    int rate;
    int special;
    int outputs;
    int inputs;
    struct input input[24];
};

static const struct unit units[UNITS] = {
    [UNIT_CONTROL] = {"Control", CONTROL_RATE, 0, 1, 0, {{0}}},
    [UNIT_SINE] = {"SinOsc", AUDIO_RATE, 0, 1, 2, {{UNIT_CONTROL, 0}, {CONSTANT, ZERO}}},
    [UNIT_ENVELOPE] =
        {"EnvGen", CONTROL_RATE, 0, 1, 21, {{CONSTANT, ONE},      {CONSTANT, ONE},          {CONSTANT, ZERO},
                                            {CONSTANT, ONE},      {CONSTANT, ZERO},         {CONSTANT, ZERO},
                                            {CONSTANT, SEGMENTS}, {CONSTANT, RELEASE_NODE}, {CONSTANT, NO_LOOP},
                                            {CONSTANT, ONE},      {CONSTANT, ATTACK},       {CONSTANT, SHAPE},
                                            {CONSTANT, CURVE},    {CONSTANT, SUSTAIN},      {CONSTANT, DECAY},
                                            {CONSTANT, SHAPE},    {CONSTANT, CURVE},        {CONSTANT, ZERO},
                                            {CONSTANT, RELEASE},  {CONSTANT, SHAPE},        {CONSTANT, CURVE}}},
    [UNIT_FILTER] = {"RLPF", AUDIO_RATE, 0, 1, 3, {{UNIT_SINE, 0}, {CONSTANT, CUTOFF}, {CONSTANT, BANDWIDTH}}},
    [UNIT_VCA] = {"BinaryOpUGen", AUDIO_RATE, 2, 1, 2, {{UNIT_FILTER, 0}, {UNIT_ENVELOPE, 0}}},
    [UNIT_LEVEL] = {"BinaryOpUGen", AUDIO_RATE, 2, 1, 2, {{UNIT_VCA, 0}, {CONSTANT, LEVEL}}},
    [UNIT_OUT] = {"Out", AUDIO_RATE, 0, 0, 2, {{CONSTANT, ZERO}, {UNIT_LEVEL, 0}}},
};

static void put_unit(struct bytes *bytes, const struct unit *unit)
{
    put_name(bytes, unit->name);
    put_int8(bytes, unit->rate);
    put_int32(bytes, unit->inputs);
    put_int32(bytes, unit->outputs);
    put_int16(bytes, unit->special);
    for (int i = 0; i < unit->inputs; i++) {
        put_int32(bytes, unit->input[i].unit);
        put_int32(bytes, unit->input[i].index);
    }
    for (int i = 0; i < unit->outputs; i++) {
        put_int8(bytes, unit->rate);
    }
}

static void put_definition(struct bytes *bytes)
{
    put(bytes, "SCgf", 4);
    put_int32(bytes, 2);
    put_int16(bytes, 1);
    put_name(bytes, "voice");
    put_int32(bytes, CONSTANTS);
    for (int i = 0; i < CONSTANTS; i++) {
        put_float(bytes, constants[i]);
    }
    put_int32(bytes, 1);
    put_float(bytes, 440);
    put_int32(bytes, 1);
    put_name(bytes, "freq");
    put_int32(bytes, 0);
    put_int32(bytes, UNITS);
    for (int i = 0; i < UNITS; i++) {
        put_unit(bytes, &units[i]);
    }
    put_int16(bytes, 0);
}
/// @}

/// \name The score
/// @{

// Each message in a bundle of its own: one that is longer than 8 KB is not read.
static int write_bundle(FILE *file, double seconds, const struct bytes *message)
{
    struct bytes bundle = {.size = 0};
    put_string(&bundle, "#bundle");
    put_int32(&bundle, (int)seconds);
    put_int32(&bundle, 0);
    put_int32(&bundle, (int)message->size);
    put(&bundle, message->data, message->size);
    const uint32_t length = htonl((uint32_t)bundle.size);
    return !bundle.full && !message->full && fwrite(&length, sizeof length, 1, file) == 1 &&
           fwrite(bundle.data, bundle.size, 1, file) == 1;
}

static int write_definition(FILE *file)
{
    struct bytes definition = {.size = 0};
    put_definition(&definition);
    struct bytes message = {.size = 0};
    put_string(&message, "/d_recv");
    put_string(&message, ",b");
    put_int32(&message, (int)definition.size);
    put(&message, definition.data, definition.size);
    put(&message, "\0\0\0", (4 - definition.size % 4) % 4);
    return !definition.full && write_bundle(file, 0, &message);
}

static int write_voice(FILE *file, int voice)
{
    struct bytes message = {.size = 0};
    put_string(&message, "/s_new");
    put_string(&message, ",siiisf");
    put_string(&message, "voice");
    put_int32(&message, 1000 + voice);
    put_int32(&message, 0);
    put_int32(&message, 0);
    put_string(&message, "freq");
    put_float(&message, (float)bench_voice_hz(voice));
    return write_bundle(file, 0, &message);
}

static int write_end(FILE *file, double seconds)
{
    struct bytes message = {.size = 0};
    put_string(&message, "/c_set");
    put_string(&message, ",if");
    put_int32(&message, 0);
    put_float(&message, 0);
    return write_bundle(file, seconds, &message);
}

static enum status write_score(const char *path, int voices, double seconds, struct complaint *complaint)
{
    FILE *file = fopen(path, "wb");
    int good = file != NULL && write_definition(file);
    for (int voice = 0; good && voice < voices; voice++) {
        good = write_voice(file, voice);
    }
    good = good && write_end(file, seconds);
    if (file && fclose(file) != 0) {
        good = 0;
    }
    return good ? STATUS_OK : complain(complaint, STATUS_IO, "%.200s: %s", path, strerror(errno));
}
/// @}

double bench_voice_hz(int voice)
{
    return 110.0 * exp2(voice % 48 / 12.0) * (1.0 + 0.0001 * (double)voice);
}

enum status bench_scsynth_render(const struct bench *bench, int voices, double seconds, struct cost *cost,
                                 struct complaint *complaint)
{
    char score[PATH_SIZE];
    char sound[PATH_SIZE];
    (void)snprintf(score, sizeof score, "%s/voices.osc", bench->folder);
    (void)snprintf(sound, sizeof sound, "%s/voices.wav", bench->folder);
    const enum status status = write_score(score, voices, seconds, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const char *const argv[] = {"scsynth", "-N", score, "_", sound, "48000", "WAV", "int16", "-o", "1", NULL};
    return child_run(argv, cost, complaint);
}
