// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Where each chunk belongs: does it follow on, was it heard already, is something missing, or is this another life of
 * the station? A life is known by the moment it began (a chunk's due time less its frames), which stays the same
 * across reconnections and is another one after the server restarted, whatever the frame counts say.
 */

const SAME_LIFE_MS = 250;

/** @typedef {'next'|'known'|'hole'|'restart'} Place */

export class Timeline {
  #next = null;
  #sequence = null;
  #born = null;
  #rejoined = false;
  /** Chunks that never came. */
  lost = 0;

  /** Call before each new connection: only then can a life end. */
  reconnect() {
    this.#rejoined = true;
  }

  /** @param {import('./chunk.js').Chunk} chunk @returns {Place} */
  place(chunk) {
    const born = chunk.timestamp / 1000 - (chunk.frame * 1000) / chunk.sampleRate;
    const another = this.#rejoined && this.#born !== null && Math.abs(born - this.#born) > SAME_LIFE_MS;
    const first = this.#born === null;
    this.#rejoined = false;
    this.#born = born;
    if (!another && this.#next !== null && chunk.frame < this.#next) return 'known';
    const hole = !first && !another && chunk.frame > this.#next;
    if (hole) this.lost += Math.max(1, (chunk.sequence - this.#sequence - 1) >>> 0);
    this.#sequence = chunk.sequence;
    this.#next = chunk.frame + chunk.frames;
    if (another) return 'restart';
    return hole ? 'hole' : 'next';
  }
}
