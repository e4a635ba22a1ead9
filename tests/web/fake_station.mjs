// SPDX-License-Identifier: GPL-3.0-or-later
/** One station of the tests' small server: its music on the clock, the last two seconds of chunks, its listeners. */
import { randomBytes } from 'node:crypto';
import { FakeMusic } from './fake_music.mjs';
import { requireWeb } from './modules.mjs';

const OpusScript = requireWeb('opusscript');

export const CHUNK_MS = 100;
const PACKETS = 5;
const BURST = 3;
const RING = 20;

export class FakeStation {
  token = randomBytes(9).toString('base64url');
  #rate;
  #music;
  #listeners = new Map();
  #recent = [];
  #sequence = 0;
  #bornMs = 0;
  #timer = null;
  #encoder;

  /** @param {number} sampleRate  other than 48000: without Opus */
  constructor(sampleRate) {
    this.#rate = sampleRate;
    this.#music = new FakeMusic(sampleRate);
    this.#encoder = sampleRate === 48000 ? new OpusScript(48000, 2, OpusScript.Application.AUDIO) : null;
  }

  get sequence() {
    return this.#sequence;
  }

  get listeners() {
    return this.#listeners.size;
  }

  formatFor(wanted) {
    return this.#encoder ? (wanted ?? 'opus') : 'pcm';
  }

  /** Goes on with the clock from where it is; what the ring holds is forgotten where that was a restart. */
  start(restart = false) {
    if (this.#timer !== null) return;
    if (restart) this.#recent = [];
    this.#bornMs = Date.now() - this.#sequence * CHUNK_MS;
    this.#tick();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** @param {object} listener  with the station's name for it, and `from`: the sequence to go on from, or null */
  join(socket, { format, score, name, from = null }) {
    this.#listeners.set(socket, { format, score, name });
    socket.send(JSON.stringify(this.#state(name)));
    const held = from !== null && from >= this.#sequence - this.#recent.length && from <= this.#sequence;
    const count = held ? this.#sequence - from : BURST;
    for (const chunk of count > 0 ? this.#recent.slice(-count) : []) this.#send(socket, chunk);
    this.announce();
  }

  leave(socket) {
    this.#listeners.delete(socket);
    this.announce();
  }

  set(changes) {
    this.#music.set(changes);
    this.announce();
  }

  announce() {
    for (const [socket, { name }] of this.#listeners) socket.send(JSON.stringify(this.#state(name)));
  }

  /** Leaves chunks out for everyone, as for one who fell behind, and says so. */
  skip(chunks) {
    for (let i = 0; i < chunks; i++) this.#make();
    this.#bornMs = Date.now() - this.#sequence * CHUNK_MS;
    for (const [socket, { name }] of this.#listeners) socket.send(JSON.stringify({ ...this.#state(name), skip: chunks }));
  }

  #state(name) {
    const { key } = this.#music.state;
    const spelling = { key: key === 'Gb' ? 'F#' : key };
    return { type: 'state', station: name, ...this.#music.state, ...spelling, listeners: this.#listeners.size, frame: this.#music.frame };
  }

  #tick() {
    const { chord } = this.#music.state;
    const chunk = this.#make();
    for (const socket of this.#listeners.keys()) this.#send(socket, chunk);
    if (chord !== this.#music.state.chord) this.announce();
    this.#timer = setTimeout(() => this.#tick(), this.#bornMs + this.#sequence * CHUNK_MS - Date.now());
  }

  #make() {
    const frame = this.#music.frame;
    const { samples, events } = this.#music.render((this.#rate * CHUNK_MS) / 1000);
    const chunk = this.#encode(samples, frame, events);
    this.#recent = [...this.#recent.slice(1 - RING), chunk];
    return chunk;
  }

  #encode(samples, frame, events) {
    const pcm = Buffer.alloc(samples.length * 2);
    samples.forEach((value, i) => pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value)) * 32767), 2 * i));
    const due = (this.#bornMs + this.#sequence * CHUNK_MS) * 1000;
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
    const { format, score } = this.#listeners.get(socket);
    if (score && chunk.events.length) socket.send(JSON.stringify({ type: 'score', events: chunk.events }));
    socket.send(format === 'pcm' ? chunk.pcm : chunk.opus);
  }
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
