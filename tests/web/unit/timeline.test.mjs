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

test('a restarted server that goes on with the next chunk, later, is followed', () => {
  const timeline = new Timeline();
  for (const n of [5, 6, 7]) timeline.place(chunk(n));
  assert.equal(timeline.nextSequence, 8);
  timeline.reconnect();
  assert.deepEqual([8, 9].map((n) => timeline.place(chunk(n, 1500))), ['next', 'next']);
  assert.equal(timeline.lost, 0);
  timeline.reconnect();
  assert.equal(timeline.place(chunk(12, 4000)), 'restart');
});

test('the next frame under another sequence is another life', () => {
  const timeline = new Timeline();
  for (const n of [5, 6, 7]) timeline.place(chunk(n));
  timeline.reconnect();
  assert.equal(timeline.place({ ...chunk(8, 1500), sequence: 3 }), 'restart');
});

test('of a station just left nothing is known, and what was lost stays counted', () => {
  const timeline = new Timeline();
  assert.equal(timeline.nextSequence, null);
  for (const n of [5, 6, 9]) timeline.place(chunk(n));
  timeline.leave();
  assert.equal(timeline.nextSequence, null);
  assert.deepEqual([2, 3].map((n) => timeline.place(chunk(n, 900))), ['next', 'next']);
  assert.equal(timeline.lost, 2);
});

test('sequences go round', () => {
  const timeline = new Timeline();
  timeline.place({ ...chunk(5), sequence: 0xffffffff });
  assert.equal(timeline.nextSequence, 0);
});
