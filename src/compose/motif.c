// SPDX-License-Identifier: GPL-3.0-or-later
// Variation is of one thing at a time, the way a player varies: the place in the register (the tune transposed), the
// direction of the line (the tune turned over), the notes of its second half, or the length. Some returns are exact.
// The thresholds at which slots sound are spread evenly over them
// in random order, so that no motif is empty when the music is calm and none is full.
#include "compose/motif.h"

#include "compose/part.h"

#include <math.h>

static const double RETURN_CHANCE = 0.6;
static const double PI = 3.14159265358979323846;

static struct motif_slot draw_slot(struct random *random)
{
    struct motif_slot slot = {.divides = random_unit(random)};
    for (int half = 0; half < 2; half++) {
        slot.sounds[half] = random_unit(random);
        slot.colour[half] = random_unit(random);
        slot.offset[half] = (int8_t)((int)random_below(random, 5) - 2);
    }
    return slot;
}

static void spread(struct motif *motif, int from, struct random *random)
{
    const int count = motif->count - from;
    for (int i = 0; i < count; i++) {
        const int other = (int)random_below(random, (uint32_t)i + 1);
        motif->slots[from + i].sounds[0] = motif->slots[from + other].sounds[0];
        motif->slots[from + other].sounds[0] = (i + random_unit(random)) / count;
    }
}

static struct motif invent(const struct preset *preset, struct random *random)
{
    struct motif motif = {.count = (uint8_t)choices_draw(&preset->gesture_slots, random)};
    motif.contour = (enum contour)random_below(random, CONTOUR_COUNT);
    motif.centre = 0.3 + 0.4 * random_unit(random);
    motif.span = 5.0 + 7.0 * random_unit(random);
    for (int i = 0; i < MOTIF_SLOTS; i++) {
        motif.slots[i] = draw_slot(random);
    }
    spread(&motif, 0, random);
    return motif;
}

static void vary_place(struct motif *motif, struct random *random)
{
    motif->centre = fmin(fmax(motif->centre + 0.4 * random_unit(random) - 0.2, 0.2), 0.8);
}

static void vary_direction(struct motif *motif, struct random *random)
{
    (void)random;
    motif->span = -motif->span;
    for (int i = 0; i < MOTIF_SLOTS; i++) {
        for (int half = 0; half < 2; half++) {
            motif->slots[i].step[half] = (int8_t)-motif->slots[i].step[half];
            motif->slots[i].offset[half] = (int8_t)-motif->slots[i].offset[half];
        }
    }
}

static void vary_notes(struct motif *motif, struct random *random)
{
    for (int i = motif->count / 2; i < motif->count; i++) {
        motif->slots[i] = draw_slot(random);
    }
    spread(motif, motif->count / 2, random);
}

static void vary_length(struct motif *motif, struct random *random)
{
    const int count = random_below(random, 2) ? motif->count + 2 : motif->count - 2;
    motif->count = (uint8_t)(count < 4 ? 4 : count > MOTIF_SLOTS ? MOTIF_SLOTS : count);
}

struct motif motif_take(struct motif_memory *memory, const struct preset *preset, struct random *random)
{
    static void (*const variations[])(struct motif *, struct random *) = {NULL, vary_place, vary_direction, vary_notes,
                                                                          vary_length};
    const unsigned known = memory->stated < MOTIF_MEMORY ? memory->stated : MOTIF_MEMORY;
    if (known > 0 && random_unit(random) < RETURN_CHANCE) {
        struct motif motif = memory->motifs[random_below(random, known)];
        const uint32_t way = random_below(random, sizeof variations / sizeof variations[0]);
        if (variations[way]) {
            variations[way](&motif, random);
            motif.origin = MOTIF_VARIED;
        }
        return motif;
    }
    const unsigned oldest = memory->stated++ % MOTIF_MEMORY;
    memory->motifs[oldest] = invent(preset, random);
    memory->motifs[oldest].origin = (int)oldest;
    return memory->motifs[oldest];
}

static void slot_learn(struct motif_slot *slot, int half, int step)
{
    if (!slot->known[half]) {
        slot->known[half] = true;
        slot->step[half] = (int8_t)step;
    }
}

void motif_learn(struct motif_memory *memory, struct motif *motif, int slot, int half, int step)
{
    slot_learn(&motif->slots[slot], half, step);
    if (motif->origin != MOTIF_VARIED) {
        slot_learn(&memory->motifs[motif->origin].slots[slot], half, step);
    }
}

double motif_contour_at(const struct motif *motif, double progress)
{
    const double shape[CONTOUR_COUNT] = {[CONTOUR_ARCH] = 2.0 * sin(PI * progress) - 1.0,
                                         [CONTOUR_VALLEY] = 1.0 - 2.0 * sin(PI * progress),
                                         [CONTOUR_RISE] = 2.0 * progress - 1.0,
                                         [CONTOUR_FALL] = 1.0 - 2.0 * progress,
                                         [CONTOUR_WAVE] = sin(2.0 * PI * progress)};
    return 0.5 * motif->span * shape[motif->contour];
}
