// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Where each chunk belongs: does it follow on, was it heard already, is something missing, or is this another life of
 * the station? A life is known by the moment it began (a chunk's due time less its frames), which stays the same
 * across reconnections and is another one after the server restarted, whatever the frame counts say. But a restarted
 * server may go on with the very chunk that was needed next, later than it would have come: that one follows on.
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

  /** Call where another station begins: nothing of it was heard. */
  leave() {
    this.#next = this.#sequence = this.#born = null;
  }

  /** The sequence needed next; null before the first chunk. */
  get nextSequence() {
    return this.#sequence === null ? null : (this.#sequence + 1) >>> 0;
  }

  /** @param {import('./chunk.js').Chunk} chunk @returns {Place} */
  place(chunk) {
    const born = chunk.timestamp / 1000 - (chunk.frame * 1000) / chunk.sampleRate;
    const follows = chunk.frame === this.#next && chunk.sequence === this.nextSequence;
    const another = !follows && this.#rejoined && this.#born !== null && Math.abs(born - this.#born) > SAME_LIFE_MS;
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
