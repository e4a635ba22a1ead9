// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * How long to wait before each new attempt: at once, then 0.1, 0.2, 0.4 … 1 s for ten seconds, 2 s for the rest of a
 * minute, so that a server is heard again as soon as it is back; after that twice as long each time, up to 60 s. Each
 * ±20%, so that a thousand listeners do not return at once.
 */

const AT_ONCE_MS = 50;
const FIRST_MS = 100;
const SPREAD = 0.2;
/** The longest wait while less than `within` was waited in all. */
const STAGES = [
  { within: 10000, longest: 1000 },
  { within: 60000, longest: 2000 },
  { within: Infinity, longest: 60000 },
];

export class Backoff {
  #last = 0;
  #waited = 0;
  #first = true;
  #random;

  /** @param {() => number} random  0..1, exchangeable for tests */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** @returns {number} milliseconds to wait */
  next() {
    if (this.#first) {
      this.#first = false;
      return AT_ONCE_MS * this.#random();
    }
    const { longest } = STAGES.find(({ within }) => this.#waited < within);
    this.#last = Math.min(Math.max(2 * this.#last, FIRST_MS), longest);
    this.#waited += this.#last;
    return this.#last * (1 - SPREAD + 2 * SPREAD * this.#random());
  }

  /** After a connection that worked. */
  reset() {
    this.#first = true;
    this.#last = this.#waited = 0;
  }

  /** The server is there and wants to be left alone: 2 s and growing, until reset(). */
  slow() {
    this.#first = false;
    this.#last = Math.max(this.#last, STAGES[0].longest);
    this.#waited = Math.max(this.#waited, STAGES[1].within);
  }
}
