// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Which frame of the station's life is heard at this moment.
 *
 * While sound plays: the audio thread says which stream frame goes with which context frame, and the context says
 * which context frame leaves the speaker now. Otherwise an estimate of what would be heard, from the newest chunk, so
 * that the page can show the station's life before the first click.
 */
import { R } from './report.js';

/** What a listener would have in hand. */
const SILENT_LAG_MS = 350;
/** A device that claims more than this is not believed. */
const LATENCY_MAX_S = 1;

export class Playhead {
  #engine;
  #clock = null;
  #due = null;

  /** @param {import('./engine.js').Engine} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /** @param {{frame: number, sampleRate: number, due: number, at: number}} clock  where the stream ends, when it came */
  hearClock(clock) {
    const estimate = clock.frame - (clock.at / 1000) * clock.sampleRate;
    const old = this.#clock;
    const near = old && Math.abs(estimate - old.offset) < clock.sampleRate / 2;
    this.#clock = { offset: near ? old.offset + 0.1 * (estimate - old.offset) : estimate, rate: clock.sampleRate };
    this.#due = clock;
  }

  /** Frames a second of the stream. */
  get rate() {
    return this.#clock?.rate ?? this.#engine.sampleRate;
  }

  /** Whether the answer comes from sound. */
  get sounding() {
    const { context, report, simple } = this.#engine;
    return simple ? simple.sounding : context?.state === 'running' && report[R.playing] === 1;
  }

  /** @returns {number|null} the frame heard at `now` (performance.now()); null before anything is known */
  frameAt(now = performance.now()) {
    this.#engine.refresh();
    const { simple } = this.#engine;
    if (simple?.frame != null) return simple.frame;
    if (this.sounding && !simple) return this.#sounding(now);
    const live = this.live(now);
    return live && live.frame - (SILENT_LAG_MS / 1000) * live.rate;
  }

  /** Where the stream itself is at `now`; null before anything is known. */
  live(now = performance.now()) {
    if (!this.#clock) return null;
    const { offset, rate } = this.#clock;
    return { frame: offset + ((performance.timeOrigin + now) / 1000) * rate, rate };
  }

  /** @returns {number} the performance.now() at which `frame` is heard, as far as can be told now */
  timeOf(frame, now = performance.now()) {
    return now + ((frame - this.frameAt(now)) / this.rate) * 1000;
  }

  /** Seconds from the audio thread to the ear. */
  get outputLatency() {
    const { context } = this.#engine;
    return Math.min(LATENCY_MAX_S, context?.outputLatency || context?.baseLatency || 0);
  }

  /** Milliseconds from the moment a frame was due at the server to the ear, if both clocks agree. */
  latencyMs(now = performance.now()) {
    const frame = this.frameAt(now);
    if (frame === null || !this.#due) return null;
    const behind = ((this.#due.frame - frame) / this.rate) * 1000;
    return performance.timeOrigin + now - this.#due.due + behind - 100;
  }

  #sounding(now) {
    const { context, report } = this.#engine;
    const heard = heardTime(context, now, this.outputLatency) * context.sampleRate;
    return report[R.streamFrame] + (heard - report[R.contextFrame]) * report[R.step];
  }
}

/** The context time that leaves the speaker at `now`. */
function heardTime(context, now, latency) {
  const plain = context.currentTime - latency;
  const stamp = context.getOutputTimestamp?.();
  if (!stamp || !(stamp.performanceTime > 0)) return plain;
  const precise = stamp.contextTime + (now - stamp.performanceTime) / 1000;
  return Math.abs(precise - plain) < LATENCY_MAX_S ? precise : plain;
}
