// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The audio thread's end: a processor that renders the playout, and says what it did.
 *
 * The ring is shared with the worker, or, where nothing can be shared, is this thread's own and fed through a port.
 * Where nothing can be shared the report is posted too, the one thing that allocates here, 47 times a second.
 * With `tap` every block that goes out is also posted to the page, with the stream frame it began at.
 */
import { Playout } from './playout.js';
import { SharedReport, R } from './report.js';
import { Ring, ringStorage, servePort } from './ring.js';

const REPORT_EVERY = 8;
const TAP_BLOCKS = 32;

class TuttiProcessor extends AudioWorkletProcessor {
  #ring;
  #playout;
  #shared = null;
  #blocks = 0;
  #tap = null;

  constructor({ processorOptions: options }) {
    super();
    this.#ring = new Ring(options.ring ?? ringStorage(options.ringFrames, false));
    this.#playout = new Playout(this.#ring, sampleRate, options.streamRate);
    if (options.report) this.#shared = new SharedReport(options.report);
    if (options.tap) this.#tap = [];
    this.port.onmessage = ({ data }) => servePort(data.port, this.#ring);
  }

  process(inputs, outputs) {
    const left = outputs[0][0];
    const right = outputs[0][1];
    const from = this.#playout.streamFrame;
    this.#playout.render(left, right);
    this.#publish();
    if (this.#tap) this.#record(from, left, right);
    return true;
  }

  #publish() {
    const report = this.#playout.report;
    // The report tells where the next block begins, so that is also the context frame that goes with it.
    report[R.contextFrame] = currentFrame + 128;
    report[R.overflows] = this.#ring.overflows;
    if (this.#shared) this.#shared.write(report);
    else if (this.#blocks++ % REPORT_EVERY === 0) this.port.postMessage({ report });
  }

  #record(from, left, right) {
    const { gain, step } = this.#playout;
    this.#tap.push({ at: currentFrame, from, step, gain, left: left.slice(), right: right.slice() });
    if (this.#tap.length < TAP_BLOCKS) return;
    this.port.postMessage({ tap: this.#tap });
    this.#tap = [];
  }
}

registerProcessor('tutti', TuttiProcessor);
