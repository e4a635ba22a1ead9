// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Backoff } = await importPage('backoff.js');

test('1, 2, 4 … 60 seconds, and again from 1 after success', () => {
  const backoff = new Backoff(() => 0.5);
  assert.deepEqual(Array.from({ length: 8 }, () => Math.round(backoff.next())), [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
  backoff.reset();
  assert.equal(Math.round(backoff.next()), 1000);
});

test('spread by a fifth to both sides', () => {
  assert.equal(new Backoff(() => 0).next(), 800);
  assert.ok(new Backoff(() => 0.999999).next() > 1199);
});
