// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The dial's light: the level as a ring about the play button, and the sounding pitch classes as a figure in the circle
 * of fifths, where a chord is a shape of its own.
 */
import { fifth } from './names.js';
import { colour } from './roll.js';

const RESTYLE_MS = 150;
/** Radii of the figure and the level, as shares of the keys' own. */
const FIGURE = 0.77;
const LEVEL = 0.58;
/** From the keys to the canvas's edge: --radius and this are its half. */
const MARGIN_PIXELS = 24;
const FLOOR_DB = -48;

export class Dial {
  #canvas;
  #context;
  #score;
  #colours = {};
  #styled = -Infinity;
  #glow = new Float64Array(12);
  #still = matchMedia('(prefers-reduced-motion: reduce)');

  /** @param {HTMLCanvasElement} canvas @param {import('./score.js').Score} score */
  constructor(canvas, score) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#score = score;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
  }

  /** @param {number|null} frame heard now @param {number[]} peaks of both channels, 0..1 @param {number} now */
  draw(frame, peaks, now) {
    if (now - this.#styled > RESTYLE_MS) this.#restyle(now);
    const size = this.#canvas.clientWidth;
    const context = this.#context;
    context.clearRect(0, 0, size, size);
    context.save();
    context.translate(size / 2, size / 2);
    this.#drawFigure(frame, (size / 2 - MARGIN_PIXELS) * FIGURE);
    this.#drawLevel(peaks, (size / 2 - MARGIN_PIXELS) * LEVEL);
    context.restore();
  }

  #drawFigure(frame, radius) {
    this.#follow(frame);
    const places = [...this.#glow.keys()].filter((place) => this.#glow[place] > 0.02);
    const context = this.#context;
    const at = (place) => [radius * Math.sin((place * Math.PI) / 6), -radius * Math.cos((place * Math.PI) / 6)];
    context.fillStyle = context.strokeStyle = this.#colours.pad;
    context.lineWidth = 1.25;
    context.lineJoin = 'round';
    if (places.length > 1) {
      context.beginPath();
      for (const place of places) context.lineTo(...at(place));
      context.closePath();
      context.globalAlpha = 0.07;
      context.fill();
      context.globalAlpha = 0.45;
      context.stroke();
    }
    context.fillStyle = this.#colours.melody;
    for (const place of places) {
      for (const [size, alpha] of [[8, 0.16], [3, 0.9]]) {
        context.globalAlpha = alpha * this.#glow[place];
        context.beginPath();
        context.arc(...at(place), size, 0, 2 * Math.PI);
        context.fill();
      }
    }
  }

  /** Glows rise at once and fall slowly. */
  #follow(frame) {
    const sounding = new Set();
    for (const note of frame === null ? [] : this.#score.notes) {
      if (note.frame <= frame && note.end > frame) sounding.add(fifth(note.key % 12));
    }
    const fall = this.#still.matches ? 0 : 0.94;
    this.#glow.forEach((glow, place) => {
      this.#glow[place] = sounding.has(place) ? Math.min(1, glow + 0.15) : glow * fall;
    });
  }

  /** Left channel on the left half, right on the right, from the bottom up. */
  #drawLevel(peaks, radius) {
    const context = this.#context;
    context.lineWidth = 3;
    context.lineCap = 'round';
    const bottom = Math.PI / 2;
    const reach = Math.PI - 0.16;
    for (const [side, peak] of [[1, peaks[0]], [-1, peaks[1]]]) {
      const share = Math.max(0, 1 - (20 * Math.log10(Math.max(peak, 1e-6))) / FLOOR_DB);
      this.#arc(radius, bottom + side * 0.08, side * reach, 0.14, this.#colours.ink);
      if (share > 0) this.#arc(radius, bottom + side * 0.08, side * reach * Math.min(1, share), 1, this.#colours.accent);
    }
  }

  #arc(radius, from, sweep, alpha, style) {
    const context = this.#context;
    context.globalAlpha = alpha;
    context.strokeStyle = style;
    context.beginPath();
    context.arc(0, 0, radius, from, from + sweep, sweep < 0);
    context.stroke();
  }

  #restyle(now) {
    this.#styled = now;
    const style = getComputedStyle(this.#canvas);
    const hue = Number(style.getPropertyValue('--hue'));
    for (const name of ['pad', 'melody', 'accent', 'ink']) this.#colours[name] = colour(style, name, hue);
  }

  #resize() {
    const scale = Math.min(devicePixelRatio || 1, 2);
    this.#canvas.width = this.#canvas.height = Math.round(this.#canvas.clientWidth * scale);
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
  }
}
