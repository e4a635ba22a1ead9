// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What the audio thread tells the page: one block of numbers, the newest only.
 *
 * In shared memory it is guarded by a count that is odd while the numbers change, so the page never reads half of one
 * block and half of the next. Without shared memory the block is posted as it is, a few times a second.
 */

/** Index of each number. */
export const R = {
  contextFrame: 0,
  streamFrame: 1,
  step: 2,
  playing: 3,
  level: 4,
  levelNow: 5,
  underruns: 6,
  skips: 7,
  jumps: 8,
  correction: 9,
  point: 10,
  peakLeft: 11,
  peakRight: 12,
  silentFrames: 13,
  overflows: 14,
};
export const REPORT_FIELDS = 15;
const GUARD_BYTES = 8;
const TRIES = 8;

export function reportStorage() {
  return new SharedArrayBuffer(GUARD_BYTES + REPORT_FIELDS * Float64Array.BYTES_PER_ELEMENT);
}

/** The page's and the audio thread's view of a shared block. */
export class SharedReport {
  #guard;
  #numbers;

  /** @param {SharedArrayBuffer} storage */
  constructor(storage) {
    this.#guard = new Int32Array(storage, 0, 1);
    this.#numbers = new Float64Array(storage, GUARD_BYTES, REPORT_FIELDS);
  }

  /** @param {Float64Array} report */
  write(report) {
    Atomics.add(this.#guard, 0, 1);
    this.#numbers.set(report);
    Atomics.add(this.#guard, 0, 1);
  }

  /** Copies the block into `into`; leaves it as it was in the unlikely case that the writer never pauses. */
  read(into) {
    for (let i = 0; i < TRIES; i++) {
      const before = Atomics.load(this.#guard, 0);
      if (before % 2 !== 0) continue;
      const copy = this.#numbers.slice();
      if (Atomics.load(this.#guard, 0) === before) {
        into.set(copy);
        return;
      }
    }
  }
}
