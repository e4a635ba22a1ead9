// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The WebSocket of the program against RFC 6455, case by case as the Autobahn|Testsuite has them, as far as they apply
 * to a server that does not echo: it answers a message that it cannot use with an error, and a ping with a pong.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { serveBeside } from '../websocket/bystander.mjs';
import { play } from '../websocket/cases.mjs';
import { closing } from '../websocket/closing.mjs';
import { fragmentsAndLimits } from '../websocket/fragments.mjs';
import { CLOSE, PING, TEXT, close, cut, frame } from '../websocket/frame.mjs';
import { framing } from '../websocket/framing.mjs';
import { handshakes } from '../websocket/handshake.mjs';
import { KEY, Peer, properHeaders, requestOf } from '../websocket/peer.mjs';
import { text } from '../websocket/text.mjs';

const AT_ONCE = 16;
const GONE_MS = 15000;
const ACCEPT = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const skip = process.env.TUTTI || process.env.TUTTI_URL ? false : 'only the program is held to it';
const beside = serveBeside(skip);

for (const [name, cases] of Object.entries({ framing, fragmentsAndLimits, text, closing })) {
  describe(name, { concurrency: AT_ONCE, skip }, () => {
    for (const one of cases) {
      test(`${one.id}: ${one.what}`, async () => {
        await play(beside.server.url, one);
        await beside.bystander.isServed();
      });
    }
  });
}

async function listeners() {
  const { stations } = await (await fetch(`${beside.server.url}/api/status`)).json();
  return stations.find((one) => one.station === 'main').listeners;
}

/** Sends a handshake and waits for the reply. */
async function shakeHands({ change = {}, line, pieces = (request) => [request] }) {
  const peer = new Peer(beside.server.url);
  await peer.send(pieces(requestOf({ ...properHeaders(new URL(beside.server.url).host), ...change }, line)));
  await peer.until(() => peer.status, 'a reply');
  return peer;
}

/** What every proper handshake is answered with; then leaves. */
async function expectOpen(peer, answers = []) {
  assert.equal(peer.status, 101);
  assert.equal(peer.headers['sec-websocket-accept'], ACCEPT);
  assert.match(peer.headers.upgrade, /^websocket$/i);
  assert.match(peer.headers.connection, /^upgrade$/i);
  // Nothing was agreed on beyond the protocol itself.
  for (const name of ['sec-websocket-extensions', 'sec-websocket-protocol', 'content-length', 'transfer-encoding']) assert.equal(peer.headers[name], undefined, name);
  await peer.until(() => peer.greeted && peer.answers.length >= answers.length, 'a hello');
  await peer.send([close(1000)]);
  await peer.untilOver();
  assert.deepEqual(peer.answers, [...answers, 'close 1000']);
}

describe('handshake', { concurrency: AT_ONCE, skip }, () => {
  for (const one of handshakes) {
    test(`${one.what}: ${one.status}`, async () => {
      const peer = await shakeHands(one);
      if (one.status === 101) await expectOpen(peer);
      assert.equal(peer.status, one.status);
      if (one.status === 426) assert.equal(peer.headers['sec-websocket-version'], '13');
      if (one.status === 426) assert.match(peer.headers.upgrade, /websocket/i);
      peer.drop();
      await beside.bystander.isServed();
    });
  }

  test('octet by octet', async () => expectOpen(await shakeHands({ pieces: (request) => cut(request, 1) })));

  test('with the first frames in the same write', async () => {
    const behind = [frame(PING, 'early'), frame(TEXT, '*')];
    await expectOpen(await shakeHands({ pieces: (request) => [Buffer.concat([Buffer.from(request), ...behind])] }), ['pong 6561726c79', 'error']);
  });

  test('with half a frame in the same write', async () => {
    const ping = frame(PING, 'early');
    await expectOpen(await shakeHands({ pieces: (request) => [Buffer.concat([Buffer.from(request), ping.subarray(0, 4)]), ping.subarray(4)] }), ['pong 6561726c79']);
  });

  test('with a close in the same write', async () => {
    const peer = await shakeHands({ pieces: (request) => [Buffer.concat([Buffer.from(request), frame(CLOSE)])] });
    await peer.untilOver();
    assert.deepEqual(peer.answers, ['close 1005']);
  });

  test('with a breach in the same write', async () => {
    const peer = await shakeHands({ pieces: (request) => [Buffer.concat([Buffer.from(request), frame(3)])] });
    await peer.untilOver();
    assert.deepEqual(peer.answers, ['close 1002']);
  });
});

test('whoever did nothing wrong has had every chunk, and nobody else is still there', { skip }, async () => {
  const deadline = Date.now() + GONE_MS;
  while ((await listeners()) !== 1) assert.ok(Date.now() < deadline, `${await listeners()} are still there`);
  assert.ok(beside.bystander.chunks > 0);
  assert.equal(beside.bystander.holes, 0);
});
