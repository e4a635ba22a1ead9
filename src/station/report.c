// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics stand in two tables, one for times and one for counts, from which both the JSON and the Prometheus text
// are written.
#include "station/report.h"

#include "core/clock.h"
#include "net/prometheus.h"
#include "station/message.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct time_metric {
    const char *name; ///< in JSON; Prometheus' is tutti_NAME_seconds
    const char *prometheus;
    size_t offset;
    const char *help;
};

static const struct time_metric times[] = {
    {"render", "tutti_render_seconds", offsetof(struct metrics, render),
     "Time to compose, play and render a block of 20 ms"},
    {"encode", "tutti_encode_seconds", offsetof(struct metrics, encode),
     "Time to encode a chunk of 100 ms in all its forms"},
    {"publish_lateness", "tutti_publish_lateness_seconds", offsetof(struct metrics, publish),
     "How late a chunk was ready for the listeners"},
    {"chunk_lateness", "tutti_chunk_lateness_seconds", offsetof(struct metrics, lateness),
     "How late a chunk was written to a listener's socket"},
    {"control_to_sound", "tutti_control_to_sound_seconds", offsetof(struct metrics, control),
     "From the arrival of a change to the moment when its sound was due"},
};

struct count_metric {
    const char *name;
    const char *prometheus;
    size_t offset;
    const char *help;
};

static const struct count_metric counts[] = {
    {"chunks", "tutti_chunks_total", offsetof(struct metrics, chunks), "Chunks published"},
    {"underruns", "tutti_underruns_total", offsetof(struct metrics, underruns),
     "Chunks that were ready more than their own length too late"},
    {"sent_bytes", "tutti_sent_bytes_total", offsetof(struct metrics, sent_bytes), "Bytes queued for listeners"},
    {"skips", "tutti_listener_skips_total", offsetof(struct metrics, skips),
     "Times that a listener fell behind and was put back to live"},
    {"slow_listeners", "tutti_listeners_too_slow_total", offsetof(struct metrics, too_slow),
     "Listeners closed because they fell behind time and again"},
    {"dropped_listeners", "tutti_listeners_dropped_total", offsetof(struct metrics, dropped),
     "Listeners closed because they took nothing any more"},
    {"refused_commands", "tutti_refused_commands_total", offsetof(struct metrics, refused_commands),
     "Changes refused because too many were waiting"},
    {"sleeps", "tutti_station_sleeps_total", offsetof(struct metrics, sleeps), "Times that a station fell asleep"},
    {"rejected_messages", "tutti_rejected_messages_total", offsetof(struct metrics, rejected_messages),
     "Messages of listeners that made no sense"},
};

enum { TIMES = sizeof times / sizeof times[0], COUNTS = sizeof counts / sizeof counts[0] };

static const struct histogram *time_of(struct station *station, const struct time_metric *metric)
{
    return (const struct histogram *)((const char *)station_metrics(station) + metric->offset);
}

static uint64_t count_of(struct station *station, const struct count_metric *metric)
{
    const void *at = (const char *)station_metrics(station) + metric->offset;
    return atomic_load_explicit((const _Atomic uint64_t *)at, memory_order_relaxed);
}

uint64_t report_resident_bytes(void)
{
    unsigned long long size = 0;
    unsigned long long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) {
        return 0;
    }
    char line[128] = "";
    const bool got = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    char *end = NULL;
    size = got ? strtoull(line, &end, 10) : 0;
    resident = size > 0 ? strtoull(end, NULL, 10) : 0;
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static struct buffer *json_buffer(json_t *json)
{
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(json);
    const size_t size = text ? strlen(text) : 0;
    struct buffer *buffer = text ? buffer_new(size + 1) : NULL;
    if (buffer) {
        memcpy(buffer->bytes, text, size);
        buffer->bytes[size] = '\n';
    }
    free(text);
    return buffer;
}

static void processor_name(char *out, size_t size)
{
    (void)snprintf(out, size, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon) {
            line[strcspn(line, "\n")] = '\0';
            (void)snprintf(out, size, "%s", colon + 2);
            break;
        }
    }
    if (file) {
        (void)fclose(file);
    }
}

static json_t *machine_json(void)
{
    struct utsname name;
    char processor[128];
    processor_name(processor, sizeof processor);
    const bool known = uname(&name) == 0;
    return json_pack("{sssIssss}", "processor", processor, "cores", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "system",
                     known ? name.sysname : "unknown", "architecture", known ? name.machine : "unknown");
}

struct buffer *report_status(const struct report_subject *subject)
{
    json_t *stations = json_array();
    for (size_t i = 0; i < stations_count(subject->stations); i++) {
        (void)json_array_append_new(stations, message_station(stations_at(subject->stations, i)));
    }
    const double uptime = (double)(clock_now_ns() - subject->started_ns) / 1e9;
    const char *renderer =
        stations_count(subject->stations) > 0 ? station_renderer(stations_at(subject->stations, 0)) : "none";
    return json_buffer(json_pack("{sssfsssssoso}", "version", TUTTI_VERSION, "uptime_seconds", uptime, "soundfont",
                                 subject->soundfont, "renderer", renderer, "machine", machine_json(), "stations",
                                 stations));
}

static json_t *summary_json(const struct histogram *histogram)
{
    const struct histogram_summary s = histogram_summarize(histogram);
    return json_pack("{sIsfsfsfsfsf}", "count", (json_int_t)s.count, "avg", s.average / 1000.0, "p50", s.p50 / 1000.0,
                     "p95", s.p95 / 1000.0, "p99", s.p99 / 1000.0, "max", s.max / 1000.0);
}

static json_t *listeners_json(struct station *station)
{
    json_t *json = json_object();
    for (int i = 0; i < FORMAT_COUNT; i++) {
        const uint32_t count = atomic_load_explicit(&station_metrics(station)->listeners[i], memory_order_relaxed);
        (void)json_object_set_new(json, format_name((enum format)i), json_integer(count));
    }
    return json;
}

// How long the station could go on without rendering; 0 when it is late, or asleep.
static double buffer_ms(struct station *station)
{
    const int64_t until = atomic_load_explicit(&station_metrics(station)->rendered_until_ns, memory_order_relaxed);
    const double ms = (double)(until - clock_now_ns()) / 1e6;
    return ms > 0.0 ? ms : 0.0;
}

static double cpu_seconds(struct station *station)
{
    return (double)atomic_load_explicit(&station_metrics(station)->busy_ns, memory_order_relaxed) / 1e9;
}

static json_t *station_metrics_json(struct station *station)
{
    json_t *json =
        json_pack("{sssosbsfsf}", "station", station_name(station), "listeners", listeners_json(station), "asleep",
                  station_asleep(station), "cpu_seconds", cpu_seconds(station), "buffer_ms", buffer_ms(station));
    for (int i = 0; i < TIMES; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s_ms", times[i].name);
        (void)json_object_set_new(json, name, summary_json(time_of(station, &times[i])));
    }
    for (int i = 0; i < COUNTS; i++) {
        (void)json_object_set_new(json, counts[i].name, json_integer((json_int_t)count_of(station, &counts[i])));
    }
    return json;
}

static double processor_seconds(void)
{
    return (double)clock_process_ns() / 1e9;
}

// Of this process; 0 where the system does not say.
static int open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    while (folder && readdir(folder)) {
        count++;
    }
    if (folder) {
        (void)closedir(folder);
    }
    return count > 3 ? count - 3 : 0; // without ".", ".." and the folder itself
}

static json_t *private_json(const struct report_subject *subject)
{
    const struct stations_private sums = stations_private(subject->stations);
    return json_pack("{sIsIsIsIsIsIsIsI}", "stations", (json_int_t)sums.count, "heard", (json_int_t)sums.held, "room",
                     (json_int_t)subject->private_left, "refused", (json_int_t)subject->private_refused, "underruns",
                     (json_int_t)sums.underruns, "skips", (json_int_t)sums.skips, "slow_listeners",
                     (json_int_t)sums.too_slow, "dropped_listeners", (json_int_t)sums.dropped);
}

struct buffer *report_metrics(const struct report_subject *subject)
{
    json_t *stations = json_array();
    for (size_t i = 0; i < stations_count(subject->stations); i++) {
        (void)json_array_append_new(stations, station_metrics_json(stations_at(subject->stations, i)));
    }
    const double uptime = (double)(clock_now_ns() - subject->started_ns) / 1e9;
    return json_buffer(json_pack("{sfsIsfsis{sIsI}soso}", "uptime_seconds", uptime, "resident_bytes",
                                 (json_int_t)report_resident_bytes(), "cpu_seconds", processor_seconds(), "open_files",
                                 open_files(), "refused", "full", (json_int_t)subject->refused_full, "address",
                                 (json_int_t)subject->refused_address, "private", private_json(subject), "stations",
                                 stations));
}

static void write_process(struct prometheus *out, const struct report_subject *subject)
{
    prometheus_metric(out, "tutti_uptime_seconds", PROMETHEUS_GAUGE, "Seconds since the server started");
    prometheus_sample(out, "tutti_uptime_seconds", NULL, NULL, (double)(clock_now_ns() - subject->started_ns) / 1e9);
    prometheus_metric(out, "tutti_resident_memory_bytes", PROMETHEUS_GAUGE, "Memory that the process has resident");
    prometheus_sample(out, "tutti_resident_memory_bytes", NULL, NULL, (double)report_resident_bytes());
    prometheus_metric(out, "tutti_cpu_seconds_total", PROMETHEUS_COUNTER, "Processor time that the process has used");
    prometheus_sample(out, "tutti_cpu_seconds_total", NULL, NULL, processor_seconds());
    prometheus_metric(out, "tutti_open_files", PROMETHEUS_GAUGE, "File descriptors that are open");
    prometheus_sample(out, "tutti_open_files", NULL, NULL, open_files());
}

static void write_refused(struct prometheus *out, const struct report_subject *subject)
{
    static const char name[] = "tutti_listeners_refused_total";
    prometheus_metric(out, name, PROMETHEUS_COUNTER,
                      "Listeners refused because places were taken: all, or their address's");
    prometheus_sample(out, name, "why", "full", (double)subject->refused_full);
    prometheus_sample(out, name, "why", "address", (double)subject->refused_address);
}

// A table of numbers that are one for the whole process.
static void write_private(struct prometheus *out, const struct report_subject *subject)
{
    const struct stations_private sums = stations_private(subject->stations);
    const struct {
        const char *name;
        enum prometheus_kind kind;
        const char *help;
        double value;
    } rows[] = {
        {"tutti_private_stations", PROMETHEUS_GAUGE, "Private stations, those asleep included", (double)sums.count},
        {"tutti_private_stations_heard", PROMETHEUS_GAUGE, "Private stations that have a listener", (double)sums.held},
        {"tutti_private_stations_room", PROMETHEUS_GAUGE, "Private stations that could be had now",
         subject->private_left},
        {"tutti_private_stations_refused_total", PROMETHEUS_COUNTER,
         "Private stations refused because the machine had no power for them", (double)subject->private_refused},
        {"tutti_private_underruns_total", PROMETHEUS_COUNTER,
         "Chunks of private stations that were ready more than their own length too late", (double)sums.underruns},
        {"tutti_private_listener_skips_total", PROMETHEUS_COUNTER,
         "Times that a private station's listener fell behind and was put back to live", (double)sums.skips},
        {"tutti_private_listeners_too_slow_total", PROMETHEUS_COUNTER,
         "Private stations' listeners closed because they fell behind time and again", (double)sums.too_slow},
        {"tutti_private_listeners_dropped_total", PROMETHEUS_COUNTER,
         "Private stations' listeners closed because they took nothing any more", (double)sums.dropped},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        prometheus_metric(out, rows[i].name, rows[i].kind, rows[i].help);
        prometheus_sample(out, rows[i].name, NULL, NULL, rows[i].value);
    }
}

static void write_gauges(struct prometheus *out, const struct report_subject *subject)
{
    prometheus_metric(out, "tutti_buffer_seconds", PROMETHEUS_GAUGE, "Music rendered ahead of its chunk being due");
    for (size_t i = 0; i < stations_count(subject->stations); i++) {
        struct station *station = stations_at(subject->stations, i);
        prometheus_sample(out, "tutti_buffer_seconds", "station", station_name(station), buffer_ms(station) / 1000.0);
    }
    prometheus_metric(out, "tutti_listeners", PROMETHEUS_GAUGE, "Listeners now");
    for (size_t i = 0; i < stations_count(subject->stations); i++) {
        struct station *station = stations_at(subject->stations, i);
        prometheus_sample(out, "tutti_listeners", "station", station_name(station),
                          metrics_listeners(station_metrics(station)));
    }
}

static void write_cpu_times(struct prometheus *out, const struct report_subject *subject)
{
    prometheus_metric(out, "tutti_station_cpu_seconds_total", PROMETHEUS_COUNTER,
                      "Processor time that a station's thread has used");
    for (size_t i = 0; i < stations_count(subject->stations); i++) {
        struct station *station = stations_at(subject->stations, i);
        prometheus_sample(out, "tutti_station_cpu_seconds_total", "station", station_name(station),
                          cpu_seconds(station));
    }
}

struct buffer *report_prometheus(const struct report_subject *subject)
{
    struct prometheus out = {0};
    write_process(&out, subject);
    write_refused(&out, subject);
    write_private(&out, subject);
    write_gauges(&out, subject);
    write_cpu_times(&out, subject);
    for (int m = 0; m < TIMES; m++) {
        prometheus_metric(&out, times[m].prometheus, PROMETHEUS_HISTOGRAM, times[m].help);
        for (size_t i = 0; i < stations_count(subject->stations); i++) {
            struct station *station = stations_at(subject->stations, i);
            prometheus_histogram(&out, times[m].prometheus, "station", station_name(station),
                                 time_of(station, &times[m]));
        }
    }
    for (int m = 0; m < COUNTS; m++) {
        prometheus_metric(&out, counts[m].prometheus, PROMETHEUS_COUNTER, counts[m].help);
        for (size_t i = 0; i < stations_count(subject->stations); i++) {
            struct station *station = stations_at(subject->stations, i);
            prometheus_sample(&out, counts[m].prometheus, "station", station_name(station),
                              (double)count_of(station, &counts[m]));
        }
    }
    struct buffer *buffer = out.status == STATUS_OK ? buffer_new(out.size) : NULL;
    if (buffer) {
        memcpy(buffer->bytes, out.text, out.size);
    }
    prometheus_done(&out);
    return buffer;
}
