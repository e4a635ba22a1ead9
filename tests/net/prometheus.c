// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/prometheus.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void test_text(void **state)
{
    (void)state;
    struct prometheus out = {0};
    prometheus_metric(&out, "tutti_listeners", PROMETHEUS_GAUGE, "Listeners now.");
    prometheus_sample(&out, "tutti_listeners", NULL, NULL, 3);
    prometheus_sample(&out, "tutti_listeners", "station", "a\"b\\c\nd", 0.1);
    prometheus_sample(&out, "tutti_listeners", "station", "", -1e-9);
    assert_int_equal(out.status, STATUS_OK);
    assert_string_equal(out.text, "# HELP tutti_listeners Listeners now.\n"
                                  "# TYPE tutti_listeners gauge\n"
                                  "tutti_listeners 3\n"
                                  "tutti_listeners{station=\"a\\\"b\\\\c\\nd\"} 0.1\n"
                                  "tutti_listeners{station=\"\"} -1e-09\n");
    assert_int_equal(out.size, strlen(out.text));
    prometheus_done(&out);
    assert_null(out.text);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "n 0\n"},
                 {NAN, "n NaN\n"},
                 {INFINITY, "n +Inf\n"},
                 {-INFINITY, "n -Inf\n"},
                 {9007199254740992.0, "n 9007199254740992\n"},
                 {1.0 / 3.0, "n 0.33333333333333331\n"},
                 {1e300, "n 1e+300\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prometheus out = {0};
        prometheus_sample(&out, "n", NULL, NULL, cases[i].value);
        assert_string_equal(out.text, cases[i].text);
        prometheus_done(&out);
    }
}

static double sample_of(const struct prometheus *out, const char *line)
{
    const char *at = strstr(out->text, line);
    assert_non_null(at);
    return strtod(at + strlen(line), NULL);
}

static void test_histogram(void **state)
{
    (void)state;
    struct histogram *histogram = calloc(1, sizeof *histogram);
    static const uint64_t values[] = {0, 50, 150, 1500, 15000, 900000, 20000000};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        histogram_record(histogram, values[i]);
    }
    struct prometheus out = {0};
    prometheus_histogram(&out, "t_seconds", "station", "main", histogram);
    assert_true(sample_of(&out, "t_seconds_bucket{station=\"main\",le=\"0.0001\"} ") == 2);
    assert_true(sample_of(&out, "t_seconds_bucket{station=\"main\",le=\"0.0002\"} ") == 3);
    assert_true(sample_of(&out, "t_seconds_bucket{station=\"main\",le=\"0.001\"} ") == 3);
    assert_true(sample_of(&out, "t_seconds_bucket{station=\"main\",le=\"0.002\"} ") == 4);
    assert_true(sample_of(&out, "t_seconds_bucket{station=\"main\",le=\"10\"} ") == 6);
    assert_true(sample_of(&out, "t_seconds_bucket{station=\"main\",le=\"+Inf\"} ") == 7);
    assert_true(sample_of(&out, "t_seconds_count{station=\"main\"} ") == 7);
    assert_true(fabs(sample_of(&out, "t_seconds_sum{station=\"main\"} ") - 20.9167) < 1e-9);
    prometheus_done(&out);
    free(histogram);
}

static void test_out_of_memory_is_told(void **state)
{
    (void)state;
    struct prometheus out = {.status = STATUS_NO_MEMORY};
    prometheus_sample(&out, "n", NULL, NULL, 1);
    assert_int_equal(out.status, STATUS_NO_MEMORY);
    assert_int_equal(out.size, 0);
    prometheus_done(&out);
}

static void test_promtool(void **state)
{
    (void)state;
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        skip();
    }
    struct histogram *histogram = calloc(1, sizeof *histogram);
    histogram_record(histogram, 1234);
    struct prometheus out = {0};
    prometheus_metric(&out, "tutti_render_seconds", PROMETHEUS_HISTOGRAM, "Time to render a block.");
    prometheus_histogram(&out, "tutti_render_seconds", "station", "main", histogram);
    prometheus_histogram(&out, "tutti_render_seconds", "station", "odd \"\\\n name", histogram);
    prometheus_metric(&out, "tutti_chunks_total", PROMETHEUS_COUNTER, "Chunks sent.");
    prometheus_sample(&out, "tutti_chunks_total", "format", "opus", 1e17);
    prometheus_metric(&out, "tutti_buffer_seconds", PROMETHEUS_GAUGE, "Audio that is rendered ahead.");
    prometheus_sample(&out, "tutti_buffer_seconds", NULL, NULL, NAN);
    FILE *tool = popen("promtool check metrics", "w");
    assert_non_null(tool);
    assert_int_equal(fwrite(out.text, 1, out.size, tool), out.size);
    assert_int_equal(pclose(tool), 0);
    prometheus_done(&out);
    free(histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),      cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_histogram), cmocka_unit_test(test_out_of_memory_is_told),
        cmocka_unit_test(test_promtool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
