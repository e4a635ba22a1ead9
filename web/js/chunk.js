// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One chunk of the stream: the 32-byte header and the packets behind it.
 *
 * The parser is strict. A chunk that contradicts itself (a length that runs past the end, bytes left over, a duration
 * that the PCM payload does not fill) is refused whole, because half-understood audio is noise in somebody's ears.
 */

export const HEADER_BYTES = 32;
export const CODEC_PCM = 1;
export const CODEC_OPUS = 2;

/**
 * @typedef {object} Chunk
 * @property {number} codec
 * @property {number} channels
 * @property {number} sequence
 * @property {number} frame      index of the first frame in the station's life
 * @property {number} timestamp  when the chunk was due, microseconds since 1970
 * @property {number} sampleRate
 * @property {number} durationMs
 * @property {number} frames     how many frames the chunk lasts
 * @property {Uint8Array[]} packets  views into the message: no copy
 */

/** Says what is wrong with a chunk. */
export class ChunkError extends Error {
  name = 'ChunkError';
}

/**
 * @param {ArrayBuffer} buffer  one binary message
 * @returns {Chunk}
 * @throws {ChunkError}
 */
export function parseChunk(buffer) {
  if (buffer.byteLength < HEADER_BYTES) throw new ChunkError(`${buffer.byteLength} bytes hold no header`);
  const view = new DataView(buffer);
  const chunk = {
    codec: view.getUint8(1),
    channels: view.getUint16(2, true),
    sequence: view.getUint32(4, true),
    frame: wideNumber(view, 8),
    timestamp: wideNumber(view, 16),
    sampleRate: view.getUint32(24, true),
    durationMs: view.getUint16(30, true),
    frames: 0,
    packets: [],
  };
  checkHeader(view.getUint8(0), chunk);
  chunk.frames = Math.round((chunk.sampleRate * chunk.durationMs) / 1000);
  const count = view.getUint16(28, true);
  chunk.packets = chunk.codec === CODEC_OPUS ? splitPackets(view, count) : [wholePayload(buffer, chunk, count)];
  return chunk;
}

/** @param {number} version @param {Chunk} chunk */
function checkHeader(version, chunk) {
  if (version !== 1) throw new ChunkError(`version ${version} is unknown`);
  if (chunk.codec !== CODEC_PCM && chunk.codec !== CODEC_OPUS) throw new ChunkError(`codec ${chunk.codec} is unknown`);
  if (chunk.channels < 1 || chunk.channels > 2) throw new ChunkError(`${chunk.channels} channels`);
  if (chunk.sampleRate < 8000 || chunk.sampleRate > 192000) throw new ChunkError(`sample rate ${chunk.sampleRate}`);
  if (chunk.durationMs < 1 || chunk.durationMs > 1000) throw new ChunkError(`duration ${chunk.durationMs} ms`);
}

/** A u64 as a number, refused where a number no longer counts in ones. */
function wideNumber(view, offset) {
  const value = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
  if (!Number.isSafeInteger(value)) throw new ChunkError(`number at ${offset} is beyond 2^53`);
  return value;
}

function splitPackets(view, count) {
  if (count < 1) throw new ChunkError('no packet');
  const packets = [];
  let offset = HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (offset + 2 > view.byteLength) throw new ChunkError(`packet ${i} has no length`);
    const length = view.getUint16(offset, true);
    offset += 2;
    if (length < 1 || offset + length > view.byteLength) throw new ChunkError(`packet ${i} of ${length} bytes runs past the end`);
    packets.push(new Uint8Array(view.buffer, offset, length));
    offset += length;
  }
  if (offset !== view.byteLength) throw new ChunkError(`${view.byteLength - offset} bytes left over`);
  return packets;
}

function wholePayload(buffer, chunk, count) {
  if (count !== 1) throw new ChunkError(`${count} packets of PCM`);
  const expected = chunk.frames * chunk.channels * 2;
  const actual = buffer.byteLength - HEADER_BYTES;
  if (actual !== expected) throw new ChunkError(`${actual} bytes of PCM where ${expected} belong`);
  return new Uint8Array(buffer, HEADER_BYTES);
}
