// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { KEYS, MODES, byBrightness, fifth, pitchClass, pretty, splitChord, spoken } = await importPage('names.js');

test('the circle of fifths', () => {
  const round = [...KEYS].sort((a, b) => fifth(pitchClass(a)) - fifth(pitchClass(b)));
  assert.deepEqual(round, ['C', 'G', 'D', 'A', 'E', 'B', 'F#', 'Db', 'Ab', 'Eb', 'Bb', 'F']);
  assert.equal(pitchClass('Cb'), 11);
  assert.equal(pitchClass('B#'), 0);
});

test('modes from dark to bright, unknown ones last', () => {
  assert.deepEqual(byBrightness(['new', ...MODES]), ['locrian', 'phrygian', 'aeolian', 'dorian', 'mixolydian', 'ionian', 'lydian', 'new']);
});

test('chords and keys as people write them', () => {
  assert.deepEqual(splitChord('Bbm7b5'), ['B♭', 'm7♭5']);
  assert.deepEqual(splitChord('Dm9'), ['D', 'm9']);
  assert.deepEqual(splitChord('F#sus4/C#'), ['F♯', 'sus4/C♯']);
  assert.deepEqual(splitChord('?'), ['?', '']);
  assert.equal(pretty('bVII7'), '♭VII7');
  assert.equal(spoken('Eb'), 'E flat');
});
