// SPDX-License-Identifier: GPL-3.0-or-later
/** Clients that send far too much, or far too slowly: each gets what it deserves, and one listener beside them nothing. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { serveBeside } from '../websocket/bystander.mjs';
import { PING, TEXT, close, frame } from '../websocket/frame.mjs';
import { Peer, properHeaders, requestOf } from '../websocket/peer.mjs';

const MESSAGES = 500;
const A_SECOND = 50;
const PINGS = 10000;
const SILENT = 200;
const skip = process.env.TUTTI || process.env.TUTTI_URL ? false : 'only the program is held to it';
const beside = serveBeside(skip);
afterEach(() => beside.bystander?.isServed());

const isFlood = (error) => error.includes('messages in a second');

test('a flood of messages is told once, and otherwise ignored', { skip }, async () => {
  const peer = await Peer.open(beside.server.url);
  const start = performance.now();
  await peer.send([Buffer.concat([...Array.from({ length: MESSAGES }, () => frame(TEXT, '?')), frame(PING, 'the end')])]);
  await peer.until(() => peer.answers.includes('pong 74686520656e64'), 'an answer to the ping behind it');
  // A machine that is held up takes longer than a second, and then a second has its own.
  const seconds = 1 + Math.ceil((performance.now() - start) / 1000);
  await peer.until(() => peer.errors.some(isFlood), 'a word about the flood');
  assert.ok(peer.errors.filter(isFlood).length <= seconds, `${peer.errors.filter(isFlood).length} times in ${seconds} s`);
  assert.ok(peer.errors.length <= seconds * (A_SECOND + 1), `${peer.errors.length} answers in ${seconds} s`);
  assert.equal(peer.errors.findIndex(isFlood), A_SECOND);
  // It is heard again afterwards.
  const before = peer.errors.length;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await peer.send([frame(TEXT, '?')]);
  await peer.until(() => peer.errors.length > before, 'an answer after a pause');
  assert.match(peer.errors.at(-1), /JSON/);
  await peer.send([close(1000)]);
  await peer.untilOver();
  assert.equal(peer.answers.at(-1), 'close 1000');
});

test('a flood of pings is answered, the last of them in any case', { skip }, async () => {
  const peer = await Peer.open(beside.server.url);
  await peer.send([Buffer.concat(Array.from({ length: PINGS }, (_, i) => frame(PING, String(i))))]);
  const numbers = () => peer.answers.map((answer) => Number(Buffer.from(answer.slice('pong '.length), 'hex')));
  await peer.until(() => numbers().at(-1) === PINGS - 1, 'a pong to the last ping');
  assert.deepEqual(numbers(), [...new Set(numbers())].sort((a, b) => a - b));
  await peer.send([close(1000)]);
  await peer.untilOver();
});

test('many who never finish their handshake keep nobody out', { skip }, async () => {
  const request = requestOf(properHeaders(new URL(beside.server.url).host));
  const silent = Array.from({ length: SILENT }, () => new Peer(beside.server.url));
  await Promise.all(silent.map((peer, i) => peer.send([request.slice(0, i % request.length)])));
  const peer = await Peer.open(beside.server.url);
  await peer.send([frame(PING)]);
  await peer.until(() => peer.answers.includes('pong '), 'a pong');
  assert.ok(silent.every((one) => one.status === 0));
  for (const one of [peer, ...silent]) one.drop();
});

test('headers beyond what there is room for are refused', { skip }, async () => {
  const peer = new Peer(beside.server.url);
  await peer.send([requestOf({ ...properHeaders(new URL(beside.server.url).host), 'X-Much': 'x'.repeat(100000) })]);
  await peer.untilOver();
  // A client that is still sending may see a reset before it sees the reply.
  assert.ok(peer.status === 431 || (peer.status === 0 && peer.answers.length > 0), `${peer.status} ${peer.answers}`);
});

test('and the listener beside them has had every chunk', { skip }, () => {
  assert.ok(beside.bystander.chunks > 0);
  assert.equal(beside.bystander.holes, 0);
});
