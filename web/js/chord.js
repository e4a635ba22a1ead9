// SPDX-License-Identifier: GPL-3.0-or-later
/** The chord that is heard, large, with its numeral, key and mode; the page takes the key's hue. */
import { capital, hueOf, pretty, splitChord } from './names.js';

export class ChordDisplay {
  #shown = '';
  #hue = null;
  #onChange;

  /** @param {(title: string, tonality: string) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** @param {import('./score.js').Chord|undefined} chord heard now */
  show(chord) {
    if (!chord) return;
    const identity = [chord.symbol, chord.numeral, chord.key, chord.mode].join();
    if (identity === this.#shown) return;
    this.#shown = identity;
    const [root, rest] = splitChord(chord.symbol);
    const tonality = `${pretty(chord.tonic ?? chord.key)} ${capital(chord.mode)}`;
    this.#write('chord', root, rest);
    this.#write('numeral', pretty(chord.numeral ?? ''), '');
    document.getElementById('tonality').textContent = tonality;
    this.#tint(chord.key);
    this.#onChange(root + rest, tonality);
  }

  #write(id, text, raised) {
    const element = document.getElementById(id);
    element.textContent = text;
    if (raised) {
      const sup = document.createElement('sup');
      sup.textContent = raised;
      element.append(sup);
    }
    element.classList.remove('changed');
    void element.offsetWidth;
    element.classList.add('changed');
  }

  /** Goes to the new hue the short way round. */
  #tint(key) {
    const hue = hueOf(key);
    const turns = this.#hue === null ? 0 : Math.round((this.#hue - hue) / 360);
    this.#hue = hue + 360 * turns;
    document.documentElement.style.setProperty('--hue', String(this.#hue));
  }
}
