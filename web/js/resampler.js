// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Reads sound at a speed that is nearly, or exactly, one to one.
 *
 * Windowed sinc, 32 taps, 512 phases with straight lines between them (error below -100 dB). The kernel passes
 * through the samples themselves: at a whole position the answer is the sample, bit for bit, and is copied without
 * arithmetic. No allocation after the table.
 */

export const TAPS = 32;
/** Frames that must stand before and after a position. */
export const TAPS_BEFORE = TAPS / 2 - 1;
export const TAPS_AFTER = TAPS / 2;
const PHASES = 512;
const KAISER_BETA = 9;

const table = makeTable();

/**
 * Fills out[0..count) from `input`, beginning at `position` (frames, may have a fraction), `step` frames a sample.
 * @param {Float32Array} input
 * @param {number} position  at least TAPS_BEFORE, and the last one read at most input's end - TAPS_AFTER
 * @param {number} step
 * @param {Float32Array} out
 * @param {number} count
 */
export function resample(input, position, step, out, count) {
  for (let i = 0; i < count; i++) {
    const at = position + i * step;
    const whole = Math.floor(at);
    const fraction = at - whole;
    out[i] = fraction === 0 ? input[whole] : between(input, whole, fraction);
  }
}

function between(input, whole, fraction) {
  const phase = fraction * PHASES;
  const row = Math.floor(phase);
  const blend = phase - row;
  const first = row * TAPS;
  const base = whole - TAPS_BEFORE;
  let sum = 0;
  for (let k = 0; k < TAPS; k++) {
    const tap = table[first + k];
    sum += input[base + k] * (tap + blend * (table[first + TAPS + k] - tap));
  }
  return sum;
}

function makeTable() {
  const rows = new Float64Array((PHASES + 1) * TAPS);
  for (let row = 0; row <= PHASES; row++) {
    let sum = 0;
    for (let k = 0; k < TAPS; k++) {
      const x = k - TAPS_BEFORE - row / PHASES;
      sum += rows[row * TAPS + k] = sinc(x) * kaiser(x / (TAPS / 2));
    }
    for (let k = 0; k < TAPS; k++) rows[row * TAPS + k] /= sum;
  }
  return rows;
}

function sinc(x) {
  if (x === 0) return 1;
  return Number.isInteger(x) ? 0 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x) {
  return Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA);
}

/** The modified Bessel function of order 0, by its series. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}
