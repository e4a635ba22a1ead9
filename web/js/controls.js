// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The controls: built from what the server offers, sent as they are touched, and shown as the server says they are.
 *
 * A key or mode goes out at once; a slider at most 20 times a second, its last value always. What the listener chose is
 * kept, and offered, on the first connection of a visit, to a station on which nobody else listens. After that the
 * server's word holds: a connection that comes back brings it only what was touched while it was away. Where the
 * listener may not steer, nothing is sent, and nothing kept.
 */
import { announce } from './announce.js';
import { Intent } from './intent.js';
import { KEYS, MODES, byBrightness, capital, fifth, pitchClass, pretty, spoken } from './names.js';
import { LOCKED } from './steering.js';
import { throttle } from './throttle.js';

const SEND_MS = 50;
const RECHECK_MS = 1100;
const STEPS = { bpm: 2, intensity: 0.05 };
const FIELDS = ['key', 'mode', 'bpm', 'intensity'];

export class Controls {
  #send;
  #store;
  #intent = new Intent();
  #keys = KEYS;
  #modes = byBrightness(MODES);
  #presets = [];
  #greeted = false;
  #first = true;
  #online = false;
  #allowed = true;
  /** The station met last, and its token if it is the listener's own. */
  #station = null;
  /** What was touched while nobody could be told. */
  #owed = {};
  #recheck = 0;
  #sendField;

  /**
   * @param {(message: object) => void} send
   * @param {import('./store.js').Store} store
   */
  constructor(send, store) {
    this.#send = send;
    this.#store = store;
    const sender = (field) => throttle((value) => this.#send({ type: 'control', [field]: value }), SEND_MS);
    this.#sendField = { bpm: sender('bpm'), intensity: sender('intensity') };
    this.#build();
    this.#listen();
  }

  /** What this station offers. @param {object} hello */
  meet(hello) {
    this.#enter(hello);
    this.#allowed = hello.control !== false;
    this.#keys = hello.keys ?? this.#keys;
    this.#modes = byBrightness(hello.modes ?? this.#modes);
    this.#presets = hello.presets ?? [];
    for (const field of ['bpm', 'intensity']) {
      const slider = document.getElementById(field);
      if (hello[field]) Object.assign(slider, { min: hello[field].min, max: hello[field].max });
    }
    this.#build();
    this.#greeted = true;
    this.#show();
  }

  /** The server took none of it: everything shows what it plays. */
  forbid() {
    this.#allowed = false;
    this.#store.set(Object.fromEntries(this.#intent.forget().map((field) => [field, undefined])));
    this.#show();
  }

  /** How the station is now. @param {object} state */
  hear(state) {
    this.#intent.hear({ ...state, key: this.#offered(state.key) });
    if (this.#greeted) this.#catchUp(state);
    this.#greeted = false;
    this.#show();
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => this.#show(), RECHECK_MS);
  }

  /** @param {boolean} online whether what is sent arrives */
  setOnline(online) {
    this.#online = online;
  }

  /** Walks the circle of fifths. @param {1|-1} way */
  stepKey(way) {
    if (this.#refused()) return;
    const round = this.#keysInCircle();
    const at = round.indexOf(this.#shown('key'));
    this.#set('key', round[(at + way + round.length) % round.length]);
    announce(`Key ${spoken(this.#shown('key'))}`);
  }

  /** @param {1|-1} way brighter or darker */
  stepMode(way) {
    if (this.#refused()) return;
    const at = this.#modes.indexOf(this.#shown('mode')) + way;
    if (!this.#modes[at]) return;
    this.#set('mode', this.#modes[at]);
    announce(`Mode ${this.#modes[at]}`);
  }

  /** @param {'bpm'|'intensity'} field @param {1|-1} way */
  stepSlider(field, way) {
    if (this.#refused()) return;
    const slider = document.getElementById(field);
    slider.value = String(Number(slider.value) + way * STEPS[field]);
    this.#set(field, Number(slider.value));
    announce(`${slider.labels[0].textContent} ${slider.getAttribute('aria-valuetext')}`);
  }

  /** @param {number} index from 0 */
  choosePreset(index) {
    const preset = this.#presets[index];
    if (!preset || this.#refused()) return;
    this.#send({ type: 'preset', name: preset.name });
    const forget = Object.fromEntries(FIELDS.map((field) => [field, undefined]));
    this.#store.set({ ...forget, preset: preset.name });
    this.#intent.wish('preset', preset.name);
    if (!this.#online) this.#owed = { preset: preset.name };
    this.#show();
  }

  /** @param {1|-1} way */
  stepPreset(way) {
    const at = this.#presets.findIndex(({ name }) => name === this.#shown('preset'));
    this.choosePreset((at + way + this.#presets.length) % this.#presets.length);
  }

  #set(field, value) {
    if (this.#refused()) return;
    this.#intent.wish(field, value);
    this.#store.set({ [field]: value });
    if (!this.#online) this.#owed[field] = value;
    if (this.#sendField[field]) this.#sendField[field](value);
    else this.#send({ type: 'control', [field]: value });
    this.#show();
  }

  #refused() {
    if (!this.#allowed) announce(LOCKED);
    return !this.#allowed;
  }

  /** Another station, or a new one of the listener's own, is met like the first of a visit. */
  #enter({ station, resume }) {
    if (!station) return;
    const name = resume === undefined ? station : `${station} ${resume}`;
    if (this.#station !== null && name !== this.#station) {
      this.#first = true;
      this.#owed = {};
      this.#intent.forget();
    }
    this.#station = name;
    this.#store.enter(station);
  }

  /** What the control shows: what the server will be told, else what it says. */
  #shown(field) {
    return this.#owed[field] ?? this.#intent.shown(field);
  }

  /** Tells a station just joined what it should know; a whole visit's choices only where nobody else listens. */
  #catchUp(state) {
    const alone = !(state.listeners > 1);
    const wanted = this.#first && alone ? this.#store.settings : this.#owed;
    this.#owed = {};
    this.#online = true;
    if (!this.#allowed) return;
    this.#first = false;
    const known = this.#presets.some(({ name }) => name === wanted.preset);
    if (known && wanted.preset !== state.preset) this.#send({ type: 'preset', name: wanted.preset });
    const chosen = FIELDS.filter((field) => wanted[field] !== undefined).map((field) => [field, wanted[field]]);
    for (const [field, value] of chosen) this.#intent.wish(field, value);
    if (chosen.length > 0) this.#send({ type: 'control', ...Object.fromEntries(chosen) });
  }

  /** The server spells a key as its mode asks, F# or Gb: this is its name on the dial. */
  #offered(key) {
    return this.#keys.find((name) => key && pitchClass(name) === pitchClass(key)) ?? key;
  }

  #keysInCircle() {
    return [...this.#keys].sort((a, b) => fifth(pitchClass(a)) - fifth(pitchClass(b)));
  }

  #build() {
    const keys = this.#keysInCircle().map((key) => radio('key', key, pretty(key), spoken(key)));
    keys.forEach((label) => label.style.setProperty('--turn', `${30 * fifth(pitchClass(label.control.value))}deg`));
    refill(document.getElementById('keys'), keys);
    refill(document.getElementById('modes'), this.#modes.map((mode) => radio('mode', mode, capital(mode), capital(mode))));
    document.getElementById('presets').replaceChildren(...this.#presets.map(presetButton));
  }

  #listen() {
    const deck = document.getElementById('controls');
    deck.addEventListener('change', ({ target }) => {
      if (target.type === 'radio') this.#set(target.name, target.value);
    });
    deck.addEventListener('input', ({ target }) => {
      if (target.id in this.#sendField) this.#set(target.id, Number(target.value));
    });
    document.getElementById('presets').addEventListener('click', ({ target }) => {
      const button = target.closest('button');
      if (button) this.choosePreset([...button.parentNode.children].indexOf(button));
    });
  }

  #show() {
    for (const name of ['key', 'mode']) {
      for (const input of document.getElementsByName(name)) input.checked = input.value === this.#shown(name);
    }
    for (const button of document.getElementById('presets').children) {
      button.setAttribute('aria-pressed', String(button.dataset.name === this.#shown('preset')));
    }
    const { bpm, intensity } = { bpm: this.#shown('bpm'), intensity: this.#shown('intensity') };
    if (bpm !== undefined) showSlider('bpm', bpm, `${Math.round(bpm)} bpm`);
    if (intensity !== undefined) showSlider('intensity', intensity, `${Math.round(intensity * 100)}%`);
  }
}

/** Sets a slider, its fill and its words. */
export function showSlider(id, value, text) {
  const slider = document.getElementById(id);
  slider.value = String(value);
  const share = (slider.value - slider.min) / (slider.max - slider.min);
  slider.style.setProperty('--fill', `${share * 100}%`);
  slider.setAttribute('aria-valuetext', text);
  document.getElementById(`${id}-value`).textContent = text;
}

function radio(name, value, text, spokenText) {
  const label = document.createElement('label');
  const input = document.createElement('input');
  Object.assign(input, { type: 'radio', name, value });
  input.setAttribute('aria-label', spokenText);
  label.append(input, text);
  return label;
}

/** Replaces a fieldset's labels, unless they are the same already: focus stays where it is. */
function refill(fieldset, labels) {
  const old = [...fieldset.querySelectorAll('input')].map((input) => input.value).join();
  if (old === labels.map((label) => label.control.value).join()) return;
  fieldset.querySelectorAll('label').forEach((label) => label.remove());
  fieldset.append(...labels);
}

function presetButton({ name, title, description }) {
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.name = name;
  const heading = document.createElement('b');
  const text = document.createElement('span');
  heading.textContent = title ?? capital(name);
  text.textContent = description ?? '';
  button.append(heading, text);
  return button;
}
