// SPDX-License-Identifier: GPL-3.0-or-later
/** Ten listeners of mixed formats: each gets every chunk, in time, and all of them hear the same. Alone on the machine. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, test } from 'node:test';
import { requireWeb } from '../modules.mjs';
import { startServer, tryThrice, assertSoon } from './browser.mjs';

const { WebSocket } = requireWeb('ws');

const SECONDS = Number(process.env.TUTTI_SECONDS ?? 10);
const FORMATS = ['opus', 'opus', 'opus', 'opus', 'pcm', 'pcm', 'pcm', 'json', 'json'];
const BURST = 3;
const HEADER_BYTES = 32;
const LATE_MS = 10;
const IN_TIME = 0.99;
/** Less is no starved machine's doing. */
const IN_TIME_EVER = 0.9;
const LEAST_CHUNKS = SECONDS * 9;
let server;

before(async () => {
  if (process.env.TUTTI) server = await startServer();
});
after(() => server?.stop());

/** @returns {{sequence: number, due: number, sound: Buffer}|null} null for what is no chunk */
function chunkOf(data, isBinary) {
  if (isBinary) return { sequence: data.readUInt32LE(4), due: Number(data.readBigUInt64LE(16)) / 1000, sound: data.subarray(HEADER_BYTES) };
  const message = JSON.parse(data);
  return message.type === 'audio' ? { sequence: message.seq, due: message.timestamp / 1000, sound: Buffer.from(message.data, 'base64') } : null;
}

/** Keeps how late each chunk came, whether one is missing, and the first listener's sound in every format. */
function listen(url, format, sounds) {
  const result = { format, chunks: 0, holes: 0, lateness: [], different: 0, trouble: null };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/stream?format=${format}`);
  const heard = (sounds[format] ??= new Map());
  let next = null;
  socket.on('error', (error) => (result.trouble = error.message));
  socket.on('message', (data, isBinary) => {
    const now = performance.timeOrigin + performance.now();
    const chunk = chunkOf(data, isBinary);
    if (!chunk) return;
    if (next !== null && chunk.sequence !== next) result.holes++;
    next = chunk.sequence + 1;
    if (++result.chunks > BURST) result.lateness.push(now - chunk.due);
    if (!heard.has(chunk.sequence)) heard.set(chunk.sequence, chunk.sound);
    else if (!heard.get(chunk.sequence).equals(chunk.sound)) result.different++;
  });
  return { result, close: () => socket.close() };
}

function listenOgg(url) {
  const result = { format: 'ogg', bytes: 0, start: '' };
  const request = get(`${url}/stream/main.ogg`, (response) => response.on('data', (data) => {
    result.start ||= data.toString('latin1', 0, 4);
    result.bytes += data.length;
  }));
  request.on('error', () => {});
  return { result, close: () => request.destroy() };
}

async function listenTogether() {
  const sounds = {};
  const listeners = FORMATS.map((format) => listen(server.url, format, sounds));
  const ogg = listenOgg(server.url);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  for (const { close } of [...listeners, ogg]) close();
  return { results: listeners.map(({ result }) => result), ogg: ogg.result, sounds };
}

test(`ten listeners of mixed formats for ${SECONDS} s`, async (t) => {
  if (!process.env.TUTTI) return t.skip('what is measured is the program');
  let flaw = null;
  await tryThrice(t, async () => {
    const { results, ogg, sounds } = await listenTogether();
    const late = results.flatMap(({ lateness }) => lateness).sort((a, b) => a - b);
    const inTime = late.filter((ms) => ms <= LATE_MS).length / late.length;
    const at = (part) => late[Math.floor(part * (late.length - 1))]?.toFixed(1);
    t.diagnostic(`${(100 * inTime).toFixed(2)}% of ${late.length} chunks within ${LATE_MS} ms of due; ms: median ${at(0.5)}, 99% ${at(0.99)}, worst ${at(1)}`);
    const both = [...sounds.pcm.keys()].filter((sequence) => sounds.json.has(sequence));
    // A starved machine may be late, but never leaves a chunk out or tells two listeners different things.
    for (const { format, holes, different, trouble } of results) if (holes || different || trouble) flaw ??= JSON.stringify({ format, holes, different, trouble });
    if (!both.every((sequence) => sounds.pcm.get(sequence).equals(sounds.json.get(sequence)))) flaw ??= 'PCM and JSON differ';
    assert.equal(flaw, null);
    for (const { format, chunks } of results) assert.ok(chunks >= LEAST_CHUNKS, `${format}: ${chunks} chunks`);
    assert.ok(both.length >= LEAST_CHUNKS, `${both.length} chunks in both PCM and JSON`);
    assert.equal(ogg.start, 'OggS');
    assert.ok(ogg.bytes > SECONDS * 1000, `${ogg.bytes} bytes of Ogg`);
    assert.ok(inTime >= IN_TIME_EVER, `${(100 * inTime).toFixed(2)}% within ${LATE_MS} ms`);
    assertSoon(inTime >= IN_TIME, `${(100 * inTime).toFixed(2)}% within ${LATE_MS} ms`);
  });
  assert.equal(flaw, null);
});
