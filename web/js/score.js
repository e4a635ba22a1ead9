// SPDX-License-Identifier: GPL-3.0-or-later
/** What is being played, by frame: notes, chords and states, kept from a while ago to as far ahead as the server told. */

/** @typedef {{frame: number, end: number, key: number, velocity: number, part: string}} Note */
/** @typedef {{frame: number, symbol: string, numeral: string, key: string, mode: string}} Chord */

const NOTES_MAX = 2000;
const CHORDS_MAX = 64;

export class Score {
  /** In the order they came, which is nearly the order of their frames. @type {Note[]} */
  notes = [];
  /** @type {Chord[]} */
  #chords = [];

  /** @param {object[]} events of a score message */
  add(events) {
    for (const event of events) this.#add(event);
    if (this.notes.length > NOTES_MAX) this.notes.splice(0, this.notes.length - NOTES_MAX);
    if (this.#chords.length > CHORDS_MAX) this.#chords.splice(0, this.#chords.length - CHORDS_MAX);
  }

  /** A state also says which chord holds; what a score message said of that frame is finer. @param {object} state */
  addState(state) {
    const { frame, chord, numeral, key, tonic, mode } = state;
    if (typeof frame !== 'number' || !chord) return;
    if (this.#chords.some((known) => known.frame === frame)) return;
    this.#addChord({ frame, symbol: chord, numeral, key, tonic, mode });
  }

  clear() {
    this.notes = [];
    this.#chords = [];
  }

  /** @returns {Chord|undefined} what holds at `frame`; before anything holds, the first that is known */
  chordAt(frame) {
    return this.#chords.findLast((chord) => chord.frame <= frame) ?? this.#chords[0];
  }

  #add(event) {
    if (event.kind === 'note') this.notes.push({ ...event });
    else if (event.kind === 'cut') this.#cut(event);
    else if (event.kind === 'chord') this.#addChord(event);
  }

  #cut({ part, frame }) {
    for (const note of this.notes) {
      if (note.part === part && note.frame < frame && note.end > frame) note.end = frame;
    }
  }

  #addChord(chord) {
    const after = this.#chords.findIndex((known) => known.frame > chord.frame);
    this.#chords.splice(after < 0 ? this.#chords.length : after, 0, chord);
  }
}
