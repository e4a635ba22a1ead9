// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes are a script. What is taken must be whole: lines in order of time, each a method with arguments that it
// takes; what is refused must say where.
#include "fuzz.h"

#include "session/method.h"
#include "session/script.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script *script = NULL;
    struct complaint complaint = {""};
    if (script_parse((const char *)data, size, "song", &script, &complaint) != STATUS_OK) {
        assert(!script && strncmp(complaint.text, "song:", strlen("song:")) == 0);
        return 0;
    }
    double before = 0;
    size_t count = 0;
    for (const struct script_line *line = script_next(script); line; line = script_next(script)) {
        assert(line->seconds >= before);
        assert(method_check(line->request.method, line->request.args, line->request.count, NULL) == STATUS_OK);
        before = line->seconds;
        count++;
        script_step(script);
    }
    assert(count == script_count(script));
    script_free(script);
    return 0;
}
