// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A small server that speaks the stream's wire format, for the page's own tests and for work on the page.
 *
 * usage: node tests/web/fake_server.mjs [--port N] [--sample-rate N]
 *
 * Prints one line with its address. It serves the page's files with the headers of the real server.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { FakeMusic, KEYS, MODES } from './fake_music.mjs';
import { requireWeb, servedFiles } from './modules.mjs';

const { WebSocketServer } = requireWeb('ws');
const OpusScript = requireWeb('opusscript');

const STATIONS = ['main', 'night'];
const CHUNK_MS = 100;
const PACKETS = 5;
const BURST = 3;
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; connect-src 'self' ws: wss:",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};
const TYPES = { html: 'text/html; charset=utf-8', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', mp3: 'audio/mpeg', json: 'application/json' };
const PRESETS = [
  { name: 'focus', title: 'Focus', description: 'Steady and unobtrusive' },
  { name: 'meditation', title: 'Meditation', description: 'Slow, open, breathing' },
  { name: 'sleep', title: 'Sleep', description: 'Barely there' },
  { name: 'bright', title: 'Bright', description: 'Light on water' },
];
const PRESET_STATES = {
  focus: { key: 'D', mode: 'dorian', bpm: 60, intensity: 0.4 },
  meditation: { key: 'C', mode: 'lydian', bpm: 50, intensity: 0.25 },
  sleep: { key: 'F', mode: 'ionian', bpm: 40, intensity: 0.1 },
  bright: { key: 'G', mode: 'ionian', bpm: 84, intensity: 0.7 },
};

export class FakeServer {
  #http = createServer((request, response) => this.#serve(request, response));
  #files = servedFiles();
  #rate;
  #music;
  #clients = new Map();
  #recent = [];
  #sequence = 0;
  #born = 0;
  #timer = null;
  #encoder;

  constructor({ sampleRate = 48000 } = {}) {
    this.#rate = sampleRate;
    this.#music = new FakeMusic(sampleRate);
    this.#encoder = sampleRate === 48000 ? new OpusScript(48000, 2, OpusScript.Application.AUDIO) : null;
    const sockets = new WebSocketServer({ server: this.#http, path: '/ws/stream', verifyClient: ({ req }, answer) => answer(known(req), 404) });
    sockets.on('connection', (socket, request) => this.#join(socket, new URL(request.url, 'http://x').searchParams));
  }

  /** @returns {Promise<string>} the address */
  async start(port = 0) {
    await new Promise((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    this.#born = Date.now() * 1000;
    this.#tick();
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  async stop() {
    clearTimeout(this.#timer);
    for (const socket of this.#clients.keys()) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #serve(request, response) {
    const path = new URL(request.url, 'http://x').pathname;
    const json = (status, body) => void response.writeHead(status, { ...HEADERS, 'Content-Type': TYPES.json }).end(JSON.stringify(body));
    if (path === '/api/status') return json(200, { stations: STATIONS.map((station) => ({ station })) });
    if (path === '/ws/stream') return known(request) ? json(400, { type: 'error', message: 'only WebSockets here' }) : json(404, { type: 'error', message: `no such station: there are ${STATIONS.join(', ')}` });
    const file = this.#files.get(path);
    if (!file) return void response.writeHead(404, HEADERS).end('nothing here');
    const type = TYPES[file.split('.').at(-1)] ?? 'text/javascript';
    response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(await readFile(file));
  }

  #join(socket, query) {
    const format = this.#encoder ? (query.get('format') ?? 'opus') : 'pcm';
    this.#clients.set(socket, { format, score: query.get('score') === '1' });
    socket.on('message', (data) => this.#hear(socket, data));
    socket.on('close', () => this.#leave(socket));
    socket.send(JSON.stringify(this.#hello(format)));
    socket.send(JSON.stringify(this.#state()));
    for (const chunk of this.#recent) this.#send(socket, chunk);
    this.#announce();
  }

  #leave(socket) {
    this.#clients.delete(socket);
    this.#announce();
  }

  #hear(socket, data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return socket.send(JSON.stringify({ type: 'error', message: 'not JSON' }));
    }
    if (message.type === 'preset') this.#music.set({ preset: message.name, ...PRESET_STATES[message.name] });
    const { key, mode, bpm, intensity } = message;
    const given = Object.entries({ key, mode, bpm, intensity }).filter(([, value]) => value !== undefined);
    if (message.type === 'control') this.#music.set(Object.fromEntries(given));
    this.#announce();
  }

  #announce() {
    const text = JSON.stringify(this.#state());
    for (const socket of this.#clients.keys()) socket.send(text);
  }

  #hello(format) {
    const stream = { format, sample_rate: this.#rate, channels: 2, chunk_ms: CHUNK_MS };
    const ranges = { bpm: { min: 30, max: 200 }, intensity: { min: 0, max: 1 } };
    return { type: 'hello', version: '0.1.0', station: 'main', stations: STATIONS, ...stream, presets: PRESETS, modes: MODES, keys: KEYS, ...ranges };
  }

  #state() {
    const { key } = this.#music.state;
    const spelling = { key: key === 'Gb' ? 'F#' : key };
    return { type: 'state', station: 'main', ...this.#music.state, ...spelling, listeners: this.#clients.size, frame: this.#music.frame, skipped: 0 };
  }

  #tick() {
    const chord = this.#music.state.chord;
    const frame = this.#music.frame;
    const { samples, events } = this.#music.render((this.#rate * CHUNK_MS) / 1000);
    const chunk = this.#encode(samples, frame, events);
    this.#recent = [...this.#recent.slice(1 - BURST), chunk];
    for (const socket of this.#clients.keys()) this.#send(socket, chunk);
    if (chord !== this.#music.state.chord) this.#announce();
    const due = this.#born / 1000 + this.#sequence * CHUNK_MS;
    this.#timer = setTimeout(() => this.#tick(), due - Date.now());
  }

  #encode(samples, frame, events) {
    const pcm = Buffer.alloc(samples.length * 2);
    samples.forEach((value, i) => pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value)) * 32767), 2 * i));
    const due = this.#born + this.#sequence * CHUNK_MS * 1000;
    const head = (codec, packets) => header(codec, this.#sequence, frame, due, this.#rate, packets);
    const chunk = { events, pcm: Buffer.concat([head(1, 1), pcm]), opus: null };
    if (this.#encoder) chunk.opus = Buffer.concat([head(2, PACKETS), ...this.#packets(pcm)]);
    this.#sequence++;
    return chunk;
  }

  #packets(pcm) {
    const size = pcm.length / PACKETS;
    return Array.from({ length: PACKETS }, (_, i) => {
      const packet = this.#encoder.encode(pcm.subarray(i * size, (i + 1) * size), size / 4);
      const length = Buffer.alloc(2);
      length.writeUInt16LE(packet.length);
      return Buffer.concat([length, packet]);
    });
  }

  #send(socket, chunk) {
    const { format, score } = this.#clients.get(socket);
    if (score && chunk.events.length) socket.send(JSON.stringify({ type: 'score', events: chunk.events }));
    socket.send(format === 'pcm' ? chunk.pcm : chunk.opus);
  }
}

/** Both stations play the same here. */
function known(request) {
  return STATIONS.includes(new URL(request.url, 'http://x').searchParams.get('station') ?? STATIONS[0]);
}

function header(codec, sequence, frame, due, rate, packets) {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(codec, 1);
  bytes.writeUInt16LE(2, 2);
  bytes.writeUInt32LE(sequence, 4);
  bytes.writeBigUInt64LE(BigInt(frame), 8);
  bytes.writeBigUInt64LE(BigInt(Math.round(due)), 16);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt16LE(packets, 28);
  bytes.writeUInt16LE(CHUNK_MS, 30);
  return bytes;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { port: { type: 'string' }, 'sample-rate': { type: 'string' } } });
  const server = new FakeServer({ sampleRate: Number(values['sample-rate'] ?? 48000) });
  console.log(await server.start(Number(values.port ?? 0)));
  process.on('SIGTERM', () => server.stop().then(() => process.exit(0)));
}
