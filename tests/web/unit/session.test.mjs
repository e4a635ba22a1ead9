// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Session, tokenIn } = await importPage('session.js');

function fakeStorage() {
  const items = new Map();
  return { items, getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value), removeItem: (key) => items.delete(key) };
}

test('what a tab keeps is there after a reload, until it is let go', () => {
  const storage = fakeStorage();
  Object.assign(new Session(storage), { token: 'secret', resume: 'abc' });
  const session = new Session(storage);
  assert.deepEqual([session.token, session.resume], ['secret', 'abc']);
  session.token = undefined;
  assert.equal(session.token, undefined);
  assert.equal(new Session(storage).token, undefined);
  assert.equal(new Session(storage).resume, 'abc');
});

test('storage that is missing or throws does no harm', () => {
  const no = () => { throw new Error('no'); };
  for (const storage of [null, { getItem: no, setItem: no, removeItem: no }]) {
    const session = new Session(storage);
    assert.equal(session.token, undefined);
    session.token = 'secret';
    assert.equal(session.token, 'secret');
    session.token = undefined;
    assert.equal(session.token, undefined);
  }
});

test('a token in an address is found, and nothing else is', () => {
  assert.equal(tokenIn('#token=abc-_1'), 'abc-_1');
  assert.equal(tokenIn('#token=a%2Bb+c'), 'a+b+c');
  assert.equal(tokenIn('#x=1&token=abc&y=2'), 'abc');
  assert.equal(tokenIn('#token=%'), '%');
  for (const hash of ['', '#', '#controls', '#token=', '#mytoken=abc']) assert.equal(tokenIn(hash), null, hash);
});
