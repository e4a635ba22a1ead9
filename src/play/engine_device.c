// SPDX-License-Identifier: GPL-3.0-or-later
// A server that is there and does not answer holds up whoever asks it for something. So a device that is gone is asked
// for on an errand, which the one who waits looks at now and then, and one is let go on another. What is held up at the
// end is left where it is, with what it may still touch.
#include "play/engine_parts.h"

static const int64_t PATIENCE_NS = 1000000000;

static void seek(void *closure)
{
    struct engine *engine = closure;
    struct seeker *seeker = &engine->seeker;
    seeker->status = device_return(engine->device, &engine->options.device, &seeker->complaint);
}

enum status engine_return(struct engine *engine, struct complaint *complaint)
{
    struct seeker *seeker = &engine->seeker;
    if (!seeker->errand) {
        seeker->errand = errand_new(seek, engine);
    }
    if (!seeker->errand) {
        return complain(complaint, STATUS_NO_MEMORY, "no thread can be had to look for the device");
    }
    if (!errand_is_done(seeker->errand)) {
        return complain(complaint, STATUS_AGAIN, "the device does not answer yet");
    }
    (void)errand_end(seeker->errand, 0);
    seeker->errand = NULL;
    return seeker->status == STATUS_OK ? STATUS_OK : complain(complaint, seeker->status, "%s", seeker->complaint.text);
}

bool engine_give_up(struct engine *engine)
{
    if (!engine->seeker.errand) {
        return true;
    }
    device_give_up(engine->device);
    const bool came_back = errand_end(engine->seeker.errand, PATIENCE_NS);
    engine->seeker.errand = NULL;
    return came_back;
}

static void close_device(void *device)
{
    device_close(device);
}

void engine_close_device(struct engine *engine)
{
    struct errand *errand = errand_new(close_device, engine->device);
    if (errand) {
        (void)errand_end(errand, PATIENCE_NS);
    } else {
        device_close(engine->device);
    }
}
