// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What to ask the server for: a station, by which right, and from where to go on.
 *
 * A shared station goes on from the sequence that is needed next, so that a short break leaves no hole. A station of
 * one's own is known by its token. The station asked for need not be the one that is heard: it may be refused.
 */

/** The name under which the server makes a station for one listener alone. */
export const OWN = 'private';

export class Tuning {
  #station;
  #token;
  #preset;
  /** Of the station of one's own. */
  #own;
  /** What the server said to give on return, until the stream has gone on. */
  #return = null;
  /** The station that was heard last. */
  #heard = null;

  /**
   * @param {object} wish
   * @param {string} [wish.station] the server's first, if none
   * @param {string} [wish.token]   the right to steer
   * @param {string} [wish.preset]  of a new station of one's own
   * @param {string} [wish.resume]  token of the station of one's own
   */
  constructor({ station, token, preset, resume }) {
    this.#token = token;
    this.ask(station, { preset, resume });
  }

  get station() {
    return this.#station;
  }

  /** From now on asks for `station`. @param {string} [station] @param {{preset?: string, resume?: string}} own */
  ask(station, { preset, resume } = {}) {
    this.#station = station;
    this.#preset = preset ?? this.#preset;
    this.#own = resume ?? this.#own;
  }

  /** @param {string} [token] */
  authorize(token) {
    this.#token = token;
  }

  /** The server opened a station. @param {object} hello @returns {boolean} whether it is another than was heard */
  meet(hello) {
    const station = hello.station ?? this.#heard;
    const another = this.#heard !== null && station !== this.#heard;
    if (another) this.#return = null;
    this.#heard = station;
    if (station === OWN) this.#own = hello.resume ?? this.#own;
    return another;
  }

  /** @param {object} state of the station heard */
  hear(state) {
    if (this.#heard === OWN) this.#preset = state.preset;
  }

  /** @param {string} [resume] what the server says to give on return */
  leave(resume) {
    if (this.#heard === OWN) this.#own = resume ?? this.#own;
    else this.#return = resume ?? null;
  }

  /** A chunk came: what was to be given on return is out of date. */
  proceed() {
    this.#return = null;
  }

  /** Back to the shared station that was heard, where another was asked for and refused. @returns {boolean} */
  goBack() {
    if (this.#heard === null || this.#heard === OWN || this.#station === this.#heard) return false;
    this.#station = this.#heard;
    return true;
  }

  /** @param {number|null} next  the sequence needed next of what is heard @returns {Record<string, string>} */
  query(next) {
    const own = this.#station === OWN;
    const same = this.#heard !== null && (this.#station ?? this.#heard) === this.#heard;
    const onward = same ? (this.#return ?? next) : null;
    return known({ station: this.#station, token: this.#token, preset: own ? this.#preset : null, resume: own ? this.#own : onward });
  }
}

function known(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null).map(([name, value]) => [name, String(value)]));
}
