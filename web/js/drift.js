// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * How much faster or slower than one to one to read the ring, so that its level stays where it should be.
 *
 * Two things move the level. One is wanted: the target changed, and the level glides to it at most 4 ms a second,
 * which is a playing speed 0.4% off and inaudible; the glide is fed forward. The other is drift between the server's
 * clock and the sound card's, which a PI controller corrects: the error is the level's distance from the glide's
 * present point. Within a dead band the proportional part is nothing, and an integral below 20 ppm counts as nothing:
 * on a machine whose clock agrees the answer is exactly 0, and samples pass untouched. At most 0.5% in all.
 */

const GLIDE_MS_PER_S = 4;
const GAIN_P = 5e-5;
const GAIN_I = 6.25e-7;
const INTEGRAL_MAX = 1e-3;
const INTEGRAL_NOTHING = 2e-5;
const LEAK_PER_S = 0.98;
/** Level noise that one-second means still carry. */
const BAND_MS = 12;
/** A share of the measured spread: the level's mean wanders with the jitter. */
const BAND_SHARE = 0.25;
/** So long after a start nothing glides: the target itself is still being found. */
const FIRST_S = 5;
/** So long after a glide the level still lags behind it, which is no drift. */
const CALM_S = 8;
/** Smoothing of the level, per second. */
const SMOOTH = 0.35;

export const CORRECTION_MAX = 0.005;

export class Drift {
  #point = null;
  #level = 0;
  #integral = 0;
  #calm = 0;
  #age = 0;

  /** Where the level should be at the moment, milliseconds. */
  get pointMs() {
    return this.#point ?? 0;
  }

  /** The drift learned so far, as a ratio. */
  get driftRatio() {
    return this.#integral;
  }

  /** After a refill or a skip: the level is what it is; what was learned of the clock stays. */
  restart() {
    this.#point = null;
    this.#age = 0;
  }

  /**
   * @param {number} levelMs   mean level over the time since the last call
   * @param {number} targetMs
   * @param {number} spreadMs  measured jitter
   * @param {number} seconds   since the last call
   * @returns {number} correction: 0.001 means to read 0.1% faster
   */
  update(levelMs, targetMs, spreadMs, seconds) {
    if (!Number.isFinite(levelMs) || !(seconds > 0)) return 0;
    if (this.#point === null) {
      this.#point = levelMs;
      this.#level = levelMs;
    }
    this.#level += (levelMs - this.#level) * Math.min(1, SMOOTH * seconds);
    const band = BAND_MS + BAND_SHARE * spreadMs;
    this.#age += seconds;
    const glide = this.#age > FIRST_S ? this.#glide(targetMs, band, seconds) : 0;
    const beyond = this.#beyond(band);
    this.#calm = glide === 0 ? this.#calm + seconds : 0;
    if (beyond !== 0 && this.#calm > CALM_S) {
      const integral = this.#integral + GAIN_I * beyond * seconds;
      this.#integral = Math.max(-INTEGRAL_MAX, Math.min(INTEGRAL_MAX, integral));
    } else if (beyond === 0 && Math.abs(this.#integral) < INTEGRAL_NOTHING) {
      this.#integral *= LEAK_PER_S ** seconds;
    }
    const learned = Math.abs(this.#integral) < INTEGRAL_NOTHING ? 0 : this.#integral;
    const sum = glide + GAIN_P * beyond + learned;
    return Math.max(-CORRECTION_MAX, Math.min(CORRECTION_MAX, sum));
  }

  /** Moves the point towards the target; a target within the band of it is close enough. */
  #glide(targetMs, band, seconds) {
    const distance = targetMs - this.#point;
    if (Math.abs(distance) <= band / 2) return 0;
    const move = Math.sign(distance) * Math.min(Math.abs(distance), GLIDE_MS_PER_S * seconds);
    this.#point += move;
    return -move / 1000 / seconds;
  }

  #beyond(band) {
    const error = this.#level - this.#point;
    return Math.sign(error) * Math.max(0, Math.abs(error) - band);
  }
}
