// SPDX-License-Identifier: GPL-3.0-or-later
/** The whole way from the writer's ring to the output, in simulated time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Playout } = await importPage('playout.js');
const { R } = await importPage('report.js');
const { Ring, ringStorage } = await importPage('ring.js');

const RATE = 48000;
const CHUNK = 4800;
const BLOCK = 128;

/** The sample that the station plays at `frame`: any two frames differ. */
const sampleAt = (frame) => Math.sin(frame * 0.01) * 0.5;

class Bench {
  storage = ringStorage(4 * RATE, true);
  writer = new Ring(this.storage);
  playout = new Playout(new Ring(this.storage), RATE, RATE);
  output = [];
  origins = [];

  constructor(targetMs = 250) {
    this.writer.aim(targetMs, 0);
  }

  push(frame, flush = false, frames = CHUNK) {
    const samples = new Float32Array(frames * 2);
    for (let i = 0; i < frames; i++) samples[2 * i] = samples[2 * i + 1] = sampleAt(frame + i);
    return this.writer.push(samples, frame, flush);
  }

  render(blocks) {
    for (let i = 0; i < blocks; i++) {
      const [left, right] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
      const gainBefore = this.playout.gain;
      const from = this.playout.streamFrame;
      this.playout.render(left, right);
      assert.deepEqual(left, right);
      this.output.push(...left);
      this.origins.push({ from, step: this.playout.step, whole: gainBefore === 1 && this.playout.gain === 1 });
    }
  }

  /** Plays `seconds` while chunks arrive on time, from chunk `first`. The writer's clock may be `ppm` fast. */
  run(first, seconds, ppm = 0) {
    let chunk = first;
    let due = 0;
    for (let block = 0; block < (seconds * RATE) / BLOCK; block++) {
      while (due <= block * BLOCK) {
        this.push(chunk++ * CHUNK);
        due += CHUNK / (1 + ppm * 1e-6);
      }
      this.render(1);
    }
    return chunk;
  }

  start() {
    for (let i = 0; i < 3; i++) this.push(i * CHUNK, i === 0);
  }

  /** The greatest step between neighbouring samples: a click would stand out. */
  get roughest() {
    let most = 0;
    for (let i = 1; i < this.output.length; i++) most = Math.max(most, Math.abs(this.output[i] - this.output[i - 1]));
    return most;
  }
}

test('on clocks that agree every sample passes untouched', () => {
  const bench = new Bench(350);
  bench.start();
  bench.run(3, 30);
  let exact = 0;
  bench.origins.forEach(({ from, step, whole }, block) => {
    if (!whole || step !== 1) return;
    exact++;
    for (let i = 0; i < BLOCK; i++) assert.equal(bench.output[block * BLOCK + i], Math.fround(sampleAt(from + i)));
  });
  assert.ok(exact > 0.9 * bench.origins.length, `${exact} of ${bench.origins.length}`);
  assert.equal(bench.playout.report[R.underruns], 0);
});

test('a level above the target comes down without a click, and samples are untouched again', () => {
  const bench = new Bench(150);
  bench.writer.aim(300, 0);
  bench.start();
  bench.run(3, 3);
  bench.writer.aim(150, 0);
  bench.run(33, 90);
  assert.ok(Math.abs(bench.playout.report[R.level] - 150) < 25, String(bench.playout.report[R.level]));
  assert.equal(bench.playout.step, 1);
  assert.equal(bench.playout.report[R.underruns] + bench.playout.report[R.skips], 0);
  assert.ok(bench.roughest < 0.008, String(bench.roughest));
});

test('a clock 1000 ppm fast is followed', () => {
  const bench = new Bench(200);
  bench.start();
  bench.run(3, 300, 1000);
  assert.ok(Math.abs(bench.playout.report[R.level] - 200) < 60, String(bench.playout.report[R.level]));
  assert.equal(bench.playout.report[R.underruns] + bench.playout.report[R.skips], 0);
});

test('an underrun fades, waits for the target, and fades in', () => {
  const bench = new Bench();
  bench.start();
  bench.render(400);
  assert.equal(bench.playout.report[R.underruns], 1);
  assert.equal(bench.output.at(-1), 0);
  bench.push(3 * CHUNK);
  bench.render(10);
  assert.equal(bench.output.at(-1), 0);
  for (let i = 4; i < 7; i++) bench.push(i * CHUNK);
  bench.render(20);
  assert.notEqual(bench.output.at(-1), 0);
  assert.ok(bench.roughest < 0.012, String(bench.roughest));
});

test('a hole is bridged without a click, and the frames after it are told right', () => {
  const bench = new Bench();
  bench.start();
  bench.render(10);
  for (let i = 20; i < 26; i++) bench.push(i * CHUNK);
  bench.render(150);
  assert.equal(bench.playout.report[R.jumps], 1);
  assert.ok(bench.playout.streamFrame > 20 * CHUNK);
  const { from, step, whole } = bench.origins.at(-1);
  assert.ok(whole && step === 1);
  assert.equal(bench.output.at(-BLOCK), Math.fround(sampleAt(from)));
  assert.ok(bench.roughest < 0.012, String(bench.roughest));
});

test('a second of sound at once is skipped, not played late', () => {
  const bench = new Bench(150);
  bench.start();
  const next = bench.run(3, 2);
  for (let i = 0; i < 10; i++) bench.push((next + i) * CHUNK);
  bench.run(next + 10, 4);
  assert.equal(bench.playout.report[R.skips], 1);
  assert.ok(bench.playout.report[R.level] < 300, String(bench.playout.report[R.level]));
  assert.ok(bench.roughest < 0.012, String(bench.roughest));
});

test('a flush throws away what is old', () => {
  const bench = new Bench();
  bench.start();
  bench.render(20);
  for (let i = 50; i < 53; i++) bench.push(i * CHUNK, i === 50);
  bench.render(10);
  assert.ok(bench.playout.streamFrame >= 50 * CHUNK);
});

test('a full ring refuses whole pushes and goes on after them', () => {
  const bench = new Bench();
  let pushed = 0;
  while (bench.push(pushed * CHUNK)) pushed++;
  assert.equal(pushed, 40);
  assert.equal(bench.writer.overflows, 1);
  bench.run(60, 6);
  assert.ok(bench.playout.streamFrame > 60 * CHUNK);
  assert.ok(bench.roughest < 0.012, String(bench.roughest));
});
