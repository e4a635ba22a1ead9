# SPDX-License-Identifier: GPL-3.0-or-later
"""Excerpts of drumming and of songs, played by several SoundFonts and spoilt as recordings are, with their onsets.

Drums are takes of the Groove MIDI Dataset, songs those of POP909, played by other instruments than written.
"""
import glob
import os
import subprocess

import numpy as np
import scipy.io.wavfile
import scipy.signal

import midi

RATE = 48000
SECONDS = 24.0
KITS = (0, 0, 0, 8, 8, 16, 24, 25, 32, 32, 40, 48)
# Of General MIDI, those that speak within some 30 ms: what begins later nobody can hear in time.
QUICK = (0, 0, 0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 24, 24, 25, 25, 26, 27, 28, 29, 32, 33, 33, 34, 35, 36, 38, 45, 46,
         104, 105, 106, 107, 108)
SLOW = (16, 18, 19, 21, 22, 30, 40, 41, 42, 43, 48, 52, 53, 56, 57, 58, 60, 61, 64, 65, 66, 68, 70, 71, 72, 73, 74, 75, 79, 80, 81)


def sources(folder, heard):
    """Paths of drum takes and of songs; none that stands in \\p heard, which is kept for tests."""
    tested = {os.path.basename(p).split(".")[0] for p in glob.glob(f"{heard}/pop909/*")}
    takes = sorted(p for p in glob.glob(f"{folder}/groove/**/*.mid", recursive=True))
    taken = {os.path.relpath(p, f"{heard}/groove") for p in glob.glob(f"{heard}/groove/**/*.mid", recursive=True)}
    takes = [p for p in takes if os.path.relpath(p, f"{folder}/groove") not in taken]
    songs = [p for p in sorted(glob.glob(f"{folder}/pop909/*.mid")) if os.path.basename(p)[:3] not in tested]
    return takes, songs


def excerpt(notes, random):
    end = notes[-1].start
    start = random.uniform(0.0, max(0.0, end - SECONDS))
    lead = random.uniform(0.05, 0.5)
    return [n._replace(start=n.start - start + lead, end=min(n.end - start + lead, SECONDS + 1.0))
            for n in notes if start <= n.start < start + SECONDS - 1.0]


def drum_part(takes, random):
    while True:
        notes = midi.read(takes[random.integers(len(takes))])
        if len(notes) > 30:
            break
    notes = excerpt(notes, random)
    gain = random.uniform(0.7, 1.3)
    thin = random.random() < 0.3
    notes = [n._replace(channel=9, velocity=int(np.clip(n.velocity * gain, 1, 127))) for n in notes]
    if thin:
        notes = [n for n in notes if n.pitch in (35, 36, 38, 40, 37)] or notes
    return notes, [(0.0, bytes([0xc9, KITS[random.integers(len(KITS))]]))]


def song_part(songs, random):
    notes = excerpt(midi.read(songs[random.integers(len(songs))]), random)
    tracks = sorted({n.track for n in notes})
    kept = [t for t in tracks if random.random() < 0.6] or tracks
    controls, slow = [], set()
    shift = int(random.integers(-7, 8))
    for channel, track in enumerate(kept):
        program = SLOW[random.integers(len(SLOW))] if random.random() < 0.3 else QUICK[random.integers(len(QUICK))]
        if program in SLOW:
            slow.add(channel)
        controls.append((0.0, bytes([0xc0 | channel, program])))
        if random.random() < 0.3:
            controls.append((0.0, bytes([0xb0 | channel, 1, int(random.integers(30, 127))])))
        wheel = 8192 + int(random.uniform(-0.2, 0.2) * 8192)
        controls.append((0.0, bytes([0xe0 | channel, wheel & 127, wheel >> 7])))
    drop = -24 if random.random() < 0.2 else 0
    notes = [n._replace(channel=kept.index(n.track), pitch=int(np.clip(n.pitch + shift + drop, 24, 108)))
             for n in notes if n.track in kept]
    return notes, controls, slow


def spoil(sound, random):
    """Another room, another microphone, noise and another level."""
    if random.random() < 0.3:
        length = random.uniform(0.15, 1.2)
        tail = random.standard_normal(int(RATE * length)) * np.exp(-6.9 * np.arange(int(RATE * length)) / RATE / length)
        tail = scipy.signal.lfilter(*scipy.signal.butter(1, random.uniform(2000, 9000) / (RATE / 2)), tail)
        tail *= random.uniform(0.05, 0.5) / np.sqrt(np.sum(tail ** 2))
        tail[0] = 1.0
        sound = scipy.signal.fftconvolve(sound, tail)[:len(sound)]
    for _ in range(random.integers(0, 4)):
        sound = shelve(sound, random)
    if random.random() < 0.2:
        sound = np.tanh(sound / (np.abs(sound).max() + 1e-9) * random.uniform(1.0, 6.0))
    if random.random() < 0.1:
        sound = scipy.signal.lfilter(*scipy.signal.butter(4, random.uniform(3500, 12000) / (RATE / 2)), sound)
    sound = sound / (np.abs(sound).max() + 1e-9)
    if random.random() < 0.5:
        power = np.sqrt(np.mean(sound ** 2))
        noise = random.standard_normal(len(sound))
        if random.random() < 0.5:
            noise = scipy.signal.lfilter([1.0], [1.0, -random.uniform(0.5, 0.98)], noise)
        noise *= power / np.sqrt(np.mean(noise ** 2))
        sound = sound + noise * 10 ** (-random.uniform(12, 60) / 20)
    sound = sound * 10 ** (-random.uniform(0, 40 if random.random() < 0.4 else 15) / 20) / max(1.0, np.abs(sound).max())
    return np.round(sound * 32767) / 32768


def shelve(sound, random):
    """A bell of up to 12 dB (R. Bristow-Johnson's cookbook of biquads)."""
    w = 2 * np.pi * 60 * 200 ** random.random() / RATE
    a = 10 ** (random.uniform(-12, 12) / 40)
    alpha = np.sin(w) / (2 * random.uniform(0.4, 1.5))
    return scipy.signal.lfilter([1 + alpha * a, -2 * np.cos(w), 1 - alpha * a],
                                [1 + alpha / a, -2 * np.cos(w), 1 - alpha / a], sound)


def render(tutti, folder, name, notes, controls, random, fonts):
    song, wave = f"{folder}/{name}.mid", f"{folder}/{name}.wav"
    midi.write(song, notes, controls)
    command = [tutti, "render", song, "-o", wave, "--rate", str(RATE), "--soundfont",
               fonts[random.integers(len(fonts))]]
    subprocess.run(command + (["--dry"] if random.random() < 0.5 else []), check=True, capture_output=True)
    sound = scipy.io.wavfile.read(wave)[1].astype(np.float64)
    os.remove(song)
    os.remove(wave)
    return sound.mean(axis=1)[:int(RATE * SECONDS)] / 32768


def sing(random):
    """A voice-like tone with vibrato that glides from note to note, and its onsets; those within a phrase are left open."""
    count = int(RATE * SECONDS)
    cents, loud, onsets = np.zeros(count), np.zeros(count), []
    at, pitch = random.uniform(0.1, 0.6), random.uniform(45, 75)
    while at < SECONDS - 1.0:
        notes, fresh = random.integers(1, 6), True
        for _ in range(notes):
            length = random.uniform(0.15, 1.5)
            first, last = int(at * RATE), int(min(at + length, SECONDS) * RATE)
            pitch = float(np.clip(pitch + random.integers(-4, 5), 40, 84))
            cents[first:] = pitch * 100
            attack = random.uniform(0.005, 0.06)
            loud[first:last] = np.minimum(1, np.arange(last - first) / RATE / attack) if fresh else 1
            onsets.append((at, 100 if fresh else 1, 1, 1))
            at, fresh = at + length, False
        at += random.uniform(0.1, 0.8)
    time = np.arange(count) / RATE
    cents = scipy.signal.lfilter([1 - np.exp(-1 / (0.03 * RATE))], [1, -np.exp(-1 / (0.03 * RATE))], cents - 6000) + 6000
    cents += random.uniform(0, 90) * np.sin(2 * np.pi * (random.uniform(4, 7) * time + random.random()))
    loud = scipy.signal.lfilter([1 - np.exp(-1 / (0.004 * RATE))], [1, -np.exp(-1 / (0.004 * RATE))], loud)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((cents - 6900) / 1200)) / RATE
    sound, slope = np.zeros(count), random.uniform(0.6, 1.6)
    for n in range(1, 25):
        sound += np.sin(n * phase) / n ** slope * (1 + random.uniform(0, 3) * (random.random() < 0.3))
    sound *= loud * (1 + random.uniform(0, 0.3) * np.sin(2 * np.pi * random.uniform(3, 7) * time))
    sound += loud * random.uniform(0, 0.2) * scipy.signal.lfilter([1, -0.9], [1], random.standard_normal(count))
    return 0.1 * sound, onsets


def hiss(random):
    """Noise of some colour, in which nothing begins."""
    noise = random.standard_normal(int(RATE * SECONDS / 3))
    noise = scipy.signal.lfilter([1.0], [1.0, -random.uniform(-0.5, 0.99)], noise)
    for _ in range(random.integers(0, 3)):
        noise = shelve(noise, random)
    return 0.1 * noise, []


def compose(kind, takes, songs, random):
    """Notes, controls, and (start, velocity, pitched, slow) of each onset."""
    drums, controls = drum_part(takes, random) if kind != "song" else ([], [])
    tones, more, slow = song_part(songs, random) if kind != "drums" else ([], [], set())
    onsets = [(n.start, n.velocity, 0, 0) for n in drums] + [(n.start, n.velocity, 1, n.channel in slow) for n in tones]
    return drums + tones, controls + more, sorted(onsets)
