// SPDX-License-Identifier: GPL-3.0-or-later
// Looks for a SoundFont, and at one before it is opened; what reads it is soundfont.c.
#include "synth/soundfont.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Debian, then Fedora and Arch.
static const char *const places[] = {
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf3/default-GM.sf3", "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/share/soundfonts/default.sf2",
};

const char *soundfont_find(void)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (access(places[i], R_OK) == 0) {
            return places[i];
        }
    }
    return places[0];
}

/// A SoundFont is a RIFF file of the form "sfbk", whether its samples are plain (.sf2) or Vorbis (.sf3).
static bool begins_as_soundfont(FILE *file)
{
    char header[12];
    return fread(header, 1, sizeof header, file) == sizeof header && memcmp(header, "RIFF", 4) == 0 &&
           memcmp(header + 8, "sfbk", 4) == 0;
}

enum status soundfont_check(const char *path, struct complaint *complaint)
{
    // Not opened before it is known to be a file: a pipe would wait for its writer.
    struct stat kind;
    if (stat(path, &kind) != 0) {
        if (errno == ENOENT) {
            return complain(complaint, STATUS_IO,
                            "no SoundFont at %s: give --soundfont FILE with another name, or install the package "
                            "fluid-soundfont-gm for the default",
                            path);
        }
        return complain(complaint, STATUS_IO, "cannot open the SoundFont %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(kind.st_mode)) {
        errno = EISDIR;
        return complain(complaint, STATUS_IO, "%s is a folder: give a SoundFont file, .sf2 or .sf3", path);
    }
    FILE *file = S_ISREG(kind.st_mode) ? fopen(path, "rb") : NULL;
    if (!file && S_ISREG(kind.st_mode)) {
        return complain(complaint, STATUS_IO, "cannot open the SoundFont %s: %s", path, strerror(errno));
    }
    const bool begins = file && begins_as_soundfont(file);
    if (file) {
        (void)fclose(file);
    }
    if (!begins) {
        return complain(complaint, STATUS_CORRUPT, "%s is not a SoundFont: give an .sf2 or .sf3 file", path);
    }
    return STATUS_OK;
}
