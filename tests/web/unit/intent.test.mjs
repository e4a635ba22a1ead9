// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Intent } = await importPage('intent.js');
const { throttle } = await importPage('throttle.js');

test('a late state does not pull a slider back, another listener does', () => {
  let now = 0;
  const intent = new Intent(() => now);
  intent.hear({ bpm: 60 });
  intent.wish('bpm', 80);
  intent.hear({ bpm: 65 });
  assert.equal(intent.shown('bpm'), 80);
  intent.hear({ bpm: 80 });
  assert.equal(intent.shown('bpm'), 80);
  intent.hear({ bpm: 100 });
  assert.equal(intent.shown('bpm'), 100);
});

test('a wish that the server does not grant is given up', () => {
  let now = 0;
  const intent = new Intent(() => now);
  intent.hear({ key: 'C' });
  intent.wish('key', 'D');
  now = 1500;
  assert.equal(intent.shown('key'), 'C');
});

test('what is refused is forgotten at once', () => {
  const intent = new Intent(() => 0);
  intent.hear({ key: 'C', bpm: 60 });
  intent.wish('key', 'D');
  assert.deepEqual(intent.forget(), ['key']);
  assert.equal(intent.shown('key'), 'C');
  assert.deepEqual(intent.forget(), []);
});

test('a throttle delivers the first at once and always the last', async () => {
  const out = [];
  const send = throttle((value) => out.push(value), 20);
  for (let i = 0; i < 50; i++) send(i);
  assert.deepEqual(out, [0]);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.deepEqual(out, [0, 49]);
});
