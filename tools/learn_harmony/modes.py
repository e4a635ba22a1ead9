# SPDX-License-Identifier: GPL-3.0-or-later
"""The modes, and in which of them a passage is.

The annotations name a tonic and no mode, so the mode is heard from the notes: of all notes that the chords of a
passage hold, each for as long as it lasts, nearly all must lie in the mode, and the notes that tell it from its two
neighbours in brightness (Dorian's minor third from Mixolydian, its major sixth from Aeolian) must be there.
"""

# From the brightest to the darkest, each with one note lower than the one before it.
SCALES = {
    "lydian": (0, 2, 4, 6, 7, 9, 11), "ionian": (0, 2, 4, 5, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10), "aeolian": (0, 2, 3, 5, 7, 8, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
MODES = tuple(SCALES)

# The share of a passage's sounding notes that must lie in its mode.
FIT = 0.94
# The least share of a note that tells a mode from its neighbour; a passing touch is not enough.
PRESENT = 0.02
# A passage of fewer different chords has no progression to learn.
CHORDS = 3


def telling_notes(mode):
    """The notes that this mode has and its neighbours in brightness have not."""
    place, notes = MODES.index(mode), set()
    for neighbour in MODES[max(place - 1, 0):place] + MODES[place + 1:place + 2]:
        notes |= set(SCALES[mode]) - set(SCALES[neighbour])
    return notes


TELLING = {mode: telling_notes(mode) for mode in MODES}


def note_shares(passage):
    """How much of the passage's sound each pitch class above the tonic is; empty for silence."""
    weights = [0.0] * 12
    for chord, duration in passage.events:
        for note in chord.notes if chord else ():
            weights[(note - passage.tonic) % 12] += float(duration) / len(chord.notes)
    total = sum(weights)
    return [weight / total for weight in weights] if total > 0 else []


def rest_on(passage, tonic):
    """How much a passage rests on `tonic`, 0 to 3: whether its first chord stands there, its last, its longest."""
    lengths = [0.0] * 12
    for chord, duration in passage.events:
        if chord:
            lengths[chord.root] += float(duration)
    roots = [chord.root for chord, _ in passage.events if chord]
    return sum(root == tonic for root in (roots[0], roots[-1], lengths.index(max(lengths)))) if roots else 0


def find_mode(passage):
    """The mode of a passage on its tonic, or None where it is in no mode, in doubt, or has too few chords."""
    shares = note_shares(passage)
    if not shares or len({chord[:2] for chord, _ in passage.events if chord}) < CHORDS:
        return None
    mode = max(MODES, key=lambda name: sum(shares[note] for note in SCALES[name]))
    clear = sum(shares[note] for note in SCALES[mode]) >= FIT
    return mode if clear and all(shares[note] >= PRESENT for note in TELLING[mode]) else None


def relative_tonic(mode, tonic, other):
    """The tonic on which `other` has the notes that `mode` has on `tonic`."""
    scale = {(tonic + note) % 12 for note in SCALES[mode]}
    return next(t for t in range(12) if {(t + note) % 12 for note in SCALES[other]} == scale)
