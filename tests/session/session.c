// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void build(struct client *client)
{
    client_do(client, "/tutti/synth/module/add keys notes");
    client_do(client, "/tutti/synth/module/add osc sine");
    client_do(client, "/tutti/synth/module/add out output");
    client_do(client, "/tutti/synth/cable/add keys pitch osc pitch");
    client_do(client, "/tutti/synth/cable/add osc out out left 0.25");
}

static void expect(struct client *client, const char *line, const char *says)
{
    if (!strstr(client_ask(client, line), says)) {
        fail_msg("%s\nanswers: %s\ninstead of: %s", line, client->answer, says);
    }
}

// The highest value of channel 0, and how often the wave crosses 0 upwards from second \p from to \p to.
static float measure(const char *path, double from, double to, int *crossings)
{
    SF_INFO info = {.format = 0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.channels, 2);
    float *frames = calloc((size_t)info.frames, 2 * sizeof(float));
    assert_non_null(frames);
    assert_int_equal(sf_readf_float(file, frames, info.frames), info.frames);
    (void)sf_close(file);
    float peak = 0;
    *crossings = 0;
    for (sf_count_t i = 1; i < info.frames; i++) {
        const float x = frames[2 * i];
        peak = fabsf(x) > peak ? fabsf(x) : peak;
        if ((double)i >= from * RIG_RATE && (double)i < to * RIG_RATE) {
            *crossings += x > 0 && frames[2 * i - 2] <= 0;
        }
    }
    free(frames);
    return peak;
}

static void what_is_built_by_osc_is_heard(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    char path[] = "/tmp/tutti-session-XXXXXX.wav";
    close(mkstemps(path, 4));
    char line[80];
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    build(&client);
    client_do(&client, "/tutti/synth/set osc frequency 1000");
    expect(&client, "/tutti/synth/get osc frequency", "reply osc frequency 1000.0");
    (void)snprintf(line, sizeof line, "/tutti/synth/record/start %s", path);
    client_do(&client, line);
    const double start = client_figure(&client, "frames");
    while (client_figure(&client, "frames") < start + 2 * RIG_RATE) {
        usleep(10000);
    }
    expect(&client, "/tutti/synth/record/stop", "reply ");
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
    int crossings = 0;
    const float peak = measure(path, 0, 10, &crossings);
    assert_true(peak > 0.24F && peak < 0.26F);
    // A busy machine may have lost some.
    assert_true(crossings > 200);
    unlink(path);
}

// Each on the patch of build().
static const struct {
    const char *line, *says;
} refusals[] = {
    {"/tutti/synth/sett osc frequency 1", "did you mean /tutti/synth/set?"},
    {"/tutti/synth/module/add", "usage: /tutti/synth/module/add ID TYPE"},
    {"/tutti/synth/module/add osc sine", "osc"},
    {"/tutti/synth/module/add 9lives sine", "9lives"},
    {"/tutti/synth/module/add osc2 sien", "sine"},
    {"/tutti/synth/module/remove oscc", "did you mean"},
    {"/tutti/synth/cable/add osc out out middle", "middle"},
    {"/tutti/synth/cable/add osc up out left", "up"},
    {"/tutti/synth/cable/add nobody out out left", "nobody"},
    {"/tutti/synth/cable/add osc out out left", "osc"},
    {"/tutti/synth/cable/add osc out out right f:nan", "gain"},
    {"/tutti/synth/cable/add osc out out right 1e9", "gain"},
    {"/tutti/synth/cable/add osc out osc phase", "osc -> osc"},
    {"/tutti/synth/cable/remove osc out out right", "osc"},
    {"/tutti/synth/cable/gain osc out out right 1", "osc"},
    {"/tutti/synth/set osc frequenzy 1", "frequency"},
    {"/tutti/synth/set nobody frequency 1", "nobody"},
    {"/tutti/synth/set osc frequency 1e9", "20000"},
    {"/tutti/synth/set osc frequency f:nan", "nan"},
    {"/tutti/synth/set osc frequency f:-inf", "inf"},
    {"/tutti/synth/set osc frequency loud", "loud"},
    {"/tutti/synth/set o* gain 999999", "gain"},
    {"/tutti/synth/set z* gain 1", "z*"},
    {"/tutti/synth/set keys voices 100000", "512"},
    {"/tutti/synth/set keys* voices 4", "one module at a time"},
    {"/tutti/synth/set 7 frequency 1", "argument 1 must be a text"},
    {"/tutti/synth/get osc frequenzy", "frequency"},
    {"/tutti/synth/get nobody", "nobody"},
    {"/tutti/synth/note/on keys 60", "usage"},
    {"/tutti/synth/note/on keys 128 100", "0 to 127"},
    {"/tutti/synth/note/on keys f:nan 100", "0 to 127"},
    {"/tutti/synth/note/on keys 60 128", "0 to 127 as an integer"},
    {"/tutti/synth/note/on keys 60 1.5", "0 to 1 as a float"},
    {"/tutti/synth/note/on keys 60 f:nan", "velocity"},
    {"/tutti/synth/note/on osc 60 100", "keys"},
    {"/tutti/synth/note/on nobody 60 100", "keys"},
    {"/tutti/synth/note/on 2 60 100", "no voice 2"},
    {"/tutti/synth/midi keys 64 0 0", "128 to 239"},
    {"/tutti/synth/midi keys 144 200 0", "data1"},
    {"/tutti/synth/patch/load /nowhere/at/all.yaml", "/nowhere/at/all.yaml"},
    {"/tutti/synth/patch/save /nowhere/at/all.yaml", "/nowhere/at/all.yaml"},
    {"/tutti/synth/record/start /tmp/x.mp3", ".wav"},
    {"/tutti/synth/record/start /nowhere/x.wav", "/nowhere"},
    {"/tutti/synth/record/start /tmp/x.wav 12", "16, 24 or float"},
    {"/tutti/synth/record/stop", "nothing is being recorded"},
    {"/tutti/synth/fault 0 crash", "--faults"},
    {"/tutti/synth/type sien", "sine"},
    {"/tutti/subscribe everything", "changes, meters or all"},
    {"/tutti/subscribe all -1", "out of range"},
    {"/tutti/help /nothing", "no method"},
};

static void what_is_wrong_is_refused_and_the_sound_goes_on(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    build(&client);
    const double programs = client_figure(&client, "programs");
    const size_t refused = sizeof refusals / sizeof *refusals;
    for (size_t i = 0; i < refused; i++) {
        expect(&client, refusals[i].line, "error ");
        expect(&client, refusals[i].line, refusals[i].says);
    }
    assert_true(client_figure(&client, "programs") == programs);
    assert_true(client_figure(&client, "modules") == 3);
    assert_true(client_figure(&client, "cables") == 2);
    assert_true(client_figure(&client, "messages_refused") == (double)(2 * refused));
    expect(&client, "/tutti/synth/get osc frequency", "440.0");
    const double frames = client_figure(&client, "frames");
    while (client_figure(&client, "frames") < frames + 4096) {
        usleep(1000);
    }
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void malformed_packets_are_told_and_harmless(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    client_send(&client, "/tutti/synth/panic\0\0,b\0\0\xff\xff\xff\xff", 28);
    client_await(&client, "/tutti/error \"\" \"an argument has the type 'b'");
    client_send(&client, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x40/a\0\0,\0\0\0", 28);
    client_await(&client, "/tutti/error \"\" \"malformed packet: an element");
    client_do(&client, "/tutti/ping");
    assert_true(client_figure(&client, "osc_malformed") == 2);
    // What answers is never answered.
    client_say(&client, "/tutti/error /x text");
    client_say(&client, "/tutti/reply /x");
    client_do(&client, "/tutti/ping");
    assert_true(client_figure(&client, "messages_refused") == 0);
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void a_bundle_is_taken_up_once(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    char text[60][80];
    const char *lines[60];
    rig_start(&rig, &options);
    client_open(&client, &rig);
    client_do(&client, "/tutti/ping");
    const double programs = client_figure(&client, "programs");
    for (int i = 0; i < 30; i++) {
        lines[2 * i] = text[2 * i];
        lines[2 * i + 1] = text[2 * i + 1];
        (void)snprintf(text[2 * i], sizeof text[0], "/tutti/synth/module/add m%d sine", i);
        (void)snprintf(text[2 * i + 1], sizeof text[0], "/tutti/synth/set m%d frequency %d", i, 100 + i);
    }
    client_bundle(&client, OSC_NOW, lines, 60);
    expect(&client, "/tutti/synth/get m29 frequency", "reply m29 frequency 129.0");
    assert_true(client_figure(&client, "modules") == 30);
    assert_true(client_figure(&client, "programs") == programs + 1);
    expect(&client, "/tutti/synth/set m* frequency 50", "reply");
    expect(&client, "/tutti/synth/get m0 frequency", "50.0");
    expect(&client, "/tutti/synth/get \"m1?\" frequency", "reply 10");
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void a_panic_among_edits_is_answered_once(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    const char *const lines[] = {"/tutti/synth/module/add osc sine", "/tutti/synth/panic \"#p\""};
    client_bundle(&client, OSC_NOW, lines, 2);
    client_await(&client, "/tutti/reply /tutti/synth/panic \"#p\"");
    client_do(&client, "/tutti/synth/module/list");
    const char *first = strstr(client.heard, "synth/panic");
    assert_non_null(first);
    assert_null(strstr(first + 1, "synth/panic"));
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

/// More delays one after the other than there is memory for at once.
static void what_was_taken_out_makes_room(void **state)
{
    (void)state;
    enum { DELAYS = 20 };
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    char text[2][DELAYS][80];
    const char *lines[2][DELAYS];
    rig_start(&rig, &options);
    client_open(&client, &rig);
    for (int round = 0; round < 4; round++) {
        if (round > 0) {
            client_bundle(&client, OSC_NOW, lines[1], DELAYS);
            // What goes and what comes is not to be one edit.
            while (client_figure(&client, "modules") > 0) {
            }
        }
        for (int i = 0; i < DELAYS; i++) {
            lines[0][i] = text[0][i];
            lines[1][i] = text[1][i];
            (void)snprintf(text[0][i], sizeof text[0][i], "/tutti/synth/module/add d%d-%d delay", round, i);
            (void)snprintf(text[1][i], sizeof text[1][i], "/tutti/synth/module/remove d%d-%d", round, i);
        }
        client_bundle(&client, OSC_NOW, lines[0], DELAYS);
        while (client_figure(&client, "modules") == 0) {
        }
    }
    expect(&client, "/tutti/synth/get d3-19 mix", "reply d3-19 mix 0.3");
    assert_null(strstr(client.heard, "/tutti/error"));
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void a_time_tag_is_waited_for(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    build(&client);
    const char *const far[] = {"/tutti/synth/set osc frequency 111 \"#far\""};
    const char *const soon[] = {"/tutti/synth/set osc frequency 222", "/tutti/synth/module/add late sine \"#soon\""};
    const char *const never[] = {"/tutti/ping \"#never\""};
    client_bundle(&client, client_time(1800), far, 1);
    client_bundle(&client, client_time(1), soon, 2);
    client_bundle(&client, client_time(7200), never, 1);
    client_await(&client, "/tutti/error /tutti/ping");
    assert_non_null(strstr(client.heard, "is the clock right?"));
    client_await(&client, "/tutti/reply /tutti/synth/module/add \"#soon\"");
    expect(&client, "/tutti/synth/get osc frequency", "222.0");
    assert_true(client_figure(&client, "messages_scheduled") == 1);
    // What is past takes effect at once.
    const double late = client_figure(&client, "messages_late");
    const char *const past[] = {"/tutti/synth/set osc frequency 333"};
    client_bundle(&client, client_time(-5), past, 1);
    expect(&client, "/tutti/synth/get osc frequency", "333.0");
    assert_true(client_figure(&client, "messages_late") == late + 1);
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void a_bundle_with_a_time_keeps_its_order(void **state)
{
    (void)state;
    enum { LINES = 100 };
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    char text[LINES][80];
    const char *lines[LINES];
    rig_start(&rig, &options);
    client_open(&client, &rig);
    build(&client);
    for (int i = 0; i < LINES; i++) {
        (void)snprintf(text[i], sizeof text[i], "/tutti/synth/set osc frequency %d \"#%d\"", 100 + i, 1000 + i);
        lines[i] = text[i];
    }
    client_bundle(&client, client_time(0.5), lines, LINES);
    client_await(&client, "/tutti/reply /tutti/synth/set \"#1099\"");
    expect(&client, "/tutti/synth/get osc frequency", "199.0");
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void room_for_what_waits_is_limited(void **state)
{
    (void)state;
    enum { LINES = 128, BUNDLES = 8192 / LINES };
    struct rig rig;
    struct client client;
    const char *lines[LINES];
    for (int i = 0; i < LINES; i++) {
        lines[i] = "/tutti/synth/panic \"#full\"";
    }
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    for (int i = 0; i < BUNDLES; i++) {
        client_bundle(&client, client_time(1000 + i), lines, LINES);
        client_do(&client, "/tutti/ping");
    }
    assert_true(client_figure(&client, "messages_scheduled") == 8192);
    assert_int_equal(client.heard_count, 0);
    client_bundle(&client, client_time(1500), lines, 1);
    client_await(&client, "/tutti/error /tutti/synth/panic \"limit reached: 8192");
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void subscribers_hear_what_others_change(void **state)
{
    (void)state;
    struct rig rig;
    struct client one;
    struct client other;
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&one, &rig);
    client_open(&other, &rig);
    client_do(&other, "/tutti/subscribe changes 600");
    client_do(&one, "/tutti/subscribe all 600");
    client_await(&one, "/tutti/synth/meters -120.0 -120.0");
    client_await(&one, "/tutti/synth/slots ");
    build(&one);
    client_say(&one, "/tutti/synth/set osc frequency 123");
    client_await(&other, "/tutti/synth/module/add keys notes");
    client_await(&other, "/tutti/synth/cable/add osc out out left 0.25");
    client_await(&other, "/tutti/synth/set osc frequency 123.0");
    client_do(&other, "/tutti/unsubscribe");
    *one.heard = '\0';
    client_await(&one, "/tutti/synth/meters ");
    assert_null(strstr(one.heard, "/tutti/synth/set"));
    assert_null(strstr(one.heard, "/tutti/synth/module/add"));
    client_close(&one);
    client_close(&other);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void a_patch_is_saved_and_loaded(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    char path[] = "/tmp/tutti-session-XXXXXX.yaml";
    const int file = mkstemps(path, 5);
    assert_true(file >= 0);
    char line[100];
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    build(&client);
    client_do(&client, "/tutti/synth/set osc frequency 321");
    (void)snprintf(line, sizeof line, "/tutti/synth/patch/save %s", path);
    client_do(&client, line);
    client_do(&client, "/tutti/synth/module/remove osc");
    expect(&client, "/tutti/synth/get osc", "error ");
    (void)snprintf(line, sizeof line, "/tutti/synth/patch/load %s", path);
    client_do(&client, line);
    client_do(&client, line);
    expect(&client, "/tutti/synth/get osc frequency", "321.0");
    assert_true(client_figure(&client, "cables") == 2);
    static const char broken[] = "modules:\n  osc: {type: sien}\n";
    // Saving has put another file in its place.
    FILE *again = fopen(path, "w");
    assert_non_null(again);
    assert_int_equal(fputs(broken, again) >= 0, 1);
    assert_int_equal(fclose(again), 0);
    expect(&client, line, ":2");
    expect(&client, "/tutti/synth/get osc frequency", "321.0");
    close(file);
    unlink(path);
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void says_what_it_can_and_how_it_is(void **state)
{
    (void)state;
    struct rig rig;
    struct client client;
    const struct session_options options = rig_options();
    rig_start(&rig, &options);
    client_open(&client, &rig);
    build(&client);
    client_do(&client, "/tutti/help");
    assert_non_null(strstr(client.items, "/tutti/subscribe"));
    client_do(&client, "/tutti/synth/types");
    assert_non_null(strstr(client.items, " sine "));
    client_do(&client, "/tutti/synth/type notes");
    assert_non_null(strstr(client.items, "setting voices"));
    client_do(&client, "/tutti/synth/module/list");
    assert_non_null(strstr(client.items, " keys notes 1 \"\"\n"));
    client_do(&client, "/tutti/synth/cable/list osc");
    assert_non_null(strstr(client.items, " osc out out left 0.25\n"));
    client_do(&client, "/tutti/synth/cable/gain osc out out left 0.5");
    client_do(&client, "/tutti/synth/cable/list keys");
    assert_null(strstr(client.items, "left"));
    client_do(&client, "/tutti/synth/cable/list");
    assert_non_null(strstr(client.items, " osc out out left 0.5\n"));
    client_do(&client, "/tutti/synth/set keys voices 4");
    expect(&client, "/tutti/synth/get keys voices", "reply keys voices 4");
    client_do(&client, "/tutti/synth/note/on * 60 100");
    client_do(&client, "/tutti/synth/note/on 1 61.5 0.5");
    client_do(&client, "/tutti/synth/note/on 0.0 62 0");
    client_do(&client, "/tutti/synth/midi keys 176 64 127");
    client_do(&client, "/tutti/synth/note/off keys 60");
    client_do(&client, "/tutti/synth/panic");
    expect(&client, "/tutti/synth/metrics", "tutti_synth_frames_total");
    client_close(&client);
    assert_int_equal(rig_stop(&rig), STATUS_OK);
}

static void what_cannot_start_says_why(void **state)
{
    (void)state;
    struct complaint complaint;
    struct session *session = NULL;
    struct session_options options = rig_options();
    options.engine.device.kind = "jack";
    options.engine.device.client = "tutti-test";
    // A server of that name is nowhere.
    assert_int_equal(setenv("JACK_DEFAULT_SERVER", "tutti-no-such-server", 1), 0);
    assert_int_equal(setenv("JACK_NO_START_SERVER", "1", 1), 0);
    assert_int_equal(session_new(&options, &session, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "JACK"));
    options = rig_options();
    options.patch = "no-such-patch";
    assert_int_equal(session_new(&options, &session, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "no-such-patch"));
    options = rig_options();
    options.script = "/nowhere/at.all";
    assert_int_equal(session_new(&options, &session, &complaint), STATUS_IO);
    options = rig_options();
    options.record = "/nowhere/at.all.wav";
    assert_int_equal(session_new(&options, &session, &complaint), STATUS_IO);
    options = rig_options();
    options.address = "not an address";
    assert_int_equal(session_new(&options, &session, &complaint), STATUS_INVALID);
    assert_null(session);
    session_free(NULL);
}

int main(int argc, char **argv)
{
    int exit = 0;
    if (rig_is_slot(argc, argv, &exit)) {
        return exit;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_by_osc_is_heard),
        cmocka_unit_test(what_is_wrong_is_refused_and_the_sound_goes_on),
        cmocka_unit_test(malformed_packets_are_told_and_harmless),
        cmocka_unit_test(a_bundle_is_taken_up_once),
        cmocka_unit_test(a_panic_among_edits_is_answered_once),
        cmocka_unit_test(what_was_taken_out_makes_room),
        cmocka_unit_test(a_time_tag_is_waited_for),
        cmocka_unit_test(a_bundle_with_a_time_keeps_its_order),
        cmocka_unit_test(room_for_what_waits_is_limited),
        cmocka_unit_test(subscribers_hear_what_others_change),
        cmocka_unit_test(a_patch_is_saved_and_loaded),
        cmocka_unit_test(says_what_it_can_and_how_it_is),
        cmocka_unit_test(what_cannot_start_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
