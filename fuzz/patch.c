// SPDX-License-Identifier: GPL-3.0-or-later
// A patch file is read or refused with a complaint that names it, and what is read survives being written and read
// again: the second file is the first.
#include "fuzz.h"

#include "synth/patch_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_module(const struct patch *patch, const struct patch_module *module)
{
    const struct module_param *params = module->type->params;
    require(module->id[0] && module->uid > 0 && patch_by_uid(patch, module->uid) == module);
    require(module->voices >= 1 && module->voices <= MODULE_VOICES_MAX);
    for (size_t i = 0; params && params[i].name; i++) {
        require(module->params[i] >= params[i].min && module->params[i] <= params[i].max);
    }
}

static void check_cable(const struct patch *patch, const struct patch_cable *cable)
{
    require(patch_by_uid(patch, cable->from) && patch_by_uid(patch, cable->to));
    require(fabsf(cable->gain) <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct patch *patch = NULL;
    struct complaint complaint = {""};
    const enum status status = patch_file_parse((const char *)data, size, "fuzz.yaml", "/folder", &patch, &complaint);
    require((status == STATUS_OK) == (patch != NULL));
    if (!patch) {
        require(strncmp(complaint.text, "fuzz.yaml:", 10) == 0);
        return 0;
    }
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        check_module(patch, patch_module_at(patch, i));
    }
    for (size_t i = 0; i < patch_cable_count(patch); i++) {
        check_cable(patch, patch_cable_at(patch, i));
    }
    char *first = NULL;
    char *second = NULL;
    size_t first_size = 0;
    size_t second_size = 0;
    require(patch_file_format(patch, "/folder", &first, &first_size, &complaint) == STATUS_OK);
    patch_free(patch);
    require(patch_file_parse(first, first_size, "again", "/folder", &patch, &complaint) == STATUS_OK);
    require(patch_file_format(patch, "/folder", &second, &second_size, &complaint) == STATUS_OK);
    require(first_size == second_size && memcmp(first, second, first_size) == 0);
    patch_free(patch);
    free(first);
    free(second);
    return 0;
}
