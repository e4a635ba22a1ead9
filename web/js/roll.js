// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The piano roll: what was heard flows to the left of the present, what is about to be heard waits, faint, to its right.
 *
 * Time is the frame that leaves the speaker, so a note lights up when it sounds. Colours come from the style sheet, the same
 * for a part in every key. Where less motion is preferred the paper stands still and the present moves over it.
 */

const PARTS = ['pad', 'bass', 'melody', 'sparkle'];
/** In lanes; a lane is a semitone. */
const THICKNESS = { pad: 1, bass: 1.25, melody: 1.1, sparkle: 0.7 };
const SECONDS_PER_PIXEL = 1 / 64;
const NOW_SHARE = 0.84;
/** Notes and the line of the present stand between these shares of the height, clear of the bar and the legend. */
const TOP = 0.16;
const BOTTOM = 0.86;
const BAR_PIXELS = 68;
const LEGEND_PIXELS = 58;
const LOW_KEY = 34;
const HIGH_KEY = 92;
const RESTYLE_MS = 150;
const STILL_MS = 200;
/** How long a struck note shines. */
const SHINE_S = 1.4;
const TAU = 2 * Math.PI;
const GLOW_PIXELS = 64;

export class Roll {
  #canvas;
  #context;
  #score;
  #colours = {};
  #glows = {};
  #styled = -Infinity;
  #drawn = -Infinity;
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #low = LOW_KEY;
  #high = HIGH_KEY;

  /** @param {HTMLCanvasElement} canvas @param {import('./score.js').Score} score */
  constructor(canvas, score) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#score = score;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
  }

  /**
   * @param {number|null} frame  heard now
   * @param {number} rate        frames a second
   * @param {number} now         milliseconds
   */
  draw(frame, rate, now) {
    if (this.#still.matches && now - this.#drawn < STILL_MS) return;
    this.#drawn = now;
    if (now - this.#styled > RESTYLE_MS) this.#restyle(now);
    const context = this.#context;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    context.clearRect(0, 0, width, height);
    if (frame === null) return;
    const view = this.#view(frame, rate, width, height);
    this.#fit(view);
    this.#drawPresent(view);
    context.globalCompositeOperation = this.#dark.matches ? 'lighter' : 'source-over';
    for (const part of PARTS) this.#drawPart(part, view);
    context.globalCompositeOperation = 'source-over';
    context.globalAlpha = 1;
  }

  #view(frame, rate, width, height) {
    const seconds = width * SECONDS_PER_PIXEL;
    const now = this.#still.matches ? (((frame / rate) % seconds) / seconds) * width : width * NOW_SHARE;
    const perFrame = 1 / rate / SECONDS_PER_PIXEL;
    const top = Math.max(BAR_PIXELS, height * TOP);
    const bottom = Math.max(top + 1, Math.min(height - LEGEND_PIXELS, height * BOTTOM));
    return { frame, rate, width, top, bottom, now, perFrame, x: (at) => now + (at - frame) * perFrame };
  }

  /** Lets the range of keys follow what is to be seen, gently. */
  #fit(view) {
    let low = LOW_KEY + 10;
    let high = HIGH_KEY - 12;
    const oldest = view.frame - view.width / view.perFrame;
    for (const note of this.#score.notes) {
      if (note.end < oldest) continue;
      low = Math.min(low, note.key - 3);
      high = Math.max(high, note.key + 4);
    }
    this.#low += (low - this.#low) * 0.04;
    this.#high += (high - this.#high) * 0.04;
    view.lane = (view.bottom - view.top) / (this.#high - this.#low);
    view.y = (key) => view.bottom - (key - this.#low) * view.lane;
  }

  #drawPresent({ now, top, bottom }) {
    const context = this.#context;
    const line = context.createLinearGradient(0, top, 0, bottom);
    line.addColorStop(0, 'transparent');
    line.addColorStop(0.5, this.#colours.accent);
    line.addColorStop(1, 'transparent');
    context.globalAlpha = 0.5;
    context.fillStyle = line;
    context.fillRect(now - 0.5, top, 1, bottom - top);
  }

  #drawPart(part, view) {
    const context = this.#context;
    context.fillStyle = this.#colours[part];
    for (const note of this.#score.notes) {
      if (note.part !== part) continue;
      const left = view.x(note.frame);
      const right = Math.max(view.x(note.end), left + 4);
      if (right < -40 || left > view.width + 40) continue;
      this.#drawNote(note, left, right, view);
    }
  }

  #drawNote(note, left, right, view) {
    const thick = Math.max(4, Math.min(14, view.lane * THICKNESS[note.part]));
    const y = view.y(note.key);
    const strength = 0.45 + (note.velocity / 127) * 0.55;
    const sounding = note.frame <= view.frame && note.end > view.frame;
    const present = Math.min(right, view.now);
    if (note.frame <= view.frame) {
      this.#glow(note.part, left, present, y, thick * 5, (sounding ? 0.5 : 0.26) * strength);
      this.#bar(left, present, y, thick, (sounding ? 0.95 : 0.6) * strength);
    }
    if (right > view.now) this.#bar(Math.max(left, view.now), right, y, thick, 0.13);
    if (sounding) this.#shine(note, present, y, thick, view);
  }

  /** A soft light about a bar: a round spot, its middle stretched. */
  #glow(part, left, right, y, size, alpha) {
    const context = this.#context;
    const half = GLOW_PIXELS / 2;
    const spot = this.#glows[part];
    const top = y - size / 2;
    context.globalAlpha = alpha;
    context.drawImage(spot, 0, 0, half, GLOW_PIXELS, left - size / 2, top, size / 2, size);
    context.drawImage(spot, half, 0, 1, GLOW_PIXELS, left, top, right - left, size);
    context.drawImage(spot, half, 0, half, GLOW_PIXELS, right, top, size / 2, size);
  }

  #bar(left, right, y, thick, alpha) {
    const context = this.#context;
    context.globalAlpha = alpha;
    context.beginPath();
    context.roundRect(left, y - thick / 2, Math.max(3, right - left), thick, thick / 2);
    context.fill();
  }

  /** The light where a note meets the present: bright when struck, then a steady glow. */
  #shine(note, x, y, thick, view) {
    const context = this.#context;
    const age = (view.frame - note.frame) / view.rate;
    const struck = Math.exp((-3 * age) / SHINE_S);
    const size = thick * (6 + 7 * struck);
    context.globalAlpha = 0.3 + 0.6 * struck;
    context.drawImage(this.#glows[note.part], x - size / 2, y - size / 2, size, size);
    context.globalAlpha = 0.5 + 0.5 * struck;
    context.beginPath();
    context.arc(x, y, thick * 0.7, 0, TAU);
    context.fill();
  }

  #restyle(now) {
    this.#styled = now;
    const style = getComputedStyle(document.querySelector('.legend'));
    const hue = Number(style.getPropertyValue('--hue'));
    for (const name of [...PARTS, 'accent']) {
      const fresh = colour(style, name, hue);
      if (fresh !== this.#colours[name]) this.#glows[name] = spotOf(fresh);
      this.#colours[name] = fresh;
    }
  }

  #resize() {
    const scale = Math.min(devicePixelRatio || 1, 2);
    this.#canvas.width = Math.round(this.#canvas.clientWidth * scale);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * scale);
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
  }
}

/** A round light that fades to nothing. */
function spotOf(fill) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = GLOW_PIXELS;
  const context = canvas.getContext('2d');
  const half = GLOW_PIXELS / 2;
  const light = context.createRadialGradient(half, half, 0, half, half, half);
  for (let i = 0; i <= 8; i++) light.addColorStop(i / 8, `rgb(0 0 0 / ${(1 - i / 8) ** 2.2})`);
  context.fillStyle = light;
  context.fillRect(0, 0, GLOW_PIXELS, GLOW_PIXELS);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = fill;
  context.fillRect(0, 0, GLOW_PIXELS, GLOW_PIXELS);
  return canvas;
}

/** A custom property's colour in words that a canvas understands. */
export function colour(style, name, hue) {
  return style.getPropertyValue(`--${name}`).replace(/var\(--hue\)/g, String(hue));
}
