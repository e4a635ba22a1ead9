// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The system's media keys and lock screen. Browsers grant them to media elements only, so an element loops a silent
 * file while the station plays; on a phone it also keeps the sound alive while the screen is off.
 */

export class MediaKeys {
  #element = new Audio('/silence.mp3');

  /** @param {{play(): void, pause(): void, next(): void, previous(): void}} actions */
  constructor({ play, pause, next, previous }) {
    this.#element.loop = true;
    if (navigator.audioSession) navigator.audioSession.type = 'playback';
    if (!navigator.mediaSession) return;
    const handlers = { play, pause, stop: pause, nexttrack: next, previoustrack: previous };
    for (const [action, handler] of Object.entries(handlers)) navigator.mediaSession.setActionHandler(action, handler);
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    if (playing) this.#element.play().catch(() => {});
    else this.#element.pause();
    if (navigator.mediaSession) navigator.mediaSession.playbackState = playing ? 'playing' : 'paused';
  }

  /** @param {string} chord @param {string} tonality */
  show(chord, tonality) {
    if (!navigator.mediaSession) return;
    const artwork = [{ src: '/icon.svg', type: 'image/svg+xml', sizes: 'any' }];
    navigator.mediaSession.metadata = new MediaMetadata({ title: `${tonality} · ${chord}`, artist: 'Tutti', artwork });
  }
}
