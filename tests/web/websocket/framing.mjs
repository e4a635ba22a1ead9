// SPDX-License-Identifier: GPL-3.0-or-later
/** Sections 1 to 4: single frames, pings and pongs, reserved bits, reserved opcodes; and masks. */
import { ERROR, closed, inPieces, pong } from './cases.mjs';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, cut, frame } from './frame.mjs';

const LARGEST = 16384;
const PIECE = 997;
const OCTETS_MAX = 128;
const PINGS = 10;

/** A message of every length that is written otherwise, and those next to the largest that is taken. */
function sizes(section, opcode, name) {
  return [0, 125, 126, 127, 128, LARGEST, LARGEST + 1, 65535, 65536].flatMap((size, i) => {
    const bytes = frame(opcode, Buffer.alloc(size, '*'));
    const expect = size > LARGEST ? [closed(1009)] : [ERROR];
    const pieces = size > OCTETS_MAX ? PIECE : 1;
    const id = `${section}.${i + 1}`;
    return [
      { id, what: `${name} of ${size} bytes`, send: [bytes], expect },
      { id, what: `${name} of ${size} bytes in pieces of ${pieces}`, send: cut(bytes, pieces), expect },
    ];
  });
}

const longest = Buffer.alloc(125, 0xfe);
const numbered = Array.from({ length: PINGS }, (_, i) => `payload-${i}`);
const severalPings = numbered.map((one) => frame(PING, one));

const pings = [
  { id: '2.1', what: 'a ping without payload', send: [frame(PING)], expect: [pong()] },
  { id: '2.2', what: 'a ping with text', send: [frame(PING, 'Hello, world!')], expect: [pong('Hello, world!')] },
  { id: '2.3', what: 'a ping with bytes that are no text', send: [frame(PING, Buffer.from('00fffefdfcfb00ff', 'hex'))], expect: ['pong 00fffefdfcfb00ff'] },
  { id: '2.4', what: 'a ping of 125 bytes', send: [frame(PING, longest)], expect: [pong(longest)] },
  { id: '2.5', what: 'a ping of 126 bytes', send: [frame(PING, Buffer.alloc(126, 0xfe))], expect: [closed(1002)] },
  { id: '2.6', what: 'a ping of 125 bytes, octet by octet', send: cut(frame(PING, longest), 1), expect: [pong(longest)] },
  { id: '2.7', what: 'a pong that nobody asked for', send: [frame(PONG)], expect: [] },
  { id: '2.8', what: 'a pong with payload that nobody asked for', send: [frame(PONG, 'unsolicited')], expect: [] },
  { id: '2.9', what: 'a pong that nobody asked for, then a ping', send: [frame(PONG, 'unsolicited'), frame(PING, 'ping')], expect: [pong('ping')] },
  ...inPieces('2.10, 2.11', '10 pings', severalPings, numbered.map(pong)),
  { id: '2', what: 'a pong of 126 bytes', send: [frame(PONG, Buffer.alloc(126))], expect: [closed(1002)] },
];

const text = frame(TEXT, '*');

const reservedBits = [
  { id: '3.1', what: 'a text with RSV 1', send: [frame(TEXT, '*', { rsv: 1 })], expect: [closed(1002)] },
  ...inPieces('3.2 to 3.4', 'a text, one with RSV 2, a ping', [text, frame(TEXT, '*', { rsv: 2 }), frame(PING)], [ERROR, closed(1002)]),
  { id: '3.4', what: 'a text with RSV 4, as of a compressed one', send: [frame(TEXT, '*', { rsv: 4 })], expect: [closed(1002)] },
  { id: '3.5', what: 'bytes with RSV 5', send: [frame(BINARY, Buffer.alloc(8, 0xff), { rsv: 5 })], expect: [closed(1002)] },
  { id: '3.6', what: 'a ping with RSV 6', send: [frame(PING, 'Hello, world!', { rsv: 6 })], expect: [closed(1002)] },
  { id: '3.7', what: 'a close with RSV 7', send: [frame(CLOSE, '', { rsv: 7 })], expect: [closed(1002)] },
];

const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => {
  const id = `4.${opcode < CLOSE ? 1 : 2}`;
  return [
    { id, what: `opcode ${opcode}`, send: [frame(opcode)], expect: [closed(1002)] },
    { id, what: `opcode ${opcode} with payload`, send: [frame(opcode, 'reserved')], expect: [closed(1002)] },
    ...inPieces(id, `a text, opcode ${opcode}, a ping`, [text, frame(opcode, 'reserved'), frame(PING)], [ERROR, closed(1002)]),
  ];
});

const mask = (value) => ({ mask: Buffer.from(value, 'hex') });
const masks = [
  ...[TEXT, BINARY, CONTINUATION, PING, PONG].map((opcode) => ({ id: 'mask', what: `opcode ${opcode} that is not masked`, send: [frame(opcode, 'bare', { mask: null })], expect: [closed(1002)] })),
  { id: 'mask', what: 'a close that is not masked', send: [frame(CLOSE, Buffer.from('03e8', 'hex'), { mask: null })], expect: [closed(1002)] },
  { id: 'mask', what: 'a message that is, then one that is not masked', send: [Buffer.concat([text, frame(TEXT, '*', { mask: null })])], expect: [ERROR, closed(1002)] },
  { id: 'mask', what: 'an empty frame that is not masked', send: [frame(PING, '', { mask: null })], expect: [closed(1002)] },
  ...['00000000', 'ffffffff', '01020304', '00ff00ff'].map((key) => ({ id: 'mask', what: `a ping masked with ${key}`, send: [frame(PING, 'behind a mask', mask(key))], expect: [pong('behind a mask')] })),
  { id: 'mask', what: 'each frame with a mask of its own', send: [Buffer.concat([frame(PING, 'one', mask('a1b2c3d4')), frame(TEXT, '*', mask('01020304'))])], expect: [pong('one'), ERROR] },
];

const lengths = [
  { id: 'length', what: '1 byte counted in 16 bits', send: [frame(TEXT, '*', { width: 2 })], expect: [closed(1002)] },
  { id: 'length', what: '1 byte counted in 64 bits', send: [frame(TEXT, '*', { width: 8 })], expect: [closed(1002)] },
  { id: 'length', what: '126 bytes counted in 64 bits', send: [frame(TEXT, '*'.repeat(126), { width: 8 })], expect: [closed(1002)] },
  { id: 'length', what: 'a length with its highest bit set', send: [frame(TEXT, '*', { width: 8, size: 2n ** 63n + 1n })], expect: [closed(1002)] },
  { id: 'length', what: 'the greatest length there is, of which nothing comes', send: [frame(BINARY, '', { width: 8, size: 2n ** 63n - 1n })], expect: [closed(1009)] },
  { id: 'length', what: '16385 announced, of which nothing comes', send: [frame(TEXT, '', { width: 2, size: LARGEST + 1 })], expect: [closed(1009)] },
];

/** @type {import('./cases.mjs').Case[]} */
export const framing = [...sizes('1.1', TEXT, 'a text'), ...sizes('1.2', BINARY, 'a binary message'), ...pings, ...reservedBits, ...reservedOpcodes, ...masks, ...lengths];
