// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Timeline } = await importPage('timeline.js');

/** The nth chunk of a life that began at `bornMs`. */
const chunk = (n, bornMs = 0) => ({ sequence: n, frame: n * 4800, frames: 4800, sampleRate: 48000, timestamp: (bornMs + n * 100) * 1000 });

test('chunks follow on, a hole is counted', () => {
  const timeline = new Timeline();
  assert.equal(timeline.place(chunk(5)), 'next');
  assert.equal(timeline.place(chunk(6)), 'next');
  assert.equal(timeline.place(chunk(9)), 'hole');
  assert.equal(timeline.lost, 2);
});

test('after a reconnection to the same life, what was heard is known', () => {
  const timeline = new Timeline();
  for (const n of [5, 6, 7]) timeline.place(chunk(n));
  timeline.reconnect();
  assert.deepEqual([6, 7, 8].map((n) => timeline.place(chunk(n))), ['known', 'known', 'next']);
});

test('a restarted server is another life, whether its count is lower or higher', () => {
  for (const first of [0, 50]) {
    const timeline = new Timeline();
    timeline.place(chunk(20));
    timeline.reconnect();
    assert.equal(timeline.place(chunk(first, 10000)), 'restart');
    assert.equal(timeline.place(chunk(first + 1, 10000)), 'next');
  }
});
