// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What the listener chose, kept in the browser: the volume for the whole page, the music for each station by its name.
 * Storage that is missing, full or holds nonsense costs nothing but memory.
 */

const PAGE_KEY = 'tutti.page';
const stationKey = (name) => `tutti.station.${name}`;

/**
 * @typedef {object} Settings
 * @property {number} volume       0..1
 * @property {string} [preset]
 * @property {string} [key]
 * @property {string} [mode]
 * @property {number} [bpm]
 * @property {number} [intensity]
 */

/** What may be kept, and which values are believed when read back. */
const PAGE_FIELDS = {
  volume: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};
const MUSIC_FIELDS = {
  preset: (value) => typeof value === 'string' && value.length < 64,
  key: (value) => typeof value === 'string' && /^[A-G](b|#)?$/.test(value),
  mode: (value) => typeof value === 'string' && value.length < 32,
  bpm: (value) => typeof value === 'number' && value >= 1 && value <= 999,
  intensity: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

export const VOLUME_DEFAULT = 0.8;

export class Store {
  #storage;
  #page;
  #music = {};
  /** @type {string|null} */
  #station = null;

  /** @param {Pick<Storage, 'getItem'|'setItem'>|null} storage */
  constructor(storage) {
    this.#storage = storage;
    this.#page = { volume: VOLUME_DEFAULT, ...this.#read(PAGE_KEY, PAGE_FIELDS) };
  }

  /** Those of the page and of the station entered. @returns {Readonly<Settings>} */
  get settings() {
    return { ...this.#page, ...this.#music };
  }

  /** From now on the music is that of `station`, with what was set before it was known. @param {string} station */
  enter(station) {
    if (station === this.#station) return;
    const touched = this.#station === null ? this.#music : {};
    this.#station = station;
    this.#music = { ...this.#read(stationKey(station), MUSIC_FIELDS), ...touched };
  }

  /** Keeps `changes`; a field that is undefined is forgotten. @param {Partial<Settings>} changes */
  set(changes) {
    this.#page = { ...this.#page, ...believed(changes, PAGE_FIELDS) };
    this.#music = believed({ ...this.#music, ...changes }, MUSIC_FIELDS);
    this.#write(PAGE_KEY, this.#page);
    if (this.#station !== null) this.#write(stationKey(this.#station), this.#music);
  }

  /** What was kept for a station that need not be the one entered. @param {string} station @returns {Partial<Settings>} */
  of(station) {
    return this.#read(stationKey(station), MUSIC_FIELDS);
  }

  /** Forgets what was kept for a station not entered now, but for `music`. @param {string} station @param {Partial<Settings>} music */
  begin(station, music) {
    this.#write(stationKey(station), believed(music, MUSIC_FIELDS));
  }

  #read(key, fields) {
    try {
      return believed(JSON.parse(this.#storage?.getItem(key) ?? '{}'), fields);
    } catch {
      return {};
    }
  }

  #write(key, value) {
    try {
      this.#storage?.setItem(key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage: the settings last as long as the page.
    }
  }
}

function believed(object, fields) {
  if (typeof object !== 'object' || object === null) return {};
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => Object.hasOwn(fields, name) && fields[name](value)));
}
