// SPDX-License-Identifier: GPL-3.0-or-later
// libyaml makes a tree of the document, in which every node knows its line, and the tree is checked against the table
// of options as the words of a command line are. The texts stay in the tree, which the file keeps. A node may stand in
// several places (an alias), even within itself; the walk goes no deeper than the table, so that does no harm.
#include "core/options_file.h"

#include "core/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/// A list of mappings: one value for each of them and each field.
struct list {
    size_t count;
    size_t fields;
    struct option_value *values;
    int *lines;
};

struct options_file {
    size_t count;
    bool has_document;
    yaml_document_t document;
    struct option_value *values; ///< one a rule
    struct list *lists;          ///< one a rule
};

/// A mapping that is to be read, and where it stands, for complaints.
struct mapping {
    struct options_file *file;
    const char *name;   ///< the file's
    const char *prefix; ///< "" or "stations: "
    const char *what;   ///< what its keys are called
    const struct option_rule *rules;
    size_t count;
    struct option_value *values; ///< to be filled
    struct list *lists;          ///< to be filled; NULL where there may be none
};

static int line_of(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

static const char *text_of(const yaml_node_t *node)
{
    const bool plain =
        node->type == YAML_SCALAR_NODE && strlen((const char *)node->data.scalar.value) == node->data.scalar.length;
    return plain ? (const char *)node->data.scalar.value : NULL;
}

static enum status no_memory(const char *name, struct complaint *complaint)
{
    return complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", name, status_text(STATUS_NO_MEMORY));
}

static enum status refuse_key(const struct mapping *mapping, int line, const char *key, struct complaint *complaint)
{
    const struct option_rule *rules = mapping->rules;
    const char *meant = mapping->count ? name_nearest(key, &rules[0].name, mapping->count, sizeof *rules) : NULL;
    return complain(complaint, STATUS_UNKNOWN, "%.80s:%d: %sthere is no %s %.40s%s%s%s", mapping->name, line,
                    mapping->prefix, mapping->what, key, meant ? ": did you mean " : ": see --help", meant ? meant : "",
                    meant ? "?" : "");
}

static enum status refuse_shape(const struct mapping *mapping, int line, struct complaint *complaint)
{
    return complain(complaint, STATUS_CORRUPT, "%.80s:%d: %snot a list of \"name: value\" lines", mapping->name, line,
                    mapping->prefix);
}

static enum status read_mapping(const struct mapping *mapping, const yaml_node_t *node, struct complaint *complaint);

static enum status read_list(const struct mapping *mapping, size_t index, const yaml_node_t *node,
                             struct complaint *complaint)
{
    const struct option_rule *rule = &mapping->rules[index];
    const yaml_node_item_t *items = node->data.sequence.items.start;
    const size_t count = (size_t)(node->data.sequence.items.top - items);
    struct list *list = &mapping->lists[index];
    if (count > OPTIONS_FILE_ITEMS_MAX) {
        return complain(complaint, STATUS_FULL, "%.80s:%d: %s: a list has at most %d items", mapping->name,
                        line_of(node), rule->name, OPTIONS_FILE_ITEMS_MAX);
    }
    list->fields = rule->field_count;
    list->values = calloc(count * list->fields + 1, sizeof *list->values);
    list->lines = calloc(count + 1, sizeof *list->lines);
    if (!list->values || !list->lines) {
        return no_memory(mapping->name, complaint);
    }
    char prefix[48];
    (void)snprintf(prefix, sizeof prefix, "%.40s: ", rule->name);
    enum status status = STATUS_OK;
    for (; list->count < count && status == STATUS_OK; list->count++) {
        const yaml_node_t *item = yaml_document_get_node(&mapping->file->document, items[list->count]);
        const struct mapping fields = {.file = mapping->file,
                                       .name = mapping->name,
                                       .prefix = prefix,
                                       .what = "field",
                                       .rules = rule->fields,
                                       .count = rule->field_count,
                                       .values = list->values + list->count * list->fields};
        list->lines[list->count] = line_of(item);
        status = read_mapping(&fields, item, complaint);
    }
    return status;
}

static enum status read_value(const struct mapping *mapping, size_t index, const yaml_node_t *node, int line,
                              struct complaint *complaint)
{
    const struct option_rule *rule = &mapping->rules[index];
    const char *text = text_of(node);
    if (!text && node->type == YAML_SEQUENCE_NODE && mapping->lists && rule->fields) {
        return read_list(mapping, index, node, complaint);
    }
    if (!text) {
        char allowed[160];
        option_allowed(rule, allowed, sizeof allowed);
        return complain(complaint, STATUS_CORRUPT, "%.80s:%d: %s%s is no single value: %s", mapping->name, line,
                        mapping->prefix, rule->name, allowed);
    }
    char shown[240];
    (void)snprintf(shown, sizeof shown, "%.80s:%d: %s%s: %.40s", mapping->name, line, mapping->prefix, rule->name,
                   text);
    return option_read(rule, text, shown, &mapping->values[index], complaint);
}

static enum status read_pair(const struct mapping *mapping, const yaml_node_t *key, const yaml_node_t *value,
                             struct complaint *complaint)
{
    const int line = line_of(key);
    const char *name = text_of(key);
    if (!name) {
        return refuse_shape(mapping, line, complaint);
    }
    size_t index = 0;
    while (index < mapping->count && strcmp(mapping->rules[index].name, name) != 0) {
        index++;
    }
    if (index == mapping->count) {
        return refuse_key(mapping, line, name, complaint);
    }
    if (mapping->values[index].line > 0) {
        return complain(complaint, STATUS_INVALID, "%.80s:%d: %s%s is given twice: first on line %d", mapping->name,
                        line, mapping->prefix, name, mapping->values[index].line);
    }
    const enum status status = read_value(mapping, index, value, line, complaint);
    mapping->values[index].line = line;
    return status;
}

static enum status read_mapping(const struct mapping *mapping, const yaml_node_t *node, struct complaint *complaint)
{
    if (node->type != YAML_MAPPING_NODE) {
        return refuse_shape(mapping, line_of(node), complaint);
    }
    enum status status = STATUS_OK;
    const yaml_node_pair_t *end = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end && status == STATUS_OK; pair++) {
        status = read_pair(mapping, yaml_document_get_node(&mapping->file->document, pair->key),
                           yaml_document_get_node(&mapping->file->document, pair->value), complaint);
    }
    return status;
}

static enum status load_document(const char *name, const char *yaml, size_t size, yaml_document_t *out,
                                 struct complaint *complaint)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return no_memory(name, complaint);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)yaml, size);
    enum status status = STATUS_OK;
    if (!yaml_parser_load(&parser, out)) {
        status = parser.error == YAML_MEMORY_ERROR
                     ? no_memory(name, complaint)
                     : complain(complaint, STATUS_CORRUPT, "%.80s:%zu: not YAML: %s", name,
                                parser.problem_mark.line + 1, parser.problem ? parser.problem : "unreadable");
    }
    yaml_parser_delete(&parser);
    return status;
}

static struct options_file *file_new(size_t count)
{
    struct options_file *file = calloc(1, sizeof *file);
    if (!file) {
        return NULL;
    }
    file->count = count;
    file->values = calloc(count + 1, sizeof *file->values);
    file->lists = calloc(count + 1, sizeof *file->lists);
    if (!file->values || !file->lists) {
        options_file_free(file);
        return NULL;
    }
    return file;
}

enum status options_file_parse(const char *name, const char *yaml, size_t size, const struct option_rule *rules,
                               size_t count, struct options_file **out, struct complaint *complaint)
{
    *out = NULL;
    struct options_file *file = file_new(count);
    if (!file) {
        return no_memory(name, complaint);
    }
    enum status status = load_document(name, yaml, size, &file->document, complaint);
    file->has_document = status == STATUS_OK;
    const yaml_node_t *root = file->has_document ? yaml_document_get_root_node(&file->document) : NULL;
    if (root) {
        const struct mapping whole = {.file = file,
                                      .name = name,
                                      .prefix = "",
                                      .what = "option",
                                      .rules = rules,
                                      .count = count,
                                      .values = file->values,
                                      .lists = file->lists};
        status = read_mapping(&whole, root, complaint);
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
        status = no_memory(path, complaint);
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
    return index < file->count && file->values[index].line > 0 ? &file->values[index] : NULL;
}

size_t options_file_item_count(const struct options_file *file, size_t index)
{
    return index < file->count ? file->lists[index].count : 0;
}

int options_file_item_line(const struct options_file *file, size_t index, size_t item)
{
    return item < options_file_item_count(file, index) ? file->lists[index].lines[item] : 0;
}

const struct option_value *options_file_item(const struct options_file *file, size_t index, size_t item, size_t field)
{
    if (item >= options_file_item_count(file, index) || field >= file->lists[index].fields) {
        return NULL;
    }
    const struct option_value *value = &file->lists[index].values[item * file->lists[index].fields + field];
    return value->line > 0 ? value : NULL;
}

void options_file_free(struct options_file *file)
{
    if (file) {
        for (size_t i = 0; file->lists && i < file->count; i++) {
            free(file->lists[i].values);
            free(file->lists[i].lines);
        }
        if (file->has_document) {
            yaml_document_delete(&file->document);
        }
        free(file->values);
        free(file->lists);
        free(file);
    }
}
