// SPDX-License-Identifier: GPL-3.0-or-later
/** The player page: makes its parts and carries what each says to the others. */
import { announce } from './announce.js';
import { ChordDisplay } from './chord.js';
import { Controls, showSlider } from './controls.js';
import { Dial } from './dial.js';
import { Engine, R } from './engine.js';
import { listenToKeys } from './keyboard.js';
import { MediaKeys } from './media_session.js';
import { notice } from './notice.js';
import { Roll } from './roll.js';
import { Score } from './score.js';
import { showNoStation, showStations } from './stations.js';
import { Status } from './status.js';
import { Store } from './store.js';

/** A page that is neither heard nor seen stops listening after this. */
const REST_MS = 120000;
const STATUS_MS = 250;
/** Sound that has not come by then is a matter for the listener. */
const PATIENCE_MS = 6000;
const REFUSAL_MS = 8000;

const query = new URLSearchParams(location.search);
const store = new Store(storage());
const score = new Score();
const engine = new Engine({
  station: query.get('station') ?? undefined,
  format: query.get('format') ?? undefined,
  tap: query.has('tap'),
  ...(query.has('simple') ? { simple: true } : {}),
  ...(query.has('unshared') ? { shared: false } : {}),
});
const controls = new Controls((message) => engine.send(message), store);
const status = new Status();
const roll = new Roll(document.getElementById('roll'), score);
const dial = new Dial(document.getElementById('dial-canvas'), score);
const media = new MediaKeys({
  play,
  pause: () => engine.pause(),
  next: () => controls.stepPreset(1),
  previous: () => controls.stepPreset(-1),
});
const chords = new ChordDisplay((chord, tonality) => {
  media.show(chord, tonality);
  document.title = engine.playing ? `${chord} · ${tonality} · Tutti` : 'Tutti';
});
const stats = { targetMs: 0, spreadMs: 0 };
let muted = false;
let resting = 0;
let silentSince = 0;
let refusal = 0;

const messages = {
  hello,
  state: hearState,
  score: ({ events }) => score.add(events),
  error: ({ message }) => showRefusal(message),
};

engine.addEventListener('message', ({ detail }) => messages[detail.message.type]?.(detail.message));
engine.addEventListener('connection', ({ detail }) => showConnection(detail));
engine.addEventListener('refused', ({ detail }) => refuse(detail.reason));
engine.addEventListener('trouble', ({ detail }) => notice('server', detail.reason));
engine.addEventListener('broken', ({ detail }) => showNoSound(detail));
engine.addEventListener('life', () => score.clear());
engine.addEventListener('stats', ({ detail }) => Object.assign(stats, detail));
engine.addEventListener('playing', ({ detail }) => showPlaying(detail));

document.getElementById('play').addEventListener('click', toggle);
document.getElementById('help-open').addEventListener('click', help);
document.getElementById('volume').addEventListener('input', ({ target }) => setVolume(Number(target.value)));
document.addEventListener('visibilitychange', rest);
listenToKeys({ toggle, mute, help, controls });
setVolume(store.settings.volume);
if (engine.simple) notice('simple', 'This is the simple player: the sound follows your hand later. Over https, or on the server\'s own machine at localhost, the full player runs.');
setInterval(tick, STATUS_MS);
requestAnimationFrame(draw);
if (query.has('tap')) globalThis.tutti = { engine, score, stats, R };

function toggle() {
  if (engine.playing) engine.pause();
  else play();
}

function play() {
  silentSince = performance.now();
  engine.play().catch(showNoSound);
}

/** @param {Error} error */
function showNoSound(error) {
  if (error.name === 'AbortError') return;
  notice('sound', `No sound: ${error.message}.`);
}

function hello(message) {
  controls.meet(message);
  showStations(message.stations ?? [], message.station);
  notice('station');
}

/** What the server did not take. @param {string} message */
function showRefusal(message) {
  notice('refusal', message);
  clearTimeout(refusal);
  refusal = setTimeout(() => notice('refusal'), REFUSAL_MS);
}

function showConnection(detail) {
  if (detail.state === 'live') notice('server');
  status.showConnection(detail);
  controls.setOnline(detail.state === 'live');
}

function refuse(reason) {
  showNoStation(reason);
  if (engine.playing) engine.pause();
}

function help() {
  document.getElementById('help').showModal();
}

function setVolume(volume) {
  muted = false;
  store.set({ volume });
  engine.setVolume(volume);
  showSlider('volume', volume, `${Math.round(volume * 100)}%`);
}

function mute() {
  muted = !muted;
  engine.setVolume(muted ? 0 : store.settings.volume);
  showSlider('volume', store.settings.volume, muted ? 'Muted' : `${Math.round(store.settings.volume * 100)}%`);
  announce(muted ? 'Muted' : 'Sound on');
}

function hearState(state) {
  controls.hear(state);
  score.addState(state);
  status.showListeners(state.listeners);
}

function showPlaying(playing) {
  const button = document.getElementById('play');
  button.setAttribute('aria-pressed', String(playing));
  media.setPlaying(playing);
  announce(playing ? 'Playing' : 'Paused');
  rest();
}

/** Neither heard nor seen for a while: let the server be. */
function rest() {
  clearTimeout(resting);
  if (!document.hidden) engine.wake();
  else if (!engine.playing) resting = setTimeout(() => engine.sleep(), REST_MS);
}

function tick() {
  status.tick();
  watchSound();
  status.showTier(engine.refresh(), stats.targetMs, stats.spreadMs, engine.playing && !engine.simple);
}

/** Nobody should wait before a page that only looks as if it played. */
function watchSound() {
  const { sounding } = engine.playhead;
  const now = performance.now();
  if (!engine.playing || sounding || !status.live) silentSince = now;
  if (sounding) notice('sound');
  else if (now - silentSince > PATIENCE_MS) notice('sound', 'No sound yet: the browser does not open its sound output. Pause and play again, or look whether another program holds it.');
}

function draw(now) {
  requestAnimationFrame(draw);
  const frame = engine.playhead.frameAt();
  const report = engine.report;
  const peaks = engine.playhead.sounding && !engine.simple ? [report[R.peakLeft], report[R.peakRight]] : [0, 0];
  if (frame !== null) chords.show(score.chordAt(frame));
  roll.draw(frame, engine.playhead.rate, now);
  dial.draw(frame, peaks, now);
}

/** Some browsers forbid storage by throwing at its name. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
