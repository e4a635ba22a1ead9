// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A quantity over the last two minutes: a card with the newest readings and their lines, which move left over a grid.
 *
 * A value stands at the time when it was taken, so that the axis stays true where a hidden page samples less often. What
 * is not known leaves a gap.
 */

const SPAN_MS = 120000;
const TIMES = [{ ago: 120000, text: '2 min' }, { ago: 60000, text: '1 min' }, { ago: 0, text: 'now' }];
const DASHES = [[], [], [2, 4]];
/** Room for the labels about the grid, beside that for the widest number. */
const TOP = 8;
const BOTTOM = 24;
const RIGHT = 6;
const GAP = 8;
const FONT_PIXELS = 12;
const LINES = 3;
/** Of a first line among others, which swings with every chunk: the calmer ones must be seen over it. */
const FAINT = 0.45;

export class Plot {
  #canvas;
  #context;
  #values;
  #unit;
  #least;
  #samples = [];

  /**
   * @param {HTMLElement} card  with a canvas, and a dd for each line; the lines' colours are --line-0, --line-1 …
   * @param {string} unit
   * @param {number} least      the smallest range that the grid spans, so that small changes stay small
   */
  constructor(card, unit, least) {
    this.#canvas = card.querySelector('canvas');
    this.#context = this.#canvas.getContext('2d');
    this.#values = [...card.querySelectorAll('dd')];
    this.#unit = unit;
    this.#least = least;
  }

  /** @param {(number|null)[]} values one for each line; null where it is not known */
  add(values) {
    const at = performance.now();
    this.#samples.push({ at, values });
    while (this.#samples[0].at < at - SPAN_MS) this.#samples.shift();
    this.#values.forEach((element, i) => {
      element.textContent = values[i] === null ? '–' : `${number(values[i])} ${this.#unit}`;
    });
    this.#draw(at);
  }

  #draw(at) {
    const context = this.#context;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    context.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(this.#canvas);
    context.font = `${FONT_PIXELS}px ${style.fontFamily}`;
    const { low, high, step } = this.#range();
    const left = GAP + Math.max(...[low, high].map((value) => context.measureText(number(value)).width));
    const bottom = height - BOTTOM;
    const view = {
      left,
      right: width - RIGHT,
      bottom,
      x: (time) => width - RIGHT - ((at - time) / SPAN_MS) * (width - RIGHT - left),
      y: (value) => bottom - ((value - low) / (high - low)) * (bottom - TOP),
    };
    this.#drawGrid(view, at, { low, high, step }, style);
    this.#values.forEach((_, i) => this.#drawLine(view, i, style.getPropertyValue(`--line-${i}`)));
  }

  /** Round numbers that hold every value, and zero. */
  #range() {
    const all = this.#samples.flatMap(({ values }) => values.filter((value) => value !== null));
    const least = Math.min(0, ...all);
    const most = Math.max(least + this.#least, ...all);
    const step = round((most - least) / LINES);
    return { low: Math.floor(least / step) * step, high: Math.ceil(most / step) * step, step };
  }

  #drawGrid({ left, right, bottom, x, y }, at, { low, high, step }, style) {
    const context = this.#context;
    context.fillStyle = style.getPropertyValue('--label');
    context.strokeStyle = style.getPropertyValue('--grid');
    context.beginPath();
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (let value = low; value < high + step / 2; value += step) {
      const height = Math.round(y(value)) + 0.5;
      context.moveTo(left, height);
      context.lineTo(right, height);
      context.fillText(number(value), left - GAP, height);
    }
    context.stroke();
    context.textBaseline = 'bottom';
    TIMES.forEach(({ ago, text }, i) => {
      context.textAlign = ['left', 'center', 'right'][i];
      context.fillText(text, x(at - ago), bottom + BOTTOM - 1);
    });
  }

  #drawLine({ x, y }, i, colour) {
    const context = this.#context;
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 1.75;
    context.lineJoin = 'round';
    context.setLineDash(DASHES[i]);
    context.globalAlpha = i === 0 && this.#values.length > 1 ? FAINT : 1;
    context.beginPath();
    let drawn = false;
    for (const { at, values } of this.#samples) {
      if (values[i] !== null) context[drawn ? 'lineTo' : 'moveTo'](x(at), y(values[i]));
      drawn = values[i] !== null;
    }
    context.stroke();
    context.globalAlpha = 1;
    if (!drawn || i > 0) return;
    const { at, values } = this.#samples.at(-1);
    context.beginPath();
    context.arc(x(at), y(values[i]), 4, 0, 2 * Math.PI);
    context.fill();
  }
}

/** The next 1, 2 or 5 times a power of ten. */
function round(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((digit) => digit * power >= value) * power;
}

/** Without -0, and with no more digits than can be read while it changes. */
function number(value) {
  return (Math.round(value) || 0).toLocaleString('en');
}
