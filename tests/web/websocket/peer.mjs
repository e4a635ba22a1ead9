// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The client's end of a WebSocket on a bare socket: what goes out is bytes in any pieces, and what comes in is read by
 * the Receiver of `ws`, so that what the server sends is judged by code that is not the server's author's.
 */
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireWeb } from '../modules.mjs';

const { Receiver } = requireWeb('ws');

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const PATH = '/ws/stream?station=main&format=opus';
const HEAD_END = '\r\n\r\n';
const WAIT_MS = 15000;
/** What the server says without being asked. */
const UNASKED = new Set(['hello', 'state', 'skip', 'score', 'audio', 'going_away']);

/** The headers of a proper handshake. @param {string} host */
export function properHeaders(host) {
  return { Host: host, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13' };
}

/** @param {Record<string, string|string[]|null>} headers  null: left out; several: one line each */
export function requestOf(headers, line = `GET ${PATH} HTTP/1.1`) {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`)));
  return `${line}\r\n${lines.join('')}\r\n`;
}

export class Peer {
  /** In order: `error`, `pong HEX`, `close CODE`, and in words what should never be. */
  answers = [];
  /** The texts of the errors. */
  errors = [];
  status = 0;
  /** Of the reply, by their names in small letters; those that come twice are joined. */
  headers = {};
  /** Bytes behind the reply's head, where it was no upgrade. */
  body = '';
  greeted = false;
  /** The server has closed its side. */
  ended = false;
  over = false;
  #head = '';
  #watchers = new Set();
  #receiver = new Receiver({ isServer: false });
  #socket;

  constructor(url) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('end', () => this.#end());
    this.#socket.on('error', (error) => this.#note(`connection: ${error.code}`));
    this.#socket.on('close', () => this.#change(() => (this.over = true)));
    this.#receiver.on('message', (data, isBinary) => isBinary || this.#hear(JSON.parse(data)));
    this.#receiver.on('ping', () => this.#note('a ping'));
    this.#receiver.on('pong', (data) => this.#note(`pong ${data.toString('hex')}`));
    this.#receiver.on('conclude', (code) => this.#note(`close ${code}`));
    this.#receiver.on('error', (error) => this.#note(`no frame: ${error.message}`));
  }

  /** An open WebSocket whose hello has come. @returns {Promise<Peer>} */
  static async open(url) {
    const peer = new Peer(url);
    await peer.send([requestOf(properHeaders(new URL(url).host))]);
    await peer.until(() => peer.greeted, 'a hello');
    return peer;
  }

  /** @param {(string|Buffer)[]} pieces  each is written by itself; what the server no longer takes is not sent */
  async send(pieces) {
    for (const piece of pieces) {
      if (this.ended || this.over) return;
      await new Promise((resolve) => this.#socket.write(piece, resolve));
      await nextTurn();
    }
  }

  /** Waits for `condition`, which is looked at whenever something comes. */
  until(condition, wanted) {
    return new Promise((resolve, reject) => {
      const watch = () => {
        if (!condition() && !this.over) return;
        this.#watchers.delete(watch);
        clearTimeout(timer);
        if (condition()) resolve();
        else reject(new Error(`over without ${wanted}: ${this.status} ${this.answers.join(', ')}`));
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(watch);
        reject(new Error(`no ${wanted} in ${WAIT_MS} ms, but ${this.status} ${this.answers.join(', ')}`));
      }, WAIT_MS);
      this.#watchers.add(watch);
      watch();
    });
  }

  untilOver() {
    return this.until(() => this.over, 'an end of the connection');
  }

  /** Hangs up without a word. */
  drop() {
    this.#socket.destroy();
  }

  #change(change) {
    change();
    for (const watch of [...this.#watchers]) watch();
  }

  #note(answer) {
    this.#change(() => this.answers.push(answer));
  }

  #hear(message) {
    if (message.type === 'hello') this.#change(() => (this.greeted = true));
    else if (message.type === 'error') {
      this.errors.push(message.message);
      this.#note('error');
    } else if (!UNASKED.has(message.type)) this.#note(`a message ${message.type}`);
  }

  // The other side goes as soon as the server has said all, as every client does.
  #end() {
    this.#change(() => (this.ended = true));
    this.#socket.end();
  }

  #take(bytes) {
    if (this.answers.at(-1)?.startsWith('close ')) this.#note(`${bytes.length} bytes behind the close`);
    else if (this.status === 101) this.#receiver.write(bytes);
    else if (this.status) this.#change(() => (this.body += bytes.toString('latin1')));
    else this.#takeHead(bytes);
  }

  #takeHead(bytes) {
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return;
    const [first, ...lines] = this.#head.slice(0, end).split('\r\n');
    for (const line of lines) {
      const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line);
      const known = this.headers[name.toLowerCase()];
      this.headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`;
    }
    const rest = Buffer.from(this.#head.slice(end + HEAD_END.length), 'latin1');
    this.#change(() => (this.status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])));
    if (rest.length) this.#take(rest);
  }
}
