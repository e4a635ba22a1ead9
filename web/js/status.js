// SPDX-License-Identifier: GPL-3.0-or-later
/** The bar at the top: connection, tier of the buffer, listeners. */
import { announce } from './announce.js';
import { R } from './report.js';
import { capital } from './names.js';
import { tierOf } from './tiers.js';

const WORDS = { connecting: 'Connecting', live: 'Live', asleep: 'Resting', refused: 'No such station' };
/** A shorter wait is not worth counting down. */
const COUNTED_MS = 1500;

export class Status {
  #retryAt = 0;
  #counted = false;
  #state = '';
  #restarting = false;
  #changing = false;
  #tier;

  /**
   * All attempts until the stream is back are one loss, shown and told once; of a restart the page itself tells.
   * @param {{state: string, retryMs: number, restarting?: boolean}} connection
   */
  showConnection({ state, retryMs, restarting = false }) {
    if (state === 'connecting' && this.#state === 'waiting') return;
    this.#retryAt = performance.now() + retryMs;
    this.#counted = retryMs >= COUNTED_MS;
    this.#restarting = restarting;
    if (state === this.#state) return this.tick();
    const spoke = this.#state !== '';
    // From one station to the next: the page says which.
    this.#changing = state === 'connecting' ? this.#state === 'live' : this.#changing && state === 'live';
    this.#state = state;
    document.body.dataset.connection = state;
    document.getElementById('connection').dataset.state = state;
    this.tick();
    if (spoke && !this.#changing && !(state === 'waiting' && restarting)) announce(WORDS[state] ?? 'Connection lost, reconnecting');
  }

  get live() {
    return this.#state === 'live';
  }

  /** Keeps the countdown going. */
  tick() {
    const seconds = Math.ceil((this.#retryAt - performance.now()) / 1000);
    const away = this.#restarting ? 'Restarting' : 'Reconnecting';
    const word = WORDS[this.#state] ?? (this.#counted && seconds > 0 ? `Back in ${seconds} s` : away);
    const element = document.getElementById('connection-word');
    if (element.textContent !== word) element.textContent = word;
  }

  /** @param {number} count */
  showListeners(count) {
    const element = document.getElementById('listeners');
    element.hidden = !(count > 0);
    element.textContent = count === 1 ? '1 listener' : `${count} listeners`;
  }

  /** @param {Float64Array} report @param {number} targetMs @param {number} spreadMs @param {boolean} playing */
  showTier(report, targetMs, spreadMs, playing) {
    const level = report[R.playing] === 1 ? report[R.level] || report[R.levelNow] : 0;
    this.#tier = playing ? tierOf(level, targetMs, this.#tier) : undefined;
    const element = document.getElementById('tier');
    const name = this.#tier ?? 'none';
    const text = playing ? `Buffer ${name}: ${Math.round(level)} of ${Math.round(targetMs)} ms, jitter ${Math.round(spreadMs)} ms` : 'Buffer: not playing';
    if (element.dataset.tier !== name) {
      element.dataset.tier = name;
      document.getElementById('tier-word').textContent = playing ? capital(name) : '';
    }
    element.title = text;
    element.setAttribute('aria-label', text);
  }
}
