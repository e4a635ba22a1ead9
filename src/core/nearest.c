// SPDX-License-Identifier: GPL-3.0-or-later
// The optimal string alignment distance (Damerau and Levenshtein), of whose table only the last three rows are kept.
#include "core/nearest.h"

#include <string.h>

enum { LENGTH_MAX = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t name_distance(const char *a, const char *b)
{
    const size_t a_length = strnlen(a, LENGTH_MAX);
    const size_t b_length = strnlen(b, LENGTH_MAX);
    size_t rows[3][LENGTH_MAX + 1] = {{0}};
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

const char *name_nearest(const char *wanted, const char *const *names, size_t count, size_t stride)
{
    // A third of the name may be wrong: of three letters one, of nine three.
    size_t nearest = (strnlen(wanted, LENGTH_MAX) + 2) / 3 + 1;
    const char *found = NULL;
    const char *column = (const char *)names;
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        memcpy(&name, column + i * stride, sizeof name);
        const size_t distance = name_distance(wanted, name);
        if (distance < nearest) {
            nearest = distance;
            found = name;
        }
    }
    return found;
}
