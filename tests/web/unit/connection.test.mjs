// SPDX-License-Identifier: GPL-3.0-or-later
/** When it connects, and when it lets the server be: on a WebSocket that the test opens and closes, in the test's own time. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { importPage } from '../modules.mjs';

const { Connection } = await importPage('connection.js');

class FakeSocket {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  bufferedAmount = 0;
  sent = [];

  constructor(address) {
    this.address = address;
    FakeSocket.all.push(this);
  }

  open() {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }

  end(code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.readyState = 3;
  }
}

const realSocket = globalThis.WebSocket;
const realNow = performance.now;
let now = 0;
let states;
let answers;
let said;
let connection;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  Object.assign(globalThis, { WebSocket: FakeSocket });
  performance.now = () => now;
  [now, states, answers, said, FakeSocket.all] = [0, [], [], [], []];
  connection = new Connection({
    address: () => 'ws://server',
    onMessage: (data) => said.push(data),
    whyRefused: async () => answers.shift() ?? null,
    onRefused: (reason) => said.push(`refused: ${reason}`),
    onTrouble: (reason) => said.push(`trouble: ${reason}`),
    onState: (state, wait, code) => states.push({ state, wait, code }),
  });
  connection.open();
});
afterEach(() => {
  connection.close();
  mock.timers.reset();
  globalThis.WebSocket = realSocket;
  performance.now = realNow;
});

const pass = (ms) => {
  now += ms;
  mock.timers.tick(ms);
};
const socket = () => FakeSocket.all.at(-1);
const settle = () => new Promise((resolve) => setImmediate(resolve));
const waits = () => states.filter(({ state }) => state === 'waiting').map(({ wait }) => wait);

/** A connection that works for so long and then ends. */
function live(ms, code) {
  socket().open();
  connection.confirm();
  now += ms;
  socket().end(code);
}

test('a stream that ends is asked for again at once, and then with pauses', () => {
  live(10000, 1001);
  assert.deepEqual(states.at(-1), { state: 'waiting', wait: waits()[0], code: 1001 });
  assert.ok(waits()[0] <= 50);
  pass(50);
  assert.equal(FakeSocket.all.length, 2);
  socket().end(1006);
  pass(50);
  assert.equal(FakeSocket.all.length, 2);
  pass(100);
  assert.equal(FakeSocket.all.length, 3);
});

test('one that works for a moment only is not asked for faster and faster', () => {
  // The sixth wait is the longest there is, and by chance may be shorter than the fifth.
  for (let i = 0; i < 5; i++) {
    live(200, 1006);
    pass(1300);
  }
  waits().slice(2).forEach((wait, i) => assert.ok(wait > waits()[i + 1]));
});

test('a server that would rather have the listener later is not asked for a while', () => {
  live(10000, 1013);
  assert.ok(waits()[0] >= 1600, String(waits()[0]));
});

test('a station that does not exist is given up, even if the answer comes during the next attempt', async () => {
  let answer;
  answers.push(new Promise((resolve) => (answer = resolve)));
  socket().end(1006);
  pass(50);
  assert.equal(FakeSocket.all.length, 2);
  answer({ reason: 'no such station', final: true });
  await settle();
  pass(600000);
  assert.equal(FakeSocket.all.length, 2);
  assert.deepEqual(said, ['refused: no such station']);
  assert.equal(states.at(-1).state, 'refused');
});

test('a server that is full is asked less often, and a late answer does not end what works', async () => {
  answers.push({ reason: 'full', final: false });
  socket().end(1006);
  await settle();
  assert.deepEqual(said, ['trouble: full']);
  assert.ok(waits().at(-1) >= 1600);
  pass(2500);
  let answer;
  answers.push(new Promise((resolve) => (answer = resolve)));
  socket().end(1006);
  pass(5000);
  socket().open();
  connection.confirm();
  answer({ reason: 'no such station', final: true });
  await settle();
  assert.equal(states.at(-1).state, 'live');
  assert.deepEqual(said, ['trouble: full']);
});

test('a connection gone silent is lost, and what it still says is not heard', () => {
  socket().open();
  const old = socket();
  for (let i = 0; i < 6; i++) pass(1000);
  assert.equal(states.find(({ state }) => state === 'waiting').code, 1006);
  pass(50);
  old.onmessage({ data: 'late' });
  assert.deepEqual(said, []);
  assert.equal(FakeSocket.all.length, 2);
});

test('a control message goes out only where it can', () => {
  assert.equal(connection.send({ a: 1 }), false);
  socket().open();
  assert.equal(connection.send({ a: 1 }), true);
  assert.deepEqual(socket().sent, ['{"a":1}']);
  socket().bufferedAmount = 1e6;
  assert.equal(connection.send({ a: 1 }), false);
});
