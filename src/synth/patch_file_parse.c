// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of the document is walked once, in the order in which it is written, and each thing is done to the patch as
// a person would do it by hand: add a module, set a parameter, plug in a cable. The patch knows what may be, and its
// complaints get the file, the line and the place in front.
#include "core/nearest.h"
#include "synth/cable_text.h"
#include "synth/patch_file.h"
#include "synth/plain_yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_SIZE = 96 };

/// What is read, and where in it we are.
struct reading {
    const char *shown;
    const char *folder; ///< absolute, or NULL
    yaml_document_t *document;
    struct patch *patch;
    struct complaint *complaint;
};

static const yaml_node_t *node_of(const struct reading *reading, int index)
{
    return yaml_document_get_node(reading->document, index);
}

static enum status refuse(const struct reading *reading, const yaml_node_t *at, enum status status, const char *what)
{
    return complain(reading->complaint, status, "%.80s:%d: %s", reading->shown, plain_yaml_line(at), what);
}

/// Tells what the patch said of \p place ("module \"osc\""), with where it stands.
static enum status pass_on(const struct reading *reading, const yaml_node_t *at, enum status status, const char *place,
                           const struct complaint *said)
{
    return complain(reading->complaint, status, "%.60s:%d: %s: %s", reading->shown, plain_yaml_line(at), place,
                    said->text);
}

/// One "key: value" of a mapping, whose key is a text.
struct pair {
    const char *key;
    const yaml_node_t *key_node;
    const yaml_node_t *value;
};

typedef enum status read_pair(struct reading *reading, const char *context, const struct pair *pair);

static enum status check_repeat(const struct reading *reading, const yaml_node_t *mapping, const yaml_node_pair_t *at,
                                const struct pair *pair)
{
    for (const yaml_node_pair_t *before = mapping->data.mapping.pairs.start; before < at; before++) {
        const yaml_node_t *other = node_of(reading, before->key);
        const char *key = plain_yaml_text(other);
        if (key && strcmp(key, pair->key) == 0) {
            return complain(reading->complaint, STATUS_INVALID, "%.80s:%d: %.40s is given twice: first on line %d",
                            reading->shown, plain_yaml_line(pair->key_node), key, plain_yaml_line(other));
        }
    }
    return STATUS_OK;
}

/// Calls \p read for each pair of \p mapping; \p wrong says what to write where there is no mapping.
static enum status read_mapping(struct reading *reading, const yaml_node_t *mapping, const char *context,
                                const char *wrong, read_pair *read)
{
    if (mapping->type != YAML_MAPPING_NODE) {
        return refuse(reading, mapping, STATUS_CORRUPT, wrong);
    }
    enum status status = STATUS_OK;
    const yaml_node_pair_t *end = mapping->data.mapping.pairs.top;
    for (const yaml_node_pair_t *at = mapping->data.mapping.pairs.start; at < end && status == STATUS_OK; at++) {
        const yaml_node_t *key = node_of(reading, at->key);
        const struct pair pair = {plain_yaml_text(key), key, node_of(reading, at->value)};
        if (!pair.key) {
            return refuse(reading, key, STATUS_CORRUPT, "a name is a single word");
        }
        status = check_repeat(reading, mapping, at, &pair);
        if (status == STATUS_OK) {
            status = read(reading, context, &pair);
        }
    }
    return status;
}

// Modules.

/// The path of a file as the patch keeps it, which does not depend on where the program was started.
static enum status place_file(const struct reading *reading, const char *path, const yaml_node_t *at,
                              char out[PROGRAM_FILE_SIZE])
{
    const char *folder = path[0] != '\0' && path[0] != '/' ? reading->folder : NULL;
    const int length = snprintf(out, PROGRAM_FILE_SIZE, "%s%s%s", folder ? folder : "", folder ? "/" : "", path);
    if (length >= PROGRAM_FILE_SIZE) {
        return refuse(reading, at, STATUS_FULL, "the path of the file is too long: put it nearer");
    }
    return STATUS_OK;
}

static enum status read_setting(struct reading *reading, const char *id, const struct pair *pair)
{
    if (strcmp(pair->key, "type") == 0) {
        return STATUS_OK; // was read first
    }
    const char *text = plain_yaml_text(pair->value);
    if (!text) {
        return complain(reading->complaint, STATUS_CORRUPT,
                        "%.80s:%d: module \"%.31s\": %.32s is no single value: write \"%.32s: 1\"", reading->shown,
                        plain_yaml_line(pair->value), id, pair->key, pair->key);
    }
    char path[PROGRAM_FILE_SIZE];
    if (strcmp(pair->key, "file") == 0) {
        const enum status status = place_file(reading, text, pair->value, path);
        if (status != STATUS_OK) {
            return status;
        }
        text = path;
    }
    struct complaint said = {""};
    const enum status status = patch_set_text(reading->patch, id, pair->key, text, NULL, &said);
    return status == STATUS_OK ? status : refuse(reading, pair->key_node, status, said.text);
}

static const char *find_type(const struct reading *reading, const yaml_node_t *mapping)
{
    if (mapping->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    const yaml_node_pair_t *end = mapping->data.mapping.pairs.top;
    for (const yaml_node_pair_t *at = mapping->data.mapping.pairs.start; at < end; at++) {
        const char *key = plain_yaml_text(node_of(reading, at->key));
        if (key && strcmp(key, "type") == 0) {
            return plain_yaml_text(node_of(reading, at->value));
        }
    }
    return NULL;
}

static enum status read_module(struct reading *reading, const char *unused, const struct pair *pair)
{
    (void)unused;
    char place[PLACE_SIZE];
    (void)snprintf(place, sizeof place, "module \"%.40s\"", pair->key);
    const char *type = find_type(reading, pair->value);
    if (!type) {
        return complain(reading->complaint, STATUS_CORRUPT,
                        "%.80s:%d: %s has no type: write \"%.31s: {type: sine}\"; `tutti modules` lists them",
                        reading->shown, plain_yaml_line(pair->key_node), place, pair->key);
    }
    struct complaint said = {""};
    const enum status status = patch_add(reading->patch, pair->key, type, &said);
    if (status != STATUS_OK) {
        return pass_on(reading, pair->key_node, status, place, &said);
    }
    return read_mapping(reading, pair->value, pair->key, "", read_setting);
}

// Cables.

enum { CABLE_TEXT = 256 };

static enum status read_cable(const struct reading *reading, const yaml_node_t *node)
{
    const char *text = plain_yaml_text(node);
    if (!text) {
        return refuse(reading, node, STATUS_CORRUPT, "a cable is one text: write \"- module.output -> module.input\"");
    }
    char buffer[CABLE_TEXT];
    if (strlen(text) >= sizeof buffer) {
        return refuse(reading, node, STATUS_FULL, "a cable is too long: write one on each line");
    }
    memcpy(buffer, text, strlen(text) + 1);
    struct complaint said = {""};
    const enum status status = cable_text_connect(reading->patch, buffer, &said);
    if (status == STATUS_OK) {
        return status;
    }
    char place[PLACE_SIZE];
    (void)snprintf(place, sizeof place, "cable \"%.60s\"", text);
    return pass_on(reading, node, status, place, &said);
}

static enum status read_cables(const struct reading *reading, const yaml_node_t *list)
{
    if (list->type != YAML_SEQUENCE_NODE) {
        return refuse(reading, list, STATUS_CORRUPT, "cables are a list: write \"- module.output -> module.input\"");
    }
    enum status status = STATUS_OK;
    const yaml_node_item_t *end = list->data.sequence.items.top;
    for (const yaml_node_item_t *item = list->data.sequence.items.start; item < end && status == STATUS_OK; item++) {
        status = read_cable(reading, node_of(reading, *item));
    }
    return status;
}

// The whole.

static const char *const parts[] = {"title", "about", "modules", "cables"};
enum { PART_TITLE, PART_ABOUT, PART_MODULES, PART_CABLES, PARTS };

static enum status read_text(const struct reading *reading, const struct pair *pair, int part)
{
    const char *text = plain_yaml_text(pair->value);
    if (!text) {
        return complain(reading->complaint, STATUS_CORRUPT, "%.80s:%d: %s is a text on one line", reading->shown,
                        plain_yaml_line(pair->value), parts[part]);
    }
    struct complaint said = {""};
    const enum status status = part == PART_TITLE ? patch_set_title(reading->patch, text, &said)
                                                  : patch_set_about(reading->patch, text, &said);
    return status == STATUS_OK ? status : pass_on(reading, pair->value, status, parts[part], &said);
}

/// Everything but the cables, which need all the modules.
static enum status read_part(struct reading *reading, const char *unused, const struct pair *pair)
{
    (void)unused;
    int part = 0;
    while (part < PARTS && strcmp(parts[part], pair->key) != 0) {
        part++;
    }
    switch (part) {
    case PART_TITLE:
    case PART_ABOUT:
        return read_text(reading, pair, part);
    case PART_MODULES:
        return read_mapping(reading, pair->value, NULL, "modules are lines like \"osc: {type: sine, frequency: 440}\"",
                            read_module);
    case PART_CABLES:
        return STATUS_OK;
    default:
        break;
    }
    const char *meant = name_nearest(pair->key, parts, PARTS, sizeof *parts);
    return complain(reading->complaint, STATUS_UNKNOWN, "%.80s:%d: a patch has no part \"%.40s\": %s%s%s",
                    reading->shown, plain_yaml_line(pair->key_node), pair->key, meant ? "did you mean " : "",
                    meant ? meant : "there are title, about, modules and cables", meant ? "?" : "");
}

static const yaml_node_t *find_part(const struct reading *reading, const yaml_node_t *root, int part)
{
    const yaml_node_pair_t *end = root->data.mapping.pairs.top;
    for (const yaml_node_pair_t *at = root->data.mapping.pairs.start; at < end; at++) {
        const char *key = plain_yaml_text(node_of(reading, at->key));
        if (key && strcmp(key, parts[part]) == 0) {
            return node_of(reading, at->value);
        }
    }
    return NULL;
}

static enum status read_document(struct reading *reading)
{
    const yaml_node_t *root = yaml_document_get_root_node(reading->document);
    static const char shape[] = "a patch has \"modules:\" and \"cables:\" (docs/patch.md)";
    if (!root) {
        return complain(reading->complaint, STATUS_CORRUPT, "%.80s: empty: %s", reading->shown, shape);
    }
    enum status status = read_mapping(reading, root, NULL, shape, read_part);
    if (status == STATUS_OK && !find_part(reading, root, PART_MODULES)) {
        return refuse(reading, root, STATUS_CORRUPT, shape);
    }
    const yaml_node_t *cables = status == STATUS_OK ? find_part(reading, root, PART_CABLES) : NULL;
    return cables ? read_cables(reading, cables) : status;
}

enum status patch_file_parse(const char *text, size_t size, const char *shown, const char *folder, struct patch **out,
                             struct complaint *complaint)
{
    *out = NULL;
    if (size > PATCH_FILE_MAX) {
        return complain(complaint, STATUS_FULL, "%.80s: longer than %d bytes: is it a patch?", shown, PATCH_FILE_MAX);
    }
    yaml_document_t document;
    enum status status = plain_yaml_load(text, size, shown, &document, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct reading reading = {
        .shown = shown, .folder = folder, .document = &document, .patch = patch_new(), .complaint = complaint};
    status = reading.patch ? read_document(&reading)
                           : complain(complaint, STATUS_NO_MEMORY, "%.80s: %s", shown, status_text(STATUS_NO_MEMORY));
    yaml_document_delete(&document);
    if (status != STATUS_OK) {
        patch_free(reading.patch);
        return status;
    }
    *out = reading.patch;
    return STATUS_OK;
}
