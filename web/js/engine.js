// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The sound of the page: the worker that hears the stream and the audio graph that plays it, behind play and pause.
 *
 * The worker starts with the page. The AudioContext is made as soon as the station has said its rate, so that nothing
 * between the decoder and the sound card need resample, and rests until the first click, which then has only to wake
 * it. A context that is suspended or interrupted by
 * the system (a phone call, a changed output device) is resumed, and made anew where it no longer runs.
 *
 * A page from another machine over plain http has no audio thread: there, sound comes from the simple player instead.
 *
 * Events: connection, message, stats, clock, life, fallback, refused, trouble (detail: the worker's message), playing
 * (detail: bool), broken (detail: an Error).
 */
import { Playhead } from './playhead.js';
import { REPORT_FIELDS, R, SharedReport, reportStorage } from './report.js';
import { ringStorage } from './ring.js';
import { SimpleSound } from './simple_sound.js';

const RING_SECONDS = 4;
const FADE_S = 0.03;
const CHECK_MS = 1000;
/** A running context whose clock stands still for so many checks is dead. */
const DEAD_CHECKS = 3;

/**
 * @typedef {object} EngineOptions
 * @property {string} [station] the server's first, if none
 * @property {string} [token]   the right to steer
 * @property {string} [preset]  of a new station of one's own
 * @property {string} [resume]  token of the station of one's own
 * @property {string} [format]  'pcm' to do without Opus
 * @property {boolean} [shared] false to do without SharedArrayBuffer
 * @property {boolean} [simple] true to do without an audio thread
 * @property {boolean} [tap]    keep what was decoded and what went out
 */

export class Engine extends EventTarget {
  /** Newest numbers of the audio thread, indexed by R. */
  report = new Float64Array(REPORT_FIELDS);
  /** With the tap: what was decoded and what went out. */
  tap = { decoded: [], output: [] };
  playhead = new Playhead(this);
  /** Context, or null before the first click. @type {AudioContext|null} */
  context = null;
  sampleRate = 48000;
  /** What sounds in place of the audio graph, or null. @type {SimpleSound|null} */
  simple = null;

  #options;
  #worker;
  #node = null;
  #volumeNode = null;
  #sharedReport = null;
  #volume = 1;
  #wanted = false;
  #started = false;
  #station = 'main';
  #lastTime = -1;
  #stuck = 0;
  /** The graph that is being made, or null. */
  #building = null;

  /** Whether this page may have no audio thread. */
  static get mustBeSimple() {
    return !(globalThis.isSecureContext && globalThis.AudioWorkletNode);
  }

  /** @param {EngineOptions} options */
  constructor(options) {
    super();
    this.#options = { shared: globalThis.crossOriginIsolated === true, simple: Engine.mustBeSimple, ...options };
    if (this.#options.simple) this.simple = new SimpleSound({ address: () => this.#oggAddress(), live: () => this.playhead.live() });
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'tutti-stream' });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = (event) => this.#emit('broken', new Error(event.message ?? 'the stream\'s worker does not start'));
    const { station, token, preset, resume, format, tap } = options;
    this.#command({ type: 'open', host: location.origin.replace(/^http/, 'ws'), station, token, preset, resume, format, tap });
    setInterval(() => this.#check(), CHECK_MS);
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#revive());
    document.addEventListener('visibilitychange', () => this.#revive());
    addEventListener('online', () => this.#command({ type: 'wake' }));
  }

  get shared() {
    return this.#options.shared;
  }

  /** Whether the listener wants sound. */
  get playing() {
    return this.#wanted;
  }

  /** Starts the sound. The first call must come from within a click or a key press. */
  async play() {
    this.#wanted = true;
    this.#emit('playing', true);
    this.#command({ type: 'wake' });
    try {
      if (this.simple) return await this.simple.play();
      if (this.context === null) await this.#prepare();
      await this.context.resume();
    } catch (error) {
      await this.pause();
      throw error;
    }
    if (this.#wanted) this.#start();
    else await this.context?.suspend();
  }

  async pause() {
    this.#wanted = false;
    this.#emit('playing', false);
    this.simple?.pause();
    this.#fadeTo(0);
    await new Promise((resolve) => setTimeout(resolve, FADE_S * 2000));
    if (this.#wanted) return;
    this.#stop();
    await this.context?.suspend();
  }

  /** Stops listening to the station until play() or wake(). */
  sleep() {
    this.#command({ type: 'sleep' });
  }

  wake() {
    this.#command({ type: 'wake' });
  }

  /**
   * Listens to another station; the present one sounds until that one does, and again if that one is refused. Not for
   * the simple player, which stays where it is.
   * @param {string} station
   * @param {{preset?: string, resume?: string}} [own]  as in EngineOptions
   */
  move(station, own = {}) {
    this.#command({ type: 'move', station, ...own });
  }

  /** Comes back with another right to steer; the sound goes on. @param {string} [token] */
  authorize(token) {
    this.#command({ type: 'authorize', token });
  }

  /** @param {object} message to the server */
  send(message) {
    this.#command({ type: 'send', message });
  }

  /** @param {number} volume 0..1, as the ear hears it */
  setVolume(volume) {
    this.#volume = volume ** 2;
    this.simple?.setGain(this.#volume);
    if (this.#wanted) this.#fadeTo(this.#volume);
  }

  /** Brings `report` up to date. */
  refresh() {
    this.#sharedReport?.read(this.report);
    return this.report;
  }

  /** Makes the graph, once; resting. */
  #prepare() {
    this.#building ??= this.#build().finally(() => (this.#building = null));
    return this.#building;
  }

  /** Makes the graph whole or not at all, so that the next play() can try again. */
  async #build() {
    const context = new AudioContext({ sampleRate: this.sampleRate, latencyHint: 'interactive' });
    try {
      await context.audioWorklet.addModule(new URL('./worklet.js', import.meta.url)).catch(() => {
        throw new Error('the server did not give the player\'s sound part');
      });
      const volume = new GainNode(context, { gain: 0 });
      const node = this.#makeNode(context);
      node.connect(volume).connect(context.destination);
      this.context = context;
      this.#node = node;
      this.#volumeNode = volume;
      context.onstatechange = () => this.#contextChanged();
    } catch (error) {
      this.#drop();
      await context.close().catch(() => {});
      throw error;
    }
  }

  #drop() {
    if (this.context) this.context.onstatechange = null;
    this.context = null;
    this.#node = null;
    this.#volumeNode = null;
  }

  #makeNode(context) {
    const { shared, tap } = this.#options;
    const ringFrames = RING_SECONDS * this.sampleRate;
    const ring = shared ? ringStorage(ringFrames, true) : undefined;
    const report = shared ? reportStorage() : undefined;
    const node = new AudioWorkletNode(context, 'tutti', {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { ring, ringFrames, report, tap, streamRate: this.sampleRate },
    });
    this.#sharedReport = shared ? new SharedReport(report) : null;
    node.port.onmessage = ({ data }) => this.#hearNode(data);
    if (shared) this.#command({ type: 'attach', ring });
    else this.#attachPort(node);
    return node;
  }

  #attachPort(node) {
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage({ port: port2 }, [port2]);
    this.#worker.postMessage({ type: 'attach', port: port1 }, [port1]);
  }

  #oggAddress() {
    return `/stream/${encodeURIComponent(this.#options.station ?? this.#station)}.ogg`;
  }

  #start() {
    if (!this.#node || this.#started) return;
    this.#started = true;
    this.#command({ type: 'play' });
    this.#fadeTo(this.#volume);
  }

  #stop() {
    this.#started = false;
    this.#command({ type: 'idle' });
  }

  #fadeTo(gain) {
    if (!this.#volumeNode) return;
    const now = this.context.currentTime;
    const parameter = this.#volumeNode.gain;
    parameter.cancelScheduledValues(now);
    parameter.setTargetAtTime(gain, now, FADE_S / 4);
  }

  #contextChanged() {
    if (!this.#wanted) return;
    if (this.context.state === 'running') this.#start();
    else this.#stop();
  }

  /** After the system took the sound away: asks for it back. */
  async #revive() {
    if (!this.#wanted || !this.context || this.context.state === 'running' || document.hidden) return;
    await this.context.resume().catch(() => {});
    if (this.context.state === 'running') this.#start();
  }

  async #check() {
    if (!this.#wanted || this.context?.state !== 'running' || !this.#node) return;
    this.#stuck = this.context.currentTime === this.#lastTime ? this.#stuck + 1 : 0;
    this.#lastTime = this.context.currentTime;
    if (this.#stuck < DEAD_CHECKS) return;
    await this.#rebuild().catch((error) => this.#emit('broken', error));
  }

  /** A new context in place of one that died or runs at another rate. */
  async #rebuild() {
    const old = this.context;
    this.#stop();
    this.#stuck = 0;
    this.#drop();
    await old.close().catch(() => {});
    await this.#prepare();
    if (!this.#wanted) return;
    await this.context.resume();
    this.#start();
  }

  #hear(data) {
    if (data.type === 'decoded') this.tap.decoded.push(data);
    else if (data.type === 'message' && data.message.type === 'hello') this.#meet(data.message);
    if (data.type === 'clock') this.playhead.hearClock(data);
    this.#emit(data.type, data);
  }

  #meet(hello) {
    this.#station = hello.station ?? this.#station;
    const known = !(hello.sample_rate > 0) || hello.sample_rate === this.sampleRate;
    if (!known) this.sampleRate = hello.sample_rate;
    // What fails now is tried again, and told, when it is wanted.
    if (!this.#node && !this.simple) this.#prepare().catch(() => {});
    else if (!known && this.#node) this.#rebuild().catch((error) => this.#emit('broken', error));
  }

  #hearNode(data) {
    if (data.report) this.report.set(data.report);
    if (data.tap) this.tap.output.push(...data.tap);
  }

  #command(command) {
    this.#worker.postMessage(command);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export { R };
