// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Music enough for tests: a chord in every two bars, a melody of chord notes, sines with soft edges. It answers to key,
 * mode, tempo and intensity, and every sample follows from the notes that it announces.
 */

export const KEYS = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'Gb', 'G', 'Ab', 'A', 'Bb', 'B'];
const STEPS = {
  ionian: [0, 2, 4, 5, 7, 9, 11],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  phrygian: [0, 1, 3, 5, 7, 8, 10],
  lydian: [0, 2, 4, 6, 7, 9, 11],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  aeolian: [0, 2, 3, 5, 7, 8, 10],
  locrian: [0, 1, 3, 5, 6, 8, 10],
};
export const MODES = Object.keys(STEPS);
const DEGREES = [0, 3, 1, 5, 4, 2];
const NUMERALS = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII'];
const FADE_S = 0.03;
const LOUDNESS = { pad: 0.05, melody: 0.12, bass: 0.1, sparkle: 0.04 };

export class FakeMusic {
  frame = 0;
  state = { preset: 'focus', key: 'D', mode: 'dorian', bpm: 60, intensity: 0.4, chord: '', numeral: '' };
  #rate;
  #sounding = [];
  #nextBeat = 0;
  #beat = 0;
  #seed = 1;
  #events = [];

  constructor(rate) {
    this.#rate = rate;
  }

  /** A change of key or mode starts a new chord at once. */
  set(changes) {
    const turn = ('key' in changes && changes.key !== this.state.key) || ('mode' in changes && changes.mode !== this.state.mode);
    Object.assign(this.state, changes);
    if (!turn) return;
    for (const note of this.#sounding) note.end = Math.min(note.end, this.frame);
    for (const part of Object.keys(LOUDNESS)) this.#events.push({ kind: 'cut', part, frame: this.frame });
    this.#beat = 0;
    this.#nextBeat = this.frame;
  }

  /** @returns {{samples: Float32Array, events: object[]}} the next `frames` frames, interleaved */
  render(frames) {
    const samples = new Float32Array(frames * 2);
    const end = this.frame + frames;
    while (this.#nextBeat < end) this.#playBeat();
    for (const note of this.#sounding) this.#renderNote(note, samples, frames);
    this.#sounding = this.#sounding.filter((note) => note.end + FADE_S * this.#rate > end);
    this.frame = end;
    return { samples, events: this.#events.splice(0) };
  }

  #playBeat() {
    const at = Math.round(this.#nextBeat);
    const beat = (60 / this.state.bpm) * this.#rate;
    const degree = DEGREES[Math.floor(this.#beat / 8) % DEGREES.length];
    const chord = [0, 2, 4, 6].map((third) => this.#pitch(degree + third));
    if (this.#beat % 8 === 0) this.#playChord(at, degree, chord, beat * 8);
    if (this.#random() < 0.5 + 0.4 * this.state.intensity) {
      const key = chord[Math.floor(this.#random() * 4)] + 12 + (this.#random() < 0.3 ? 12 : 0);
      this.#note(at, key, beat * (0.8 + this.#random()), 'melody', 50 + 50 * this.#random());
    }
    if (this.#random() < this.state.intensity * 0.6) {
      this.#note(at + Math.round(beat / 2), chord[Math.floor(this.#random() * 4)] + 24, beat / 2, 'sparkle', 40);
    }
    this.#beat++;
    this.#nextBeat += beat;
  }

  #playChord(at, degree, chord, length) {
    const { key, mode } = this.state;
    const minor = (chord[1] - chord[0] + 12) % 12 === 3;
    const symbol = KEYS[chord[0] % 12] + (minor ? 'm7' : 'maj7');
    const numeral = (minor ? NUMERALS[degree].toLowerCase() : NUMERALS[degree]) + '7';
    Object.assign(this.state, { chord: symbol, numeral });
    this.#events.push({ kind: 'chord', frame: at, symbol, numeral, key, mode });
    for (const pitch of chord) this.#note(at, pitch, length, 'pad', 55);
    this.#note(at, chord[0] - 24, length, 'bass', 60);
  }

  #pitch(degree) {
    const steps = STEPS[this.state.mode];
    const tonic = 48 + KEYS.indexOf(this.state.key);
    return tonic + steps[degree % 7] + 12 * Math.floor(degree / 7);
  }

  #note(frame, key, length, part, velocity) {
    const note = { frame, end: frame + Math.round(length), key, velocity: Math.round(velocity), part };
    this.#sounding.push(note);
    this.#events.push({ kind: 'note', ...note });
  }

  #renderNote(note, samples, frames) {
    const step = (2 * Math.PI * 440 * 2 ** ((note.key - 69) / 12)) / this.#rate;
    const fade = FADE_S * this.#rate;
    const height = (LOUDNESS[note.part] * note.velocity) / 80;
    const first = Math.max(0, note.frame - this.frame);
    for (let i = first; i < frames; i++) {
      const age = this.frame + i - note.frame;
      const gain = height * Math.min(1, age / fade) * Math.max(0, Math.min(1, (note.end - age - note.frame) / fade + 1));
      if (gain <= 0) continue;
      const value = gain * Math.sin(step * age);
      samples[2 * i] += value * (note.part === 'sparkle' ? 0.5 : 1);
      samples[2 * i + 1] += value * (note.part === 'melody' ? 0.7 : 1);
    }
  }

  #random() {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}
