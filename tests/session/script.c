// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/script.h"

#include "session/method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static enum status parse(const char *text, struct script **out, struct complaint *complaint)
{
    return script_parse(text, strlen(text), "song", out, complaint);
}

static void lines_come_in_order_of_time_and_then_of_the_file(void **state)
{
    (void)state;
    struct script *script = NULL;
    struct complaint complaint = {""};
    static const char text[] = "# a song\n"
                               "\n"
                               "2.5 /tutti/synth/note/off keys 60\r\n"
                               "0 /tutti/synth/set \"my osc\" frequency 440.5   # louder\n"
                               "  1 /tutti/synth/panic\n"
                               "0.0 /tutti/synth/note/on keys 60 100\n"
                               "1.0 /tutti/synth/stats";
    if (parse(text, &script, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    static const struct {
        unsigned line;
        double seconds;
        const char *address;
    } expected[] = {{4, 0, "/tutti/synth/set"},
                    {6, 0, "/tutti/synth/note/on"},
                    {5, 1, "/tutti/synth/panic"},
                    {7, 1, "/tutti/synth/stats"},
                    {3, 2.5, "/tutti/synth/note/off"}};
    assert_int_equal(script_count(script), 5);
    for (size_t i = 0; i < 5; i++, script_step(script)) {
        const struct script_line *line = script_next(script);
        assert_int_equal(line->request.from.line, expected[i].line);
        assert_true(line->seconds == expected[i].seconds);
        assert_string_equal(line->request.method->address, expected[i].address);
        if (i == 0) {
            assert_string_equal(request_text(&line->request, 0), "my osc");
            assert_true(request_number(&line->request, 2) == 440.5);
        }
    }
    assert_null(script_next(script));
    script_free(script);
}

static void a_time_is_the_nearest_frame(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t frame;
    } cases[] = {{"0 /tutti/ping", 0},
                 {"0.1 /tutti/ping", 9600},
                 {"0.000005 /tutti/ping", 0},
                 {"0.000006 /tutti/ping", 1},
                 {"12345.6789 /tutti/ping", 1185185174}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct script *script = NULL;
        assert_int_equal(parse(cases[i].text, &script, NULL), STATUS_OK);
        assert_int_equal(script_frame(script_next(script), 96000), cases[i].frame);
        script_free(script);
    }
}

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"0 /tutti/ping\nx /tutti/ping\n", "song:2: \"x\" is no time"},
        {"-1 /tutti/ping\n", "song:1: \"-1\" is no time"},
        {"f:nan /tutti/ping\n", "song:1:"},
        {"1e300 /tutti/ping\n", "song:1:"},
        {"\n\n3\n", "song:3: an address is missing"},
        {"0 /tutti/pong\n", "did you mean /tutti/ping?"},
        {"0 /tutti/synth/set a b\n", "usage: /tutti/synth/set ID PARAMETER VALUE"},
        {"0 /tutti/synth/set a b i:x\n", "song:1:"},
        {"0 /tutti/synth/set \"a b 1\n", "song:1: a quote has no end"},
        {"0 /tutti/synth/note/on a b 1\n", "argument 2 must be a number"},
        {"/tutti/ping\n", "song:1: \"/tutti/ping\" is no time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct script *script = NULL;
        struct complaint complaint = {""};
        assert_int_not_equal(parse(cases[i].text, &script, &complaint), STATUS_OK);
        assert_null(script);
        if (!strstr(complaint.text, cases[i].says)) {
            fail_msg("case %zu says: %s", i, complaint.text);
        }
    }
    struct script *script = NULL;
    assert_int_equal(script_parse("0 /tutti/ping\0", 14, "song", &script, NULL), STATUS_INVALID);
}

static void an_empty_script_has_no_lines(void **state)
{
    (void)state;
    struct script *script = NULL;
    assert_int_equal(parse("# nothing\n\n", &script, NULL), STATUS_OK);
    assert_int_equal(script_count(script), 0);
    assert_null(script_next(script));
    script_free(script);
    script_free(NULL);
}

static void reads_files(void **state)
{
    (void)state;
    struct complaint complaint;
    struct script *script = NULL;
    char path[] = "/tmp/tutti-script-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(dprintf(file, "%08d /tutti/synth/panic\n", 10000 - i), 28);
    }
    close(file);
    assert_int_equal(script_load(path, &script, &complaint), STATUS_OK);
    assert_int_equal(script_count(script), 10000);
    assert_int_equal(script_next(script)->request.from.line, 10000);
    script_free(script);
    unlink(path);
    assert_int_equal(script_load(path, &script, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "No such file"));
    assert_int_equal(script_load("/tmp", &script, &complaint), STATUS_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_in_order_of_time_and_then_of_the_file),
        cmocka_unit_test(a_time_is_the_nearest_frame),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(an_empty_script_has_no_lines),
        cmocka_unit_test(reads_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
