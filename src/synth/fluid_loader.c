// SPDX-License-Identifier: GPL-3.0-or-later
// FluidSynth reports to handlers that belong to the process, so there is one here for all instruments, set once. While
// a thread loads a SoundFont the handler keeps the first message for the complaint; what comes at other times (a voice
// stolen, a preset missing) is of no use to anyone who runs Tutti.
//
// A FluidSynth built with libinstpatch gives a file that its own loader refuses to that library, which writes to
// standard error by GLib's log, once for every place that is damaged. So the file is loaded by a name that does not
// exist, a prefix and the path, and only the loader made here, whose opening function knows the prefix, finds it.
// FluidSynth shares samples between instruments by that name and by their place in the file; it does not notice a file
// that is replaced while an instrument still plays it.
#include "synth/fluid_loader.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char OPENED_BY_US[] = "soundfont:";

static _Thread_local char *heard; ///< COMPLAINT_SIZE bytes while this thread loads a SoundFont

static void hear(int level, const char *message, void *data)
{
    (void)level;
    (void)data;
    // The first says why; those that name the path as OPENED_BY_US come from loaders that rightly could not open it.
    if (heard && heard[0] == '\0' && !strstr(message, OPENED_BY_US)) {
        (void)snprintf(heard, COMPLAINT_SIZE, "%s", message);
    }
}

static void hear_errors_only(void)
{
    for (int level = 0; level < LAST_LOG_LEVEL; level++) {
        (void)fluid_set_log_function(level, level <= FLUID_ERR ? hear : NULL, NULL);
    }
}

void fluid_loader_hush(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, hear_errors_only);
}

static void *open_file(const char *name)
{
    const size_t prefix = sizeof OPENED_BY_US - 1;
    return strncmp(name, OPENED_BY_US, prefix) == 0 ? fopen(name + prefix, "rb") : NULL;
}

static int read_file(void *buffer, fluid_long_long_t size, void *file)
{
    const size_t wanted = (size_t)size;
    return fread(buffer, 1, wanted, file) == wanted ? FLUID_OK : FLUID_FAILED;
}

static int seek_file(void *file, fluid_long_long_t offset, int origin)
{
    return fseeko(file, offset, origin) == 0 ? FLUID_OK : FLUID_FAILED;
}

static fluid_long_long_t tell_file(void *file)
{
    const off_t position = ftello(file);
    return position >= 0 ? position : FLUID_FAILED;
}

static int close_file(void *file)
{
    return fclose(file) == 0 ? FLUID_OK : FLUID_FAILED;
}

/// A loader of SoundFonts that goes by OPENED_BY_US; the synth owns it.
static bool add_loader(fluid_settings_t *settings, fluid_synth_t *synth)
{
    fluid_sfloader_t *loader = new_fluid_defsfloader(settings);
    if (!loader) {
        return false;
    }
    (void)fluid_sfloader_set_callbacks(loader, open_file, read_file, seek_file, tell_file, close_file);
    fluid_synth_add_sfloader(synth, loader);
    return true;
}

enum status fluid_loader_load(fluid_settings_t *settings, fluid_synth_t *synth, const char *path,
                              struct complaint *complaint)
{
    char name[PATH_MAX + sizeof OPENED_BY_US];
    if (snprintf(name, sizeof name, "%s%s", OPENED_BY_US, path) >= (int)sizeof name || !add_loader(settings, synth)) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory to load %s", path);
    }
    char message[COMPLAINT_SIZE] = "";
    heard = message;
    const int id = fluid_synth_sfload(synth, name, 1);
    heard = NULL;
    if (id == FLUID_FAILED) {
        return complain(complaint, STATUS_CORRUPT, "%s is damaged%s%s: give another SoundFont", path,
                        message[0] ? ", " : "", message);
    }
    return STATUS_OK;
}
