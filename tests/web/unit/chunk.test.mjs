// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from '../modules.mjs';

const { CODEC_OPUS, CODEC_PCM, ChunkError, HEADER_BYTES, parseChunk } = await importPage('chunk.js');

/** A sound PCM chunk of 2 ms, with changes. */
function makeChunk(changes = {}) {
  const fields = { version: 1, codec: CODEC_PCM, channels: 2, sequence: 7, frame: 4800n, timestamp: 1700000000000000n, rate: 48000, packets: 1, duration: 2, payload: new Uint8Array(96 * 4), ...changes };
  const buffer = new ArrayBuffer(HEADER_BYTES + fields.payload.length);
  const view = new DataView(buffer);
  view.setUint8(0, fields.version);
  view.setUint8(1, fields.codec);
  view.setUint16(2, fields.channels, true);
  view.setUint32(4, fields.sequence, true);
  view.setBigUint64(8, fields.frame, true);
  view.setBigUint64(16, fields.timestamp, true);
  view.setUint32(24, fields.rate, true);
  view.setUint16(28, fields.packets, true);
  view.setUint16(30, fields.duration, true);
  new Uint8Array(buffer).set(fields.payload, HEADER_BYTES);
  return buffer;
}

const opus = (packets, payload) => makeChunk({ codec: CODEC_OPUS, packets, payload: Uint8Array.from(payload) });

test('a PCM chunk tells its fields', () => {
  const chunk = parseChunk(makeChunk());
  assert.equal(chunk.sequence, 7);
  assert.equal(chunk.frame, 4800);
  assert.equal(chunk.timestamp, 1700000000000000);
  assert.equal(chunk.frames, 96);
  assert.equal(chunk.packets[0].length, 384);
});

test('frames beyond 2^32 are counted', () => {
  assert.equal(parseChunk(makeChunk({ frame: 2n ** 40n + 5n })).frame, 2 ** 40 + 5);
});

test('Opus packets are split', () => {
  const { packets } = parseChunk(opus(2, [1, 0, 9, 3, 0, 1, 2, 3]));
  assert.deepEqual(packets.map((packet) => [...packet]), [[9], [1, 2, 3]]);
});

const refused = {
  'an empty message': new ArrayBuffer(0),
  'a cut header': new ArrayBuffer(31),
  'another version': makeChunk({ version: 2 }),
  'an unknown codec': makeChunk({ codec: 3 }),
  'no channels': makeChunk({ channels: 0 }),
  'three channels': makeChunk({ channels: 3 }),
  'no sample rate': makeChunk({ rate: 0 }),
  'no duration': makeChunk({ duration: 0 }),
  'a frame beyond 2^53': makeChunk({ frame: 2n ** 60n }),
  'PCM of another length': makeChunk({ payload: new Uint8Array(380) }),
  'two packets of PCM': makeChunk({ packets: 2 }),
  'Opus without a packet': opus(0, []),
  'an empty packet': opus(1, [0, 0]),
  'a packet past the end': opus(1, [5, 0, 1]),
  'a length cut in half': opus(2, [1, 0, 9, 3]),
  'bytes left over': opus(1, [1, 0, 9, 9]),
};
for (const [name, buffer] of Object.entries(refused)) {
  test(`${name} is refused`, () => assert.throws(() => parseChunk(buffer), ChunkError));
}

test('no noise gets through as anything but a ChunkError', () => {
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  for (let i = 0; i < 5000; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 80) }, () => random() * 256);
    if (bytes.length > 2) bytes.set([1, 1 + (i % 2)]);
    try {
      parseChunk(bytes.buffer);
    } catch (error) {
      assert.ok(error instanceof ChunkError, String(error));
    }
  }
});
