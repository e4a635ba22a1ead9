# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays pieces as people do: a tempo that wanders, phrases that slow down, notes a little off, other instruments."""
import math
from dataclasses import dataclass

import numpy as np

import drumming
import groove
import invented
import nottingham
import pop909

SECONDS = 50.0
STEPS = 4  # of the tempo, a beat
KINDS, SHARES = ["pop", "band", "drums", "kit", "tune", "invented"], [0.24, 0.2, 0.12, 0.2, 0.06, 0.18]
KITS = [0, 0, 0, 8, 8, 16, 16, 16, 24, 25, 32, 40]
CHORDS = [0, 1, 4, 5, 16, 24, 25, 26, 27, 28, 29, 30, 48, 50, 89]
LEADS = [0, 11, 22, 26, 29, 30, 40, 52, 53, 54, 56, 61, 65, 66, 71, 73, 80, 81]
STEADY, SLIGHT, FREE, RUBATO = range(4)
TEMPO_SHARES = {"pop": [0.45, 0.2, 0.2, 0.15], "band": [0.6, 0.3, 0.1, 0], "drums": [0.8, 0.2, 0, 0], "kit": [0.7, 0.3, 0, 0],
                "tune": [0.15, 0.2, 0.3, 0.35], "invented": [0.15, 0.2, 0.3, 0.35]}
JITTERS = {"pop": [0, 0, 0.005, 0.012, 0.02], "band": [0, 0.005, 0.01], "drums": [0], "kit": [0, 0.004, 0.01],
           "tune": [0.003, 0.008, 0.012, 0.018, 0.025], "invented": [0.003, 0.008, 0.012, 0.018, 0.025]}


@dataclass
class Performance:
    notes: list        # as midi.write takes them
    seconds: object    # of the beats
    numbers: object    # of the beats in their bars, 0 is the downbeat
    is_barred: bool


class Library:
    def __init__(self, folder, without):
        self.songs = pop909.paths(f"{folder}/pop909", without)
        self.takes = groove.takes(f"{folder}/groove", without)
        self.tunes = nottingham.read(f"{folder}/nottingham")


def tempo_curve(beats, tempo, manner, random, bar):
    """The seconds of each quarter of a beat."""
    count = beats * STEPS
    bend = np.zeros(count)
    if manner:
        width = {SLIGHT: 0.012, FREE: 0.04, RUBATO: 0.09}[manner] * random.uniform(0.5, 1.5)
        keep, value = math.exp(-1 / (random.uniform(1, 6) * STEPS)), 0.0
        for i in range(count):
            value = keep * value + math.sqrt(1 - keep * keep) * random.gauss(0, width)
            bend[i] = value
    if manner == RUBATO or manner == FREE and random.random() < 0.5:
        phrase = bar * random.choice([4, 4, 8, 2])
        depth = random.uniform(0.05, 0.4) * (1 if manner == RUBATO else 0.5)
        depths = np.array([depth * random.uniform(0.3, 1.3) for _ in range(beats // phrase + 1)])
        at = np.arange(count) / STEPS
        place, depths = at % phrase / phrase, depths[(at // phrase).astype(int)]
        bend += depths * (0.15 * np.sin(np.pi * place) - np.maximum(0, (place - 0.8) / 0.2) ** 1.5)
    if manner == FREE and random.random() < 0.5:
        bend += np.linspace(0, random.uniform(-0.3, 0.3), count)
    return np.concatenate([[0], np.cumsum(60 / tempo / STEPS * np.exp(-bend))])


def bass_line(piece, first, random):
    """A bass guitar on the lowest notes of the piano."""
    low = {}
    for name, track in zip(piece.names, piece.tracks):
        for pitch, _, begin, _ in track if name == "PIANO" else []:
            low[round(begin * 2) / 2] = min(low.get(round(begin * 2) / 2, 127), pitch)
    every = random.choice([1, 0.5, 2, 1])
    places, notes = np.array(sorted(low)), []
    for beat in np.arange(first, first + 150, every):
        at = np.searchsorted(places, beat + 0.01) - 1
        if at >= 0:
            pitch = low[places[at]] % 12 + 28
            notes.append((pitch + 12 * (pitch < 33 and random.random() < 0.3), 90, beat, beat + 0.9 * every))
    return notes


def arrange_song(kind, library, random):
    """Notes (channel, program, pitch, velocity, first and last beat), the piece, tempo and first beat."""
    piece = None
    while not piece:
        piece = pop909.read(random.choice(library.songs))
    tempo = piece.tempo * random.uniform(0.88, 1.14)
    last = max(note[3] for track in piece.tracks for note in track)
    first = piece.beats * random.randint(0, max(0, int(last / piece.beats) - 16))
    manner, notes = random.random(), []
    for channel, (name, track) in enumerate(zip(piece.names, piece.tracks)):
        if kind == "pop" and manner < 0.2 and name != "PIANO":
            continue
        is_other = kind == "band" and random.random() < 0.8 or kind == "pop" and manner > 0.65
        program = random.choice(CHORDS if name == "PIANO" else LEADS) if is_other else 0
        notes += [(channel, program) + note for note in track]
    if kind == "band":
        loud, is_take = random.uniform(0.6, 1.2), piece.beats == 3 or random.random() < 0.6
        drums = groove.beside(piece, library.takes, random) if is_take else drumming.beside(piece, random)
        notes += [(9, 0, pitch, max(1, min(127, int(velocity * loud))), begin, end)
                  for pitch, velocity, begin, end in drums]
        if random.random() < 0.7:
            program = random.choice(drumming.BASSES)
            notes += [(8, program) + note for note in bass_line(piece, first, random)]
    return notes, piece, tempo, first


def arrange_drums(library, random):
    fit = [take for take in library.takes
           if float(take["duration"]) > 14 and take["time_signature"] in ("4-4", "3-4", "6-8")]
    take = random.choice(fit)
    unit = 1.5 if take["time_signature"] == "6-8" else 1.0
    beats = 2 if unit == 1.5 else int(take["time_signature"][0])
    notes = [(9, 0, pitch, velocity, begin / unit, end / unit) for pitch, velocity, begin, end in groove.read(take)]
    end = max(note[4] for note in notes)
    first = beats * random.randint(0, max(0, int(end / beats) - 12))
    if random.random() < 0.25:
        program, root, every = random.choice(drumming.BASSES), random.randint(28, 40), random.choice([0.5, 1, 1, 2])
        line = [random.choice([0, 0, 0, 3, 5, 7, 10, 12]) for _ in range(8)]
        notes += [(8, program, root + line[int(beat // beats) % 8], random.randint(70, 100), beat, beat + every * 0.9)
                  for beat in np.arange(first, min(end, first + 140), every) if random.random() < 0.85]
    piece = invented.Piece(tracks=[], beats=beats, is_barred=take["beat_type"] == "beat")
    return notes, piece, float(take["bpm"]) / unit * random.uniform(0.93, 1.07), first


def arrange_other(kind, library, random):
    piece = invented.make(random) if kind == "invented" else None
    while not piece:
        piece = nottingham.play(random.choice(library.tunes), random)
    if kind == "tune":
        tempo = random.uniform(70, 135) if piece.division == 2 else random.uniform(65, 125)
        tempo *= 1.15 if piece.beats == 3 else 1
    else:
        tempo = min(180, max(42, math.exp(random.gauss(math.log(82), 0.32))))
        begins = {round(note[2], 3) for track in piece.tracks for note in track}
        density = len(begins) / max(begins)  # few notes at a slow beat are not heard as that beat
        tempo = min(tempo, random.uniform(60, 110)) if density > 3.3 else tempo
        tempo = max(tempo, random.uniform(66, 130)) if density < 1.6 else tempo
    is_piano = kind == "invented" and random.random() < 0.85
    program = 0 if is_piano else random.choice([0, 0, 0, 1, 6, 24, 25, 73, 21, 46])
    other = program if random.random() < 0.7 else random.choice([0, 24, 46, 48])
    shift = random.randint(-4, 4)
    notes = [(channel, other if channel else program, pitch + shift, velocity, begin, end)
             for channel, track in enumerate(piece.tracks) for pitch, velocity, begin, end in track]
    length = math.ceil(max(note[5] for note in notes) / piece.beats) * piece.beats
    if length * 60 / tempo < SECONDS:
        notes += [note[:4] + (note[4] + length, note[5] + length) for note in notes]
    return notes, piece, tempo, -piece.beats if min(note[4] for note in notes) < 0 else 0


def perform(library, random):
    kind = random.choices(KINDS, SHARES)[0]
    if kind in ("pop", "band"):
        notes, piece, tempo, first = arrange_song(kind, library, random)
    elif kind == "kit":
        notes, piece, tempo = drumming.make(random)
        first = piece.beats * random.randint(0, 2)
    else:
        notes, piece, tempo, first = (arrange_drums(library, random) if kind == "drums"
                                      else arrange_other(kind, library, random))
    manner = random.choices([STEADY, SLIGHT, FREE, RUBATO], TEMPO_SHARES[kind])[0]
    jitter, loudness = random.choice(JITTERS[kind]), random.choice([0, 5, 10])
    count = int((SECONDS + 5) * tempo / 60) + 8
    kit = random.choice(KITS)
    curve = tempo_curve(count, tempo, manner, random, piece.beats) + random.uniform(0.05, 0.6)
    places = np.arange(len(curve)) / STEPS + first
    played = []
    for channel, program, pitch, velocity, begin, end in notes:
        if first - 0.05 <= begin < first + count - 1 and 0 <= pitch < 128:
            at = max(0.0, np.interp(begin, places, curve) + (random.gauss(0, jitter) if channel != 9 else 0))
            velocity = int(max(1, min(127, velocity + random.gauss(0, loudness))))
            played.append((at, max(at + 0.03, np.interp(end, places, curve)), channel,
                           kit if channel == 9 else program, pitch, velocity))
    played = [note for note in played if note[0] < SECONDS]
    if len(played) < 20:
        return perform(library, random)
    numbers = np.arange(first, first + count)
    seconds = np.interp(numbers, places, curve)
    heard = seconds <= max(note[0] for note in played) + 0.3
    return Performance(played, seconds[heard], numbers[heard] % piece.beats, piece.is_barred)
