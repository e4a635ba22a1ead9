// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Ten listeners of mixed formats: how late their chunks arrive, and whether any is missing.
 *
 * usage: node bench/ten_listeners.mjs URL [SECONDS]
 *
 * Prints JSON; the exit status is 1 when there is a hole, when somebody hears less than nine tenths, or when fewer than
 * 99% came within 10 ms. Lateness is from the time at which a chunk was due (its own stamp) to its arrival here, in
 * milliseconds; the burst on joining is not counted. Needs `make setup` (npm's ws).
 */
import { get } from 'node:http';
import { createRequire } from 'node:module';

const { WebSocket } = createRequire(new URL('../web/package.json', import.meta.url))('ws');
const FORMATS = ['opus', 'opus', 'opus', 'opus', 'pcm', 'pcm', 'pcm', 'json', 'json'];
const BURST = 3;
/** What each gets in a second: of Ogg bytes, and few where the music is quiet. */
const LEAST = { opus: 9, pcm: 9, json: 9, ogg: 1000 };

function header(data, isBinary) {
  if (isBinary) return { sequence: data.readUInt32LE(4), due: Number(data.readBigUInt64LE(16)) / 1000 };
  const message = JSON.parse(data);
  return message.type === 'audio' ? { sequence: message.seq, due: message.timestamp / 1000 } : null;
}

function listen(url, format) {
  const result = { format, chunks: 0, holes: 0, lateness: [] };
  const socket = new WebSocket(`${url.replace('http', 'ws')}ws/stream?format=${format}`);
  let next = null;
  socket.on('message', (data, isBinary) => {
    const now = performance.timeOrigin + performance.now();
    const chunk = header(data, isBinary);
    if (!chunk) return;
    if (next !== null && chunk.sequence !== next) result.holes++;
    next = chunk.sequence + 1;
    if (++result.chunks > BURST) result.lateness.push(now - chunk.due);
  });
  return { result, close: () => socket.close() };
}

function listenOgg(url) {
  const result = { format: 'ogg', bytes: 0, chunks: 0, holes: 0, lateness: [] };
  const request = get(`${url}stream/main.ogg`, (response) => response.on('data', (data) => (result.bytes += data.length)));
  request.on('error', () => {});
  return { result, close: () => request.destroy() };
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
const url = (process.argv[2] ?? 'http://127.0.0.1:8080/').replace(/\/?$/, '/');
const seconds = Number(process.argv[3] ?? 60);
const listeners = [...FORMATS.map((format) => listen(url, format)), listenOgg(url)];
setTimeout(() => {
  for (const { close } of listeners) close();
  const all = listeners.flatMap(({ result }) => result.lateness).sort((a, b) => a - b);
  const within = all.filter((ms) => ms <= 10).length / all.length;
  const holes = listeners.reduce((sum, { result }) => sum + result.holes, 0);
  console.log(JSON.stringify({
    seconds,
    listeners: listeners.length,
    chunks: all.length,
    holes,
    ogg_bytes: listeners.at(-1).result.bytes,
    lateness_ms: { p50: at(all, 0.5), p99: at(all, 0.99), max: all.at(-1) },
    within_10_ms: within,
  }, null, 2));
  const served = listeners.every(({ result }) => (result.format === 'ogg' ? result.bytes : result.chunks) > seconds * LEAST[result.format]);
  process.exit(served && holes === 0 && within >= 0.99 ? 0 : 1);
}, seconds * 1000);
