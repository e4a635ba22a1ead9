// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { BURST_CHUNKS, Jitter, TARGET_MAX_MS, TARGET_MIN_MS, TARGET_START_MS } = await importPage('jitter.js');

/** Feeds chunks of 100 ms with the given delays; an offset stands for distance and a wrong clock. */
function feed(jitter, delays, { from = 0, offset = 0 } = {}) {
  delays.forEach((delay, i) => jitter.arrive((from + i) * 100 + delay + offset, (from + i) * 100, 100));
}

const even = (count) => Array(count).fill(0);

test('starts at the start', () => assert.equal(new Jitter().targetMs, TARGET_START_MS));

test('even arrivals bring the target down to its least, at most one frame a second', () => {
  const jitter = new Jitter();
  feed(jitter, even(BURST_CHUNKS + 40));
  const before = jitter.targetMs;
  feed(jitter, even(10), { from: BURST_CHUNKS + 40 });
  assert.ok(before - jitter.targetMs <= 20 + 1e-6, `${before} to ${jitter.targetMs}`);
  feed(jitter, even(200), { from: BURST_CHUNKS + 50 });
  assert.equal(jitter.targetMs, TARGET_MIN_MS);
});

test('the clock of the server does not matter', () => {
  const [near, far] = [new Jitter(), new Jitter()];
  const delays = Array.from({ length: 200 }, (_, i) => (i * 37) % 90);
  feed(near, delays);
  feed(far, delays, { offset: -3600000 });
  assert.equal(near.spreadMs, far.spreadMs);
});

test('the burst on joining does not count', () => {
  const jitter = new Jitter();
  feed(jitter, [900, 800, 700, ...even(100)]);
  assert.ok(jitter.spreadMs <= 5);
});

test('the target rises at once with the spread, to its most', () => {
  const jitter = new Jitter();
  feed(jitter, [...even(BURST_CHUNKS), 0, ...Array(30).fill(600)]);
  assert.ok(jitter.targetMs >= 600 + 20, String(jitter.targetMs));
  feed(jitter, Array(400).fill(5000), { from: 40 });
  assert.equal(jitter.targetMs, TARGET_MAX_MS);
});

test('the 95th percentile, not the worst', () => {
  const jitter = new Jitter();
  feed(jitter, [...even(BURST_CHUNKS), ...Array.from({ length: 200 }, (_, i) => (i % 50 === 49 ? 900 : 10 * (i % 2)))]);
  assert.ok(jitter.spreadMs <= 15, String(jitter.spreadMs));
});

test('after many minutes a bad time is forgotten', () => {
  const jitter = new Jitter();
  feed(jitter, [...even(BURST_CHUNKS), 0, ...Array(100).fill(400)]);
  feed(jitter, even(6000), { from: 200 });
  assert.equal(jitter.targetMs, TARGET_MIN_MS);
});

test('one chunk that comes too late raises the target, a little', () => {
  const jitter = new Jitter();
  feed(jitter, even(300));
  assert.equal(jitter.targetMs, TARGET_MIN_MS);
  feed(jitter, [900], { from: 300 });
  assert.equal(jitter.targetMs, TARGET_MIN_MS + 50);
});
