#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of tools/learn_harmony on small pieces of each notation.

usage: learn_harmony.py SOURCE_ROOT
"""
import os
import sys
import tempfile
import unittest
from collections import Counter

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(sys.argv.pop(1), "tools", "learn_harmony"))

import billboard
import nottingham
import pop909
import when_in_rome
from chords import Passage, chord, read_harte
from evidence import ANY, START, count_runs, count_touching, gather, hear, tokens
from modes import find_mode, relative_tonic, rest_on
from tables import make_table, mix, prune, reduce_chords, thin


def in_c(*names, starts=True):
    """A passage on C of Harte labels, a bar each."""
    return Passage("song", 0, starts, [(read_harte(name), 4.0) for name in names])


def labels(passage):
    """Root and quality of each event."""
    return [(event[0].root, event[0].quality) if event[0] else None for event in passage.events]


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as out:
            out.write(text)

    def test_billboard(self):
        self.write("1.txt", "# title: x\n# metre: 6/8\n# tonic: D\n\n0.0\tsilence\n"
                            "0.1\tA, verse, | D:maj | G:maj . A:7 D:maj/3 |, (voice\n3.0\t| N |\n"
                            "# tonic: E\n5.0\t| (2/4) E:min | B:min |, x2\n9.0\tB, chorus, | G:5 |\n10\tend\n")
        passages, songs = billboard.read(self.folder.name)
        self.assertEqual(songs, 1)
        self.assertEqual([(p.tonic, p.starts) for p in passages], [(2, True), (4, True), (4, True)])
        self.assertEqual(labels(passages[0]), [(2, "maj"), (7, "maj"), (7, "maj"), (9, "7"), (2, "maj"), None])
        self.assertEqual([duration for _, duration in passages[0].events], [3, 0.75, 0.75, 0.75, 0.75, 3])
        self.assertEqual([duration for _, duration in passages[1].events], [2, 3, 2, 3])

    def test_pop909(self):
        self.write("001.key_audio.txt", "0.0\t6.0\tGb:maj\n6.0\t9.0\tA:min\n")
        self.write("001.chord_midi.txt", "0.0 1.0 F#:maj\n1.0 2.0 N\n2.0 5.5 B:maj/5\n5.5 9.0 A:min\n")
        passages, songs = pop909.read(self.folder.name)
        self.assertEqual(songs, 1)
        self.assertEqual([(p.tonic, p.starts, labels(p)) for p in passages],
                         [(6, False, [(6, "maj")]), (6, True, [(11, "maj")]), (9, False, [(9, "min")])])

    def test_nottingham(self):
        self.write("a.abc", 'X: 1\nT:A "tune"\nL:1/4\nK:Am\n|:"Am"A2 B/2|"G7/f"c "(E7)"d:|\n"F#m6"f3||"x"z\n')
        passages, tunes = nottingham.read(self.folder.name)
        self.assertEqual(tunes, 1)
        self.assertEqual([labels(p) for p in passages], [[(9, "min"), (7, "7"), None], [(6, "min6")], [None]])
        self.assertEqual([float(d) for _, d in passages[0].events], [2.5, 1, 1])

    def test_when_in_rome(self):
        self.write("a.rntxt", "Composer: x\n\nm1 a: i b3 VII65/III b4 VII\nm2 viio6 b2 viio7 C: ii65 b3 V7 b4 IV7\n")
        passages, pieces = when_in_rome.read(self.folder.name)
        self.assertEqual(pieces, 1)
        self.assertEqual(labels(passages[0]), [(9, "min"), None, (7, "maj"), (8, "dim"), (8, "dim7")])
        self.assertEqual(labels(passages[1]), [(2, "min7"), (7, "7"), (5, "maj7")])
        self.assertEqual([d for _, d in passages[0].events], [2, 1, 1, 1, 0])

    def test_when_in_rome_in_other_metres(self):
        self.write("a.rntxt", "Time Signature: 6/8\n\nm1 C: I b1.5 V b2 I\nm2 IV\nTime Signature: 2/2\nm3 V b2 I\n")
        passages, _ = when_in_rome.read(self.folder.name)
        self.assertEqual([d for _, d in passages[0].events], [0.75, 0.75, 1.5, 3, 2, 2])


class Learning(unittest.TestCase):
    def test_harte(self):
        for label, root, quality in (("C", 0, "maj"), ("Cb:min/b3", 11, "min"), ("F#:sus4(b7,9)", 6, "7sus4"),
                                     ("G:maj(9)", 7, "add9"), ("A:min11", 9, "min9"), ("F:maj/9", 7, "7sus4")):
            self.assertEqual(read_harte(label)[:2], (root, quality))
        for label in ("N", "X", "C:5", "C:1", "C:maj(*3)", "H:maj", ""):
            self.assertIsNone(read_harte(label))
        self.assertIn(10, read_harte("C:7/b7").notes)
        self.assertIn(3, read_harte("C:7(#9)").notes)

    def test_mode_is_told_from_its_neighbours(self):
        self.assertEqual(find_mode(in_c("C", "F", "G")), "ionian")
        self.assertEqual(find_mode(in_c("C", "Bb", "F")), "mixolydian")
        self.assertEqual(find_mode(in_c("C:min", "F", "Bb")), "dorian")
        self.assertEqual(find_mode(in_c("C:min", "Ab", "Bb", "G:min")), "aeolian")
        self.assertEqual(find_mode(in_c("C:min", "Db", "Bb:min")), "phrygian")
        self.assertEqual(find_mode(in_c("C", "D", "B:min")), "lydian")
        self.assertEqual(find_mode(in_c("C:hdim7", "Db", "Gb")), "locrian")
        # Neither sixth is there, too little is, or much is borrowed: in doubt.
        self.assertIsNone(find_mode(in_c("C:min", "Bb", "G:min")))
        self.assertIsNone(find_mode(in_c("C", "G")))
        self.assertIsNone(find_mode(in_c("C", "F", "G", "E", "Ab")))
        self.assertIsNone(find_mode(in_c("N", "N")))

    def test_relative_tonic_and_rest(self):
        self.assertEqual(relative_tonic("ionian", 0, "lydian"), 5)
        self.assertEqual(relative_tonic("aeolian", 9, "locrian"), 11)
        self.assertEqual(rest_on(in_c("F", "C", "C", "G", "F"), 5), 2)
        self.assertEqual(rest_on(in_c("N"), 5), 0)

    def test_borrowed_chords_break_runs(self):
        names = tokens(in_c("C", "C", "F", "Ab", "N", "G", "C"), 0, "ionian")
        self.assertEqual(names, ["0:maj", "5:maj", ANY, "7:maj", "0:maj"])
        self.assertEqual(count_runs(names, True), Counter({
            (START, START, "0:maj"): 1, (START, "0:maj", "5:maj"): 1, (ANY, ANY, "7:maj"): 1,
            (ANY, "7:maj", "0:maj"): 1}))

    def test_back_off_touches_the_tonic(self):
        counts = count_touching(["0:min", "1:maj", "3:maj", "5:min", ANY, "0:min"])
        self.assertEqual(counts, Counter({
            ("0:min", "1:maj", "3:maj"): 1, (START, START, "0:min"): 1, (START, "0:min", "1:maj"): 1}))

    def test_kinds_of_evidence(self):
        heards = hear("x", [in_c("C", "F", "G", "C"), in_c("F", "G", "C", "F", starts=False)])
        found = gather(heards, "lydian")
        self.assertEqual(sum(found["direct"].counts.values()), 0)
        self.assertEqual(found["re-rooted"].counts["0:maj", "2:maj", "7:maj"], 1)
        self.assertEqual(found["back-off"].counts["7:maj", "0:maj", "2:maj"], 1)
        self.assertEqual(gather(heards, "ionian")["direct"].counts["0:maj", "5:maj", "7:maj"], 1)

    def test_one_song_says_a_thing_four_times_at_most(self):
        heards = hear("x", [in_c("C", "F", "G", "C")] * 9)
        self.assertEqual(gather(heards, "ionian")["direct"].counts["0:maj", "5:maj", "7:maj"], 4)

    def test_thinning_keeps_the_sum_and_the_proportions(self):
        counts = Counter({("a", "b", str(i)): 10 + i for i in range(50)})
        thinned = thin(counts, sum(counts.values()), 100)
        self.assertEqual(sum(thinned.values()), 100)
        self.assertTrue(all(thinned[three] <= 1 + counts[three] * 100 / 1725 for three in counts))

    def test_kinds_are_drawn_on_until_there_is_enough(self):
        heards = hear("x", [in_c("C", "F", "G", "C")])
        self.assertEqual(mix(gather(heards, "ionian"))[1], {"direct": 4, "re-rooted": 0, "back-off": 0})

    def test_rare_chords_become_simpler(self):
        counts = Counter({("0:maj", "7:9", "9:min"): 2, ("0:maj", "0:maj7", "9:min"): 1, ("9:min", "0:maj9", "3:aug"): 1,
                          ("9:min", "0:maj", "0:add9"): 1, ("3:aug", "9:min", "0:maj"): 1})
        self.assertEqual(reduce_chords(counts, ["0:maj", "7:7", "9:min"]), Counter({
            ("0:maj", "7:7", "9:min"): 2, (ANY, "0:maj", "9:min"): 1, (ANY, "9:min", "0:maj"): 1}))

    def test_pruning_keeps_every_count(self):
        counts = Counter({("0:maj", str(i), "1"): 1 for i in range(3000)})
        counts[START, START, "1"] = 1
        pruned = prune(counts)
        self.assertEqual(sum(pruned.values()), 3001)
        self.assertEqual(pruned[START, START, "1"], 1)
        self.assertEqual(sum(before == ANY for before, _, _ in pruned), 800)

    def test_table_has_its_form(self):
        table = make_table("ionian", gather(hear("x", [in_c("C", "F", "G", "C")]), "ionian"), {"x": "1 songs, X"})
        lines = [line for line in table.split("\n") if line and not line.startswith("#")]
        self.assertEqual(lines, ["mode ionian", "chord 0:maj", "chord 5:maj", "chord 7:maj", "^ ^ 0:maj 1",
                                 "^ 0:maj 5:maj 1", "0:maj 5:maj 7:maj 1", "5:maj 7:maj 0:maj 1"])

    def test_chord_is_transposed(self):
        self.assertEqual(chord(14, "min").notes, {2, 5, 9})


unittest.main()
