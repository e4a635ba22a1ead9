// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { TAPS_AFTER, TAPS_BEFORE, resample } = await importPage('resampler.js');

const RATE = 48000;
const FRAMES = 9600;

const sine = (hertz, frames = FRAMES + 200) => Float32Array.from({ length: frames }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / RATE));

/** Error of a resampled sine against the true one, in dB below it. */
function errorDb(hertz, step) {
  const out = new Float32Array(FRAMES - 100);
  const start = TAPS_BEFORE + 0.37;
  resample(sine(hertz), start, step, out, out.length);
  let error = 0;
  out.forEach((value, i) => (error += (value - 0.5 * Math.sin((2 * Math.PI * hertz * (start + i * step)) / RATE)) ** 2));
  return 10 * Math.log10(error / out.length / 0.125);
}

test('one to one at a whole position is a copy, bit for bit', () => {
  const input = Float32Array.from({ length: 500 }, () => Math.random() * 2 - 1);
  const out = new Float32Array(400);
  resample(input, TAPS_BEFORE, 1, out, 400);
  assert.deepEqual(out, input.slice(TAPS_BEFORE, TAPS_BEFORE + 400));
});

for (const [hertz, limit] of [[100, -95], [1000, -95], [5000, -90], [10000, -85], [15000, -75]]) {
  test(`${hertz} Hz at +0.4% errs below ${limit} dB`, () => assert.ok(errorDb(hertz, 1.004) < limit, String(errorDb(hertz, 1.004))));
  test(`${hertz} Hz at -0.01% errs below ${limit} dB`, () => assert.ok(errorDb(hertz, 0.9999) < limit, String(errorDb(hertz, 0.9999))));
}

test('blocks join without a seam', () => {
  const input = sine(440);
  const whole = new Float32Array(2048);
  resample(input, TAPS_BEFORE, 1.003, whole, 2048);
  const parts = new Float32Array(2048);
  for (let at = 0; at < 2048; at += 128) {
    resample(input, TAPS_BEFORE + at * 1.003, 1.003, parts.subarray(at, at + 128), 128);
  }
  whole.forEach((value, i) => assert.ok(Math.abs(value - parts[i]) < 1e-6));
});

test('reads no further than it says', () => {
  const input = new Float32Array(TAPS_BEFORE + 1 + TAPS_AFTER).fill(1);
  const out = new Float32Array(1);
  resample(input, TAPS_BEFORE + 0.5, 1, out, 1);
  assert.ok(Math.abs(out[0] - 1) < 1e-6, String(out[0]));
});
