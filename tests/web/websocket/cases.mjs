// SPDX-License-Identifier: GPL-3.0-or-later
/** What a case of the conformance tests is, and how one is played. */
import assert from 'node:assert/strict';
import { close, cut } from './frame.mjs';
import { Peer } from './peer.mjs';

/**
 * @typedef {object} Case
 * @property {string} id     as in the case list of the Autobahn|Testsuite, where it is from there
 * @property {string} what
 * @property {Buffer[]} send   each is written by itself
 * @property {string[]} expect  the answers in order: `error`, `pong HEX`, `close CODE`
 * @property {string} [quotes]  what the last error repeats
 */

/** The server's answers to what it understands well and cannot use. */
export const ERROR = 'error';

/** @param {string|Buffer} [payload] */
export const pong = (payload = '') => `pong ${Buffer.from(payload).toString('hex')}`;

/** @param {number} code  1005 where there is none */
export const closed = (code) => `close ${code}`;

/** The same frames at once, one by one where there are several, and octet by octet. */
export function inPieces(id, what, frames, expect, more = {}) {
  const all = Buffer.concat(frames);
  return [
    { id, what: `${what}, at once`, send: [all], expect, ...more },
    ...(frames.length > 1 ? [{ id, what: `${what}, frame by frame`, send: frames, expect, ...more }] : []),
    { id, what: `${what}, octet by octet`, send: cut(all, 1), expect, ...more },
  ];
}

/** Whether these are the answers, but for pongs that a later one stands for (RFC 6455, 5.5.3). */
function areThe(expected, answers) {
  let heard = 0;
  for (let i = 0; i < expected.length; i++) {
    const spared = expected[i].startsWith('pong') && expected.slice(i + 1).some((later) => later.startsWith('pong'));
    if (answers[heard] === expected[i]) heard++;
    else if (!spared) return false;
  }
  return heard === answers.length;
}

/** Plays a case on a connection of its own: exactly the expected answers come, and both sides end well. */
export async function play(url, { send, expect, quotes }) {
  const peer = await Peer.open(url);
  await peer.send(send);
  const expected = [...expect];
  if (!expect.at(-1)?.startsWith('close ')) {
    await peer.until(() => areThe(expect, peer.answers), expect.join(', '));
    await peer.send([close(1000)]);
    expected.push(closed(1000));
  }
  await peer.untilOver();
  if (!areThe(expected, peer.answers)) assert.deepEqual(peer.answers, expected);
  if (quotes !== undefined) assert.ok(peer.errors.at(-1).includes(quotes), `${peer.errors.at(-1)} repeats ${quotes}`);
}
