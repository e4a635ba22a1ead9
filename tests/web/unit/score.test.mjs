// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Score } = await importPage('score.js');

const note = (frame, end, part) => ({ kind: 'note', frame, end, key: 60, velocity: 70, part });

test('a cut ends what sounds in its part, and nothing else', () => {
  const score = new Score();
  score.add([note(0, 100, 'pad'), note(60, 100, 'pad'), note(0, 100, 'bass'), { kind: 'cut', part: 'pad', frame: 50 }]);
  assert.deepEqual(score.notes.map(({ end }) => end), [50, 100, 100]);
});

test('the chord at a frame, whatever the order of arrival', () => {
  const score = new Score();
  const chord = (frame, symbol) => ({ kind: 'chord', frame, symbol });
  score.add([chord(200, 'G'), chord(100, 'C')]);
  score.addState({ frame: 150, chord: 'F' });
  score.addState({ frame: 150, chord: 'late' });
  assert.deepEqual([0, 100, 160, 999].map((frame) => score.chordAt(frame).symbol), ['C', 'C', 'F', 'G']);
});

test('an endless station does not fill the memory', () => {
  const score = new Score();
  for (let i = 0; i < 10000; i++) score.add([note(i, i + 1, 'melody'), { kind: 'chord', frame: i, symbol: 'C' }]);
  assert.ok(score.notes.length <= 2000);
  assert.equal(score.notes.at(-1).frame, 9999);
});
