// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The listener's hand and the server's word on the same controls.
 *
 * The server's state is the truth, but it is late: while a slider moves, the states that come back tell of where it
 * was. So a field that was just set ignores every state but the one that confirms it, for a second; after that the
 * newest state counts again, whatever was wished.
 */

const PATIENCE_MS = 1000;

export class Intent {
  #pending = new Map();
  #truth = {};
  #now;

  /** @param {() => number} now milliseconds, exchangeable for tests */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** The listener set `field`. */
  wish(field, value) {
    this.#pending.set(field, { value, until: this.#now() + PATIENCE_MS });
  }

  /** @param {object} state from the server */
  hear(state) {
    this.#truth = state;
  }

  /** Gives up every wish. @returns {string[]} the fields that had one */
  forget() {
    const fields = [...this.#pending.keys()];
    this.#pending.clear();
    return fields;
  }

  /** What the control should show. */
  shown(field) {
    const pending = this.#pending.get(field);
    if (!pending) return this.#truth[field];
    if (same(pending.value, this.#truth[field]) || this.#now() > pending.until) {
      this.#pending.delete(field);
      return this.#truth[field];
    }
    return pending.value;
  }
}

/** The server may have rounded. */
function same(a, b) {
  return typeof a === 'number' ? Math.abs(a - b) < 1e-3 : a === b;
}
