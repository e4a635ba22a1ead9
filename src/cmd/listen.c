// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// tutti listen: what the listener hears in a file or from a device, as lines of JSON or on a screen.
#include "cmd/listen.h"
#include "cmd/command.h"
#include "play/device.h"

#include <stdio.h>
#include <string.h>

static const char NAME[] = "tutti listen";

static const char *const devices[] = {"jack", "portaudio", "null", NULL};

static const struct option_rule rules_own[] = {
    {.name = "device", .letter = 'd', .kind = OPTION_CHOICE, .choices = devices, .help = "listen to it, not to a file"},
    {.name = "midi",
     .letter = 'm',
     .kind = OPTION_FLAG,
     .help = "listen to the notes that come to JACK's port CLIENT:midi_in"},
    {.name = "card", .kind = OPTION_TEXT, .value = "NAME", .help = "part of the name of PortAudio's device"},
    {.name = "client", .kind = OPTION_TEXT, .value = "NAME", .standard = "tutti", .help = "its name in JACK"},
    {.name = "connect",
     .kind = OPTION_FLAG,
     .standard = "yes",
     .help = "plug the sound card's inputs, or MIDI instruments, into JACK's ports"},
    {.name = "rate",
     .letter = 'r',
     .kind = OPTION_NUMBER,
     .min = 8000,
     .max = 192000,
     .help = "the device's frames a second; else what it has"},
    {.name = "block",
     .letter = 'b',
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = DEVICE_BLOCK_MAX,
     .help = "the device's frames a period; else what it has"},
    {.name = "channels",
     .letter = 'c',
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = HEAR_CHANNELS_MAX,
     .standard = "1",
     .help = "the device's inputs"},
    {.name = "seconds",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .min = 0.001,
     .max = 31536000,
     .help = "how long to listen; else to the end, or until it is stopped"},
    {.name = "hop",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = HEAR_FRAMES_MAX,
     .standard = "32",
     .help = "frames of a file to listen to at a time, as a device would bring them"},
    {.name = "pitch", .kind = OPTION_FLAG, .help = "follow the pitch of a single voice, too"},
    {.name = "live", .letter = 'l', .kind = OPTION_FLAG, .help = "show it on the terminal, in place of lines of JSON"},
};

enum { OWN = sizeof rules_own / sizeof rules_own[0] };

size_t listen_rules(struct option_rule *rules)
{
    memcpy(rules, rules_own, sizeof rules_own);
    return OWN;
}

static struct listen_options read_options(const struct options *options)
{
    return (struct listen_options){
        .path = options_operand(options, 0),
        .device = {.kind = options_given(options, "device") ? options_text(options, "device") : NULL,
                   .client = options_text(options, "client"),
                   .card = options_text(options, "card"),
                   .rate = options_number(options, "rate"),
                   .block = (uint32_t)options_integer(options, "block"),
                   .ins = (uint32_t)options_integer(options, "channels"),
                   .outs = 1,
                   .apart = !options_flag(options, "connect")},
        .seconds = options_number(options, "seconds"),
        .hop = (uint32_t)options_integer(options, "hop"),
        .pitch = options_flag(options, "pitch"),
        .live = options_flag(options, "live"),
    };
}

static int listen(const struct options *options)
{
    const struct listen_options listen = read_options(options);
    const bool device = listen.device.kind != NULL;
    const bool midi = options_flag(options, "midi");
    if (device + midi + (listen.path != NULL) != 1) {
        (void)fprintf(stderr, "%s: give a sound or MIDI file, or --device NAME, or --midi, and only one of them\n",
                      NAME);
        return EXIT_WRONG_USE;
    }
    struct complaint complaint = {""};
    const enum status status = device                        ? listen_to_device(&listen, &complaint)
                               : midi                        ? listen_to_midi_port(&listen, &complaint)
                               : listen_is_midi(listen.path) ? listen_to_midi(&listen, &complaint)
                                                             : listen_to_file(&listen, &complaint);
    return status == STATUS_OK ? EXIT_OK : command_fail(NAME, complaint.text);
}

int command_listen(int argc, char **argv)
{
    const struct options_command command = {
        .name = NAME,
        .summary = "Says what it hears in a sound or MIDI file, from a device or in what is played on a MIDI "
                   "instrument: onsets, beats, chords, key, loudness, pitch.",
        .rules = rules_own,
        .rule_count = OWN,
        .operands = "[FILE]",
        .operands_max = 1,
    };
    int exit = EXIT_OK;
    struct options *options = command_options(&command, argc, argv, &exit);
    if (!options) {
        return exit;
    }
    exit = listen(options);
    options_free(options);
    return exit;
}
