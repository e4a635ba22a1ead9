// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Backoff } = await importPage('backoff.js');

/** The waits until `total` milliseconds have been waited. */
function waitsFor(backoff, total) {
  const waits = [];
  for (let sum = 0; sum < total; sum += waits.at(-1)) waits.push(backoff.next());
  return waits;
}

test('at once, then 0.1 to 1 s for ten seconds, and again at once after success', () => {
  const backoff = new Backoff(() => 0.5);
  const waits = waitsFor(backoff, 10000).map(Math.round);
  assert.deepEqual(waits.slice(0, 7), [25, 100, 200, 400, 800, 1000, 1000]);
  assert.equal(Math.max(...waits), 1000);
  backoff.reset();
  assert.deepEqual([backoff.next(), backoff.next()].map(Math.round), [25, 100]);
});

test('no more than 2 s for a minute, then longer, up to 60 s', () => {
  const backoff = new Backoff(() => 0.5);
  assert.ok(Math.max(...waitsFor(backoff, 59000)) <= 2000);
  const later = Array.from({ length: 12 }, () => backoff.next());
  assert.equal(Math.round(later.at(-1)), 60000);
  later.slice(1).forEach((wait, i) => assert.ok(wait >= later[i]));
});

test('spread by a fifth to both sides, and the first attempts too', () => {
  const [least, most] = [new Backoff(() => 0), new Backoff(() => 0.999999)];
  assert.ok(most.next() - least.next() > 40);
  assert.equal(least.next(), 80);
  assert.ok(most.next() > 119);
});

test('a server that wants to be left alone is, until it is heard again', () => {
  const backoff = new Backoff(() => 0.5);
  backoff.slow();
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()].map(Math.round), [2000, 4000, 8000]);
  backoff.slow();
  assert.equal(Math.round(backoff.next()), 16000);
  backoff.reset();
  assert.equal(Math.round(backoff.next()), 25);
});
