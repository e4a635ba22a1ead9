// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * How much sound to keep in hand, from the measured spread of arrivals.
 *
 * A chunk's delay is its arrival minus the moment it was due minus the least such difference lately seen, so neither
 * the distance to the server nor a wrong clock counts, only unevenness. Delays go into a histogram that forgets slowly
 * (0.9993 a chunk: half of it in 100 s). The target is the 95th percentile plus one Opus frame plus half a chunk (the
 * level is measured as a mean, and swings half a chunk around it). It rises at once and falls one frame a second. A
 * chunk so late that the sound must have run out raises it towards its own delay, by 50 ms at most, whatever its
 * percentile: lateness comes in clusters.
 */

const BIN_MS = 5;
const BINS = 400;
const FORGET = 0.9993;
const FRAME_MS = 20;
const QUANTILE = 0.95;
const RISE_MS = 50;
const FALL_MS_PER_S = FRAME_MS;
/** The minimum is the least of the current and the last window, so that it can follow a drifting clock. */
const WINDOW_MS = 60000;
/** Chunks sent at once on joining say nothing about the network. */
export const BURST_CHUNKS = 3;
/** Fewer arrivals than this do not lower the target. */
const ENOUGH = 30;

export const TARGET_START_MS = 250;
export const TARGET_MIN_MS = 150;
export const TARGET_MAX_MS = 1500;

export class Jitter {
  #bins = new Float64Array(BINS);
  #weight = 0;
  #count = 0;
  #skip = BURST_CHUNKS;
  #least = Infinity;
  #leastBefore = Infinity;
  #windowStart = -Infinity;
  #lastAt = null;
  #target = TARGET_START_MS;

  get targetMs() {
    return this.#target;
  }

  /** Call on every new connection: its first chunks come as a burst, and the server may be another one. */
  restart() {
    this.#skip = BURST_CHUNKS;
    this.#least = this.#leastBefore = Infinity;
    this.#windowStart = -Infinity;
  }

  /**
   * @param {number} arrivalMs  wall clock, milliseconds
   * @param {number} dueMs      the chunk's timestamp, milliseconds
   * @param {number} durationMs of the chunk
   * @returns {number} the delay counted, or 0 within the burst
   */
  arrive(arrivalMs, dueMs, durationMs) {
    if (this.#skip > 0) {
      this.#skip--;
      return 0;
    }
    const raw = arrivalMs - dueMs;
    this.#follow(arrivalMs, raw);
    const delay = raw - Math.min(this.#least, this.#leastBefore);
    this.#bins.forEach((weight, i) => (this.#bins[i] = weight * FORGET));
    this.#bins[Math.min(BINS - 1, Math.floor(delay / BIN_MS))] += 1;
    this.#weight = this.#weight * FORGET + 1;
    this.#count++;
    this.#aim(arrivalMs, delay, durationMs);
    return delay;
  }

  /** The delay, in milliseconds, that the share `quantile` of the chunks does not exceed. */
  quantile(quantile) {
    let sum = 0;
    for (let i = 0; i < BINS; i++) {
      sum += this.#bins[i];
      if (this.#weight > 0 && sum >= quantile * this.#weight) return (i + 1) * BIN_MS;
    }
    return 0;
  }

  /** The measured spread, 95th percentile, for people to read. */
  get spreadMs() {
    return this.quantile(QUANTILE);
  }

  #follow(now, raw) {
    if (now - this.#windowStart > WINDOW_MS) {
      this.#leastBefore = this.#least;
      this.#least = raw;
      this.#windowStart = now;
    }
    this.#least = Math.min(this.#least, raw);
  }

  #aim(now, delay, durationMs) {
    const margin = FRAME_MS + durationMs / 2;
    const late = delay > this.#target - durationMs / 2;
    const wanted = Math.max(this.quantile(QUANTILE) + margin, late ? Math.min(delay + margin, this.#target + RISE_MS) : 0);
    const clamped = Math.min(TARGET_MAX_MS, Math.max(TARGET_MIN_MS, wanted));
    const elapsed = this.#lastAt === null ? 0 : Math.max(0, now - this.#lastAt) / 1000;
    this.#lastAt = now;
    if (clamped >= this.#target) this.#target = clamped;
    else if (this.#count >= ENOUGH) this.#target = Math.max(clamped, this.#target - FALL_MS_PER_S * Math.min(1, elapsed));
  }
}
