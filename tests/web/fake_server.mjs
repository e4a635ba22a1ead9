// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A small server that speaks the stream's protocol, for the page's own tests and for work on the page.
 *
 * usage: node tests/web/fake_server.mjs [--port N] [--sample-rate N] [--control-token TOKEN] [--private-limit N]
 *
 * Prints one line with its address. It serves the page's files with the headers of the real server.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { KEYS, MODES } from './fake_music.mjs';
import { CHUNK_MS, FakeStation } from './fake_station.mjs';
import { requireWeb, servedFiles } from './modules.mjs';

const { WebSocketServer } = requireWeb('ws');

const STATIONS = ['main', 'night'];
const OWN = 'private';
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
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
const RANGES = { bpm: { min: 30, max: 200 }, intensity: { min: 0, max: 1 } };

/**
 * @typedef {object} FakeOptions
 * @property {number} [sampleRate]
 * @property {string} [controlToken]  without it everybody may steer
 * @property {number} [privateLimit]  stations that listeners have for themselves
 * @property {boolean} [old]          as before there was a right to steer, stations of one's own, or a way to go on
 * @property {object} [memory]        of the server before
 */

export class FakeServer {
  /** The query of every stream that was asked for, oldest first. @type {URLSearchParams[]} */
  asked = [];
  /** What the next server goes on with. */
  memory;
  #options;
  #http = createServer((request, response) => this.#serve(request, response));
  #files = servedFiles();
  #sockets = new Map();

  /** @param {FakeOptions} [options] */
  constructor({ sampleRate = 48000, controlToken = null, privateLimit = 2, old = false, memory = null } = {}) {
    this.#options = { sampleRate, controlToken, privateLimit, old };
    this.memory = memory ?? { shared: new FakeStation(sampleRate), own: new Map() };
    const sockets = new WebSocketServer({ server: this.#http, path: '/ws/stream', verifyClient: ({ req }, answer) => answer(this.#knows(req), 404) });
    sockets.on('connection', (socket, request) => this.#join(socket, queryOf(request)));
  }

  /** The options, to change what the server does from now on. */
  get options() {
    return this.#options;
  }

  /** What all shared stations play here. */
  get station() {
    return this.memory.shared;
  }

  /** @returns {Promise<string>} the address */
  async start(port = 0) {
    await new Promise((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    this.station.start(true);
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  /** Ends at once, or in order: then listeners are told. */
  async stop({ inOrder = false } = {}) {
    for (const station of [this.station, ...this.memory.own.values()]) station.stop();
    for (const socket of this.#sockets.keys()) inOrder ? this.#sendAway(socket) : socket.terminate();
    const closed = new Promise((resolve) => this.#http.close(resolve));
    if (inOrder) await Promise.all([...this.#sockets.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    this.#http.closeAllConnections();
    await closed;
  }

  /** Sends a message to every listener, as it is. */
  tell(message) {
    for (const socket of this.#sockets.keys()) socket.send(JSON.stringify(message));
  }

  #sendAway(socket) {
    const { station, name } = this.#sockets.get(socket);
    const resume = name === OWN ? station.token : String(station.sequence);
    if (!this.#options.old) socket.send(JSON.stringify({ type: 'going_away', resume }));
    socket.close(GOING_AWAY);
  }

  async #serve(request, response) {
    const path = new URL(request.url, 'http://x').pathname;
    const json = (status, body) => void response.writeHead(status, { ...HEADERS, 'Content-Type': TYPES.json }).end(JSON.stringify(body));
    if (path === '/api/status') return json(200, { stations: STATIONS.map((station) => ({ station })) });
    if (path === '/ws/stream') return this.#knows(request) ? json(400, { type: 'error', message: 'only WebSockets here' }) : json(404, { type: 'error', message: `no such station: there are ${STATIONS.join(', ')}` });
    const file = this.#files.get(path);
    if (!file) return void response.writeHead(404, HEADERS).end('nothing here');
    const type = TYPES[file.split('.').at(-1)] ?? 'text/javascript';
    response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(await readFile(file));
  }

  /** Both stations play the same here. */
  #knows(request) {
    const name = queryOf(request).get('station') ?? STATIONS[0];
    return STATIONS.includes(name) || (name === OWN && !this.#options.old);
  }

  #join(socket, query) {
    this.asked.push(query);
    const name = query.get('station') ?? STATIONS[0];
    const station = name === OWN ? this.#ownStation(query) : this.station;
    if (!station) return this.#refuse(socket);
    const { controlToken, old } = this.#options;
    const control = name === OWN || controlToken === null || query.get('token') === controlToken;
    const format = station.formatFor(query.get('format'));
    this.#sockets.set(socket, { station, name, control });
    socket.on('message', (data) => this.#hear(socket, data));
    socket.on('close', () => this.#leave(socket));
    const rights = old ? {} : { control, ...(name === OWN ? { resume: station.token } : {}) };
    socket.send(JSON.stringify({ ...this.#hello(name, format), ...rights }));
    const from = !old && name !== OWN && query.has('resume') ? Number(query.get('resume')) : null;
    station.join(socket, { format, score: query.get('score') === '1', name, from });
    station.start();
  }

  /** @returns {FakeStation|null} null where there is no room */
  #ownStation(query) {
    const { own } = this.memory;
    const known = own.get(query.get('resume'));
    if (known) return known;
    const awake = [...own.values()].filter(({ listeners }) => listeners > 0).length;
    if (awake >= this.#options.privateLimit) return null;
    const station = new FakeStation(this.#options.sampleRate);
    const preset = query.get('preset');
    if (preset in PRESET_STATES) station.set({ preset, ...PRESET_STATES[preset] });
    own.set(station.token, station);
    return station;
  }

  #refuse(socket) {
    socket.send(JSON.stringify({ type: 'error', code: 'full', message: 'all private stations that this machine has the power for are taken: try again later', stations: STATIONS }));
    socket.close(TRY_AGAIN_LATER);
  }

  #leave(socket) {
    const { station, name } = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    station.leave(socket);
    if (name === OWN && station.listeners === 0) station.stop();
  }

  #hear(socket, data) {
    const { station, control } = this.#sockets.get(socket);
    const answer = (error) => socket.send(JSON.stringify({ type: 'error', ...error }));
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return answer({ message: 'not JSON' });
    }
    if (!control) return answer({ code: 'forbidden', message: 'steering this station takes its control token' });
    if (message.type === 'preset') station.set({ preset: message.name, ...PRESET_STATES[message.name] });
    if (message.type === 'control') this.#steer(station, message, answer);
  }

  #steer(station, { key, mode, bpm, intensity }, answer) {
    const given = Object.entries({ key, mode, bpm, intensity }).filter(([, value]) => value !== undefined);
    const beyond = given.find(([field, value]) => RANGES[field] && !(value >= RANGES[field].min && value <= RANGES[field].max));
    if (beyond) return answer({ message: `${beyond[0]} goes from ${RANGES[beyond[0]].min} to ${RANGES[beyond[0]].max}` });
    station.set(Object.fromEntries(given));
  }

  #hello(station, format) {
    const stream = { format, sample_rate: this.#options.sampleRate, channels: 2, chunk_ms: CHUNK_MS };
    return { type: 'hello', version: '0.1.0', station, stations: STATIONS, ...stream, presets: PRESETS, modes: MODES, keys: KEYS, ...RANGES };
  }
}

function queryOf(request) {
  return new URL(request.url, 'http://x').searchParams;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const names = ['port', 'sample-rate', 'control-token', 'private-limit'];
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const server = new FakeServer({
    sampleRate: Number(values['sample-rate'] ?? 48000),
    controlToken: values['control-token'] ?? null,
    privateLimit: Number(values['private-limit'] ?? 2),
  });
  console.log(await server.start(Number(values.port ?? 0)));
  process.on('SIGTERM', () => server.stop({ inOrder: true }).then(() => process.exit(0)));
}
