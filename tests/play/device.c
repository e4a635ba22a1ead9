// SPDX-License-Identifier: GPL-3.0-or-later
// What all kinds share, seen through the null device with the real clock.
#include "play/device.h"

#include "play/device_parts.h"
#include "wait.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENOUGH = 20 };

struct heard {
    uint32_t ins, outs, frames; ///< expected
    _Atomic uint64_t calls, wrong_frames, loud_in, loud_out, denormal;
    volatile float tiny; ///< a denormal, and a quarter of it
};

static void listen(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME
{
    struct heard *heard = closure;
    atomic_fetch_add(&heard->wrong_frames, frames != heard->frames);
    for (uint32_t i = 0; i < frames; i++) {
        for (uint32_t channel = 0; channel < heard->ins; channel++) {
            atomic_fetch_add(&heard->loud_in, in[channel][i] != 0);
        }
        for (uint32_t channel = 0; channel < heard->outs; channel++) {
            atomic_fetch_add(&heard->loud_out, out[channel][i] != 0);
            out[channel][i] = 1;
        }
    }
    const float quarter = heard->tiny * 0.25F;
    uint32_t bits;
    memcpy(&bits, &quarter, sizeof bits);
    atomic_fetch_add(&heard->denormal, bits != 0);
    atomic_fetch_add(&heard->calls, 1);
}

static bool has_heard_enough(void *what)
{
    const struct heard *heard = what;
    return atomic_load(&heard->calls) >= ENOUGH;
}

static struct device *open_null(const struct device_options *options, struct heard *heard)
{
    struct complaint complaint;
    struct device *device = NULL;
    assert_int_equal(device_open(options, listen, heard, &device, &complaint), STATUS_OK);
    assert_non_null(device);
    return device;
}

static void refuses_what_cannot_be_and_says_why(void **state)
{
    (void)state;
    static const struct {
        struct device_options options;
        enum status status;
        const char *says;
    } cases[] = {
        {{.kind = NULL, .outs = 2}, STATUS_UNKNOWN, "jack, portaudio or null"},
        {{.kind = "gramophone", .outs = 2}, STATUS_UNKNOWN, "gramophone"},
        {{.kind = "null", .outs = 0}, STATUS_RANGE, "output channels"},
        {{.kind = "null", .outs = DEVICE_CHANNELS_MAX + 1}, STATUS_RANGE, "output channels"},
        {{.kind = "null", .outs = 2, .ins = DEVICE_CHANNELS_MAX + 1}, STATUS_RANGE, "input channels"},
        {{.kind = "null", .outs = 2, .block = DEVICE_BLOCK_MAX + 1}, STATUS_RANGE, "period"},
        {{.kind = "null", .outs = 2, .rate = 7999}, STATUS_RANGE, "rate"},
        {{.kind = "null", .outs = 2, .rate = 768001}, STATUS_RANGE, "rate"},
        {{.kind = "null", .outs = 2, .rate = 44100.5}, STATUS_RANGE, "rate"},
        {{.kind = "null", .outs = 2, .rate = -48000}, STATUS_RANGE, "rate"},
        {{.kind = "null", .outs = 2, .rate = NAN}, STATUS_RANGE, "rate"},
        {{.kind = "null", .outs = 2, .rate = INFINITY}, STATUS_RANGE, "rate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct complaint complaint = {""};
        struct device *device = (struct device *)&complaint;
        assert_int_equal(device_open(&cases[i].options, listen, NULL, &device, &complaint), cases[i].status);
        assert_null(device);
        assert_non_null(strstr(complaint.text, cases[i].says));
    }
    device_close(NULL);
}

static void takes_defaults_where_nothing_is_asked_for(void **state)
{
    (void)state;
    struct device *device = open_null(&(struct device_options){.kind = "null", .outs = 1}, NULL);
    assert_true(device_rate(device) == 48000);
    assert_int_equal(device_block(device), 64);
    assert_string_equal(device_kind(device), "null");
    assert_int_equal(device_xruns(device), 0);
    assert_false(device_is_gone(device));
    device_close(device);
}

static void calls_back_for_whole_periods_of_silence(void **state)
{
    (void)state;
    struct heard heard = {.ins = 3, .outs = DEVICE_CHANNELS_MAX, .frames = 37, .tiny = 1e-39F};
    struct device *device = open_null(
        &(struct device_options){
            .kind = "null", .ins = heard.ins, .outs = heard.outs, .block = heard.frames, .rate = 96000},
        &heard);
    assert_true(device_rate(device) == 96000);
    assert_int_equal(device_block(device), heard.frames);
    assert_int_equal(device_start(device, NULL), STATUS_OK);
    assert_true(wait_until(has_heard_enough, &heard));
    device_close(device);
    assert_int_equal(heard.wrong_frames, 0);
    assert_int_equal(heard.loud_in, 0);
    assert_int_equal(heard.loud_out, 0);
#if defined(__x86_64__) || defined(__aarch64__)
    assert_int_equal(heard.denormal, 0);
#endif
}

static void stops_for_good_and_starts_again(void **state)
{
    (void)state;
    struct heard heard = {.outs = 2, .frames = 64};
    struct device *device = open_null(&(struct device_options){.kind = "null", .outs = 2}, &heard);
    device_stop(device);
    for (int round = 0; round < 3; round++) {
        atomic_store(&heard.calls, 0);
        struct complaint complaint = {""};
        assert_int_equal(device_start(device, &complaint), STATUS_OK);
        assert_int_equal(device_start(device, &complaint), STATUS_IN_USE);
        assert_true(wait_until(has_heard_enough, &heard));
        device_stop(device);
        const uint64_t calls = atomic_load(&heard.calls);
        clock_sleep_until(clock_now_ns() + 20000000);
        assert_int_equal(atomic_load(&heard.calls), calls);
        device_stop(device);
    }
    device_close(device);
}

struct pieces {
    uint32_t count, longest;
    float next; ///< the number that comes next
    bool is_right;
};

static void take_piece(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME
{
    struct pieces *pieces = closure;
    pieces->count++;
    pieces->longest = frames > pieces->longest ? frames : pieces->longest;
    for (uint32_t i = 0; i < frames; i++) {
        pieces->is_right = pieces->is_right && in[0][i] == pieces->next && out[1][i] == 0;
        out[1][i] = -pieces->next++;
    }
}

static void gives_more_than_a_callback_takes_in_pieces(void **state)
{
    (void)state;
    enum { FRAMES = 2 * DEVICE_BLOCK_MAX + 5 };
    struct pieces pieces = {.is_right = true};
    struct device *device = NULL;
    assert_int_equal(
        device_open(&(struct device_options){.kind = "null", .ins = 1, .outs = 2}, take_piece, &pieces, &device, NULL),
        STATUS_OK);
    float *memory = calloc(3 * FRAMES, sizeof *memory);
    assert_non_null(memory);
    for (int i = 0; i < 2 * FRAMES; i++) {
        memory[i] = (float)i; // what comes in, and what the output must not hold on to
    }
    const float *const in[] = {memory};
    float *const out[] = {memory + FRAMES, memory + 2 * FRAMES};
    gate_open(&device->gate);
    device_feed(device, in, out, FRAMES);
    gate_close(&device->gate);
    assert_true(pieces.is_right);
    assert_int_equal(pieces.count, 3);
    assert_int_equal(pieces.longest, DEVICE_BLOCK_MAX);
    for (int i = 0; i < FRAMES; i++) {
        assert_true(out[0][i] == 0 && out[1][i] == -(float)i);
    }
    device_feed(device, in, out, FRAMES);
    assert_int_equal(pieces.count, 3);
    assert_true(out[1][FRAMES - 1] == 0);
    device_close(device);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_cannot_be_and_says_why),
        cmocka_unit_test(takes_defaults_where_nothing_is_asked_for),
        cmocka_unit_test(calls_back_for_whole_periods_of_silence),
        cmocka_unit_test(stops_for_good_and_starts_again),
        cmocka_unit_test(gives_more_than_a_callback_takes_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
