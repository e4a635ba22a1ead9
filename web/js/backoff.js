// SPDX-License-Identifier: GPL-3.0-or-later
/** How long to wait before each new attempt: 1, 2, 4 … 60 s, each ±20% so that a thousand listeners do not return at once. */

const FIRST_MS = 1000;
const LONGEST_MS = 60000;
const SPREAD = 0.2;

export class Backoff {
  #failures = 0;
  #random;

  /** @param {() => number} random  0..1, exchangeable for tests */
  constructor(random = Math.random) {
    this.#random = random;
  }

  get attempt() {
    return this.#failures;
  }

  /** @returns {number} milliseconds to wait */
  next() {
    const plain = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS);
    this.#failures++;
    return plain * (1 - SPREAD + 2 * SPREAD * this.#random());
  }

  /** After a connection that worked. */
  reset() {
    this.#failures = 0;
  }
}
