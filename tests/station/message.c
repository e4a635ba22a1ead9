// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/message.h"

#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum status parse(void **state, const char *text, struct station_change *change, struct complaint *complaint)
{
    const struct fixture *fixture = *state;
    complaint->text[0] = '\0';
    return message_parse(text, strlen(text), fixture->presets, change, complaint);
}

static void test_reads_every_field(void **state)
{
    struct station_change change;
    struct complaint complaint;
    assert_int_equal(parse(state,
                           "{\"type\":\"control\",\"key\":\"Db\",\"mode\":\"Lydian\",\"bpm\":72.5,\"intensity\":1}",
                           &change, &complaint),
                     STATUS_OK);
    assert_true(change.set_tonic && change.set_mode && change.set_bpm && change.set_intensity);
    assert_int_equal(change.tonic, 1);
    assert_int_equal(change.mode, MODE_LYDIAN);
    assert_true(change.bpm == 72.5);
    assert_true(change.intensity == 1.0);
    assert_null(change.preset);
}

static void test_sets_only_what_is_given(void **state)
{
    struct station_change change;
    struct complaint complaint;
    memset(&change, 0xff, sizeof change);
    assert_int_equal(parse(state, " {\"later\":[{}],\"intensity\":0.25,\"type\":\"control\"} ", &change, &complaint),
                     STATUS_OK);
    assert_true(change.set_intensity && change.intensity == 0.25);
    assert_false(change.set_tonic || change.set_mode || change.set_bpm);
    assert_null(change.preset);
}

static void test_reads_a_preset(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < presets_count(fixture->presets); i++) {
        struct station_change change;
        struct complaint complaint;
        char text[128];
        (void)snprintf(text, sizeof text, "{\"type\":\"preset\",\"name\":\"%s\"}",
                       presets_at(fixture->presets, i)->name);
        assert_int_equal(parse(state, text, &change, &complaint), STATUS_OK);
        assert_ptr_equal(change.preset, presets_at(fixture->presets, i));
        assert_false(change.set_tonic || change.set_mode || change.set_bpm || change.set_intensity);
    }
}

static void test_reads_every_key_and_mode(void **state)
{
    for (int class = 0; class < PITCH_CLASSES; class ++) {
        for (int mode = 0; mode < MODE_COUNT; mode++) {
            struct station_change change;
            struct complaint complaint;
            char text[128];
            (void)snprintf(text, sizeof text, "{\"type\":\"control\",\"key\":\"%s\",\"mode\":\"%s\"}",
                           pitch_class_name(class, mode & 1), mode_name((enum mode)mode));
            assert_int_equal(parse(state, text, &change, &complaint), STATUS_OK);
            assert_int_equal(change.tonic, class);
            assert_int_equal(change.mode, mode);
        }
    }
}

struct refusal {
    const char *text;
    enum status status;
    const char *says;
};

static const struct refusal refusals[] = {
    {"", STATUS_INVALID, "not JSON"},
    {" ", STATUS_INVALID, "not JSON"},
    {"{", STATUS_INVALID, "not JSON"},
    {"nonsense", STATUS_INVALID, "not JSON"},
    {"null", STATUS_INVALID, ""},
    {"[]", STATUS_INVALID, ""},
    {"[{\"type\":\"control\",\"bpm\":60}]", STATUS_INVALID, ""},
    {"\"control\"", STATUS_INVALID, ""},
    {"{}", STATUS_INVALID, "type"},
    {"{\"type\":1,\"bpm\":60}", STATUS_INVALID, "type"},
    {"{\"type\":null,\"bpm\":60}", STATUS_INVALID, "type"},
    {"{\"type\":\"Control\",\"bpm\":60}", STATUS_INVALID, "control"},
    {"{\"type\":\"control\"}", STATUS_INVALID, "changes nothing"},
    {"{\"type\":\"control\",\"tempo\":60}", STATUS_INVALID, "changes nothing"},
    {"{\"type\":\"control\",\"key\":\"H\"}", STATUS_UNKNOWN, "key"},
    {"{\"type\":\"control\",\"key\":\"\"}", STATUS_UNKNOWN, "key"},
    {"{\"type\":\"control\",\"key\":2}", STATUS_UNKNOWN, "key"},
    {"{\"type\":\"control\",\"key\":null}", STATUS_UNKNOWN, "key"},
    {"{\"type\":\"control\",\"mode\":\"klingon\"}", STATUS_UNKNOWN, "locrian"},
    {"{\"type\":\"control\",\"mode\":[]}", STATUS_UNKNOWN, "mode"},
    {"{\"type\":\"control\",\"bpm\":\"60\"}", STATUS_INVALID, "30 to 200"},
    {"{\"type\":\"control\",\"bpm\":true}", STATUS_INVALID, "bpm"},
    {"{\"type\":\"control\",\"bpm\":NaN}", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"control\",\"bpm\":1e999}", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"control\",\"bpm\":99999999999999999999999999}", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"control\",\"intensity\":\"1\"}", STATUS_INVALID, "0 to 1"},
    {"{\"type\":\"control\",\"intensity\":{}}", STATUS_INVALID, "intensity"},
    {"{\"type\":\"control\",\"bpm\":60,\"bpm\":61}", STATUS_INVALID, "uplicate"},
    {"{\"type\":\"control\",\"bpm\":60} x", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"control\",\"key\":\"C\\u0000\"}", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"control\",\"key\":\"\\ud800\"}", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"control\",\"key\":\"\xff\"}", STATUS_INVALID, "not JSON"},
    {"{\"type\":\"preset\"}", STATUS_INVALID, "name"},
    {"{\"type\":\"preset\",\"name\":7}", STATUS_INVALID, "name"},
    {"{\"type\":\"preset\",\"name\":\"\"}", STATUS_UNKNOWN, "focus"},
    {"{\"type\":\"preset\",\"name\":\"../focus\"}", STATUS_UNKNOWN, "focus"},
};

static void test_says_what_is_wrong(void **state)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct station_change change;
        struct complaint complaint;
        const enum status status = parse(state, refusals[i].text, &change, &complaint);
        if (status != refusals[i].status || !strstr(complaint.text, refusals[i].says) || !complaint.text[0]) {
            fail_msg("%s: %s: %s", refusals[i].text, status_text(status), complaint.text);
        }
    }
}

static void expect_no_json(void **state, const char *bytes, size_t size)
{
    const struct fixture *fixture = *state;
    struct station_change change;
    struct complaint complaint = {""};
    assert_int_equal(message_parse(bytes, size, fixture->presets, &change, &complaint), STATUS_INVALID);
    // What is said can be told to the listener, whatever it quotes.
    json_t *json = frame_json(message_error(NULL, complaint.text));
    assert_string_equal(json_string_value(json_object_get(json, "type")), "error");
    json_decref(json);
}

static void test_survives_bombs_and_binary(void **state)
{
    enum { SIZE = 16384, DEPTH = 10000 };
    char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    memset(bytes, ' ', SIZE);
    expect_no_json(state, bytes, SIZE);
    memset(bytes, '\0', SIZE);
    expect_no_json(state, bytes, SIZE);
    memset(bytes, '[', DEPTH);
    expect_no_json(state, bytes, DEPTH);
    for (int i = 0; i < DEPTH; i += 5) {
        // NOLINTNEXTLINE(bugprone-not-null-terminated-result): it has a size
        memcpy(bytes + i, "{\"a\":", 5);
    }
    expect_no_json(state, bytes, DEPTH);
    uint32_t random = 1;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 300; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(random >> 24);
        }
        expect_no_json(state, bytes, 300);
    }
    free(bytes);
}

static void test_takes_a_message_padded_to_the_limit(void **state)
{
    static const char message[] = "{\"type\":\"control\",\"bpm\":60}";
    const struct fixture *fixture = *state;
    char bytes[16384];
    memset(bytes, ' ', sizeof bytes);
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result): it has a size
    memcpy(bytes + sizeof bytes - strlen(message), message, strlen(message));
    struct station_change change;
    assert_int_equal(message_parse(bytes, sizeof bytes, fixture->presets, &change, NULL), STATUS_OK);
    assert_true(change.set_bpm && change.bpm == 60.0);
    // The size counts, not a NUL behind it.
    assert_int_equal(message_parse(message, strlen(message) - 1, fixture->presets, &change, NULL), STATUS_INVALID);
}

static struct station *station_with(const struct fixture *fixture, uint32_t rate)
{
    struct station_options options = fixture_station(fixture, 1);
    options.rate = rate;
    struct station *station = NULL;
    assert_int_equal(station_new(&options, &station, NULL), STATUS_OK);
    return station;
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    if (!text) {
        fail_msg("%s is no text", name);
    }
    return text;
}

static double number_of(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);
    if (!json_is_number(value)) {
        fail_msg("%s is no number", name);
    }
    return json_number_value(value);
}

static void told(void *user, uint32_t shards)
{
    (void)user;
    (void)shards;
}

/// "main" and "night", which do not run.
static struct stations *stations_with(const struct fixture *fixture, uint32_t rate)
{
    struct stations *stations = stations_new(&(struct stations_options){.published = told});
    assert_non_null(stations);
    static const char *const names[] = {"main", "night"};
    for (int i = 0; i < 2; i++) {
        struct station_options options = fixture_station(fixture, 1);
        options.name = names[i];
        options.rate = rate;
        assert_int_equal(stations_add(stations, &options, NULL), STATUS_OK);
    }
    return stations;
}

static void test_hello_tells_all_that_a_player_needs(void **state)
{
    const struct fixture *fixture = *state;
    struct stations *stations = stations_with(fixture, 44100);
    struct stations_entry *entry = stations_hold(stations, "main");
    json_t *json = frame_json(message_hello(entry, FORMAT_PCM, true, fixture->presets));
    assert_string_equal(text_of(json, "type"), "hello");
    assert_string_equal(text_of(json, "version"), TUTTI_VERSION);
    assert_string_equal(text_of(json, "station"), "main");
    assert_string_equal(text_of(json, "format"), "pcm");
    assert_int_equal(number_of(json, "sample_rate"), 44100);
    assert_int_equal(number_of(json, "channels"), 2);
    assert_int_equal(number_of(json, "chunk_ms"), 100);
    const json_t *names = json_object_get(json, "stations");
    assert_int_equal(json_array_size(names), 2);
    assert_string_equal(json_string_value(json_array_get(names, 1)), "night");
    const json_t *presets = json_object_get(json, "presets");
    assert_int_equal(json_array_size(presets), presets_count(fixture->presets));
    for (size_t i = 0; i < presets_count(fixture->presets); i++) {
        assert_string_equal(text_of(json_array_get(presets, i), "name"), presets_at(fixture->presets, i)->name);
        assert_true(text_of(json_array_get(presets, i), "title")[0]);
        assert_true(text_of(json_array_get(presets, i), "description")[0]);
    }
    assert_int_equal(json_array_size(json_object_get(json, "modes")), MODE_COUNT);
    assert_int_equal(json_array_size(json_object_get(json, "keys")), PITCH_CLASSES);
    assert_int_equal(number_of(json_object_get(json, "bpm"), "min"), 30);
    assert_int_equal(number_of(json_object_get(json, "bpm"), "max"), 200);
    assert_int_equal(number_of(json_object_get(json, "intensity"), "min"), 0);
    assert_int_equal(number_of(json_object_get(json, "intensity"), "max"), 1);
    assert_true(json_is_true(json_object_get(json, "control")));
    assert_null(json_object_get(json, "resume"));
    json_decref(json);
    json = frame_json(message_hello(entry, FORMAT_OPUS, false, fixture->presets));
    assert_int_equal(number_of(json, "sample_rate"), 48000);
    assert_true(json_is_false(json_object_get(json, "control")));
    json_decref(json);
    stations_entry_unref(entry);
    stations_free(stations);
}

static void test_state_tells_what_is_played(void **state)
{
    const struct fixture *fixture = *state;
    struct station *station = station_with(fixture, 48000);
    const struct controls *defaults = &fixture_preset(fixture, "focus")->defaults;
    json_t *json = frame_json(message_state(station, FORMAT_PCM, 0));
    assert_string_equal(text_of(json, "type"), "state");
    assert_string_equal(text_of(json, "station"), "main");
    assert_string_equal(text_of(json, "preset"), "focus");
    int tonic = -1;
    assert_int_equal(pitch_class_parse(text_of(json, "key"), &tonic), STATUS_OK);
    assert_int_equal(tonic, defaults->key.tonic);
    assert_string_equal(text_of(json, "mode"), mode_name(defaults->key.mode));
    assert_true(number_of(json, "bpm") == defaults->bpm);
    assert_true(number_of(json, "intensity") == defaults->intensity);
    assert_int_equal(number_of(json, "frame"), 0);
    assert_int_equal(number_of(json, "listeners"), 0);
    assert_null(json_object_get(json, "chord")); // none has sounded yet
    json_decref(json);
    station_free(station);
}

static void test_state_tells_of_what_was_missed(void **state)
{
    const struct fixture *fixture = *state;
    struct station *station = station_with(fixture, 48000);
    json_t *json = frame_json(message_state(station, FORMAT_PCM, 0));
    assert_null(json_object_get(json, "skip"));
    json_decref(json);
    json = frame_json(message_state(station, FORMAT_PCM, 4000000000));
    assert_string_equal(text_of(json, "type"), "state");
    assert_true(number_of(json, "skip") == 4000000000.0);
    json_decref(json);
    station_free(station);
}

static void test_going_away_says_how_to_come_back(void **state)
{
    const struct fixture *fixture = *state;
    struct stations *stations = stations_with(fixture, 48000);
    struct stations_entry *shared = stations_hold(stations, "night");
    json_t *json = frame_json(message_going_away(shared, 4000000000));
    assert_string_equal(text_of(json, "type"), "going_away");
    assert_string_equal(text_of(json, "resume"), "4000000000");
    json_decref(json);
    struct stations_entry *own = NULL;
    struct station_options options = fixture_station(fixture, 1);
    options.name = "private";
    assert_int_equal(stations_add_private(stations, &options, &own, NULL), STATUS_OK);
    json = frame_json(message_going_away(own, 7));
    assert_string_equal(text_of(json, "resume"), own->token);
    json_decref(json);
    json = frame_json(message_hello(own, FORMAT_OPUS, true, fixture->presets));
    assert_string_equal(text_of(json, "resume"), own->token);
    assert_string_equal(text_of(json, "station"), "private");
    assert_int_equal(json_array_size(json_object_get(json, "stations")), 2);
    json_decref(json);
    stations_entry_unref(own);
    stations_entry_unref(shared);
    stations_free(stations);
}

static void test_errors(void **state)
{
    (void)state;
    json_t *json = frame_json(message_error("forbidden", "no"));
    assert_string_equal(text_of(json, "code"), "forbidden");
    json_decref(json);
    json = frame_json(message_error(NULL, "a \"quoted\" \xc3\xa9 \n word"));
    assert_string_equal(text_of(json, "type"), "error");
    assert_string_equal(text_of(json, "message"), "a \"quoted\" \xc3\xa9 \n word");
    assert_null(json_object_get(json, "code"));
    json_decref(json);
    assert_null(message_frame(NULL));
}

static void test_an_error_may_quote_anything(void **state)
{
    (void)state;
    json_t *json = frame_json(message_error(NULL, "cut \xe2\x99"));
    assert_string_equal(text_of(json, "message"), "cut ??");
    json_decref(json);
    char text[1000];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i + 2 < sizeof text; i += 2) {
        memcpy(text + i, "\xc3\xa9", 2);
    }
    text[sizeof text - 1] = '\0';
    json = frame_json(message_error(NULL, text));
    assert_in_range(strlen(text_of(json, "message")), 200, COMPLAINT_SIZE - 1);
    json_decref(json);
}

static void test_names_a_chord(void **state)
{
    (void)state;
    const struct key key = {2, MODE_DORIAN};
    struct chord chord = {0};
    chord.root = 2;
    json_t *json = message_chord(chord, key);
    assert_true(text_of(json, "symbol")[0] == 'D');
    assert_true(text_of(json, "numeral")[0]);
    assert_string_equal(text_of(json, "key"), "D");
    assert_string_equal(text_of(json, "mode"), "dorian");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_reads_every_field, fixture_end),
        cmocka_unit_test_teardown(test_sets_only_what_is_given, fixture_end),
        cmocka_unit_test_teardown(test_reads_a_preset, fixture_end),
        cmocka_unit_test_teardown(test_reads_every_key_and_mode, fixture_end),
        cmocka_unit_test_teardown(test_says_what_is_wrong, fixture_end),
        cmocka_unit_test_teardown(test_survives_bombs_and_binary, fixture_end),
        cmocka_unit_test_teardown(test_takes_a_message_padded_to_the_limit, fixture_end),
        cmocka_unit_test_teardown(test_hello_tells_all_that_a_player_needs, fixture_end),
        cmocka_unit_test_teardown(test_state_tells_what_is_played, fixture_end),
        cmocka_unit_test_teardown(test_state_tells_of_what_was_missed, fixture_end),
        cmocka_unit_test_teardown(test_going_away_says_how_to_come_back, fixture_end),
        cmocka_unit_test_teardown(test_errors, fixture_end),
        cmocka_unit_test_teardown(test_an_error_may_quote_anything, fixture_end),
        cmocka_unit_test_teardown(test_names_a_chord, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
