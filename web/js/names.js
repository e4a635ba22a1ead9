// SPDX-License-Identifier: GPL-3.0-or-later
/** Names of keys, modes and chords as people read them, and their places. */

const LETTERS = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** Shown until the server says what there is. */
export const KEYS = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'];
export const MODES = ['ionian', 'dorian', 'phrygian', 'lydian', 'mixolydian', 'aeolian', 'locrian'];

/** From the darkest to the brightest, each a fifth from the next. */
const BRIGHTNESS = ['locrian', 'phrygian', 'aeolian', 'dorian', 'mixolydian', 'ionian', 'lydian'];

/** @param {string} key such as Eb @returns {number} 0..11 */
export function pitchClass(key) {
  const shift = key[1] === 'b' ? -1 : key[1] === '#' ? 1 : 0;
  return (LETTERS[key[0]] + shift + 12) % 12;
}

/** The place of a pitch class in the circle of fifths, C at 0, clockwise. */
export function fifth(pitch) {
  return (pitch * 7) % 12;
}

/** Modes from dark to bright; those that nobody knows last. */
export function byBrightness(modes) {
  const rank = (mode) => (BRIGHTNESS.includes(mode) ? BRIGHTNESS.indexOf(mode) : BRIGHTNESS.length);
  return [...modes].sort((a, b) => rank(a) - rank(b));
}

/** Eb to E♭, F# to F♯. */
export function pretty(name) {
  return name.replace(/([A-Ga-gIVivx\d(]|^)b(?=$|[^a-z])/g, '$1♭').replaceAll('#', '♯');
}

/** For a screen reader. */
export function spoken(name) {
  return name.replace(/^([A-G])b/, '$1 flat ').replace(/^([A-G])#/, '$1 sharp ').trim();
}

export function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Splits Dm9 into its root and the rest. @returns {[string, string]} */
export function splitChord(symbol) {
  const match = /^([A-G][b#]?)(.*)$/.exec(symbol);
  return match ? [pretty(match[1]), pretty(match[2])] : [symbol, ''];
}

/** The page's hue for a key: once round the colours in the order of fifths. */
export function hueOf(key) {
  return 230 + fifth(pitchClass(key)) * 30;
}
