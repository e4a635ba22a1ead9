// SPDX-License-Identifier: GPL-3.0-or-later
// A sequence lock (Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012): the words are
// atomic, so that a reader who meets the writer reads no torn word, and the turn tells it that it met him.
#include "hear/context.h"

#include <string.h>

void context_put(struct context_board *board, const struct context *context)
{
    uint64_t words[CONTEXT_WORDS] = {0};
    memcpy(words, context, sizeof *context);
    const uint32_t turn = atomic_load_explicit(&board->turn, memory_order_relaxed);
    atomic_store_explicit(&board->turn, turn + 1, memory_order_relaxed);
    // No word is written before the turn is odd; each release below is also seen by who acquired the word.
    for (size_t i = 0; i < CONTEXT_WORDS; i++) {
        atomic_store_explicit(&board->words[i], words[i], memory_order_release);
    }
    atomic_store_explicit(&board->turn, turn + 2, memory_order_release);
}

bool context_try(const struct context_board *board, struct context *context)
{
    uint64_t words[CONTEXT_WORDS];
    const uint32_t turn = atomic_load_explicit(&board->turn, memory_order_acquire);
    if (turn % 2) {
        return false;
    }
    // Who reads a new word has acquired it, and so sees the odd turn that was stored before it.
    for (size_t i = 0; i < CONTEXT_WORDS; i++) {
        words[i] = atomic_load_explicit(&board->words[i], memory_order_acquire);
    }
    if (atomic_load_explicit(&board->turn, memory_order_relaxed) != turn) {
        return false;
    }
    memcpy(context, words, sizeof *context);
    return true;
}

void context_get(const struct context_board *board, struct context *context)
{
    while (!context_try(board, context)) {
    }
}
