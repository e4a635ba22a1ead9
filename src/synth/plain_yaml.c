// SPDX-License-Identifier: GPL-3.0-or-later
// The text is gone through twice: first as events, which shows what the tree of nodes no longer does (an alias is just
// another way to a node there), then as that tree, with which it is convenient to work.
#include "synth/plain_yaml.h"

#include <stdbool.h>
#include <string.h>

/// Whether line \p line (from 0) of \p text begins with a tab among its blanks.
static bool has_tab(const char *text, size_t size, size_t line)
{
    const char *end = text + size;
    for (; line > 0 && text < end; text++) {
        line -= *text == '\n';
    }
    while (text < end && *text == ' ') {
        text++;
    }
    return text < end && *text == '\t';
}

static enum status refuse_parse(const yaml_parser_t *parser, const char *shown, struct complaint *complaint)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        return complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", shown, status_text(STATUS_NO_MEMORY));
    }
    const size_t line = parser->problem_mark.line > 0 ? parser->problem_mark.line : parser->mark.line;
    const char *text = (const char *)parser->input.string.start;
    if (has_tab(text, (size_t)((const char *)parser->input.string.end - text), line)) {
        return complain(complaint, STATUS_CORRUPT, "%.80s:%zu: not YAML: the line begins with a tab: take spaces",
                        shown, line + 1);
    }
    return complain(complaint, STATUS_CORRUPT, "%.80s:%zu: not YAML: %s", shown, line + 1,
                    parser->problem ? parser->problem : "unreadable");
}

static enum status refuse(const yaml_event_t *event, const char *shown, const char *what, struct complaint *complaint)
{
    return complain(complaint, STATUS_UNSUPPORTED, "%.80s:%zu: %s", shown, event->start_mark.line + 1, what);
}

/// Whether a node begins with something that is left out.
static bool has_anchor(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor) ||
           (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor);
}

static bool has_tag(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT && event->data.scalar.tag) ||
           (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.tag) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag);
}

/// What has been met so far.
struct scan {
    int depth;
    int documents;
};

static enum status scan_event(struct scan *scan, const yaml_event_t *event, const char *shown,
                              struct complaint *complaint)
{
    if (event->type == YAML_ALIAS_EVENT || has_anchor(event)) {
        return refuse(event, shown, "anchors (&) and aliases (*) are not for patches: write it out, or in quotes",
                      complaint);
    }
    if (has_tag(event)) {
        return refuse(event, shown, "tags (!) are not for patches: leave it out, or write it in quotes", complaint);
    }
    scan->documents += event->type == YAML_DOCUMENT_START_EVENT;
    if (scan->documents > 1) {
        return refuse(event, shown, "a patch is one document: end the file before this line", complaint);
    }
    scan->depth += event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
    scan->depth -= event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
    if (scan->depth > PLAIN_YAML_DEPTH) {
        return refuse(event, shown, "nested too deep: a patch has modules with parameters, and a list of cables",
                      complaint);
    }
    return STATUS_OK;
}

static enum status scan_events(yaml_parser_t *parser, const char *shown, struct complaint *complaint)
{
    struct scan scan = {0};
    enum status status = STATUS_OK;
    bool is_over = false;
    while (status == STATUS_OK && !is_over) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return refuse_parse(parser, shown, complaint);
        }
        is_over = event.type == YAML_STREAM_END_EVENT;
        status = scan_event(&scan, &event, shown, complaint);
        yaml_event_delete(&event);
    }
    return status;
}

static enum status load_tree(yaml_parser_t *parser, const char *shown, yaml_document_t *out,
                             struct complaint *complaint)
{
    return yaml_parser_load(parser, out) ? STATUS_OK : refuse_parse(parser, shown, complaint);
}

enum status plain_yaml_load(const char *text, size_t size, const char *shown, yaml_document_t *out,
                            struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (int pass = 0; pass < 2 && status == STATUS_OK; pass++) {
        yaml_parser_t parser;
        if (!yaml_parser_initialize(&parser)) {
            return complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", shown, status_text(STATUS_NO_MEMORY));
        }
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
        status = pass == 0 ? scan_events(&parser, shown, complaint) : load_tree(&parser, shown, out, complaint);
        yaml_parser_delete(&parser);
    }
    return status;
}

int plain_yaml_line(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

const char *plain_yaml_text(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE) {
        return NULL;
    }
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}
