// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The worker: the connection, the decoder and the jitter measurement, so that a busy page never starves the sound.
 *
 * Before the first click, and while paused, it keeps the last chunks undecoded; told to play, it decodes them at once
 * and starts at a place among them that leaves the target level in hand. What is not sound goes on to the page.
 *
 * Away from the server it goes on with what is in the ring, and asks for the stream from the chunk that comes next.
 * Another station takes the sound over with its first chunk, not before: one that is refused leaves the old one playing.
 */
import { Connection } from './connection.js';
import { CODEC_PCM, parseChunk } from './chunk.js';
import { makeOpusDecoder } from './decoder_opus.js';
import { makePcmDecoder } from './decoder_pcm.js';
import { Jitter } from './jitter.js';
import { PortWriter, Ring } from './ring.js';
import { Timeline } from './timeline.js';
import { Tuning } from './tuning.js';

/** As many chunks as a server sends to one who joins. */
const KEEP_CHUNKS = 3;
const HALF_CHUNK_MS = 50;
const STATS_EVERY = 5;
/** WebSocket's close code of a server that stops. */
const GOING_AWAY = 1001;
/** One answer of a server that is there may be the answer of one that has just come back. */
const FOREIGN_ANSWERS = 2;
const FOREIGN = `The server is there, but lets no page of ${self.location.origin} listen: name that address in its option --origins.`;

const jitter = new Jitter();
const timeline = new Timeline();
const decoders = { pcm: makePcmDecoder(), opus: null };
const stats = { received: 0, lost: 0, skipped: 0, refused: 0, bytes: 0, delay: 0 };
let connection = null;
let options = null;
/** @type {Tuning|null} */
let tuning = null;
let format = 'opus';
let writer = null;
let playing = false;
let kept = [];
let flushNext = false;
let restarting = false;
let foreign = 0;

const commands = {
  open: openStream,
  attach: ({ ring, port }) => (writer = ring ? new Ring(ring) : new PortWriter(port)),
  play: startPlaying,
  idle: () => (playing = false),
  send: ({ message }) => connection?.send(message),
  move: ({ station, ...own }) => {
    tuning.ask(station, own);
    connection?.open();
  },
  authorize: ({ token }) => {
    tuning.authorize(token);
    connection?.open();
  },
  wake: () => connection?.wake(),
  sleep: () => {
    connection?.close();
    kept = [];
    tell({ type: 'connection', state: 'asleep', retryMs: 0, format });
  },
};

/** What concerns the stream in what the server tells the page. */
const heed = {
  hello: (hello) => {
    if (tuning.meet(hello)) changeStation();
  },
  state: (state) => {
    tuning.hear(state);
    if (state.skip > 0) stats.skipped += state.skip;
  },
  going_away: ({ resume }) => {
    tuning.leave(resume);
    restarting = true;
  },
};

self.onmessage = ({ data }) => commands[data.type](data);

function tell(message, transfer = []) {
  self.postMessage(message, transfer);
}

async function openStream(command) {
  options = command;
  tuning = new Tuning(command);
  format = command.format ?? 'opus';
  if (format === 'opus') {
    try {
      decoders.opus = await makeOpusDecoder(command.sampleRate ?? 48000);
    } catch (error) {
      format = 'pcm';
      tell({ type: 'fallback', format, reason: String(error.message ?? error) });
    }
  }
  const onRefused = (reason) => tell({ type: 'refused', reason });
  const onTrouble = (reason) => tell({ type: 'trouble', reason });
  connection = new Connection({ address, whyRefused, onRefused, onTrouble, onMessage, onState });
  connection.open();
}

function address() {
  const query = new URLSearchParams({ ...tuning.query(timeline.nextSequence), format, score: '1' });
  return `${options.host}/ws/stream?${query}`;
}

/**
 * A server that opens no WebSocket answers in plain HTTP: 404 for a station that does not exist, 503 where it is full.
 * That it wants an upgrade (426) says that it is there, and so that it does not like where the page comes from.
 */
async function whyRefused() {
  try {
    const response = await fetch(address().replace(/^ws/, 'http'), { cache: 'no-store' });
    if (response.status === 426) return ++foreign < FOREIGN_ANSWERS ? null : { reason: FOREIGN, final: false };
    return { reason: (await response.json()).message, final: response.status === 404 };
  } catch {
    return null;
  }
}

function onState(state, retryMs, code) {
  if (state === 'connecting') {
    jitter.restart();
    timeline.reconnect();
  }
  if (state === 'live') foreign = 0;
  restarting = state !== 'live' && (restarting || code === GOING_AWAY);
  tell({ type: 'connection', state, retryMs, restarting, format });
}

function onMessage(data) {
  if (typeof data === 'string') hearText(data);
  else hearChunk(data);
}

function hearText(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    stats.refused++;
    return;
  }
  heed[message?.type]?.(message);
  tell({ type: 'message', message });
  if (message?.type === 'error' && message.code === 'full' && tuning.goBack()) connection.open();
}

function hearChunk(buffer) {
  let chunk;
  try {
    chunk = parseChunk(buffer);
  } catch {
    stats.refused++;
    return;
  }
  if (!decoderOf(chunk)) {
    stats.refused++;
    return;
  }
  connection.confirm();
  const now = performance.timeOrigin + performance.now();
  stats.received++;
  stats.bytes += buffer.byteLength;
  stats.delay = jitter.arrive(now, chunk.timestamp / 1000, chunk.durationMs);
  accept(chunk, now);
  if (stats.received % STATS_EVERY === 0) {
    tell({ type: 'stats', ...stats, targetMs: jitter.targetMs, spreadMs: jitter.spreadMs, format });
  }
}

/** The sound of the station before is faded out as soon as there is some of this one. */
function changeStation() {
  timeline.leave();
  kept = [];
  flushNext = playing;
  tell({ type: 'life' });
}

function accept(chunk, now) {
  const place = timeline.place(chunk);
  tuning.proceed();
  if (place === 'known') return;
  if (place === 'restart') {
    kept = [];
    tell({ type: 'life' });
  }
  if (place === 'hole') stats.lost = timeline.lost;
  tell({ type: 'clock', frame: chunk.frame + chunk.frames, sampleRate: chunk.sampleRate, due: chunk.timestamp / 1000, at: now });
  if (playing) play(chunk, 0);
  kept.push({ chunk, now });
  if (kept.length > KEEP_CHUNKS) kept.shift();
}

function decoderOf(chunk) {
  return chunk.codec === CODEC_PCM ? decoders.pcm : decoders.opus;
}

/** Decodes a chunk into the ring, without its first `skip` frames. */
function play(chunk, skip) {
  const decoded = decoderOf(chunk).decode(chunk);
  const samples = skip > 0 ? decoded.slice(2 * skip) : decoded;
  const frame = chunk.frame + skip;
  if (options.tap) tell({ type: 'decoded', frame, samples: samples.slice() });
  writer.aim(jitter.targetMs, jitter.spreadMs);
  writer.push(samples, frame, flushNext);
  flushNext = false;
}

/** Begins with the chunks in hand, less what is more than the target: the newest one may be up to a chunk old. */
function startPlaying() {
  playing = true;
  flushNext = true;
  writer.aim(jitter.targetMs, jitter.spreadMs);
  if (kept.length === 0) return;
  const newest = kept.at(-1);
  const age = performance.timeOrigin + performance.now() - newest.now;
  const rate = newest.chunk.sampleRate / 1000;
  const wanted = Math.max(0, jitter.targetMs + HALF_CHUNK_MS - Math.max(0, age)) * rate;
  let surplus = Math.max(0, Math.round(kept.reduce((sum, { chunk }) => sum + chunk.frames, 0) - wanted));
  for (const { chunk } of kept) {
    if (surplus < chunk.frames) play(chunk, surplus);
    surplus = Math.max(0, surplus - chunk.frames);
  }
}
