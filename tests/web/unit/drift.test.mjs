// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { CORRECTION_MAX, Drift } = await importPage('drift.js');

/**
 * Runs a buffer whose source is `ppm` fast for `seconds`; noise is in milliseconds.
 * @returns {{level: number, corrections: number[]}}
 */
function simulate({ ppm = 0, level, target, seconds, noise = 0, drift = new Drift() }) {
  const corrections = [];
  let seed = 7;
  for (let i = 0; i < seconds; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const correction = drift.update(level + noise * (seed / 2 ** 31 - 1), target, 0, 1);
    corrections.push(correction);
    level += (ppm * 1e-6 - correction) * 1000;
  }
  return { level, corrections };
}

test('clocks that agree are left alone, exactly', () => {
  const { corrections } = simulate({ level: 152, target: 150, seconds: 3600, noise: 4 });
  assert.ok(corrections.every((correction) => correction === 0));
});

test('a level too high glides down, then rests at exactly one to one', () => {
  const { level, corrections } = simulate({ level: 300, target: 150, seconds: 120, noise: 2 });
  assert.ok(Math.abs(level - 150) < 15, String(level));
  assert.equal(corrections.at(-1), 0);
  assert.ok(corrections.every((correction) => Math.abs(correction) <= CORRECTION_MAX));
});

test('a level too low glides up', () => {
  const { level } = simulate({ level: 150, target: 400, seconds: 150 });
  assert.ok(Math.abs(level - 400) < 15, String(level));
});

for (const ppm of [167, -167, 400]) {
  test(`a clock ${ppm} ppm off is followed`, () => {
    const { level, corrections } = simulate({ ppm, level: 150, target: 150, seconds: 3600, noise: 3 });
    assert.ok(Math.abs(level - 150) < 30, String(level));
    const last = corrections.slice(-600);
    const mean = last.reduce((sum, correction) => sum + correction, 0) / last.length;
    assert.ok(Math.abs(mean * 1e6 - ppm) < 25, String(mean * 1e6));
  });
}

test('nonsense is answered with nothing', () => {
  const drift = new Drift();
  assert.equal(drift.update(NaN, 150, 0, 1), 0);
  assert.equal(drift.update(150, 150, 0, 0), 0);
});
