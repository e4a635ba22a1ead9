// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Sound where a page may not have an audio thread (plain http from another machine): the browser's own player on the
 * station's Ogg stream. It is later than the full player and cannot say to the sample what is heard, but it plays.
 *
 * The stream begins with what is live when it is asked for, so what is heard is that frame and the time since in the
 * element, whose first time is not 0 where the browser believes the stream's own count.
 * A stream that ends, because the server restarted or the network failed, is asked for again while sound is wanted.
 */
import { Backoff } from './backoff.js';

const TYPE = 'audio/ogg; codecs=opus';
/** The server sends so much at once to one who joins. */
const BURST_S = 0.3;

export class SimpleSound {
  #audio = new Audio();
  #options;
  #wanted = false;
  #retry = 0;
  #backoff = new Backoff();
  #joined = null;
  #firstTime = null;

  /**
   * @param {object} options
   * @param {() => string} options.address            of the stream
   * @param {() => {frame: number, rate: number}|null} options.live  where the stream is now
   */
  constructor(options) {
    this.#options = options;
    this.#audio.preload = 'none';
    for (const event of ['ended', 'error']) this.#audio.addEventListener(event, () => this.#lost());
    this.#audio.addEventListener('playing', () => this.#begun());
  }

  /** Whether sound comes out. */
  get sounding() {
    return this.#wanted && !this.#audio.paused && this.#audio.readyState > HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  /** The frame heard now, or null while that is not known. */
  get frame() {
    if (!this.sounding || this.#joined === null || this.#firstTime === null) return null;
    return this.#joined.frame + (this.#audio.currentTime - this.#firstTime - BURST_S) * this.#joined.rate;
  }

  /** Must come from within a click or a key press, the first time. */
  async play() {
    if (this.#audio.canPlayType(TYPE) === '') throw new Error('this browser cannot play Ogg Opus');
    this.#wanted = true;
    await this.#join();
  }

  pause() {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    this.#audio.load();
  }

  /** @param {number} gain 0..1 */
  setGain(gain) {
    this.#audio.volume = gain;
  }

  async #join() {
    this.#joined = this.#options.live();
    this.#firstTime = null;
    this.#audio.src = this.#options.address();
    await this.#audio.play();
  }

  #begun() {
    this.#firstTime ??= this.#audio.currentTime;
    this.#backoff.reset();
  }

  #lost() {
    if (!this.#wanted) return;
    clearTimeout(this.#retry);
    // A failure comes here again as an event.
    this.#retry = setTimeout(() => this.#join().catch(() => {}), this.#backoff.next());
  }
}
