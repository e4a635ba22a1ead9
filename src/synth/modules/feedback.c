// SPDX-License-Identifier: GPL-3.0-or-later
// What closes a cycle: the signal MODULE_BLOCK frames later. A ring of that many frames is read at the beginning of a
// block, and the block's own frames are written over those that were just read once all modules have played. What is no
// number, or beyond all reason, is not taken in: a cycle that ran away would else stay so when its gain is lowered, and
// nobody would know where what hears it counts such a thing as silence.
#include "synth/modules/guard.h"

struct feedback_state {
    poly ring[MODULE_BLOCK];
    uint32_t at; ///< of the oldest frame
};

static const struct module_port inputs[] = {{"in", "audio", "what to hand back"}, {0}};
static const struct module_port outputs[] = {{"out", "audio", "the input 64 frames ago"}, {0}};

static void process(const struct module_call *call) REALTIME
{
    const struct feedback_state *state = call->state;
    poly *out = module_out(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        out[i] = state->ring[(state->at + i) % MODULE_BLOCK];
    }
}

static void absorb(const struct module_call *call) REALTIME
{
    struct feedback_state *state = call->state;
    const poly *in = module_in(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        state->ring[(state->at + i) % MODULE_BLOCK] = module_sane(in[i]);
    }
    state->at = (state->at + call->frames) % MODULE_BLOCK;
}

const struct module_type MODULE(feedback) = {
    .name = "feedback",
    .title = "64 frames of delay, which may close a cycle of cables",
    .inputs = inputs,
    .outputs = outputs,
    .feedback = true,
    .state_size = sizeof(struct feedback_state),
    .process = process,
    .absorb = absorb,
};
