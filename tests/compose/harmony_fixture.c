// SPDX-License-Identifier: GPL-3.0-or-later
#include "harmony_fixture.h"

#include <stdio.h>

int harmony_setup(void **state)
{
    struct harmony *harmony;
    struct complaint complaint = {""};
    if (harmony_load(&harmony, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", complaint.text);
        return -1;
    }
    *state = harmony;
    return 0;
}

int harmony_teardown(void **state)
{
    harmony_free(*state);
    return 0;
}

size_t find_chord(const struct harmony *harmony, enum mode mode, struct chord chord)
{
    for (size_t i = 0; i < harmony_chord_count(harmony, mode); i++) {
        const struct chord other = harmony_chord(harmony, mode, i);
        if (other.root == chord.root && other.quality == chord.quality)
            return i;
    }
    fail_msg("%s has no chord %d:%s", mode_name(mode), chord.root, chord_quality_name(chord.quality));
    return 0;
}

void read_table(enum mode mode, struct harmony_table *table)
{
    char name[32];
    struct complaint complaint = {""};
    (void)snprintf(name, sizeof name, "%s.txt", mode_name(mode));
    const struct embed *file = embed_find(harmony_files, name);
    assert_non_null(file);
    if (harmony_table_read(name, file->bytes, embed_size(file), table, &complaint) != STATUS_OK)
        fail_msg("%s", complaint.text);
    assert_int_equal(table->mode, mode);
}
