# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a mode's table of its evidence, and writes it.

The kinds of evidence are drawn on in their order until the table has ENOUGH progressions; the last kind that is
needed gives only what is missing, thinned evenly. Chords too rare to say much become simpler ones, and progressions
of three too rare to say much keep only their last two chords.
"""
from collections import Counter

from chords import SIMPLER
from evidence import ANY, KINDS, START

# Progressions of three chords that make a good table without a further kind of evidence.
ENOUGH = 4000
# The least share of a chord in its table, and the most chords (HARMONY_CHORDS in src/compose/harmony_table.h).
SHARE = 0.002
VOCABULARY = 32
# Progressions that a table keeps whole, at most, the most frequent first.
PROGRESSIONS = 2200


def thin(counts, total, wanted):
    """Counts reduced from `total` to `wanted` in all; neighbours in the sorted order share what rounding leaves."""
    thinned, passed = Counter(), 0
    for three in sorted(counts):
        before = passed * wanted // total
        passed += counts[three]
        kept = passed * wanted // total - before
        if kept:
            thinned[three] = kept
    return thinned


def mix(evidence):
    """The counts of all kinds together, and how much each kind gave."""
    mixed, shares = Counter(), {}
    for kind in KINDS:
        counts = evidence[kind].counts
        total = sum(counts.values())
        wanted = min(total, max(ENOUGH - sum(shares.values()), 0)) if shares else total
        if total and wanted:
            mixed.update(thin(counts, total, wanted))
        shares[kind] = wanted
    return mixed, shares


def find_vocabulary(counts):
    """The chords that are frequent enough, the most frequent first."""
    totals = Counter()
    for (_, _, last), count in counts.items():
        totals[last] += count
    least = SHARE * sum(totals.values())
    ordered = sorted(totals, key=lambda name: (-totals[name], name))
    return [name for name in ordered if totals[name] >= least][:VOCABULARY]


def simplify(name, vocabulary):
    """The chord itself, else the nearest simpler one on its root that is in the vocabulary, else ANY."""
    while name not in vocabulary and name not in (START, ANY):
        root, quality = name.split(":")
        if quality not in SIMPLER:
            return ANY
        name = f"{root}:{SIMPLER[quality]}"
    return name


def reduce_chords(counts, vocabulary):
    """The counts over the vocabulary alone; what becomes a repetition thereby is one chord, not two."""
    reduced = Counter()
    for three in sorted(counts):
        before, last, following = (simplify(name, vocabulary) for name in three)
        if following in (ANY, last):
            continue
        if last == ANY or (before == last != START):
            before = ANY
        reduced[before, last, following] += counts[three]
    return reduced


def prune(counts):
    """Keeps PROGRESSIONS progressions whole and of the others the last two chords."""
    ordered = sorted(counts, key=lambda three: (-counts[three], three))
    pruned = Counter()
    for place, (before, last, following) in enumerate(ordered):
        whole = place < PROGRESSIONS or last == START
        pruned[before if whole else ANY, last, following] += counts[before, last, following]
    return pruned


def describe(mode, evidence, shares, sources):
    """The lines at the top that say what the table is and where it is from."""
    lines = [
        f"# Chord progressions of {mode.capitalize()}, learned by tools/learn_harmony; src/compose/harmony.c reads them.",
        "# Chords are INTERVAL:QUALITY above the tonic. A line BEFORE LAST NEXT COUNT says how often NEXT followed the",
        "# two chords before it; ^ is the beginning of a phrase and * a chord that is not told.",
        "#",
        "# Learned from the chord annotations of the collections below, none of which is in this file. Each kind of",
        "# evidence (tools/learn_harmony/evidence.py), how many progressions of it went into the table, and its songs:",
        "#",
    ]
    for kind in KINDS:
        found = evidence[kind]
        parts = [f"{name} {found.songs[name]} songs {found.passages[name]} passages" for name in sorted(found.songs)]
        lines.append(f"# {kind}: {shares[kind]} of {sum(found.counts.values())}" + "".join(f"; {p}" for p in parts))
    lines.append("#")
    return lines + [f"# {name}: {source}" for name, source in sorted(sources.items())]


def order(vocabulary):
    """A sort key that puts progressions in the order of the vocabulary."""
    places = {name: place for place, name in enumerate([START, ANY, *vocabulary])}
    return lambda three: [places[name] for name in three]


def make_table(mode, evidence, sources):
    """The text of a mode's table."""
    mixed, shares = mix(evidence)
    counts = prune(reduce_chords(mixed, find_vocabulary(mixed)))
    vocabulary = find_vocabulary(counts)
    lines = describe(mode, evidence, shares, sources) + ["", f"mode {mode}", ""]
    lines += [f"chord {name}" for name in vocabulary] + [""]
    lines += [f"{' '.join(three)} {counts[three]}" for three in sorted(counts, key=order(vocabulary))]
    return "\n".join(lines) + "\n"
