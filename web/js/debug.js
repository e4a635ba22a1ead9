// SPDX-License-Identifier: GPL-3.0-or-later
/** The inside of the stream: buffer, jitter, latency and drift over time, and every counter there is. */
import { Engine, R } from './engine.js';
import { RESTARTING, notice } from './notice.js';
import { Plot } from './plot.js';
import { Session, storageNamed } from './session.js';
import { nameOf, showFull, showNoStation } from './stations.js';
import { Status } from './status.js';
import { Store } from './store.js';
import { OWN } from './tuning.js';

const SAMPLE_MS = 250;

const query = new URLSearchParams(location.search);
const session = new Session(storageNamed('sessionStorage'));
const engine = new Engine({
  station: query.get('station') ?? undefined,
  token: session.token,
  preset: new Store(storageNamed('localStorage')).of(OWN).preset,
  resume: session.resume,
  format: query.get('format') ?? undefined,
  ...(query.has('unshared') ? { shared: false } : {}),
});
const stats = { targetMs: 0, spreadMs: 0, delay: 0, received: 0, lost: 0, skipped: 0, refused: 0, bytes: 0, format: '' };
const status = new Status();
const plots = {
  buffer: plot('buffer', 'ms', 300),
  jitter: plot('jitter', 'ms', 30),
  latency: plot('latency', 'ms', 300),
  drift: plot('drift', 'ppm', 150),
};
/** Where each counter's value stands. */
const places = new Map();
let connection = '';
let fallback = 'none';

const messages = {
  hello,
  state: ({ listeners }) => status.showListeners(listeners),
  error: ({ message, code, stations }) => code === 'full' && showFull(message, stations ?? []),
};

engine.addEventListener('message', ({ detail }) => messages[detail.message.type]?.(detail.message));
engine.addEventListener('stats', ({ detail }) => Object.assign(stats, detail));
engine.addEventListener('connection', ({ detail }) => showConnection(detail));
engine.addEventListener('refused', ({ detail }) => showNoStation(detail.reason));
engine.addEventListener('trouble', ({ detail }) => notice('server', detail.reason));
engine.addEventListener('fallback', ({ detail }) => (fallback = detail.reason));
engine.addEventListener('playing', ({ detail }) => showPlaying(detail));
engine.addEventListener('broken', ({ detail }) => showNoSound(detail));
document.getElementById('play').addEventListener('click', () => (engine.playing ? engine.pause() : engine.play().catch(showNoSound)));
setInterval(sample, SAMPLE_MS);

function plot(id, unit, least) {
  return new Plot(document.getElementById(id), unit, least);
}

function hello({ station, resume }) {
  document.getElementById('station').textContent = nameOf(station);
  notice('full');
  if (station === OWN && resume) session.resume = resume;
}

function showConnection(detail) {
  connection = detail.state;
  if (connection === 'live') notice('server');
  notice('away', detail.restarting ? RESTARTING : '');
  status.showConnection(detail);
}

function showPlaying(playing) {
  document.getElementById('play').textContent = playing ? 'Pause' : 'Play';
  if (playing) notice('sound');
}

/** @param {Error} error */
function showNoSound(error) {
  notice('sound', `No sound: ${error.message}.`);
}

function sample() {
  const report = engine.refresh();
  const started = report[R.step] > 0;
  const { sounding } = engine.playhead;
  const numbers = { report, started, latency: sounding ? engine.playhead.latencyMs() : null };
  const inBuffer = engine.playing && started;
  plots.buffer.add(inBuffer ? [report[R.levelNow], report[R.level] || null, stats.targetMs || null] : [null, null, null]);
  plots.jitter.add(stats.received > 0 ? [stats.delay, stats.spreadMs] : [null, null]);
  plots.latency.add([numbers.latency]);
  plots.drift.add([sounding ? report[R.correction] * 1e6 : null]);
  status.tick();
  status.showTier(report, stats.targetMs, stats.spreadMs, engine.playing && !engine.simple);
  for (const [title, rows] of Object.entries(counters(numbers))) show(title, rows);
}

function counters({ report, started, latency }) {
  const { context } = engine;
  return {
    'The stream': {
      connection: [connection, stats.format].filter(Boolean).join(', '),
      'fallback because': fallback,
      'chunks received': grouped(stats.received),
      'chunks lost': grouped(stats.lost),
      'of them skipped by the server': grouped(stats.skipped),
      'chunks refused': grouped(stats.refused),
      'bytes received': grouped(stats.bytes),
    },
    'The buffer': {
      underruns: grouped(report[R.underruns]),
      skips: grouped(report[R.skips]),
      jumps: grouped(report[R.jumps]),
      'ring overflows': grouped(report[R.overflows]),
      'silent frames': grouped(report[R.silentFrames]),
      'level aimed at': known(report[R.point] || null, 1, 'ms'),
    },
    'The sound': {
      'audio context': context ? `${context.state}, ${grouped(context.sampleRate)} Hz` : 'none yet',
      memory: engine.shared ? 'shared' : 'posted',
      'output latency': known(context?.state === 'running' ? engine.playhead.outputLatency * 1000 : null, 1, 'ms'),
      'frame in the station\'s life': started ? grouped(Math.round(report[R.streamFrame])) : '–',
      'speed now': known(started ? (report[R.step] - 1) * 1e6 : null, 0, 'ppm'),
      'due to ear': known(latency, 0, 'ms'),
    },
  };
}

function grouped(value) {
  return value.toLocaleString('en');
}

/** A number with its unit; a dash before there is one. */
function known(value, digits, unit) {
  return value === null ? '–' : `${value.toFixed(digits)} ${unit}`;
}

/** Rows stay where they are as their numbers change: a selected one stays selected. */
function show(title, rows) {
  const fresh = Object.keys(rows).filter((name) => !places.has(name));
  if (fresh.length > 0) document.getElementById('counters').append(card(title, fresh));
  for (const [name, value] of Object.entries(rows)) {
    const place = places.get(name);
    if (place.textContent !== value) place.textContent = value;
  }
}

function card(title, names) {
  const section = document.createElement('section');
  const heading = document.createElement('h2');
  const list = document.createElement('dl');
  section.className = 'panel';
  heading.textContent = title;
  list.append(...names.map(row));
  section.append(heading, list);
  return section;
}

function row(name) {
  const line = document.createElement('div');
  const term = document.createElement('dt');
  const detail = document.createElement('dd');
  term.textContent = name;
  places.set(name, detail);
  line.append(term, detail);
  return line;
}
