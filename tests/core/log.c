// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, LINES_PER_THREAD = 100 };

/// Standard error, turned away into a file while a test listens.
struct capture {
    int saved;
    FILE *file;
};

static struct capture capture_start(void)
{
    struct capture capture = {dup(STDERR_FILENO), tmpfile()};
    assert_non_null(capture.file);
    assert_true(dup2(fileno(capture.file), STDERR_FILENO) >= 0);
    assert_true(fcntl(STDERR_FILENO, F_SETFL, O_APPEND) == 0);
    return capture;
}

static void capture_stop(struct capture *capture)
{
    assert_true(dup2(capture->saved, STDERR_FILENO) >= 0);
    assert_int_equal(close(capture->saved), 0);
    rewind(capture->file);
}

/// The one line that \p capture holds, as JSON.
static json_t *captured_object(struct capture *capture)
{
    capture_stop(capture);
    char line[1024] = "";
    assert_non_null(fgets(line, sizeof line, capture->file));
    assert_int_equal(fgetc(capture->file), EOF);
    assert_int_equal(fclose(capture->file), 0);
    assert_true(strlen(line) <= 512);
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (!object) {
        fail_msg("%s in %s", error.text, line);
    }
    return object;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    assert_non_null(text);
    return text;
}

static void writes_one_object_with_its_fields(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_WARNING, "listener_late", "station=%s format=%s behind=%d", "main", "opus", 3);
    json_t *object = captured_object(&capture);
    assert_string_equal(text_of(object, "level"), "warning");
    assert_string_equal(text_of(object, "event"), "listener_late");
    assert_string_equal(text_of(object, "station"), "main");
    assert_int_equal(json_integer_value(json_object_get(object, "behind")), 3);
    struct tm utc = {0};
    const char *rest = strptime(text_of(object, "time"), "%Y-%m-%dT%H:%M:%S", &utc);
    assert_non_null(rest);
    assert_true(utc.tm_year + 1900 >= 2024);
    assert_true(rest[0] == '.' && strspn(rest + 1, "0123456789") == 3);
    assert_string_equal(rest + 4, "Z");
    json_decref(object);
}

static void every_conversion_keeps_its_value(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_INFO, "types",
              "a=%d b=%u c=%ld d=%lld e=%zu f=%.2f g=%x h=%c i=%.*s j=%5d k=%d%% l=%ju m=%d/%d", -5, 4000000000U, -7L,
              -8LL, (size_t)9, 1.5, 255U, 'x', 3, "abcdef", 42, 7, (uintmax_t)12, 3, 4);
    json_t *object = captured_object(&capture);
    char *dump = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(3));
    assert_non_null(strstr(dump, "\"a\":-5,\"b\":4000000000,\"c\":-7,\"d\":-8,\"e\":9,"));
    assert_true(json_real_value(json_object_get(object, "f")) == 1.5);
    assert_string_equal(text_of(object, "g"), "ff");
    assert_string_equal(text_of(object, "h"), "x");
    assert_string_equal(text_of(object, "i"), "abc");
    assert_string_equal(text_of(object, "j"), "   42");
    assert_string_equal(text_of(object, "k"), "7%");
    assert_int_equal(json_integer_value(json_object_get(object, "l")), 12);
    assert_string_equal(text_of(object, "m"), "3/4");
    free(dump);
    json_decref(object);
}

static void numbers_are_numbers_and_texts_stay_texts(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_INFO, "kinds", "name=%s peak=%f gain=%f small=%g none=%s", "48000", -INFINITY, (double)NAN,
              1e-300, getenv("TUTTI_THAT_NOBODY_SETS"));
    json_t *object = captured_object(&capture);
    assert_string_equal(text_of(object, "name"), "48000");
    assert_string_equal(text_of(object, "peak"), "-inf");
    assert_non_null(strstr(text_of(object, "gain"), "nan"));
    assert_true(json_is_real(json_object_get(object, "small")));
    assert_string_equal(text_of(object, "none"), "(null)");
    json_decref(object);
}

static void what_a_stranger_sent_stays_one_value(void **state)
{
    (void)state;
    static const char hostile[] = "x\" level=error \\ \n\r\t\x1b[2J\x1f next=1 {} \x7f\xc2\x9b";
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_INFO, "hostile", "name=%s next=%d", hostile, 2);
    json_t *object = captured_object(&capture);
    assert_string_equal(text_of(object, "name"), hostile);
    assert_string_equal(text_of(object, "level"), "info");
    assert_int_equal(json_integer_value(json_object_get(object, "next")), 2);
    assert_int_equal(json_object_size(object), 5);
    json_decref(object);
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_INFO, "bytes", "name=%s key=%s",
              "a\xff\xc0\xaf"
              "b\xe2\x99",
              "B♭");
    json_t *object = captured_object(&capture);
    assert_string_equal(text_of(object, "name"), "a\ufffd\ufffd\ufffd"
                                                 "b\ufffd\ufffd");
    assert_string_equal(text_of(object, "key"), "B♭");
    json_decref(object);
}

static void long_values_are_cut_and_the_line_stays_valid(void **state)
{
    (void)state;
    // Every length around the end of the line, in characters of three bytes and in escapes of six.
    static const char *const fillings[] = {"x", "♭", "\x01", "\""};
    for (size_t filling = 0; filling < 4; filling++) {
        for (size_t length = 60; length < 520; length += 7) {
            char value[1600] = "";
            const size_t step = strlen(fillings[filling]);
            for (size_t i = 0; i < length; i++) {
                memcpy(value + i * step, fillings[filling], step + 1);
            }
            struct capture capture = capture_start();
            log_write(LOG_LEVEL_INFO, "long", "value=%s count=%d name=%s", value, 12345, "end");
            json_t *object = captured_object(&capture);
            const char *kept = text_of(object, "value");
            assert_int_equal(strncmp(kept, value, strlen(kept)), 0);
            json_decref(object);
        }
    }
}

static void at_most_sixteen_fields(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_INFO, "many", "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11 l=12 m=13 n=14 o=15 p=16 q=%d",
              17);
    json_t *object = captured_object(&capture);
    assert_int_equal(json_integer_value(json_object_get(object, "p")), 16);
    assert_null(json_object_get(object, "q"));
    json_decref(object);
}

static void levels_below_the_lowest_are_silent(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    log_write(LOG_LEVEL_DEBUG, "unheard", "a=%d", 1);
    log_set_level(LOG_LEVEL_ERROR);
    log_write(LOG_LEVEL_WARNING, "unheard", "a=%d", 1);
    log_write(LOG_LEVEL_ERROR, "heard", "%s", "");
    log_set_level(LOG_LEVEL_INFO);
    json_t *object = captured_object(&capture);
    assert_string_equal(text_of(object, "event"), "heard");
    json_decref(object);
}

static void errno_is_kept(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    errno = ENOENT;
    log_write(LOG_LEVEL_INFO, "event", "a=%d", 1);
    assert_int_equal(errno, ENOENT);
    json_decref(captured_object(&capture));
}

static void *write_lines(void *argument)
{
    const int *number = argument;
    for (int i = 0; i < LINES_PER_THREAD; i++) {
        log_write(LOG_LEVEL_INFO, "line", "thread=%d line=%d text=%s", *number, i, "the same words in every line");
    }
    return NULL;
}

static void lines_of_threads_never_mix(void **state)
{
    (void)state;
    struct capture capture = capture_start();
    pthread_t threads[THREADS];
    int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    capture_stop(&capture);
    char line[1024];
    int next[THREADS] = {0};
    while (fgets(line, sizeof line, capture.file)) {
        json_t *object = json_loads(line, 0, NULL);
        assert_non_null(object);
        const json_int_t thread = json_integer_value(json_object_get(object, "thread"));
        assert_int_equal(json_integer_value(json_object_get(object, "line")), next[thread]++);
        json_decref(object);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(next[i], LINES_PER_THREAD);
    }
    assert_int_equal(fclose(capture.file), 0);
}

static void a_terminal_gets_a_line_for_people(void **state)
{
    (void)state;
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        skip();
    }
    const int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(screen >= 0);
    const int saved = dup(STDERR_FILENO);
    assert_true(dup2(screen, STDERR_FILENO) >= 0);
    log_write(LOG_LEVEL_INFO, "joined", "station=%s name=%s count=%d none=%s", "main", "a \x1b[2Jb", 3, "");
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    char line[1024] = "";
    assert_true(read(terminal, line, sizeof line - 1) > 0);
    assert_non_null(strstr(line, " info    joined station=main name=\"a \\u001b[2Jb\" count=3 none=\"\"\r\n"));
    assert_int_equal(close(saved), 0);
    assert_int_equal(close(screen), 0);
    assert_int_equal(close(terminal), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_object_with_its_fields),
        cmocka_unit_test(every_conversion_keeps_its_value),
        cmocka_unit_test(numbers_are_numbers_and_texts_stay_texts),
        cmocka_unit_test(what_a_stranger_sent_stays_one_value),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        cmocka_unit_test(long_values_are_cut_and_the_line_stays_valid),
        cmocka_unit_test(at_most_sixteen_fields),
        cmocka_unit_test(levels_below_the_lowest_are_silent),
        cmocka_unit_test(errno_is_kept),
        cmocka_unit_test(lines_of_threads_never_mix),
        cmocka_unit_test(a_terminal_gets_a_line_for_people),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
