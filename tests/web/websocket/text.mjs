// SPDX-License-Identifier: GPL-3.0-or-later
/** Section 6: text is UTF-8, and what is not is refused as soon as it can be told. */
import { ERROR, closed, inPieces } from './cases.mjs';
import { CONTINUATION, TEXT, cut, fragments, frame, quoted } from './frame.mjs';

const bytes = (hex) => Buffer.from(hex, 'hex');
const kosme = bytes('cebae1bdb9cf83cebcceb5');
const KOSME = kosme.toString();
const edited = Buffer.from('edited');
const surrogate = bytes('eda080');
/** One above the last code point. */
const beyond = bytes('f4908080');

const empty = [
  { id: '6.1.1', what: 'a text of no length', send: [frame(TEXT)], expect: [ERROR] },
  ...inPieces('6.1.2', 'three fragments of no length', fragments(TEXT, ['', '', '']), [ERROR]),
  ...inPieces('6.1.3', 'a fragment between two of no length', fragments(TEXT, ['', quoted('middle'), '']), [ERROR], { quotes: 'middle' }),
];

const greeting = 'Hello-µ@ßöäüàá-UTF-8!!';
const valid = [
  ...inPieces('6.2.1', 'in one frame', [frame(TEXT, quoted(greeting))], [ERROR], { quotes: greeting }),
  ...inPieces('6.2.2', 'cut between characters', fragments(TEXT, cut(quoted('Hello-µ@'), 33)), [ERROR], { quotes: 'Hello-µ@' }),
  ...inPieces('6.2.3', 'in fragments of one octet', fragments(TEXT, cut(quoted(greeting), 1)), [ERROR], { quotes: greeting }),
  ...inPieces('6.2.4', 'Greek in fragments of one octet', fragments(TEXT, cut(quoted(KOSME), 1)), [ERROR], { quotes: KOSME }),
];

const wrong = Buffer.concat([kosme, surrogate, edited]);
const invalid = [
  ...inPieces('6.3.1', 'a surrogate in one frame', [frame(TEXT, wrong)], [closed(1007)]),
  ...inPieces('6.3.2', 'a surrogate in fragments of one octet', fragments(TEXT, cut(wrong, 1)), [closed(1007)]),
];

// The rest of the message never comes: what is wrong is told all the same.
const [untilBeyond, untilHalf] = [Buffer.concat([kosme, beyond]), Buffer.concat([kosme, bytes('f490')])];
const part = (payload, opcode = CONTINUATION) => frame(opcode, payload, { fin: false });
const unended = (payload) => [frame(TEXT, Buffer.concat([payload, edited])).subarray(0, -edited.length)];
const failFast = [
  { id: '6.4.1', what: 'wrong in the second of three fragments', send: [part(kosme, TEXT), part(beyond)], expect: [closed(1007)] },
  { id: '6.4.2', what: 'wrong at the second octet of a character cut in two', send: [part(Buffer.concat([kosme, bytes('f4')]), TEXT), part(bytes('90'))], expect: [closed(1007)] },
  { id: '6.4.3', what: 'wrong in the midst of a frame', send: unended(untilBeyond), expect: [closed(1007)] },
  { id: '6.4.4', what: 'wrong in the midst of a frame, octet by octet', send: cut(unended(untilHalf)[0], 1), expect: [closed(1007)] },
];

const range = (first, last) => Buffer.from(Array.from({ length: last - first + 1 }, (_, i) => first + i));
const lonely = (first, last) => Buffer.from([...range(first, last)].flatMap((start) => [start, 0x20]));
const unfinished = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'];
const kosmeEnds = new Set([2, 5, 7, 9, 11]);
const planes = Array.from({ length: 17 }, (_, plane) => plane);

/** Section, whether it is UTF-8, what. */
const sequences = [
  ...[1, 2, 3, 4, 5].map((count) => ['6.5', true, Buffer.from([...KOSME].slice(0, count).join(''))]),
  ...Array.from(kosme, (_, i) => ['6.6', kosmeEnds.has(i + 1), kosme.subarray(0, i + 1)]),
  ...['00', 'c280', 'e0a080', 'f0908080'].map((hex) => ['6.7', true, hex]),
  ...['f888808080', 'fc8480808080'].map((hex) => ['6.8', false, hex]),
  ...['7f', 'dfbf', 'efbfbf', 'f48fbfbf'].map((hex) => ['6.9', true, hex]),
  ...['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'].map((hex) => ['6.10', false, hex]),
  ...['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'].map((hex) => ['6.11', true, hex]),
  ['6.11', false, beyond],
  ...['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf'].map((hex) => ['6.12', false, hex]),
  ['6.12', false, range(0x80, 0xbe)],
  ...[[0xc0, 0xdf], [0xe0, 0xef], [0xf0, 0xf7], [0xf8, 0xfb], [0xfc, 0xfd]].map(([first, last]) => ['6.13', false, lonely(first, last)]),
  ...unfinished.map((hex) => ['6.14', false, hex]),
  ['6.15', false, unfinished.join('')],
  ...['fe', 'ff', 'fefeffff'].map((hex) => ['6.16', false, hex]),
  ...['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'].map((hex) => ['6.17', false, hex]),
  ...['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'].map((hex) => ['6.18', false, hex]),
  ...['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'].map((hex) => ['6.19', false, hex]),
  ...['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'].map((hex) => ['6.20', false, hex]),
  ...['eda080edb080', 'eda080edbfbf', 'edadbfedb080', 'edadbfedbfbf', 'edae80edb080', 'edae80edbfbf', 'edafbfedb080', 'edafbfedbfbf'].map((hex) => ['6.21', false, hex]),
  ...planes.flatMap((plane) => [0xfffe, 0xffff].map((last) => ['6.22', true, Buffer.from(String.fromCodePoint(plane * 0x10000 + last))])),
  ...[0xfff9, 0xfffa, 0xfffb, 0xfffc, 0xfffd, 0xfffe, 0xffff].map((code) => ['6.23', true, Buffer.from(String.fromCodePoint(code))]),
].map(([id, isText, what]) => [id, isText, typeof what === 'string' ? bytes(what) : what]);

const described = (payload) => (payload.length > 12 ? `${payload.length} octets from ${payload.toString('hex', 0, 6)}` : payload.toString('hex'));
const codePoints = sequences.flatMap(([id, isText, payload]) => inPieces(id, `${described(payload)} is ${isText ? 'text' : 'none'}`, [frame(TEXT, payload)], isText ? [ERROR] : [closed(1007)]));

/** @type {import('./cases.mjs').Case[]} */
export const text = [...empty, ...valid, ...invalid, ...failFast, ...codePoints];
