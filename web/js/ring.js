// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Sound from the worker to the audio thread: one writer, one reader, stereo floats.
 *
 * Samples go through one ring (npm ringbuf.js). A second, small ring carries marks: at which count of written frames
 * the sound stops following on from what stands before it, the stream frame it goes on with, and whether everything
 * before the mark should be thrown away. A third block holds what the worker tells the reader without a queue: the
 * target level and the measured spread.
 *
 * With SharedArrayBuffer both threads hold the same ring. Without, the ring lives in the audio thread alone and the
 * writer posts its pushes to it (PortWriter), buffers transferred: the reader is the same code either way.
 */
import { RingBuffer } from '/modules/ringbuf.js';

const CHANNELS = 2;
const MARK_FIELDS = 3;
const MARKS = 64;
const TARGET = 0;
const SPREAD = 1;

/** @typedef {{samples: ArrayBufferLike, marks: ArrayBufferLike, control: ArrayBufferLike}} RingStorage */

/**
 * @param {number} frames  capacity
 * @param {boolean} shared
 * @returns {RingStorage}
 */
export function ringStorage(frames, shared) {
  const Buffer = shared ? SharedArrayBuffer : ArrayBuffer;
  return {
    samples: new Buffer(8 + (frames * CHANNELS + 1) * Float32Array.BYTES_PER_ELEMENT),
    marks: new Buffer(8 + (MARKS * MARK_FIELDS + 1) * Float64Array.BYTES_PER_ELEMENT),
    control: new Buffer(2 * Int32Array.BYTES_PER_ELEMENT),
  };
}

export class Ring {
  #samples;
  #marks;
  #control;
  #written = 0;
  #next = null;
  #mark = new Float64Array(MARK_FIELDS);
  /** Refused pushes: the reader stands still, or is far too late. */
  overflows = 0;

  /** @param {RingStorage} storage */
  constructor(storage) {
    this.#samples = new RingBuffer(storage.samples, Float32Array);
    this.#marks = new RingBuffer(storage.marks, Float64Array);
    this.#control = new Int32Array(storage.control);
  }

  // The writing thread

  /**
   * Appends sound, whole or not at all. After a refusal the next push does not follow on, and is marked so.
   * @param {Float32Array} samples  interleaved
   * @param {number} frame          stream frame of the first
   * @param {boolean} flush         throw away what the reader has not read
   */
  push(samples, frame, flush) {
    const follows = frame === this.#next && !flush;
    const room = this.#samples.availableWrite() >= samples.length;
    if (!room || (!follows && this.#marks.availableWrite() < MARK_FIELDS)) {
      this.#next = null;
      this.overflows++;
      return false;
    }
    if (!follows) {
      this.#mark[0] = this.#written;
      this.#mark[1] = frame;
      this.#mark[2] = flush ? 1 : 0;
      this.#marks.push(this.#mark);
    }
    this.#samples.push(samples);
    this.#written += samples.length / CHANNELS;
    this.#next = frame + samples.length / CHANNELS;
    return true;
  }

  /** @param {number} targetMs @param {number} spreadMs */
  aim(targetMs, spreadMs) {
    Atomics.store(this.#control, TARGET, Math.round(targetMs));
    Atomics.store(this.#control, SPREAD, Math.round(spreadMs));
  }

  // The reading thread: none of these allocates

  get targetMs() {
    return Atomics.load(this.#control, TARGET);
  }

  get spreadMs() {
    return Atomics.load(this.#control, SPREAD);
  }

  /** Frames to read. */
  get available() {
    return Math.floor(this.#samples.availableRead() / CHANNELS);
  }

  /** Takes the oldest mark into `mark` (position, frame, flush). False when there is none. */
  takeMark(mark) {
    return this.#marks.availableRead() >= MARK_FIELDS && this.#marks.pop(mark) === MARK_FIELDS;
  }

  /** Reads `frames` frames, interleaved, into `into`, which is at least so long. */
  read(into, frames) {
    return this.#samples.pop(into, frames * CHANNELS) / CHANNELS;
  }
}

/** The writing side where nothing can be shared: the ring itself is in the audio thread, behind a port. */
export class PortWriter {
  #port;
  overflows = 0;

  /** @param {MessagePort} port */
  constructor(port) {
    this.#port = port;
  }

  push(samples, frame, flush) {
    this.#port.postMessage({ samples, frame, flush }, [samples.buffer]);
    return true;
  }

  aim(targetMs, spreadMs) {
    this.#port.postMessage({ targetMs, spreadMs });
  }
}

/** The other end of a PortWriter: what arrives at `port` goes into `ring`. */
export function servePort(port, ring) {
  port.onmessage = ({ data }) => {
    if (data.samples) ring.push(data.samples, data.frame, data.flush);
    else ring.aim(data.targetMs, data.spreadMs);
  };
}
