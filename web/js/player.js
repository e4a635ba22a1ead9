// SPDX-License-Identifier: GPL-3.0-or-later
/** The player page: makes its parts and carries what each says to the others. */
import { announce } from './announce.js';
import { ChordDisplay } from './chord.js';
import { Controls, showSlider } from './controls.js';
import { Dial } from './dial.js';
import { Engine, R } from './engine.js';
import { listenToKeys } from './keyboard.js';
import { MediaKeys } from './media_session.js';
import { RESTARTING, notice } from './notice.js';
import { Roll } from './roll.js';
import { Score } from './score.js';
import { Session, storageNamed, takeToken } from './session.js';
import { addressOf, followStations, nameOf, showFull, showNoStation, showStations } from './stations.js';
import { Status } from './status.js';
import { Steering } from './steering.js';
import { Store } from './store.js';
import { OWN } from './tuning.js';

/** A page that is neither heard nor seen stops listening after this. */
const REST_MS = 120000;
const STATUS_MS = 250;
/** Sound that has not come by then is a matter for the listener. */
const PATIENCE_MS = 6000;
const REFUSAL_MS = 8000;
const SIMPLE = 'This is the simple player: the sound follows your hand later. Over https, or on the server\'s own machine at localhost, the full player runs.';
const SIMPLE_OWN = `${SIMPLE} A station of your own needs it, so this is a shared one.`;
const REACH = {
  everyone: 'Everyone on this station hears what you change.',
  own: 'This station is yours alone: nobody else hears what you change.',
  none: 'Whoever has the control token steers this station for everyone.',
};

const query = new URLSearchParams(location.search);
const store = new Store(storageNamed('localStorage'));
const session = new Session(storageNamed('sessionStorage'));
session.token = takeToken() ?? session.token;
const simple = Engine.mustBeSimple || query.has('simple');
const asked = query.get('station') ?? undefined;
const score = new Score();
const engine = new Engine({
  // The simple player's sound comes from a shared station or from none.
  station: simple && asked === OWN ? undefined : asked,
  token: session.token,
  preset: store.of(OWN).preset,
  resume: session.resume,
  format: query.get('format') ?? undefined,
  tap: query.has('tap'),
  ...(query.has('simple') ? { simple: true } : {}),
  ...(query.has('unshared') ? { shared: false } : {}),
});
const controls = new Controls((message) => engine.send(message), store);
const steering = new Steering(authorize);
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
/** The station heard. @type {string|null} */
let station = null;
/** Where a link leads, until its station answers. @type {string|null} */
let moving = null;
/** Where an address that names no station leads. */
let first;
let preset;

const messages = {
  hello,
  state: hearState,
  score: ({ events }) => score.add(events),
  error: hearError,
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
addEventListener('hashchange', () => authorize(takeToken()));
if (!engine.simple) {
  followStations((name) => moveTo(name, addressOf(name)));
  addEventListener('popstate', () => moveTo(new URLSearchParams(location.search).get('station') ?? first, null));
}
setVolume(store.settings.volume);
if (engine.simple) notice('simple', asked === OWN ? SIMPLE_OWN : SIMPLE);
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
  const allowed = message.control !== false;
  const own = message.station === OWN;
  const wrong = !allowed && session.token !== undefined;
  if (wrong) session.token = undefined;
  if (own && message.resume) session.resume = message.resume;
  first = message.stations?.[0];
  arrive(message.station);
  controls.meet(message);
  steering.show(allowed, wrong);
  // A server that says nothing of control has only the stations that it lists.
  showStations(message.stations ?? [], message.station, 'control' in message && !engine.simple);
  document.getElementById('reach').textContent = REACH[own ? 'own' : allowed ? 'everyone' : 'none'];
  notice('station');
}

/** @param {string|null} token to steer with */
function authorize(token) {
  if (token === null) return;
  session.token = token;
  engine.authorize(token);
}

/** @param {string} name  of a station @param {string|null} address  of the page there, if it is not that already */
function moveTo(name, address) {
  if (name === station && moving === null) return;
  moving = address;
  notice('full');
  if (name === OWN && session.resume === undefined && preset) store.begin(OWN, { preset });
  engine.move(name, name === OWN ? { preset, resume: session.resume } : {});
}

/** The address follows the station that plays. */
function arrive(name) {
  if (moving !== null && name !== station) history.pushState(null, '', moving);
  moving = null;
  if (name === OWN) notice('full');
  if (station !== null && name !== station) announce(`Station ${nameOf(name)}`);
  station = name;
}

/** @param {{message: string, code?: string, stations?: string[]}} error */
function hearError({ message, code, stations }) {
  if (code === 'full') showNoRoom(message, stations ?? []);
  else showRefusal(message);
  if (code !== 'forbidden') return;
  controls.forbid();
  steering.show(false);
}

/** The engine is on its way back to the station that plays, if one does. */
function showNoRoom(message, stations) {
  const back = station !== null && station !== OWN ? station : undefined;
  showFull(message, stations, back);
  if (back && new URLSearchParams(location.search).get('station') === OWN) history.replaceState(null, '', addressOf(back));
  moving = null;
}

/** What the server did not take. @param {string} message */
function showRefusal(message) {
  notice('refusal', message);
  clearTimeout(refusal);
  refusal = setTimeout(() => notice('refusal'), REFUSAL_MS);
}

function showConnection(detail) {
  if (detail.state === 'live') notice('server');
  notice('away', detail.restarting ? RESTARTING : '');
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
  preset = state.preset;
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
