// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What the audio thread does with the ring: play it, and be quiet gracefully when it cannot.
 *
 * Three states. REFILL is silence until enough sound stands in the ring. PLAY copies sound through the resampler.
 * FADE leaves sound before it ends: 256 frames before the last one in hand, because there is no next one yet (an
 * underrun, taken back if sound arrives in time), because the next one does not follow on (a jump), or because far too
 * much has piled up (a skip to live). Every start fades in. So nothing ever clicks.
 *
 * A few hundred frames beside the read position are kept in plain arrays, which is what the resampler reads. With a
 * correction of 0 the position slides, at 100 ppm, to the next whole frame and stays on whole frames, where the
 * resampler copies samples untouched. Nothing here allocates after the constructor.
 */
import { Drift } from './drift.js';
import { TAPS_AFTER, TAPS_BEFORE, resample } from './resampler.js';
import { REPORT_FIELDS, R } from './report.js';

const REFILL = 0;
const PLAY = 1;
const FADE = 2;

const WORK_FRAMES = 2048;
const FADE_FRAMES = 256;
const SCRATCH_FRAMES = 512;
/** The speed changes at most so much in a quantum of 128 frames, so that no change of pitch is heard as a step. */
const SLEW = 2.5e-6;
/** How fast the position slides to a whole frame. */
const SETTLE = 1e-4;
/** More than this above the target is skipped, not glided over. */
const SKIP_MS = 400;
/** More than this above the level to start at is dropped before starting, at first or after an underrun: it is silent anyway. */
const START_EXCESS_MS = 120;
const REFILL_EXCESS_MS = 40;
/** A level is a mean; when a chunk is about to arrive it is half a chunk lower. */
const HALF_CHUNK_MS = 50;
const PEAK_FALL = 0.97;

export class Playout {
  /** What the page may know, refreshed by every render; indexed by R. */
  report = new Float64Array(REPORT_FIELDS);
  /** 0 in silence, 1 when samples pass at full height; the tap trusts only samples at 1. */
  gain = 0;
  /** Stream frames per output frame in the last render. */
  step = 1;

  #ring;
  #rate;
  #streamRate;
  #base;
  #left = new Float32Array(WORK_FRAMES);
  #right = new Float32Array(WORK_FRAMES);
  #scratch = new Float32Array(SCRATCH_FRAMES * 2);
  #end = 0;
  #position = 0;
  #workFrame = 0;
  #ringFrame = 0;
  #readCount = 0;
  #mark = new Float64Array(3);
  #hasMark = false;
  #state = REFILL;
  #fresh = true;
  #skipping = false;
  #drift = new Drift();
  #speed = 1;
  #wanted = 1;
  #levelSum = 0;
  #levelFrames = 0;
  #steady = false;

  /**
   * @param {import('./ring.js').Ring} ring
   * @param {number} contextRate  frames a second that go out
   * @param {number} streamRate   frames a second in the ring
   */
  constructor(ring, contextRate, streamRate) {
    this.#ring = ring;
    this.#rate = contextRate;
    this.#streamRate = streamRate;
    this.#base = streamRate / contextRate;
  }

  /** The stream frame of the next output frame. */
  get streamFrame() {
    return this.#workFrame + this.#position;
  }

  /** Fills both arrays. @param {Float32Array} left @param {Float32Array} right */
  render(left, right) {
    const count = left.length;
    this.#pollMarks();
    if (this.#state === REFILL) this.#tryStart();
    if (this.#state === REFILL) {
      left.fill(0);
      right.fill(0);
      this.step = this.#base;
    } else {
      this.#watch(count);
      this.#sound(left, right, count);
      if (this.#state === FADE && this.gain === 0) this.#fallSilent();
    }
    this.#measure(left, right, count);
  }

  #sound(left, right, count) {
    this.#chooseStep(count);
    this.#fill(Math.floor(this.#position + count * this.step) + TAPS_AFTER + 1);
    resample(this.#left, this.#position, this.step, left, count);
    resample(this.#right, this.#position, this.step, right, count);
    this.#position += count * this.step;
    if (this.#speed === 1 && this.#base === 1) this.#position = Math.round(this.#position);
    this.#ramp(left, right, count);
  }

  /** Decides between PLAY and FADE from what is left. */
  #watch(count) {
    const reserve = Math.ceil(count * (this.#base + 0.01)) + FADE_FRAMES + TAPS_AFTER + 2;
    const short = this.#contiguous() < reserve;
    if (this.#state === PLAY && (short || this.#skipping)) {
      this.#state = FADE;
      if (short && !this.#hasMark) this.report[R.underruns]++;
    } else if (this.#state === FADE && !short && !this.#skipping) {
      this.#state = PLAY;
    }
  }

  /** Sound is faded out: go where the next sound begins. */
  #fallSilent() {
    const flushed = this.#hasMark && this.#mark[2] === 1;
    this.#fresh = this.#hasMark || this.#skipping;
    if (this.#skipping && !flushed) this.report[R.skips]++;
    else if (this.#hasMark && !flushed) this.report[R.jumps]++;
    if (this.#hasMark) this.#discardTo(this.#mark[0]);
    this.#skipping = false;
    this.#state = REFILL;
  }

  #tryStart() {
    if (this.#hasMark && this.#mark[0] - this.#readCount < 4 * FADE_FRAMES) {
      this.#discardTo(this.#mark[0]);
      this.#pollMarks();
    }
    const target = this.#ring.targetMs - (this.#fresh ? HALF_CHUNK_MS : 0);
    const threshold = this.#frames(target);
    const level = this.#ring.available;
    if (level === 0 || level < threshold) return;
    if (level - threshold > this.#frames(this.#fresh ? START_EXCESS_MS : REFILL_EXCESS_MS)) this.#discardTo(this.#readCount + level - threshold);
    this.#pollMarks();
    this.#begin();
  }

  #begin() {
    this.#left.fill(0, 0, TAPS_BEFORE);
    this.#right.fill(0, 0, TAPS_BEFORE);
    this.#end = TAPS_BEFORE;
    this.#position = TAPS_BEFORE;
    this.#workFrame = this.#ringFrame - TAPS_BEFORE;
    this.#drift.restart();
    this.#speed = this.#wanted = 1 + this.#drift.driftRatio * (Math.abs(this.#drift.driftRatio) > SETTLE ? 1 : 0);
    this.#state = PLAY;
    this.#fresh = false;
    this.#restartLevel();
  }

  /** Takes marks that stand at the read position, and the one ahead; obeys a flush as soon as what sounds is faded out. */
  #pollMarks() {
    for (;;) {
      if (!this.#hasMark) this.#hasMark = this.#ring.takeMark(this.#mark);
      if (!this.#hasMark) return;
      if (this.#mark[2] === 1) {
        this.#fresh = this.#state === REFILL;
        this.#skipping = !this.#fresh;
        if (this.#fresh) this.#discardTo(this.#mark[0]);
      }
      if (this.#state !== REFILL || this.#mark[0] > this.#readCount) return;
      this.#ringFrame = this.#mark[1] + (this.#readCount - this.#mark[0]);
      this.#hasMark = false;
    }
  }

  #discardTo(position) {
    while (this.#readCount < position) {
      const got = this.#ring.read(this.#scratch, Math.min(SCRATCH_FRAMES, position - this.#readCount));
      if (got === 0) return;
      this.#readCount += got;
      this.#ringFrame += got;
    }
  }

  /** Frames that follow on without a break, in the arrays and in the ring. */
  #contiguous() {
    const inRing = this.#hasMark ? this.#mark[0] - this.#readCount : this.#ring.available;
    return this.#end - Math.floor(this.#position) + inRing;
  }

  /** Brings `needed` frames into the arrays, zeros where there are none. */
  #fill(needed) {
    const spent = Math.floor(this.#position) - TAPS_BEFORE;
    if (needed > WORK_FRAMES) {
      this.#left.copyWithin(0, spent, this.#end);
      this.#right.copyWithin(0, spent, this.#end);
      this.#end -= spent;
      this.#position -= spent;
      this.#workFrame += spent;
      needed -= spent;
    }
    const allowed = this.#hasMark ? this.#mark[0] - this.#readCount : SCRATCH_FRAMES;
    const wanted = Math.max(0, Math.min(needed - this.#end, allowed, SCRATCH_FRAMES));
    const got = wanted > 0 ? this.#ring.read(this.#scratch, wanted) : 0;
    for (let i = 0; i < got; i++) {
      this.#left[this.#end + i] = this.#scratch[2 * i];
      this.#right[this.#end + i] = this.#scratch[2 * i + 1];
    }
    this.#readCount += got;
    this.#ringFrame += got;
    this.#end += got;
    if (this.#end < needed) {
      this.#left.fill(0, this.#end, needed);
      this.#right.fill(0, this.#end, needed);
      this.#end = needed;
    }
  }

  /** Slews the speed towards the wanted one, and lands on whole frames when that is one to one. */
  #chooseStep(count) {
    const goal = this.#wanted;
    let speed = this.#speed + Math.max(-SLEW, Math.min(SLEW, goal - this.#speed));
    const fraction = this.#position - Math.floor(this.#position);
    if (goal === 1 && this.#base === 1 && Math.abs(speed - 1) <= SETTLE) {
      if (fraction === 0) speed = 1;
      else {
        const forward = speed >= 1;
        const way = forward ? 1 - fraction : -fraction;
        const lands = Math.abs(way) <= SETTLE * count;
        this.step = 1 + (lands ? way / count : forward ? SETTLE : -SETTLE);
        this.#speed = lands ? 1 : forward ? 1 + SETTLE : 1 - SETTLE;
        return;
      }
    }
    this.#speed = speed;
    this.step = speed * this.#base;
  }

  #ramp(left, right, count) {
    const goal = this.#state === PLAY ? 1 : 0;
    if (this.gain === 1 && goal === 1) return;
    for (let i = 0; i < count; i++) {
      const move = goal - this.gain;
      this.gain += Math.max(-1 / FADE_FRAMES, Math.min(1 / FADE_FRAMES, move));
      const height = this.gain * this.gain * (3 - 2 * this.gain);
      left[i] *= height;
      right[i] *= height;
    }
  }

  /** Level, drift and the report. */
  #measure(left, right, count) {
    const playing = this.#state !== REFILL;
    const level = this.#ring.available + (playing ? Math.max(0, this.#end - this.#position) : 0);
    this.#levelSum += level * count;
    this.#levelFrames += count;
    if (!playing) this.#steady = false;
    if (this.#levelFrames >= this.#rate) this.#correct();
    const report = this.report;
    report[R.streamFrame] = this.streamFrame;
    report[R.step] = this.step;
    report[R.playing] = playing ? 1 : 0;
    report[R.levelNow] = this.#milliseconds(level);
    if (!playing) report[R.silentFrames] += count;
    report[R.peakLeft] = Math.max(peakOf(left), report[R.peakLeft] * PEAK_FALL);
    report[R.peakRight] = Math.max(peakOf(right), report[R.peakRight] * PEAK_FALL);
  }

  #correct() {
    const mean = this.#milliseconds(this.#levelSum / this.#levelFrames);
    const seconds = this.#levelFrames / this.#rate;
    this.report[R.level] = mean;
    if (this.#steady) {
      const target = this.#ring.targetMs;
      const correction = this.#drift.update(mean, target, this.#ring.spreadMs, seconds);
      this.#wanted = 1 + correction;
      this.report[R.correction] = correction;
      this.report[R.point] = this.#drift.pointMs;
      if (mean > target + SKIP_MS) this.#skipping = true;
    }
    this.#restartLevel();
  }

  #restartLevel() {
    this.#levelSum = 0;
    this.#levelFrames = 0;
    this.#steady = this.#state !== REFILL;
  }

  #frames(milliseconds) {
    return Math.round((milliseconds * this.#streamRate) / 1000);
  }

  #milliseconds(frames) {
    return (frames * 1000) / this.#streamRate;
  }
}

function peakOf(samples) {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]));
  return peak;
}
