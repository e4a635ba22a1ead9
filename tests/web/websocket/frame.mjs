// SPDX-License-Identifier: GPL-3.0-or-later
/** WebSocket frames of a client (RFC 6455, 5.2), right or wrong, as bytes. */
import { randomBytes } from 'node:crypto';

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const FIN = 0x80;
const MASKED = 0x80;
const SHORT_MAX = 125;
const SIXTEEN_BITS = 126;
const SIXTY_FOUR_BITS = 127;

/** The seven bits of the length and, where `width` has some, its bytes. */
function lengthOf(size, width) {
  if (width === 0) return Buffer.from([size]);
  const length = Buffer.alloc(1 + width);
  length[0] = width === 2 ? SIXTEEN_BITS : SIXTY_FOUR_BITS;
  if (width === 2) length.writeUInt16BE(size, 1);
  else length.writeBigUInt64BE(BigInt(size), 1);
  return length;
}

/**
 * @param {number} opcode
 * @param {string|Buffer} [payload]
 * @param {object} [how]
 * @param {boolean} [how.fin]
 * @param {number} [how.rsv]     three bits
 * @param {Buffer|null} [how.mask]  null for a frame that is not masked, as only a server's may be
 * @param {number|bigint} [how.size]   what the header says, where that is not the payload's
 * @param {0|2|8} [how.width]   bytes of the length, where they are not the fewest
 * @returns {Buffer}
 */
export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = randomBytes(4), size, width } = {}) {
  const body = Buffer.from(payload);
  const told = size ?? body.length;
  const length = lengthOf(told, width ?? (told <= SHORT_MAX ? 0 : told <= 0xffff ? 2 : 8));
  if (!mask) return Buffer.concat([Buffer.from([(fin ? FIN : 0) | (rsv << 4) | opcode]), length, body]);
  length[0] |= MASKED;
  for (let i = 0; i < body.length; i++) body[i] ^= mask[i % 4];
  return Buffer.concat([Buffer.from([(fin ? FIN : 0) | (rsv << 4) | opcode]), length, mask, body]);
}

/** A close frame. @param {number} code @param {string|Buffer} [reason] */
export function close(code, reason = '') {
  return frame(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));
}

/** One message in frames with these payloads. */
export function fragments(opcode, payloads) {
  return payloads.map((payload, i) => frame(i ? CONTINUATION : opcode, payload, { fin: i === payloads.length - 1 }));
}

/** `bytes` in pieces of `size`; the last may be shorter. */
export function cut(bytes, size) {
  const all = Buffer.from(bytes);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.subarray(i * size, (i + 1) * size));
}

/** A message that the server answers with an error which quotes `text`. */
export function quoted(text) {
  return Buffer.concat([Buffer.from('{"type":"preset","name":"'), Buffer.from(text), Buffer.from('"}')]);
}
