// SPDX-License-Identifier: GPL-3.0-or-later
/** Section 7: how a connection is closed. */
import { ERROR, closed, inPieces } from './cases.mjs';
import { CLOSE, CONTINUATION, PING, TEXT, close, frame } from './frame.mjs';

const bytes = (hex) => Buffer.from(hex, 'hex');

const order = [
  ...inPieces('7.1.1', 'a text, then a close', [frame(TEXT, 'Hello World!'), close(1000)], [ERROR, closed(1000)]),
  ...inPieces('7.1.2', 'two closes', [close(1000), close(1000)], [closed(1000)]),
  ...inPieces('7.1.3', 'a ping behind the close', [close(1000), frame(PING)], [closed(1000)]),
  ...inPieces('7.1.4', 'a text behind the close', [close(1000), frame(TEXT, 'too late')], [closed(1000)]),
  ...inPieces('7.1.5', 'a close within a fragmented text', [frame(TEXT, 'fragment1', { fin: false }), close(1000), frame(CONTINUATION, 'fragment2')], [closed(1000)]),
  { id: '7.1.6', what: 'a large message, a close, a ping', send: [Buffer.concat([frame(TEXT, Buffer.alloc(16384, '*')), close(1000), frame(PING)])], expect: [ERROR, closed(1000)] },
  { id: '7.1', what: '256 KiB behind the close', send: [Buffer.concat([close(1000), Buffer.alloc(1 << 18, 0xff)])], expect: [closed(1000)] },
  { id: '7.1', what: '1 MiB behind a breach', send: [Buffer.concat([frame(3), Buffer.alloc(1 << 20, 0xff)])], expect: [closed(1002)] },
];

const payloads = [
  ...inPieces('7.3.1', 'a close without payload', [frame(CLOSE)], [closed(1005)]),
  ...inPieces('7.3.2', 'a close of one byte', [frame(CLOSE, bytes('03'))], [closed(1002)]),
  ...inPieces('7.3.3', 'a close with a code', [close(1000)], [closed(1000)]),
  ...inPieces('7.3.4', 'a close with a reason', [close(1000, 'Hello World!')], [closed(1000)]),
  ...inPieces('7.3.5', 'a close with a reason of 123 bytes', [close(1000, '*'.repeat(123))], [closed(1000)]),
  ...inPieces('7.3.6', 'a close with a reason of 124 bytes', [close(1000, '*'.repeat(124))], [closed(1002)]),
  ...inPieces('7.5', 'a close with a reason in Greek', [close(1000, 'κόσμε')], [closed(1000)]),
  ...inPieces('7.5.1', 'a close with a surrogate in its reason', [close(1000, Buffer.concat([bytes('cebae1bdb9cf83cebcceb5eda080'), Buffer.from('edited')]))], [closed(1007)]),
  ...inPieces('7.5', 'a close with half a character as its reason', [close(1000, bytes('cebae1bd'))], [closed(1007)]),
];

const GOOD = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const BAD = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535];
const codes = [
  ...GOOD.flatMap((code) => inPieces('7.7', `code ${code}`, [close(code)], [closed(code)])),
  ...BAD.flatMap((code) => inPieces(code < 5000 ? '7.9' : '7.13', `code ${code}`, [close(code)], [closed(1002)])),
];

/** @type {import('./cases.mjs').Case[]} */
export const closing = [...order, ...payloads, ...codes];
