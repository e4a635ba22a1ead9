// SPDX-License-Identifier: GPL-3.0-or-later
// A variable may be there for another command of the program, so it is foreign only when no command knows it.
#include "core/nearest.h"
#include "core/options_parts.h"

#include <string.h>
#include <unistd.h>

static const char PREFIX[] = "TUTTI_";

struct search {
    const char *variable;
    bool known;
    const char *near; ///< the option that was probably meant, or NULL
    size_t distance;
};

static void compare(struct search *search, const char *name)
{
    char variable[OPTION_VARIABLE_MAX];
    option_variable(name, variable);
    // What all of them begin with would make them look more alike than they are.
    const char *candidate = variable + sizeof PREFIX - 1;
    const char *wanted = search->variable + sizeof PREFIX - 1;
    const size_t distance = name_distance(candidate, wanted);
    search->known = search->known || distance == 0;
    // What is near enough is for name_nearest() to say.
    if (distance < search->distance && name_nearest(wanted, &candidate, 1, sizeof candidate)) {
        search->distance = distance;
        search->near = name;
    }
}

static void warn_of(const char *variable, const struct options_command *commands, size_t count, FILE *out)
{
    struct search search = {.variable = variable, .distance = SIZE_MAX};
    for (size_t i = 0; i < OPTIONS_BUILT_IN; i++) {
        compare(&search, options_built_in[i].name);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < commands[i].rule_count; j++) {
            compare(&search, commands[i].rules[j].name);
        }
    }
    if (search.known) {
        return;
    }
    char meant[OPTION_VARIABLE_MAX] = "";
    if (search.near) {
        option_variable(search.near, meant);
    }
    (void)fprintf(out, "warning: %.60s means nothing to Tutti%s%s%s\n", variable, search.near ? ": did you mean " : "",
                  meant, search.near ? "?" : "");
}

void options_check_environment(const struct options_command *commands, size_t count, FILE *out)
{
    for (char *const *entry = environ; entry && *entry; entry++) {
        char variable[OPTION_VARIABLE_MAX];
        const size_t length = strcspn(*entry, "=");
        if (strncmp(*entry, PREFIX, sizeof PREFIX - 1) == 0) {
            (void)snprintf(variable, sizeof variable, "%.*s", (int)(length < 60 ? length : 60), *entry);
            warn_of(variable, commands, count, out);
        }
    }
}
