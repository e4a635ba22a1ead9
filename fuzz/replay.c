// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds a fuzzer with files instead of guesses: every file of the folders named as arguments, and every argument that
// is a file. Each input is copied to a block of exactly its size, so that a sanitizer sees a step past its end.
#include "fuzz.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { OPEN_FOLDERS = 8 };

static int replay(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)place;
    if (kind != FTW_F) {
        return 0;
    }
    const size_t size = (size_t)about->st_size;
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");
    const bool is_read = data && file && fread(data, 1, size, file) == size;
    if (is_read) {
        (void)fprintf(stderr, "%s\n", path); // the last name is the one that broke it
        (void)LLVMFuzzerTestOneInput(data, size);
    } else {
        perror(path);
    }
    if (file) {
        (void)fclose(file);
    }
    free(data);
    return is_read ? 0 : 1;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], replay, OPEN_FOLDERS, FTW_PHYS) != 0) {
            (void)fprintf(stderr, "%s: cannot replay this\n", argv[i]);
            return EXIT_FAILURE;
        }
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
