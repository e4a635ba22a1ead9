// SPDX-License-Identifier: GPL-3.0-or-later
/** Sections 5, 9 and 10: messages in fragments, and how large one may be. */
import { ERROR, closed, inPieces, pong } from './cases.mjs';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, cut, fragments, frame, quoted } from './frame.mjs';

const LARGEST = 16384;
const start = (payload) => frame(TEXT, payload, { fin: false });
const middle = (payload = '') => frame(CONTINUATION, payload, { fin: false });
const end = (payload = '') => frame(CONTINUATION, payload);

// The server's error repeats the name, so that it is seen to have the fragments in order.
const [first, second] = cut(quoted('fragment1 fragment2'), 35);
const quotes = { quotes: 'fragment1 fragment2' };
const five = cut(quoted('fragment1fragment2fragment3'), 11);
const whole = { quotes: 'fragment1fragment2fragment3' };

const fragmentation = [
  ...inPieces('5.1', 'a ping in two fragments', [frame(PING, 'fragment1', { fin: false }), end('fragment2')], [closed(1002)]),
  ...inPieces('5.2', 'a pong in two fragments', [frame(PONG, 'fragment1', { fin: false }), end('fragment2')], [closed(1002)]),
  { id: '5', what: 'a close in two fragments', send: [frame(CLOSE, Buffer.from('03', 'hex'), { fin: false }), end(Buffer.from('e8', 'hex'))], expect: [closed(1002)] },
  ...inPieces('5.3 to 5.5', 'a text in two fragments', [start(first), end(second)], [ERROR], quotes),
  ...inPieces('5.6 to 5.8', 'a ping between two fragments', [start(first), frame(PING, 'between'), end(second)], [pong('between'), ERROR], quotes),
  ...inPieces('5.9 to 5.11', 'the end of nothing, then a text', [end('non-continuation payload'), frame(TEXT, 'Hello, world!')], [closed(1002)]),
  ...inPieces('5.12 to 5.14', 'the middle of nothing, then a text', [middle('non-continuation payload'), frame(TEXT, 'Hello, world!')], [closed(1002)]),
  ...inPieces('5.15', 'a text in two fragments, the middle of nothing, a text', [start(first), end(second), middle('fragment3'), frame(TEXT, 'fragment4')], [ERROR, closed(1002)], quotes),
  ...inPieces('5.16', 'the middle of nothing before a text in two fragments', [middle('fragment1'), start('fragment2'), end('fragment3')], [closed(1002)]),
  ...inPieces('5.17', 'the end of nothing before a text in two fragments', [end('fragment1'), start('fragment2'), end('fragment3')], [closed(1002)]),
  ...inPieces('5.18', 'a text within a text', [start('fragment1'), frame(TEXT, 'fragment2')], [closed(1002)]),
  ...inPieces('5', 'a start within a text', [start('fragment1'), start('fragment2'), end('fragment3')], [closed(1002)]),
  ...inPieces('5', 'bytes within a text', [start('fragment1'), frame(BINARY, 'fragment2')], [closed(1002)]),
  ...inPieces('5.19, 5.20', 'a text in five fragments with two pings', [start(five[0]), middle(five[1]), frame(PING, 'ping1'), middle(five[2]), middle(five[3]), frame(PING, 'ping2'), end(five[4])], [pong('ping1'), pong('ping2'), ERROR], whole),
  ...inPieces('5', 'fragments of no length around one', [start(''), middle(), middle(quoted('alone')), middle(), end()], [ERROR], { quotes: 'alone' }),
];

const inFrames = (size, each) => Buffer.concat(fragments(TEXT, cut(Buffer.alloc(size, '*'), each)));

// The case list goes to 16 MiB; here it ends at 16 KiB, and what lies beyond is refused however it comes.
const limits = [
  ...[1, 64, 256, 1024, 1300, 4096].flatMap((each) => [
    { id: '9, 10', what: `16384 bytes in fragments of ${each}`, send: [inFrames(LARGEST, each)], expect: [ERROR] },
    { id: '9, 10', what: `16385 bytes in fragments of ${each}`, send: [inFrames(LARGEST + 1, each)], expect: [closed(1009)] },
  ]),
  ...[64, 128, 256, 512, 1024, 2048].map((each) => ({ id: '9.5', what: `16384 bytes in one frame, in pieces of ${each}`, send: cut(frame(TEXT, Buffer.alloc(LARGEST, '*')), each), expect: [ERROR] })),
  { id: '9', what: '16384 bytes, and a fragment of none', send: [start('*'.repeat(LARGEST)), end()], expect: [ERROR] },
  { id: '9', what: '16384 bytes, and a fragment of one', send: [start('*'.repeat(LARGEST)), end('*')], expect: [closed(1009)] },
  { id: '9', what: '1 MiB in one frame', send: [frame(BINARY, Buffer.alloc(1 << 20))], expect: [closed(1009)] },
  { id: '9', what: '10000 fragments of no length', send: [Buffer.concat([start('*'), ...Array.from({ length: 10000 }, () => middle()), end()])], expect: [ERROR] },
  { id: '9', what: 'a ping within a message that is nearly too long', send: [start('*'.repeat(LARGEST)), frame(PING, 'now'), end()], expect: [pong('now'), ERROR] },
];

/** @type {import('./cases.mjs').Case[]} */
export const fragmentsAndLimits = [...fragmentation, ...limits];
