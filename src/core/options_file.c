// SPDX-License-Identifier: GPL-3.0-or-later
// libcyaml checks a document against a schema. Here the schema is made from the table of options: a mapping whose
// every field is an optional string, stored in an array of pointers, one a rule. The strings then go through the same
// check as a word on the command line. The library tells an unknown key only through its log, so that is caught.
#include "core/options_file.h"

#include "core/nearest.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options_file {
    size_t count;
    cyaml_schema_field_t *fields;
    cyaml_schema_value_t schema;
    char **texts;
    struct option_value *values;
};

/// The first error that libcyaml logs; those after it are its way back to the top.
struct first_error {
    char text[96];
};

static void keep_first_error(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct first_error *first = context;
    if (level == CYAML_LOG_ERROR && first->text[0] == '\0') {
        (void)vsnprintf(first->text, sizeof first->text, format, arguments);
        first->text[strcspn(first->text, "\n")] = '\0';
    }
}

static cyaml_config_t make_config(struct first_error *first)
{
    return (cyaml_config_t){.log_fn = keep_first_error,
                            .log_ctx = first,
                            .mem_fn = cyaml_mem,
                            .log_level = CYAML_LOG_ERROR,
                            .flags = CYAML_CFG_NO_ALIAS};
}

static struct options_file *file_new(const struct option_rule *rules, size_t count)
{
    struct options_file *file = calloc(1, sizeof *file);
    if (!file) {
        return NULL;
    }
    file->count = count;
    file->fields = calloc(count + 1, sizeof *file->fields);
    file->values = calloc(count + 1, sizeof *file->values);
    if (!file->fields || !file->values) {
        options_file_free(file);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        file->fields[i] = (cyaml_schema_field_t){
            .key = rules[i].name,
            .data_offset = (uint32_t)(i * sizeof(char *)),
            .value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char, 0, OPTIONS_FILE_MAX)}};
    }
    file->schema = (cyaml_schema_value_t){
        .type = CYAML_MAPPING,
        .flags = CYAML_FLAG_POINTER,
        .data_size = (uint32_t)((count + 1) * sizeof(char *)),
        .mapping = {.fields = file->fields},
    };
    return file;
}

static enum status refuse_document(const char *name, cyaml_err_t error, const struct first_error *first,
                                   const struct option_rule *rules, size_t count, struct complaint *complaint)
{
    static const char unexpected[] = "Load: Unexpected key: ";
    const char *detail = first->text[0] ? first->text : cyaml_strerror(error);
    if (error == CYAML_ERR_OOM) {
        return complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", name, status_text(STATUS_NO_MEMORY));
    }
    if (error == CYAML_ERR_INVALID_KEY && strncmp(detail, unexpected, sizeof unexpected - 1) == 0) {
        const char *key = detail + sizeof unexpected - 1;
        const char *meant = count ? name_nearest(key, &rules[0].name, count, sizeof *rules) : NULL;
        return complain(complaint, STATUS_UNKNOWN, "%.80s: there is no option %.40s%s%s%s", name, key,
                        meant ? ": did you mean " : ": see --help", meant ? meant : "", meant ? "?" : "");
    }
    if (strncmp(detail, "Load: ", 6) == 0) {
        detail += 6;
    }
    return complain(complaint, STATUS_CORRUPT, "%.80s: not a list of \"name: value\" lines: %s", name, detail);
}

static enum status check_values(struct options_file *file, const char *name, const struct option_rule *rules,
                                struct complaint *complaint)
{
    for (size_t i = 0; i < file->count; i++) {
        if (file->texts[i]) {
            char shown[160];
            (void)snprintf(shown, sizeof shown, "%.80s: %s: %.40s", name, rules[i].name, file->texts[i]);
            const enum status status = option_read(&rules[i], file->texts[i], shown, &file->values[i], complaint);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

enum status options_file_parse(const char *name, const char *yaml, size_t size, const struct option_rule *rules,
                               size_t count, struct options_file **out, struct complaint *complaint)
{
    *out = NULL;
    struct options_file *file = file_new(rules, count);
    if (!file) {
        return complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", name, status_text(STATUS_NO_MEMORY));
    }
    struct first_error first = {""};
    const cyaml_config_t config = make_config(&first);
    enum status status = STATUS_OK;
    const cyaml_err_t error =
        cyaml_load_data((const uint8_t *)yaml, size, &config, &file->schema, (cyaml_data_t **)&file->texts, NULL);
    if (error != CYAML_OK) {
        status = refuse_document(name, error, &first, rules, count, complaint);
    } else if (file->texts) {
        status = check_values(file, name, rules, complaint);
    }
    if (status != STATUS_OK) {
        options_file_free(file);
        return status;
    }
    *out = file;
    return STATUS_OK;
}

enum status options_file_load(const char *path, const struct option_rule *rules, size_t count,
                              struct options_file **out, struct complaint *complaint)
{
    *out = NULL;
    FILE *stream = fopen(path, "rbe");
    if (!stream) {
        return complain(complaint, STATUS_IO, "%.80s: %s", path, strerror(errno));
    }
    enum status status = STATUS_OK;
    char *yaml = malloc(OPTIONS_FILE_MAX + 1);
    const size_t size = yaml ? fread(yaml, 1, OPTIONS_FILE_MAX + 1, stream) : 0;
    if (!yaml) {
        status = complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", path, status_text(STATUS_NO_MEMORY));
    } else if (ferror(stream)) {
        status = complain(complaint, STATUS_IO, "%.80s: %s", path, strerror(errno));
    } else if (size > OPTIONS_FILE_MAX) {
        status = complain(complaint, STATUS_FULL, "%.80s: longer than %d bytes", path, OPTIONS_FILE_MAX);
    } else {
        status = options_file_parse(path, yaml, size, rules, count, out, complaint);
    }
    free(yaml);
    (void)fclose(stream);
    return status;
}

const struct option_value *options_file_value(const struct options_file *file, size_t index)
{
    return index < file->count && file->values[index].text ? &file->values[index] : NULL;
}

void options_file_free(struct options_file *file)
{
    if (file) {
        const cyaml_config_t config = make_config(&(struct first_error){""});
        if (file->texts) {
            (void)cyaml_free(&config, &file->schema, (cyaml_data_t *)file->texts, 0);
        }
        free(file->fields);
        free(file->values);
        free(file);
    }
}
