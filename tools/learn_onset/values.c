// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a stream of the rate that is named as native floats and writes what hear/flux.h tells of it, as floats.
#include "hear/flux.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct flux *flux = argc == 2 ? flux_new(strtod(argv[1], NULL)) : NULL;
    if (!flux) {
        (void)fputs("usage: values RATE <FRAMES >VALUES\n", stderr);
        return 2;
    }
    float frames[64];
    size_t count;
    while ((count = fread(frames, sizeof *frames, 64, stdin)) > 0) {
        for (size_t at = 0; at < count;) {
            bool made;
            at += flux_push(flux, frames + at, count - at, &made);
            if (made) {
                (void)fwrite(flux_values(flux), sizeof(float), FLUX_VALUES, stdout);
            }
        }
    }
    flux_free(flux);
    return 0;
}
